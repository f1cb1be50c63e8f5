"""``landscribe draft`` with a model: the offer through the gate, the conversation, what came of it."""

from dataclasses import dataclass, replace
from pathlib import Path

from assistant.author.client import Author, Prompt
from assistant.author.library import library
from assistant.author.request import halves, prompt_for
from assistant.author.scores import kept
from assistant.cli import console, gate
from assistant.cli.asking import Asking, asking, owned_by
from assistant.cli.keys import LOCAL, credentials_of, no_credentials, platform_of
from assistant.cli.redacting import Redaction, redaction_for, stopping
from assistant.cli.wanting import Wanted
from assistant.domain.offer import Offer
from assistant.domain.prose import one_line, without_markup
from assistant.domain.ruleset import ModelRecord
from assistant.drafting.offering import offer
from assistant.pipeline.contributing import contribution
from assistant.pipeline.conversing import Conversation, converse
from assistant.pipeline.drafting import Drafted, Prepared, finish
from assistant.settings.folders import cache_folder, project_of
from redaction.catalogue import provenance


_LOCAL_OUTPUT = 2_000
"""Tokens that a model on this machine may write: its context is small."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a model is asked about, and what it is asked.

    Attributes:
        prepared: The draft.
        offer: What may be chosen instead.
        prompt: The first turn.
        halves: Prompts on halves of the offer, should the answer break off.
        redaction: That made them.
        digest: Of the bytes of the first turn.
        knowledge: What the model scored in the primer, from 0 to 1; None when it was never asked.
    """

    prepared: Prepared
    offer: Offer
    prompt: Prompt
    halves: tuple[Prompt, ...]
    redaction: Redaction
    digest: str = ""
    knowledge: float | None = None


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
    matter = matter_of(prepared, wanted)
    with asking(settings, environ, matter.redaction, owned_by(matter.prompt), wanted.kept) as way:
        leaving = way.leaving(matter.prompt, matter.redaction, matter.halves)
        if wanted.wish.show:
            console.say(gate.summary(leaving))
            console.result(leaving.text)
            return None
        if credentials_of(settings, environ) is None:
            raise no_credentials(settings)
        how = gate.approval(leaving, wanted.wish.approved)
        if how:
            return _asked(replace(matter, digest=leaving.digest), way, how)
    console.say("landscribe: nothing was sent; drafting offline")
    return finish(prepared)


def matter_of(prepared: Prepared, wanted: Wanted) -> Matter:
    """What to ask about a draft, redacted.

    Raises:
        StoppedError: redaction cannot be done here.
    """
    settings, environ = wanted.settings, wanted.environ
    project = project_of(str((wanted.output or Path.cwd() / "x").absolute().parent))
    redaction = redaction_for(settings, wanted.policy, environ, project)
    for notice in redaction.notices:
        console.say(f"redaction: {notice}")
    offered = offer(prepared.drafter, prepared.draft)
    with stopping():
        # What a small model says does not end because it loops, not because there is much to say.
        parts = () if settings.model == LOCAL else halves(offered)
        prompts = [prompt_for(part, redaction.redactor) for part in (offered, *parts)]
    if settings.model == LOCAL:
        prompts = [replace(prompts[0], most_output=_LOCAL_OUTPUT)]
    knowledge = kept(cache_folder(environ), settings.model)
    return Matter(prepared, offered, prompts[0], tuple(prompts[1:]), redaction, knowledge=knowledge)


def _asked(matter: Matter, way: Asking, how: str) -> Drafted:
    with stopping():
        matter.redaction.vault.save()
    prompt = matter.prompt
    way.approve(prompt, how, matter.offer.service, matter.halves)
    conversation = converse(
        way.author, prompt, matter.offer, lambda asked: way.declare(prompt, asked), halves=matter.halves
    )
    # Answers that were none have cost as well.
    return told(matter, replace(conversation, usage=way.author.used), way.author)


def told(matter: Matter, conversation: Conversation, author: Author) -> Drafted:
    """The document with what came of a conversation."""
    record = _record(matter, conversation, author)
    console.say(_in_words(record))
    made = contribution(matter.offer, conversation, matter.redaction.redactor, record)
    return finish(matter.prepared, made)


def _record(matter: Matter, conversation: Conversation, author: Author) -> ModelRecord:
    usage = conversation.usage
    return ModelRecord(
        name=without_markup(one_line(conversation.model, 60)) or author.model,
        endpoint=author.endpoint,
        prompts=tuple(library()[name].name for name in ("draft", "offer", "repair")),
        redaction=provenance(),
        request=matter.digest,
        turns=conversation.turns,
        sent=usage.sent + usage.cached + usage.stored,
        received=usage.received,
        cost=None if usage.cost is None else round(usage.cost, 6),
        knowledge=matter.knowledge,
    )


def _in_words(record: ModelRecord) -> str:
    cost = "of an unknown price" if record.cost is None else f"for ${record.cost:.4f}"
    known = "never tested, see landscribe primer"
    if record.knowledge is not None:
        known = f"{record.knowledge:.0%} right"
    return (
        f"model {record.name}: asked {record.turns} time(s), {record.sent} tokens in, "
        f"{record.received} out, {cost}; its knowledge of Landlock: {known}"
    )
