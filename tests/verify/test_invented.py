from collections.abc import Callable

import pytest

from assistant.domain.access import Kind, PathAccess, Verdict
from assistant.domain.finding import Severity
from assistant.domain.host import FakeHost
from assistant.domain.report import Report


Judge = Callable[..., Report]
Access = Callable[..., PathAccess]
READS = b'open("/srv/a/b", O_RDONLY) = 3'


@pytest.mark.parametrize("verdict", [Verdict.NEEDED, Verdict.POSSIBLE])
def test_needed_and_possible_accesses_support_a_grant(judge: Judge, access: Access, verdict: Verdict) -> None:
    seen = [access("/srv/a/b", "read_file", verdict=verdict)]
    report = judge(("/srv/a", "read_file", [1]), seen=seen, lines={1: READS})
    assert not report.by_id("invented-path") + report.by_id("unsupported-right")


@pytest.mark.parametrize("verdict", [Verdict.PROBED, Verdict.REFUSED])
def test_probed_and_refused_accesses_do_not(judge: Judge, access: Access, verdict: Verdict) -> None:
    seen = [access("/srv/a/b", "read_file", verdict=verdict)]
    assert judge(("/srv/a", "read_file", [1]), seen=seen, lines={1: READS}).by_id("invented-path")


def test_an_access_above_a_grant_does_not_support_it(judge: Judge, access: Access) -> None:
    report = judge(("/srv/a/b", "read_dir", [1]), seen=[access("/srv/a", "read_dir", kind=Kind.DIRECTORY)])
    assert report.by_id("invented-path")


def test_a_grant_on_a_file_is_supported_only_by_that_file(judge: Judge, access: Access) -> None:
    seen = [access("/srv/a/b", "read_file")]
    host = FakeHost(kinds={"/srv/a": Kind.FILE})
    assert judge(("/srv/a", "read_file", [1]), seen=seen, lines={1: READS}, host=host).by_id("invented-path")


@pytest.mark.parametrize("author", ["model", "offline"])
def test_model_and_drafter_are_held_to_the_same(judge: Judge, author: str) -> None:
    assert judge(("/srv", "read_file", [1], author), lines={1: READS}).by_id("invented-path")


@pytest.mark.parametrize("author", ["person", "unit"])
def test_what_a_person_or_a_unit_grants_is_recorded(judge: Judge, access: Access, author: str) -> None:
    report = judge(("/srv", "read_file write_file", [], author), seen=[access("/srv/a", "read_file")])
    (finding,) = report.by_id("by-person")
    assert finding.severity is Severity.INFO
    assert "write_file" in finding.message
    assert "read_file" not in finding.message
    assert not report.by_id("invented-path")


def test_a_grant_whose_traces_are_all_absent_is_unchecked(judge: Judge) -> None:
    report = judge(("/srv", "read_file", ["run2:1"]), drafted_from=["run1", "run2"])
    assert [f.id for f in report.findings if f.severity] == ["citation-unchecked", "path-absent"]


def test_a_right_that_an_absent_trace_may_need_is_said_without_blocking(judge: Judge, access: Access) -> None:
    report = judge(
        ("/srv/a", "read_file write_file", [1, "run2:1"]),
        seen=[access("/srv/a/b", "read_file")],
        lines={1: READS},
        drafted_from=["run1", "run2"],
    )
    (finding,) = report.by_id("unsupported-right")
    assert finding.severity is Severity.MEDIUM
    assert "run2" in finding.message
