"""Whether the approval is for these very grants. A ruleset that nobody approved yet is not its business."""

from collections.abc import Iterator

from assistant.domain.finding import Finding, find
from assistant.verify.case import Case


def check(case: Case) -> Iterator[Finding]:
    """``stale-approval`` when the approved digest is not that of the grants as they stand."""
    approval = case.ruleset.approval
    digest = case.ruleset.digest()
    if approval is not None and approval.digest != digest:
        yield find(
            "stale-approval",
            case.ruleset.service,
            f"{approval.who} approved {approval.digest} on {approval.when}; the grants now are {digest}",
        )
