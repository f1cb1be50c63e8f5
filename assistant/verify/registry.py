"""The ordered list of checks and the one function that runs them all. Every check sees the whole case."""

from collections.abc import Callable, Iterable

from assistant.domain.access import Inventory
from assistant.domain.finding import Finding
from assistant.domain.host import Host
from assistant.domain.report import Report
from assistant.domain.ruleset import Ruleset
from assistant.verify import (
    abi,
    approval,
    breadth,
    dangerous,
    evidence,
    invented,
    missing,
    network,
    refused,
    robustness,
    traces,
)
from assistant.verify.case import Case


Check = Callable[[Case], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    approval.check,
    traces.check,
    evidence.check,
    invented.check,
    missing.check,
    refused.check,
    network.check,
    dangerous.check,
    breadth.check,
    robustness.check,
    abi.check,
)
"""All checks. None depends on another; the report sorts their findings."""


WITHOUT_TRACES: tuple[Check, ...] = (refused.contradictions, dangerous.check, robustness.check, abi.check)
"""The checks that judge the document itself, and the host."""


def verify_alone(ruleset: Ruleset, host: Host) -> Report:
    """Judge a ruleset of which no trace is at hand: by itself, and by what its paths are on the host."""
    case = Case(ruleset, Inventory(sources=()), {}, host)
    return Report.of(finding for check in WITHOUT_TRACES for finding in check(case))


def verify(case: Case) -> Report:
    """Hold a ruleset against the raw traces and the host.

    Args:
        case: The ruleset, the inventory read again from the raw traces, the cited lines, and the host.

    Returns:
        All findings of all checks. ``Report.exit`` is 11 for a lie or a missing access, 12 for drift alone,
        10 for what a person should look at, 0 otherwise.
    """
    return Report.of(finding for check in CHECKS for finding in check(case))
