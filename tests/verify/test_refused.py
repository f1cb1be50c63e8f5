from collections.abc import Callable

import pytest

from assistant.domain.access import PathAccess, Verdict
from assistant.domain.finding import Severity
from assistant.domain.report import Report


Judge = Callable[..., Report]
Access = Callable[..., PathAccess]
LINE = {1: b'open("/etc/shadow", O_RDONLY) = 3'}


def severities(report: Report) -> list[Severity]:
    return [finding.severity for finding in report.by_id("refused-access")]


@pytest.mark.parametrize("verdict", [Verdict.NEEDED, Verdict.POSSIBLE, Verdict.REFUSED])
def test_a_refusal_of_what_was_asked_is_for_the_record(
    judge: Judge, access: Access, verdict: Verdict
) -> None:
    seen = [access("/etc/shadow", "read_file", verdict=verdict)]
    assert severities(judge(seen=seen, refused=[("/etc/shadow", "read_file", [1])], lines=LINE)) == [
        Severity.INFO
    ]


def test_a_refusal_of_more_than_was_asked_is_too_wide(judge: Judge, access: Access) -> None:
    seen = [access("/etc/shadow", "read_file")]
    report = judge(seen=seen, refused=[("/etc", "read_file write_file", [1])], lines=LINE)
    assert severities(report) == [Severity.MEDIUM]
    assert "write_file" in report.by_id("refused-access")[0].message


def test_a_refusal_whose_trace_was_not_given_is_not_called_too_wide(judge: Judge) -> None:
    report = judge(refused=[("/etc/shadow", "read_file", ["run2:1"])], drafted_from=["run1", "run2"])
    assert severities(report) == [Severity.INFO]


@pytest.mark.parametrize("rule", ["/etc/shadow", "/etc", "/"])
def test_a_refusal_that_a_rule_here_or_above_grants_blocks(judge: Judge, access: Access, rule: str) -> None:
    seen = [access("/etc/shadow", "read_file")]
    report = judge(
        (rule, "read_file", [], "person"), seen=seen, refused=[("/etc/shadow", "read_file", [1])], lines=LINE
    )
    assert severities(report) == [Severity.BLOCKING]


def test_a_rule_beneath_a_refused_directory_does_not_undo_it(judge: Judge, access: Access) -> None:
    seen = [access("/root/a", "read_file"), access("/root/b", "read_file")]
    lines = {1: b'open("/root/a", O_RDONLY) = 3'}
    report = judge(
        ("/root/b", "read_file", [], "person"), seen=seen, refused=[("/root", "read_file", [1])], lines=lines
    )
    assert severities(report) == [Severity.INFO]
