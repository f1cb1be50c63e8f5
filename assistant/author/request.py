"""What a model is asked: the offer as a prompt, and the turn that says what was wrong with an answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from assistant.author.client import Prompt, Reply
from assistant.author.library import library
from assistant.author.outline import Outline
from assistant.domain.answer import Complaint, Fault
from assistant.domain.offer import Offer
from assistant.domain.proposal import schema
from redaction.redactor import Redactor
from redaction.text import Redacted, compose, literal, returned


_MARK = 12
_FAR = 10_000
_LONGEST_ECHO = 60_000
"""Characters of an answer that go back with what is wrong with it."""


def prompt_for(offer: Offer, redactor: Redactor) -> Prompt:
    """The first turn about an offer. The same for the same offer and project, to the byte."""
    parts = {**told(offer, redactor), "places": len(offer.spots)}
    return Prompt(library()["draft"].filled({}), (library()["offer"].filled(parts),), schema())


def halves(offer: Offer) -> tuple[Offer, ...]:
    """An offer in two, for a model whose answer to the whole breaks off. Numbers stay as they are.

    Places are in the order of paths, so what lies beneath one directory stays together. Empty for one place.
    """
    middle = len(offer.spots) // 2
    if not middle:
        return ()
    first = replace(offer, spots=offer.spots[:middle])
    return first, replace(offer, spots=offer.spots[middle:], declined=(), absent=())


def told(offer: Offer, redactor: Redactor) -> dict[str, Redacted | int]:
    """An offer as the values of prompts' variables: mark, service, abi, runs, lines."""
    lines = Outline(offer, redactor).lines()
    return {
        "mark": marked(lines),
        "service": redactor.name(offer.service),
        "abi": offer.target_abi,
        "runs": offer.runs,
        "lines": lines,
    }


def marked(data: Redacted) -> Redacted:
    """What tells where data begins and ends. Nothing in the data can know it: it depends on all of it."""
    digest = hashlib.sha256(data.encode()).hexdigest()[:_MARK]
    return literal(str(digest))


def repaired(prompt: Prompt, reply: Reply, complaints: Sequence[Complaint], places: int) -> Prompt:
    """The conversation with an answer and what is wrong with it.

    Args:
        prompt: The conversation so far.
        reply: What the model answered last. It goes back to it, and to nobody else.
        complaints: What was found; only numbers of the offer.
        places: How many places are to be answered.
    """
    lines = literal("\n").join(map(_told, complaints))
    turn = library()["repair"].filled({"complaints": lines, "places": places})
    # The same first turn each time, and only the last answer: a conversation does not grow.
    return replace(prompt, turns=(prompt.turns[0], returned(reply.text[:_LONGEST_ECHO]), turn))


def _told(complaint: Complaint) -> Redacted:
    # Numbers that are far off are the model's invention, and could be a telephone's to whoever scans them.
    near = [number for number in complaint.numbers if 0 <= number < _FAR]
    numbers = [compose("{number}", number=number) for number in near]
    others = [literal("and others")] * (len(near) < len(complaint.numbers))
    return literal(" ").join([literal("-"), _FAULTS[complaint.fault], *numbers, *others])


_FAULTS: dict[Fault, Redacted] = {
    Fault.MALFORMED: literal("it is not JSON of the schema"),
    Fault.UNKNOWN_RULE: literal("r numbers that the offer does not have:"),
    Fault.UNANSWERED: literal("P places without an answer:"),
    Fault.ANSWERED_TWICE: literal("P places that are answered more than once:"),
    Fault.EMPTY: literal("r numbers in groups without a purpose or a reason:"),
    Fault.UNKNOWN_ACCESS: literal("a numbers that the offer does not have:"),
    Fault.RULE_NOT_CHOSEN: literal("r numbers in unneeded that no group chose:"),
    Fault.RIGHT_NOT_IN_RULE: literal("r numbers in unneeded whose rule lacks the right:"),
}
