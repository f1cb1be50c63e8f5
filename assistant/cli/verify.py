"""``landscribe verify``: a ruleset held against raw traces. The gate for CI; needs no network and no key."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.inputs import TRACES, Cwd, Foreign, Json, Junit, RulesetFile, trace_path
from assistant.errors import UsageError


if TYPE_CHECKING:
    from assistant.domain.host import Host
    from assistant.domain.report import Report
    from assistant.domain.ruleset import Ruleset


def verify(
    ruleset: RulesetFile,
    traces: Annotated[
        list[Path] | None, typer.Argument(metavar="TRACE...", parser=trace_path, help=TRACES)
    ] = None,
    alone: Annotated[
        bool,
        typer.Option(
            "--alone", help="Without a trace: what the ruleset shows by itself, such as a stale approval."
        ),
    ] = False,
    junit: Junit = None,
    cwd: Cwd = None,
    foreign: Foreign = False,
    as_json: Json = False,
) -> int:
    """Hold a ruleset against raw traces.

    Every path, right and citation is checked. A trace that is named under provenance must be covered (else
    exit 11); a new one shows drift (exit 12).
    """
    from assistant.cli import console
    from assistant.cli.inputs import absolute, load_ruleset, show, spare, the_host

    if alone is bool(traces):
        raise UsageError(
            "--alone is for a ruleset without traces" if alone else "there is no trace to verify against",
            hint="landscribe verify RULESET TRACE..., or landscribe verify RULESET --alone",
        )
    spare(junit, ruleset, *(traces or []))
    document = load_ruleset(ruleset)
    report = _verified(document, traces or [], the_host(foreign=foreign, of=document), absolute(cwd))
    if junit is not None:
        from assistant.render.junit import junit as as_junit
        from assistant.render.junit import verify_cases

        console.write_file(junit, as_junit(f"landscribe verify {document.service}", verify_cases(report)))
    return show(report, as_json=as_json)


def _verified(ruleset: "Ruleset", traces: list[Path], host: "Host", cwd: str | None) -> "Report":
    from assistant.pipeline.reading import read_traces
    from assistant.pipeline.verifying import hold_against
    from assistant.reading.naming import name_traces
    from assistant.verify.registry import verify_alone

    if not traces:
        return verify_alone(ruleset, host)
    named = name_traces(traces, ruleset.provenance.trace)
    return hold_against(ruleset, read_traces(named, host, cwd=cwd), named, host)
