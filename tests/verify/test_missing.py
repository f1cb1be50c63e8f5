from collections.abc import Callable
from typing import Any

import pytest

from assistant.domain.access import Kind, PathAccess, Verdict
from assistant.domain.host import FakeHost, NoHost
from assistant.domain.report import Report


Judge = Callable[..., Report]
Access = Callable[..., PathAccess]


def gaps(report: Report) -> list[tuple[str, str]]:
    return [(f.id, f.subject) for f in report.findings if f.id in ("missing-access", "drift")]


@pytest.mark.parametrize("rule", ["/", "/srv", "/srv/a", "/srv/a/b"])
def test_rules_at_and_above_an_object_cover_it(judge: Judge, access: Access, rule: str) -> None:
    assert gaps(judge((rule, "read_file", [], "person"), seen=[access("/srv/a/b", "read_file")])) == []


@pytest.mark.parametrize("rule", ["/srv/a/b/c", "/srv/a/bc", "/srv/ab", "/sr"])
def test_rules_beneath_and_beside_an_object_do_not(judge: Judge, access: Access, rule: str) -> None:
    report = judge((rule, "read_file", [], "person"), seen=[access("/srv/a/b", "read_file")])
    assert gaps(report) == [("missing-access", "/srv/a/b")]


def test_rights_of_rules_on_the_way_up_add(judge: Judge, access: Access) -> None:
    seen = [access("/srv/a/b", "read_file write_file")]
    above = ("/srv", "read_file", (), "person")
    assert gaps(judge(above, ("/srv/a/b", "write_file", [], "person"), seen=seen)) == []
    report = judge(above, seen=seen)
    assert "needs write_file here" in report.by_id("missing-access")[0].message


@pytest.mark.parametrize("verdict", [Verdict.POSSIBLE, Verdict.PROBED, Verdict.REFUSED])
def test_only_what_is_certainly_needed_is_missed(judge: Judge, access: Access, verdict: Verdict) -> None:
    assert gaps(judge(seen=[access("/srv/a", "read_file", verdict=verdict)])) == []


def test_rights_newer_than_the_target_are_not_asked_for(judge: Judge, access: Access) -> None:
    seen = [access("/srv/a", "resolve_unix"), access("/srv/b", "truncate")]
    assert gaps(judge(seen=seen, abi=2)) == []
    assert gaps(judge(seen=seen, abi=8)) == [("missing-access", "/srv/b")]
    assert gaps(judge(seen=seen, abi=9)) == [("missing-access", "/srv/a"), ("missing-access", "/srv/b")]


def test_a_socket_that_was_bound_in_the_run_needs_no_right_to_connect(judge: Judge, access: Access) -> None:
    assert gaps(judge(seen=[access("/srv/s", "resolve_unix", volatile=True)], abi=9)) == []


def test_an_object_made_in_the_run_needs_a_rule_above_it(judge: Judge, access: Access) -> None:
    seen = [access("/srv/a", "write_file", volatile=True)]
    report = judge(("/srv/a", "write_file", [1]), seen=seen)
    assert gaps(report) == [("missing-access", "/srv/a")]
    assert "created, replaced or removed" in report.by_id("missing-access")[0].message
    assert gaps(judge(("/srv", "write_file", [1]), seen=seen)) == []
    assert gaps(judge(("/srv/a", "write_file", [], "person"), seen=seen)) == []
    assert gaps(judge(("/srv/a", "write_file", [], "unit"), seen=seen)) != []


MADE: dict[str, Any] = {"kind": Kind.DIRECTORY, "call": "mkdir", "given": "/srv/own"}
THERE = FakeHost(kinds={"/srv/own": Kind.DIRECTORY})
LISTED: dict[str, Any] = {"kind": Kind.DIRECTORY, "volatile": True}


def test_a_directory_that_the_run_made_and_the_document_leaves_to_others_holds_its_rule(
    judge: Judge, access: Access
) -> None:
    seen = [access("/srv", "make_dir", 1, **MADE), access("/srv/own", "read_dir make_reg", 2, **LISTED)]
    rule, left = ("/srv/own", "read_dir make_reg", [2]), [("/srv", "make_dir", [1])]
    assert gaps(judge(rule, seen=seen, refused=left, host=THERE)) == []
    assert gaps(judge(rule, seen=seen, refused=left, host=NoHost())) == []
    assert gaps(judge(rule, seen=seen, refused=left)) == [("missing-access", "/srv/own")]
    assert ("missing-access", "/srv/own") in gaps(judge(rule, seen=seen, host=THERE))


def test_a_directory_that_the_run_removes_or_replaces_again_does_not(judge: Judge, access: Access) -> None:
    gone: dict[str, Any] = {"kind": Kind.DIRECTORY, "call": "rmdir", "given": "/srv/own"}
    seen = [
        access("/srv", "make_dir", 1, **MADE),
        access("/srv/own", "read_dir", 2, **LISTED),
        access("/srv", "remove_dir", 3, **gone),
    ]
    left = [("/srv", "make_dir remove_dir", [1, 3])]
    report = judge(("/srv/own", "read_dir", [2]), seen=seen, refused=left, host=THERE)
    assert gaps(report) == [("missing-access", "/srv/own")]


@pytest.mark.parametrize(
    ("path", "rights", "silent"),
    [
        ("/srv/a", "read_file write_file", True),
        ("/srv", "read_file write_file", True),
        ("/srv/a", "read_file", False),
        ("/srv/a/b", "read_file write_file", False),
        ("/srv/ab", "read_file write_file", False),
    ],
)
def test_what_is_refused_here_or_above_is_not_missed(
    judge: Judge, access: Access, path: str, rights: str, *, silent: bool
) -> None:
    report = judge(seen=[access("/srv/a", "read_file write_file")], refused=[(path, rights, [])])
    assert (not gaps(report)) is silent


def test_one_path_gives_one_finding_that_the_own_trace_outranks(judge: Judge, access: Access) -> None:
    seen = [access("/srv/a", "read_file", 3, trace="run2"), access("/srv/a", "write_file", 5, call="open")]
    report = judge(seen=seen, given=["run1", "run2"])
    assert gaps(report) == [("missing-access", "/srv/a")]
    (finding,) = report.by_id("missing-access")
    assert finding.message.startswith("open needs write_file, read_file here")
    assert finding.evidence == ("run1:5",)


def test_evidence_of_no_known_trace_blocks_like_the_own(judge: Judge, access: Access) -> None:
    assert gaps(judge(seen=[access("/srv/a", "read_file", trace="lost")])) == [("missing-access", "/srv/a")]
