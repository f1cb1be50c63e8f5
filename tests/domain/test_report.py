"""A report's order and the exit code that it means."""

import itertools

import pytest

from assistant.domain.finding import Severity, find
from assistant.domain.report import Report
from assistant.errors import Exit


INFO = find("by-person", "/a", "m")
LOW = find("fragile-rule", "/a", "m")
HIGH = find("dangerous-grant", "/a", "m")
DRIFT = find("drift", "/a", "m")
BLOCKING = find("invented-path", "/a", "m")


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ((), Exit.OK),
        ((INFO,), Exit.OK),
        ((INFO, LOW), Exit.FINDINGS),
        ((HIGH,), Exit.FINDINGS),
        ((HIGH, DRIFT), Exit.DRIFT),
        ((DRIFT, BLOCKING, LOW), Exit.BLOCKING),
    ],
)
def test_the_worst_finding_decides_the_exit_code(findings: tuple, code: Exit) -> None:  # type: ignore[type-arg]
    for order in itertools.permutations(findings):
        assert Report.of(order).exit is code


def test_a_finding_made_milder_does_not_count_as_its_kind_does() -> None:
    assert Report.of([find("invented-path", "/a", "m", severity=Severity.INFO)]).exit is Exit.OK


def test_worst_comes_first_and_the_order_does_not_depend_on_the_input() -> None:
    other = find("dangerous-grant", "/b", "m")
    for order in itertools.permutations([INFO, LOW, HIGH, other, BLOCKING]):
        assert Report.of(order).findings == (BLOCKING, HIGH, other, LOW, INFO)


def test_a_repeated_finding_is_told_once() -> None:
    assert Report.of([LOW, LOW, HIGH, LOW]).findings == (HIGH, LOW)


def test_findings_are_found_by_their_kind() -> None:
    assert Report.of([LOW, HIGH]).by_id("fragile-rule") == (LOW,)
