"""What a machine can do for landscribe: one check for each thing that it needs or could use."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from assistant.domain.finding import Finding, find


class State(StrEnum):
    """What a check found.

    WORKS: it is there and does what it is for.
    LACKS: a part of the main job (record, draft, test, run) does not work here.
    WITHOUT: something that may be missing is, or nobody could look; the main job works.
    """

    WORKS = "works"
    LACKS = "lacks"
    WITHOUT = "without"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What, in a word or two.
        state: What was found.
        said: The facts, one sentence without a final full stop. Raw: escape before showing.
        next: What to do next, where something is missing.
    """

    name: str
    state: State
    said: str
    next: str = ""


def findings(checks: Iterable[Check]) -> Iterator[Finding]:
    """What is missing, as findings."""
    for check in checks:
        if check.state is not State.WORKS:
            yield find(f"machine-{check.state}", check.name, check.said, remedy=check.next)
