"""What a proposal comes to when it is held against the offer that it answers."""

from dataclasses import dataclass
from enum import StrEnum

from assistant.domain.offer import Choice
from assistant.domain.proposal import Group, Objection, Unneeded


class Fault(StrEnum):
    """What can be wrong with an answer."""

    MALFORMED = "malformed"
    UNKNOWN_RULE = "unknown rule"
    UNANSWERED = "unanswered"
    ANSWERED_TWICE = "answered twice"
    EMPTY = "empty"
    UNKNOWN_ACCESS = "unknown access"
    RULE_NOT_CHOSEN = "rule not chosen"
    RIGHT_NOT_IN_RULE = "right not in rule"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One fault, and the numbers that it is about: of places, rules or accesses, as the fault says."""

    fault: Fault
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """What of a proposal fits the offer.

    Attributes:
        picked: The choice for each place that is answered once, by the place's number.
        groups: The group in which it is, likewise.
        unneeded: Rights of chosen rules.
        objections: To accesses of the offer.
        complaints: What does not fit; empty when all does.
    """

    picked: dict[int, Choice]
    groups: dict[int, Group]
    unneeded: tuple[Unneeded, ...]
    objections: tuple[Objection, ...]
    complaints: tuple[Complaint, ...]
