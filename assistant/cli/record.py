"""``landscribe record``: a trace of a command without its secrets, or a drop-in that records a unit."""

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.inputs import Json
from assistant.errors import Exit, UsageError


if TYPE_CHECKING:
    from assistant.domain.recording import End
    from assistant.enforce.record import Order, Recorded
    from assistant.enforce.tracer import Tracer


def record(
    command: Annotated[
        list[str] | None, typer.Argument(metavar="[-- CMD...]", help="The command, behind --.")
    ] = None,
    unit: Annotated[
        str,
        typer.Option(metavar="UNIT", help="Print a drop-in that records this systemd unit, or unit file."),
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Where RUN.trace and RUN.json go, else here. With --unit: the file for the drop-in.",
        ),
    ] = None,
    run: Annotated[str, typer.Option(metavar="NAME", help="The run's name; else the program's.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Replace an existing run.")] = False,
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0, help="Stop the command after so long.")
    ] = None,
    grace: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Time between SIGTERM and SIGKILL.")
    ] = 10.0,
    user: Annotated[str, typer.Option(help="Run the command as this user (as root).")] = "",
    set_id: Annotated[
        bool, typer.Option("--set-id", help="Let set-user-ID programs work: slower (as root).")
    ] = False,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Let the command read the terminal, and get Ctrl-C itself.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Record a command with strace.

    Buffers, arguments and the environment are never captured. Ctrl-C ends the recording of a service that
    does not end by itself: SIGTERM, and SIGKILL after the grace. With --json the command's stdout goes to
    stderr.
    """
    if unit:
        if command:
            raise UsageError("a unit and a command at once", hint="give --unit, or a command behind --")
        return _unit(unit, output, set_id=set_id, as_json=as_json)
    if not command:
        raise UsageError("there is no command to record", hint="landscribe record -- CMD..., or --unit UNIT")
    from assistant.enforce.following import Manner
    from assistant.enforce.record import Order

    manner = Manner(timeout, grace, foreground, stdout=2 if as_json else None)
    order = Order(command, output or Path(), run, replace, user, set_id, manner)
    return _command(order, as_json=as_json)


def _command(order: "Order", *, as_json: bool) -> int:
    from assistant.cli import console
    from assistant.enforce.record import record as record_run

    recorded = record_run(order, console.say)
    if as_json:
        console.result_json(
            {
                "schema_version": 1,
                "trace": _plain(recorded.trace),
                "metadata": _plain(recorded.metadata),
                "recording": recorded.recording.model_dump(),
                "remarks": list(recorded.remarks),
            }
        )
    console.say(_as_text(recorded))
    end = recorded.recording.end
    if end.stopped_by == "interrupt":
        return Exit.INTERRUPTED
    return Exit.OK if end.good else Exit.FINDINGS


def _as_text(recorded: "Recorded") -> str:
    made = recorded.recording
    rows = [
        f"recorded {_plain(recorded.trace)}: {made.lines} lines in {made.seconds:.1f} s; {_ending(made.end)}",
        *(f"  {remark}" for remark in recorded.remarks),
        f"next: landscribe draft {_pattern(recorded.trace.parent)}",
    ]
    return "\n".join(rows)


def _ending(end: "End") -> str:
    how = f"ended by {end.signal}" if end.signal else f"exit code {end.code}"
    if end.stopped_by == "itself":
        return f"the command ended by itself: {how}"
    reason = "at the timeout" if end.stopped_by == "timeout" else "when it was interrupted"
    return f"the command was stopped {reason}: {how}"


def _pattern(directory: Path) -> str:
    """What a shell expands to all traces of a directory."""
    where = "" if directory == Path() else f"{shlex.quote(_plain(directory))}/"
    return f"{where}*.trace"


def _plain(path: Path) -> str:
    return _printable(str(path))


def _unit(unit: str, output: Path | None, *, set_id: bool, as_json: bool) -> int:
    from assistant.cli import console
    from assistant.enforce.units import read_unit
    from assistant.render.dropin import dropin

    parsed, where = read_unit(unit)
    tracer, assumed = _tracer(set_id=set_id)
    made = dropin(parsed, tracer.path, tracer.flags)
    if output is not None:
        console.write_file(output, made.text)
    if as_json:
        console.result_json({"schema_version": 1, "unit": parsed.name, **asdict(made), "where": where})
    elif output is None:
        console.result(made.text)
    if assumed:
        console.say(assumed)
    console.say(f"{parsed.name}: {where}")
    for remark in made.remarks:
        console.say(f"  {_printable(remark)}")
    console.say("\n".join(["to record:", *_indented((*_placing(unit, made.path, output), *made.install))]))
    console.say("\n".join(["to stop recording:", *_indented(made.undo)]))
    console.say(f"next: landscribe draft {made.traces}/*.trace")
    return Exit.OK


def _tracer(*, set_id: bool) -> tuple["Tracer", str]:
    """The strace to write into the drop-in, and what had to be assumed."""
    from dataclasses import replace

    from assistant.enforce.tracer import Tracer, find_tracer
    from assistant.errors import RecordError

    try:
        found, assumed = find_tracer(), ""
    except RecordError:
        found = Tracer("/usr/bin/strace", "", fast=True)
        assumed = "there is no strace here: the drop-in takes /usr/bin/strace, 5.3 or newer, for granted"
    return replace(found, fast=found.fast and not set_id), assumed


def _placing(unit: str, path: str, written: Path | None) -> list[str]:
    """Shell commands that put the drop-in where it belongs, unless it is there."""
    if written is not None and str(written) == path:
        return []
    put = (
        f"cp {shlex.quote(_plain(written))}"
        if written
        else f"landscribe record --unit {shlex.quote(unit)} -o"
    )
    return [f"mkdir -p '{path.rpartition('/')[0]}'", f"{put} '{path}'"]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _printable(text: str) -> str:
    from assistant.render.plain import printable

    return printable(text)
