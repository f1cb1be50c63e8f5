"""Asking a model about an offer: ask, hold the answer against the offer, say what is wrong, ask again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.author.answer import parse
from assistant.author.client import Author, Prompt, Reply, Usage
from assistant.author.request import repaired
from assistant.domain.answer import Complaint, Fault, Held
from assistant.domain.offer import Offer
from assistant.domain.proposal import Proposal
from assistant.errors import AnswerError, LandscribeError, NotApprovedError, TruncatedError
from assistant.verify.answer import hold


REPAIRS = 2
"""Times that a model is told what is wrong with its answer."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What came of asking.

    Attributes:
        proposal: The last answer that was one.
        held: It, held against the offer.
        usage: Of all requests.
        turns: How often the model was asked.
        model: The model that answered, as the endpoint calls it.
        failure: Why there is no proposal, or why its repair was not asked for; "" for neither.
    """

    proposal: Proposal | None
    held: Held | None
    usage: Usage
    turns: int
    model: str
    failure: str = ""


def converse(
    author: Author,
    prompt: Prompt,
    offer: Offer,
    declare: Callable[[Prompt], None] = lambda _: None,
    repairs: int = REPAIRS,
    halves: Sequence[Prompt] = (),
) -> Conversation:
    """Ask, and ask again while something is wrong with the answer, a few times at the most.

    Args:
        author: Who asks.
        prompt: The first turn.
        offer: What it is about.
        declare: Is told how the conversation goes on, before it does: whoever approves knows it then.
        repairs: How often it is told what is wrong with its answer.
        halves: Prompts on parts of the offer, to be asked when the answer on the whole breaks off.

    Raises:
        StoppedError: as of ``Author.ask``.
        ModelError: likewise, but for answers that are none: those are what a conversation may come to.
    """
    so_far = Conversation(None, None, Usage(), 0, author.model)
    asked = prompt
    while so_far.turns <= repairs:
        try:
            reply = author.ask(asked)
        except TruncatedError as error:
            return (
                _in_halves(author, halves, offer) if halves and not so_far.turns else _failed(so_far, error)
            )
        except AnswerError as error:
            return _failed(so_far, error)
        except NotApprovedError as error:
            if not so_far.turns:
                raise
            # The model's own words hold what the guard lets nobody send, not even back.
            return _failed(so_far, error)
        so_far, complaints = _heard(so_far, reply, offer)
        if not complaints or so_far.turns > repairs:
            break
        asked = repaired(prompt, reply, complaints, len(offer.spots))
        declare(asked)
    return so_far


def _in_halves(author: Author, halves: Sequence[Prompt], offer: Offer) -> Conversation:
    """What came of asking about each part once; places of a part without an answer have none."""
    so_far = Conversation(None, None, Usage(), 1, author.model)
    for prompt in halves:
        so_far = replace(so_far, turns=so_far.turns + 1)
        try:
            reply = author.ask(prompt)
            so_far = replace(so_far, usage=so_far.usage + reply.usage, model=reply.model)
            so_far = replace(so_far, proposal=_joined(so_far.proposal, parse(reply.text)))
        except AnswerError as error:
            so_far = _failed(so_far, error)
    return replace(so_far, held=hold(so_far.proposal, offer) if so_far.proposal else None)


def _joined(one: Proposal | None, other: Proposal) -> Proposal:
    if one is None:
        return other
    parts = {name: [*getattr(one, name), *getattr(other, name)] for name in Proposal.model_fields}
    return one.model_copy(update=parts)


def _heard(so_far: Conversation, reply: Reply, offer: Offer) -> tuple[Conversation, tuple[Complaint, ...]]:
    """The conversation with one more reply, and what is wrong with that."""
    usage, turns = so_far.usage + reply.usage, so_far.turns + 1
    try:
        proposal = parse(reply.text)
    except AnswerError as error:
        kept = replace(so_far, usage=usage, turns=turns, model=reply.model)
        return (kept if kept.proposal else _failed(kept, error)), (Complaint(Fault.MALFORMED),)
    held = hold(proposal, offer)
    return Conversation(proposal, held, usage, turns, reply.model), held.complaints


def _failed(so_far: Conversation, error: LandscribeError) -> Conversation:
    return replace(so_far, failure=f"{error.what}: {error.why}" if error.why else error.what)
