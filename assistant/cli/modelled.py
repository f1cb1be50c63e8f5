"""``landscribe draft`` with a model: the offer through the gate, the conversation, what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.author.client import Prompt
from assistant.author.library import library
from assistant.author.request import prompt_for
from assistant.author.scores import kept
from assistant.cli import console, gate
from assistant.cli.asking import Asking, asking, owned_by
from assistant.cli.keys import credentials_of, no_credentials, platform_of
from assistant.cli.redacting import Redaction, redaction_for, stopping
from assistant.domain.prose import one_line, without_markup
from assistant.domain.ruleset import ModelRecord
from assistant.drafting.offering import offer
from assistant.pipeline import Drafted, Prepared, finish
from assistant.pipeline.contributing import contribution
from assistant.pipeline.conversing import Conversation, converse
from assistant.settings import Settings
from assistant.settings.ceiling import Policy
from assistant.settings.folders import cache_folder, project_of
from redaction.vocabulary import provenance


if TYPE_CHECKING:
    from assistant.domain.offer import Offer


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says about a model.

    Attributes:
        settings: Whom to ask.
        policy: The machine's ceiling.
        environ: For keys and folders.
        output: The ruleset's file, beside which what is sent is kept.
        show: Only show the request.
        approved: The digest that is approved; "" to ask.
    """

    settings: Settings
    policy: Policy
    environ: Mapping[str, str]
    output: Path | None
    show: bool = False
    approved: str = ""


def draft_with_model(prepared: Prepared, wanted: Wanted) -> Drafted | None:
    """Ask a model about a draft, and put what code makes of the answer into the document.

    Returns:
        The document; None when the request was only shown.

    Raises:
        StoppedError: the gate, a budget, the guard or the machine's ceiling says no.
        ModelError: no answer came.
    """
    settings, environ = wanted.settings, wanted.environ
    wanted.policy.check(settings, platform_of(settings, environ).base_url)
    project = project_of(str((wanted.output or Path.cwd() / "x").absolute().parent))
    redaction = redaction_for(settings, wanted.policy, environ, project)
    for notice in redaction.notices:
        console.say(f"redaction: {notice}")
    offered = offer(prepared.drafter, prepared.draft)
    with stopping():
        prompt = prompt_for(offered, redaction.redactor)
    beside = f"{wanted.output}.sent" if wanted.output else ""
    way = asking(settings, environ, redaction, owned_by(prompt), beside)
    leaving = way.leaving(prompt, redaction)
    if wanted.show:
        _show(leaving)
        return None
    if credentials_of(settings, environ) is None:
        raise no_credentials(settings)
    how = gate.approval(leaving, wanted.approved)
    if not how:
        console.say("landscribe: nothing was sent; drafting offline")
        return finish(prepared)
    knowledge = kept(cache_folder(environ), settings.model)
    return _asked(prepared, offered, prompt, redaction, way, how, knowledge)


def _show(leaving: gate.Leaving) -> None:
    console.say(gate.summary(leaving))
    console.result(leaving.text)


def _asked(
    prepared: Prepared,
    offered: "Offer",
    prompt: Prompt,
    redaction: Redaction,
    way: Asking,
    how: str,
    knowledge: float | None,
) -> Drafted:
    with stopping():
        redaction.vault.save()
    way.approve(prompt, how, offered.service)
    with way.author as author:
        conversation = converse(author, prompt, offered, lambda asked: way.declare(prompt, asked))
    record = _record(conversation, way, way.leaving(prompt, redaction).digest, knowledge)
    console.say(_told(record))
    return finish(prepared, contribution(offered, conversation, redaction.redactor, record))


def _record(conversation: Conversation, way: Asking, digest: str, knowledge: float | None) -> ModelRecord:
    usage = conversation.usage
    return ModelRecord(
        name=without_markup(one_line(conversation.model, 60)) or way.author.model,
        endpoint=way.author.endpoint,
        prompts=tuple(library()[name].name for name in ("draft", "offer", "repair")),
        redaction=provenance(),
        request=digest,
        turns=conversation.turns,
        sent=usage.sent + usage.cached + usage.stored,
        received=usage.received,
        cost=None if usage.cost is None else round(usage.cost, 6),
        knowledge=knowledge,
    )


def _told(record: ModelRecord) -> str:
    cost = "of an unknown price" if record.cost is None else f"for ${record.cost:.4f}"
    known = (
        "never tested, see landscribe primer" if record.knowledge is None else f"{record.knowledge:.0%} right"
    )
    return (
        f"model {record.name}: asked {record.turns} time(s), {record.sent} tokens in, "
        f"{record.received} out, {cost}; its knowledge of Landlock: {known}"
    )
