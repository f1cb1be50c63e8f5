"""``landscribe prompts``: the prompt library, to be read, and to be pasted into any chat."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.inputs import Cwd, Foreign, Json, trace_path
from assistant.errors import UsageError


if TYPE_CHECKING:
    from assistant.author.library import Entry
    from assistant.domain.offer import Offer
    from redaction.redactor import Redactor
    from redaction.text import Redacted

prompts = typer.Typer(no_args_is_help=True, help="List and print the prompts that landscribe uses.")


@prompts.command("list")
def listed(as_json: Json = False) -> int:
    """List the prompts, with their versions and what they are for."""
    from assistant.author.library import library
    from assistant.cli import console

    entries = library().values()
    if as_json:
        console.result_json({"schema_version": 1, "prompts": [_data(entry) for entry in entries]})
    else:
        width = max(len(entry.name) for entry in entries)
        console.result("\n".join(f"{entry.name:{width}}  {entry.title}" for entry in entries))
    return 0


@prompts.command("show")
def show(
    prompt: Annotated[str, typer.Argument(metavar="ID", help="See: landscribe prompts list.")],
    traces: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[TRACE]...", parser=trace_path, help="Fill it in, redacted."),
    ] = None,
    question: Annotated[str, typer.Option(help="For the prompt 'ask'.")] = "",
    approve_send: Annotated[
        str, typer.Option(metavar="sha256:...", help="Let exactly these bytes out, without being asked.")
    ] = "",
    cwd: Cwd = None,
    foreign: Foreign = False,
    as_json: Json = False,
) -> int:
    """Print a prompt, ready to be pasted; without a trace, with its variables explained.

    A prompt that is filled in goes through the same gate as a request to a model.
    """
    from assistant.author.library import library
    from assistant.cli import console

    entry = library().get(prompt)
    if entry is None:
        raise UsageError(f"there is no prompt {prompt!a}", hint=f"one of {', '.join(library())}")
    if not traces:
        if as_json:
            console.result_json(_data(entry))
        else:
            console.result(_explained(entry))
        return 0
    if not {"lines", "mark"} <= entry.variables.keys():
        raise UsageError(f"the prompt {prompt} takes no trace", hint="print it without one")
    text = _let_out(entry, traces, question, approve_send, cwd=cwd, foreign=foreign)
    if as_json:
        console.result_json({**_data(entry), "text": text})
    else:
        console.result(text)
    return 0


def _data(entry: "Entry") -> dict[str, object]:
    return {
        "id": entry.id,
        "version": entry.version,
        "title": entry.title,
        "use": entry.use,
        "answer": entry.answer,
        "variables": dict(entry.variables),
        "changes": list(entry.changes),
        "text": entry.text,
    }


def _explained(entry: "Entry") -> str:
    lines = [entry.text]
    if entry.variables:
        lines += ["", "Variables:", *(f"  ${name}: {what}" for name, what in entry.variables.items())]
    return "\n".join(lines)


def _let_out(
    entry: "Entry", traces: list[Path], question: str, approved: str, *, cwd: str | None, foreign: bool
) -> str:
    """The filled prompt, once a person has let it out.

    Raises:
        NotApprovedError: nobody did.
    """
    from assistant.cli import gate
    from assistant.cli.inputs import absolute, environment, the_host
    from assistant.cli.redacting import checked, redaction_for, stopping
    from assistant.domain.rights import NEWEST_ABI
    from assistant.domain.ruleset import Provenance
    from assistant.drafting.offering import offer
    from assistant.drafting.offline import Options
    from assistant.enforce.support import probe
    from assistant.errors import NotApprovedError
    from assistant.pipeline.drafting import prepare
    from assistant.reading.naming import name_traces
    from assistant.settings import read_settings
    from assistant.settings.ceiling import read_policy
    from assistant.settings.folders import project_of

    environ, here = environment(), str(Path.cwd())
    options = Options(service="", target_abi=min(probe().abi, NEWEST_ABI) or 7)
    host, provenance = the_host(foreign=foreign), Provenance(tool="landscribe")
    prepared = prepare(name_traces(traces), host, options, provenance, cwd=absolute(cwd))
    redaction = redaction_for(read_settings({}, environ, here), read_policy(), environ, project_of(here))
    with stopping():
        text = _filled(entry, offer(prepared.drafter, prepared.draft), redaction.redactor, question)
        body = checked(redaction, text, entry.own)
        leaving = gate.Leaving(body, "wherever you paste it", "whoever reads it", redaction.redactor)
        if not gate.approval(leaving, approved):
            raise NotApprovedError("the prompt was not printed: you did not let it out")
        redaction.vault.save()
    return leaving.text


def _filled(entry: "Entry", offered: "Offer", redactor: "Redactor", question: str) -> "Redacted":
    from assistant.author.request import told

    values = told(offered, redactor)
    values["places"] = len(offered.spots)
    values["question"] = redactor.text(question or "What should I look at first?")
    return entry.filled({name: values[name] for name in entry.variables})
