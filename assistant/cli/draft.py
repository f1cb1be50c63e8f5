"""``landscribe draft``: traces in, a ruleset document out, held against the traces before it is shown."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.inputs import ApproveSend, Cwd, Foreign, Json, MaxCost, Output, ShowRequest, TraceFiles
from assistant.errors import UsageError


if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.domain.host import Host
    from assistant.domain.ruleset import Provenance, Ruleset
    from assistant.drafting.weights import Weights
    from assistant.pipeline.drafting import Drafted

_WITHOUT_LANDLOCK = 7
"""The ABI to draft for where the running kernel has none to say."""


def draft(
    traces: TraceFiles,
    service: Annotated[str, typer.Option(help="The service's name; else the program's.")] = "",
    command: Annotated[
        str, typer.Option(metavar="PROGRAM", help="The main program, for a trace without execve.")
    ] = "",
    offline: Annotated[bool, typer.Option("--offline", help="With no model and no network.")] = False,
    model: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Whom to ask; else the settings' model.")
    ] = None,
    via: Annotated[
        str, typer.Option(metavar="WAY", help="api, or chat: you carry the prompt there and the answer back.")
    ] = "api",
    prompt_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help="With --via chat: write the prompt here."),
    ] = None,
    answer: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help="With --via chat: the answer that you brought."),
    ] = None,
    show_request: ShowRequest = False,
    approve_send: ApproveSend = "",
    max_cost: MaxCost = None,
    private: Annotated[
        list[str] | None, typer.Option(metavar="WORD", help="A word that never leaves; may be repeated.")
    ] = None,
    private_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="A file of such words, one a line.")
    ] = None,
    public: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A name that may leave; may be repeated.")
    ] = None,
    tightness: Annotated[str, typer.Option(help="tight, balanced or robust.")] = "balanced",
    target_abi: Annotated[
        int | None, typer.Option(help="The Landlock ABI to draft for; else the running kernel's.")
    ] = None,
    cwd: Cwd = None,
    foreign: Foreign = False,
    output: Output = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace an output file that is no ruleset.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Draft a ruleset from one or more traces.

    With a key for a model (or --model) its view is asked for: what would be sent is shown first, and nothing
    leaves unless you say so. An output file that is a ruleset is rewritten: comments and grants by a person
    stay.
    """
    from assistant.cli import console
    from assistant.cli.inputs import absolute, spare, the_host
    from assistant.cli.wanting import Wish, wanted
    from assistant.domain import document
    from assistant.drafting.offline import Options
    from assistant.pipeline.drafting import finish, prepare
    from assistant.reading.naming import name_traces
    from assistant.render.report import report_text

    flags = {
        "model": model,
        "max_cost": max_cost,
        "private": private,
        "private_file": private_file,
        "public": public,
    }
    model_wanted = wanted(Wish(flags, offline, via, show_request, approve_send, prompt_file, answer), output)
    spare(output, *traces, answer)
    host = the_host(foreign=foreign)
    before, keep = _existing(output, force=force)
    options = Options(
        service=service or (keep.service if keep else ""),
        target_abi=_target(target_abi),
        command=_resolved(command, host),
        weights=_weights(tightness),
    )
    prepared = prepare(name_traces(traces), host, options, _provenance(command), cwd=absolute(cwd), keep=keep)
    drafted = finish(prepared) if model_wanted is None else model_wanted.draft(prepared)
    if drafted is None:
        return 0
    text = document.dump(drafted.ruleset, over=before)

    def show() -> None:
        if as_json:
            console.result_json(_as_data(drafted))
        else:
            console.result(text)

    # The file first: whoever reads stdout may have seen enough before it is written.
    if output is not None:
        _write(output, text, before, show)
    if as_json or output is None:
        show()
    console.say(_summary(drafted))
    console.say(report_text(drafted.report))
    if output is not None:
        console.say(f"written: {str(output)!a}")
    return int(drafted.report.exit)


def _write(output: Path, text: str, before: str, show: "Callable[[], None]") -> None:
    """Write the document; show it when the file was edited meanwhile, so that neither is lost."""
    from assistant.cli import console
    from assistant.cli.inputs import unchanged
    from assistant.errors import StoppedError

    try:
        if before:
            unchanged(
                output, before, "the draft went to stdout instead: draft again, or take over what is new"
            )
    except StoppedError:
        show()
        raise
    console.write_file(output, text)


def _existing(output: Path | None, *, force: bool) -> tuple[str, "Ruleset | None"]:
    """The document that will be rewritten: its text and what it says."""
    from assistant.cli import console
    from assistant.domain import document
    from assistant.errors import LandscribeError

    if output is None or not output.is_file():
        return "", None
    try:
        text = console.read_file(output, "the ruleset")
        return text, document.load(text, source=f"{str(output)!a}")
    except LandscribeError as error:
        if force:
            return "", None
        raise UsageError(
            f"{str(output)!a} exists and is not a ruleset that could be rewritten",
            why=f"{error.what}: {error.why}",
            hint="name another file, or replace it with --force",
        ) from error


def _target(target_abi: int | None) -> int:
    from assistant.domain.rights import NEWEST_ABI
    from assistant.enforce.support import probe

    if target_abi is None:
        return min(probe().abi, NEWEST_ABI) or _WITHOUT_LANDLOCK
    if not 1 <= target_abi <= NEWEST_ABI:
        raise UsageError(f"there is no Landlock ABI {target_abi} here", hint=f"give 1 to {NEWEST_ABI}")
    return target_abi


def _weights(tightness: str) -> "Weights":
    from assistant.drafting.weights import TIGHTNESS

    if tightness not in TIGHTNESS:
        raise UsageError(f"no tightness {tightness!a}", hint=f"one of {', '.join(TIGHTNESS)}")
    return TIGHTNESS[tightness]


def _resolved(command: str, host: "Host") -> str:
    """The program that --command names, as an absolute path without links."""
    import shutil

    if not command:
        return ""
    found = shutil.which(command) if host.known else command
    if not found or not Path(found).is_absolute():
        found = str(Path(found).absolute()) if found and host.known else found
    if not found or not found.startswith("/"):
        raise UsageError(f"the program {command!a} was not found", hint="give its absolute path")
    return host.resolve(found)


def _provenance(command: str) -> "Provenance":
    from datetime import UTC, datetime

    import assistant
    from assistant.domain.ruleset import Provenance
    from assistant.enforce.support import probe

    return Provenance(
        tool=f"landscribe {assistant.__version__}",
        author="offline",
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        kernel=os.uname().release,
        kernel_abi=probe().abi,
        command=command,
    )


def _summary(drafted: "Drafted") -> str:
    ruleset, sources = drafted.ruleset, drafted.inventory.sources
    lines = sum(source.lines for source in sources)
    strange = sum(source.not_understood for source in sources)
    return (
        f"{ruleset.service}: {len(ruleset.path)} path grants, {len(ruleset.port)} port grants, "
        f"{len(ruleset.refused)} refused, {len(ruleset.probed)} probed; "
        f"read {lines} lines of {len(sources)} trace(s), {strange} not understood"
    )


def _as_data(drafted: "Drafted") -> dict[str, object]:
    from assistant.domain.document import to_data
    from assistant.render.report import report_data

    return {"schema_version": 1, "ruleset": to_data(drafted.ruleset), "report": report_data(drafted.report)}
