"""All that a review of one ruleset may be made of. What is None was not looked at: it is unknown."""

from dataclasses import dataclass

from assistant.domain.access import Inventory
from assistant.domain.codepath import CodePaths
from assistant.domain.context import ContextReview
from assistant.domain.difference import Difference
from assistant.domain.minimality import Minimality
from assistant.domain.radius import Radius
from assistant.domain.report import Report
from assistant.domain.ruleset import Ruleset
from assistant.domain.trial import TrialSummary


@dataclass(frozen=True, slots=True)
class Review:
    """One ruleset and what is known about it.

    Attributes:
        ruleset: What is to be approved.
        report: What drafting and verifying found; None when nothing was verified.
        inventory: What the traces show; None when they are not at hand.
        trial: What the test in the kernel showed; None when it was not run.
        radius: How far it reaches on the machine of the service.
        minimality: Which rights were proven to be needed.
        difference: Against the version that is to be replaced, or was last approved.
        against: What that version is, in words. Raw.
        context: What the other layers of its launch deny.
        code_paths: What the service does, and whether it was recorded.
    """

    ruleset: Ruleset
    report: Report | None = None
    inventory: Inventory | None = None
    trial: TrialSummary | None = None
    radius: Radius | None = None
    minimality: Minimality | None = None
    difference: Difference | None = None
    against: str = ""
    context: ContextReview | None = None
    code_paths: CodePaths | None = None
