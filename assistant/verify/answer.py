"""A proposal held against the offer that it answers: what it really says, and what is wrong with it.

Only numbers are looked at, and only what fits counts. What is said of a place twice, or of none, says
nothing; nothing is guessed.
"""

from collections.abc import Iterable, Iterator, Mapping

from assistant.domain.answer import Complaint, Fault, Held
from assistant.domain.offer import Choice, Offer
from assistant.domain.proposal import Group, Proposal, Unneeded
from assistant.domain.rights import names


def hold(proposal: Proposal, offer: Offer) -> Held:
    """Hold a proposal against an offer."""
    answers = _answers(proposal, offer)
    # Twice the same choice is still one answer; two different ones are none.
    settled = {place: said[0] for place, said in answers.items() if len({one.number for one, _ in said}) == 1}
    taken = {choice.number: choice for choice, _ in settled.values()}
    accesses = offer.observed().keys() | {one.number for one in offer.declined}
    found = {
        Fault.UNKNOWN_RULE: _numbers(proposal) - offer.choices().keys(),
        Fault.UNANSWERED: {place for place, said in answers.items() if not said},
        Fault.ANSWERED_TWICE: {place for place, said in answers.items() if len(said) > 1},
        Fault.EMPTY: set(_empty(proposal)),
        Fault.UNKNOWN_ACCESS: {one.access for one in proposal.objections} - accesses,
        Fault.RULE_NOT_CHOSEN: {one.rule for one in proposal.unneeded} - taken.keys(),
        Fault.RIGHT_NOT_IN_RULE: {one.rule for one in proposal.unneeded if _strange(one, taken)},
    }
    return Held(
        picked={place: choice for place, (choice, _) in settled.items()},
        groups={place: group for place, (_, group) in settled.items()},
        unneeded=tuple(one for one in proposal.unneeded if one.rule in taken and not _strange(one, taken)),
        objections=tuple(one for one in proposal.objections if one.access in accesses),
        complaints=tuple(Complaint(fault, _few(numbers)) for fault, numbers in found.items() if numbers),
    )


def _answers(proposal: Proposal, offer: Offer) -> dict[int, list[tuple[Choice, Group]]]:
    """What is said of each place."""
    choices = offer.choices()
    answers: dict[int, list[tuple[Choice, Group]]] = {spot.number: [] for spot in offer.spots}
    for group in proposal.groups:
        for number in dict.fromkeys(group.rules):
            if number in choices:
                spot, choice = choices[number]
                answers[spot.number].append((choice, group))
    return answers


def _numbers(proposal: Proposal) -> set[int]:
    return {number for group in proposal.groups for number in group.rules}


_MOST_NUMBERS = 50


def _few(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(numbers)[:_MOST_NUMBERS])


def _empty(proposal: Proposal) -> Iterator[int]:
    """Rules of groups that do not say what they are for, or why."""
    for group in proposal.groups:
        if not (group.purpose and group.why):
            yield from group.rules


def _strange(unneeded: Unneeded, taken: Mapping[int, Choice]) -> bool:
    """Whether a chosen rule does not have rights that are called unneeded."""
    choice = taken.get(unneeded.rule)
    if choice is None:
        return False
    has = {name for grant in choice.paths for name in names(grant.rights)}
    has |= {name for port in choice.ports for name in names(port.rights)}
    return not has.issuperset(right.value for right in unneeded.rights)
