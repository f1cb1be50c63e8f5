"""``landscribe notes``: what a reviewer reads before approving."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.inputs import Cwd, Foreign, Json, Output, RulesetFile
from assistant.errors import InputError


if TYPE_CHECKING:
    from assistant.domain.minimality import Minimality
    from assistant.domain.ruleset import Ruleset
    from assistant.domain.trial import TrialSummary


def notes(
    ruleset: RulesetFile,
    traces: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[TRACE]...", readable=False, help="The traces, to verify against and to show coverage."
        ),
    ] = None,
    test: Annotated[
        Path | None, typer.Option("--test", metavar="FILE", readable=False, help="What `test -o` wrote.")
    ] = None,
    minimal: Annotated[
        Path | None,
        typer.Option(
            "--minimal", metavar="FILE", readable=False, help="What `test --prove-minimal -o` wrote."
        ),
    ] = None,
    cwd: Cwd = None,
    foreign: Foreign = False,
    output: Output = None,
    as_json: Json = False,
) -> int:
    """Write reviewer notes in Markdown.

    Without traces and without a test result the notes say that nothing was verified. With --json the blast
    radius is there as numbers too.
    """
    from assistant.cli import console
    from assistant.cli.inputs import absolute, load_ruleset, the_host
    from assistant.pipeline import hold_against, name_traces, read_traces
    from assistant.render.notes import notes as render
    from assistant.render.radius import radius_data
    from assistant.review.radius import radius

    document = load_ruleset(ruleset)
    host = the_host(foreign=foreign)
    report = inventory = None
    if traces:
        named = name_traces(traces, document.provenance.trace)
        inventory = read_traces(named, host, cwd=absolute(cwd))
        report = hold_against(document, inventory, named, host)
    reach = radius(document, host, inventory) if host.known else None
    text = render(
        document,
        report=report,
        inventory=inventory,
        trial=_trial(test, document),
        minimality=_minimality(minimal, document),
        radius=reach,
    )
    if output is not None:
        console.write_file(output, text)
        console.say(f"written: {str(output)!a}")
    if as_json:
        data = {"schema_version": 1, "format": "markdown", "text": text}
        console.result_json({**data, "radius": radius_data(reach) if reach else None})
    elif output is None:
        console.result(text)
    return 0


def _trial(path: Path | None, ruleset: "Ruleset") -> "TrialSummary | None":
    """The test result, if it is about this very ruleset."""
    from assistant.cli import console
    from assistant.domain.trial import TrialSummary

    if path is None:
        return None
    try:
        data = json.loads(console.read_file(path, "the test result"))
        verdicts = [probe["verdict"] for probe in data["probes"]]
        summary = TrialSummary(
            worked={"works": True, "fails": False}.get(data["work"]["verdict"]),
            command=" ".join(data["command"]),
            denied=verdicts.count("denied"),
            allowed=verdicts.count("allowed"),
            inconclusive=verdicts.count("inconclusive"),
            kernel=data["kernel"],
            abi=data["abi"],
            skipped=tuple(sorted({p["reason"] for p in data["probes"] if p["reason"]})),
        )
        digest = data["digest"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{str(path)!a} is no test result",
            why=f"{type(error).__name__}: {error}",
            hint="write one with: landscribe test RULESET -o FILE -- CMD",
        ) from error
    _check_version(path, digest, ruleset)
    return summary


def _minimality(path: Path | None, ruleset: "Ruleset") -> "Minimality | None":
    """What was proven, if it is about this very ruleset."""
    from assistant.cli import console
    from assistant.domain.minimality import load

    if path is None:
        return None
    found = load(console.read_file(path, "the result"), source=f"{str(path)!a}")
    _check_version(path, found.digest, ruleset)
    return found


def _check_version(path: Path, digest: str, ruleset: "Ruleset") -> None:
    if digest != ruleset.digest():
        raise InputError(
            f"{str(path)!a} is the test of another version of the grants",
            why=f"it says {digest}, the ruleset is {ruleset.digest()}",
            hint="test the ruleset again",
        )
