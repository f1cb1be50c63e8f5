"""``landscribe notes``: what a reviewer reads before approving."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.inputs import Cwd, Foreign, Json, Output, RulesetFile, trace_path
from assistant.errors import UsageError


if TYPE_CHECKING:
    from assistant.domain.review import Review

FORMATS = ("markdown", "json", "sarif", "html")


def notes(
    ruleset: RulesetFile,
    traces: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[TRACE]...",
            parser=trace_path,
            help="The traces, to verify against and to show coverage.",
        ),
    ] = None,
    to: Annotated[
        str, typer.Option("--to", metavar="FORMAT", help=f"One of: {', '.join(FORMATS)}.")
    ] = FORMATS[0],
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="OLD", readable=False, help="Say what is new against this; else the last approval."
        ),
    ] = None,
    unit: Annotated[
        str, typer.Option(metavar="UNIT", help="Its systemd unit, for the other layers and its code paths.")
    ] = "",
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
    """Write reviewer notes, in one of four formats.

    Without traces and without a test result the notes say that nothing was verified. With --json the text
    stands in an object, and beside it the blast radius as numbers.
    """
    from assistant.cli import console
    from assistant.cli.inputs import spare, the_host
    from assistant.cli.reviewing import compared, on_traces, rendered
    from assistant.cli.tested import minimality_of, trial_of
    from assistant.domain import document

    if to not in FORMATS:
        raise UsageError(f"no format {to!a}", hint=f"one of {', '.join(FORMATS)}")
    spare(output, ruleset, *(traces or []), against, test, minimal)
    text = console.read_file(ruleset, "the ruleset")
    subject = document.load(text, source=f"{str(ruleset)!a}")
    host = the_host(foreign=foreign, of=subject)
    found, other = compared(ruleset, subject, against)
    review = replace(
        on_traces(subject, traces or [], host, cwd, unit),
        trial=trial_of(test, subject),
        minimality=minimality_of(minimal, subject),
        difference=found,
        against=other,
    )
    written = rendered(review, to, text, ruleset)
    if output is not None:
        console.write_file(output, written)
        console.say(f"written: {str(output)!a}")
    if as_json:
        _as_json(review, to, written)
    elif output is None:
        console.result(written)
    return 0


def _as_json(review: "Review", to: str, text: str) -> None:
    from assistant.cli import console
    from assistant.render.radius import radius_data

    reach = radius_data(review.radius) if review.radius else None
    console.result_json({"schema_version": 1, "format": to, "text": text, "radius": reach})
