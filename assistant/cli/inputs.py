"""What several commands take: a ruleset file, trace files, the host, and how findings are shown."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer


if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.domain.host import Host
    from assistant.domain.report import Report
    from assistant.domain.ruleset import Ruleset


def trace_path(text: str) -> Path:
    """A trace's path; an empty word, of a variable without a value, does not mean the folder one is in."""
    if not text:
        raise typer.BadParameter("an empty word names no trace")
    return Path(text)


RulesetFile = Annotated[Path, typer.Argument(metavar="RULESET", readable=False, help="The ruleset document.")]
TRACES = "What strace -o wrote, also packed; a folder of strace -ff; an audit log; events; - for stdin."
TraceFiles = Annotated[list[Path], typer.Argument(metavar="TRACE...", parser=trace_path, help=TRACES)]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", readable=False, help="Write here instead of to stdout."),
]
Cwd = Annotated[
    str | None,
    typer.Option(
        "--cwd", metavar="DIR", help="Where the service was started, for relative names in a trace."
    ),
]
Foreign = Annotated[
    bool,
    typer.Option("--foreign", help="The trace is from another machine: do not look at this one's files."),
]
ShowRequest = Annotated[
    bool, typer.Option("--show-request", help="Print what would be sent, and send nothing.")
]
ApproveSend = Annotated[
    str, typer.Option(metavar="sha256:...", help="Let exactly these bytes be sent, without being asked.")
]
MaxCost = Annotated[float | None, typer.Option(metavar="DOLLARS", help="What asking may cost at the most.")]
Json = Annotated[bool, typer.Option("--json", help="The result as one JSON object on stdout.")]
Junit = Annotated[
    Path | None,
    typer.Option("--junit", metavar="FILE", readable=False, help="Also write the result as JUnit XML."),
]
Command = Annotated[list[str], typer.Argument(metavar="-- CMD...", help="The command, behind --.")]
IgnoreMissing = Annotated[
    bool, typer.Option("--ignore-missing", help="Go on without the rules whose paths do not exist.")
]


def environment() -> dict[str, str]:
    """The environment: settings, keys and folders come from it, and nothing else asks for it."""
    return dict(os.environ)  # noqa: TID251 - handed on from here


def load_ruleset(path: Path) -> "Ruleset":
    """Read a ruleset document; errors name the file."""
    from assistant.cli import console
    from assistant.domain import document

    return document.load(console.read_file(path, "the ruleset"), source=f"{str(path)!a}")


def spare(output: Path | None, *inputs: Path | None) -> None:
    """Nothing that a command reads is written over by what it writes.

    Raises:
        UsageError: the output is one of the inputs.
    """
    from assistant.errors import UsageError

    if output is None or not output.is_file():
        return
    if any(one is not None and one.exists() and output.samefile(one) for one in inputs):
        raise UsageError(f"{str(output)!a} is read by this command", hint="write to another file")


def unchanged(path: Path, text: str, hint: str) -> None:
    """What a person wrote into a file meanwhile is not written over.

    Raises:
        StoppedError: the file says something else than when it was read.
    """
    from assistant.cli import console
    from assistant.errors import StoppedError

    if console.read_file(path, "the ruleset") != text:
        raise StoppedError(f"{str(path)!a} was changed meanwhile", hint=hint)


def the_host(*, foreign: bool, of: "Ruleset | None" = None) -> "Host":
    """This machine; when the trace is another's, what the ruleset says of that one's links."""
    from assistant.domain.host import NoHost, ToldHost
    from assistant.host import LocalHost

    if not foreign:
        return LocalHost()
    links = {link.path: link.target for link in of.provenance.link} if of else {}
    return ToldHost(links) if links else NoHost()


def is_file_on(host: "Host") -> "Callable[[str], bool]":
    """Whether a path is known to be something else than a directory, through links as a rule goes."""
    from assistant.domain.access import Kind

    return lambda path: host.kind(path) not in (None, Kind.DIRECTORY)


def absolute(cwd: str | None) -> str | None:
    """A --cwd as an absolute path."""
    return None if cwd is None else str(Path(cwd).absolute())


def show(report: "Report", *, as_json: bool) -> int:
    """Print a report as the command's result; its exit code is the command's."""
    from assistant.cli import console
    from assistant.render.report import report_data, report_text

    if as_json:
        console.result_json(report_data(report))
    else:
        console.result(report_text(report))
    return int(report.exit)
