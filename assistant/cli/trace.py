"""``landscribe trace``: what a trace says, line by line accounted for, and what it cannot say."""

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.inputs import Cwd, Foreign, Json, TraceFiles
from assistant.errors import Exit, UsageError


_FORMS = ("text", "jsonl")


def trace(
    traces: TraceFiles,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FORM",
            help="text: the bytes that evidence cites, unpacked and merged; jsonl: events, one a line.",
        ),
    ] = "",
    cwd: Cwd = None,
    foreign: Foreign = False,
    as_json: Json = False,
) -> int:
    """Show what traces say, and what they cannot.

    Each access with the rights it needs and its first line; lines that were not understood, by kind.
    """
    from assistant.cli import console
    from assistant.cli.inputs import absolute, the_host
    from assistant.domain.report import Report
    from assistant.pipeline.reading import read_traces, unseen
    from assistant.reading.naming import name_traces
    from assistant.render.inventory import inventory_data, inventory_text
    from assistant.render.report import report_data, report_text

    if to:
        return _convert(traces, to)
    host = the_host(foreign=foreign)
    inventory = read_traces(name_traces(traces), host, cwd=absolute(cwd))
    report = Report.of(unseen(inventory, command_given=False, host_known=host.known))
    if as_json:
        console.result_json({**inventory_data(inventory), "report": report_data(report)})
    else:
        console.result(inventory_text(inventory))
    console.say(report_text(report))
    return int(report.exit)


def _convert(traces: list[Path], to: str) -> int:
    """Write one trace in another form; a damaged one as far as it goes, and then the error."""
    from assistant.cli import console
    from assistant.reading.events import events_of
    from assistant.reading.naming import name_traces

    if to not in _FORMS:
        raise UsageError(f"no form {to!a} to write a trace in", hint=f"one of {', '.join(_FORMS)}")
    named = name_traces(traces)
    if len(named) > 1:
        names = ", ".join(str(found.path) for found in named[:8])
        raise UsageError("--to writes one trace at a time", why=f"these are {names!a}", hint="name one")
    if to == "text":
        console.result_bytes(named[0].blocks(), active=True)
    else:
        console.result_bytes(events_of(named[0]), active=False)
    return Exit.OK
