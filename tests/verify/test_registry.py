"""A good ruleset passes, and each kind of lie planted in it is named and stops it."""

from dataclasses import replace
from typing import Any

import pytest

from assistant.domain.access import (
    AbstractSocket,
    Evidence,
    Inventory,
    Kind,
    PathAccess,
    Remark,
    RemarkKind,
    Verdict,
)
from assistant.domain.host import NoHost
from assistant.domain.report import Report
from assistant.domain.rights import FsRight, NetRight, names
from assistant.domain.ruleset import PathGrant, PortGrant
from assistant.errors import Exit
from assistant.verify.case import Case
from assistant.verify.registry import verify


R, W, X = FsRight.READ_FILE, FsRight.WRITE_FILE, FsRight.EXECUTE


def seen(path: str, rights: FsRight, line: str) -> PathAccess:
    trace, _, number = line.partition(":")
    evidence = (Evidence(trace, int(number)),)
    return PathAccess(path, rights, Kind.FILE, Verdict.NEEDED, "ok", "openat", evidence=evidence)


def judged(case: Case, *, approved: bool = False, **update: Any) -> Report:
    """The report on a changed ruleset; its approval goes unless it is what the test is about."""
    ruleset = case.ruleset.model_copy(update={**update, **({} if approved else {"approval": None})})
    return verify(replace(case, ruleset=ruleset))


def swapped(case: Case, old: str, /, **changes: Any) -> tuple[PathGrant, ...]:
    assert any(g.path == old for g in case.ruleset.path)
    return tuple(g.model_copy(update=changes) if g.path == old else g for g in case.ruleset.path)


def kinds(report: Report) -> set[str]:
    return {finding.id for finding in report.findings if finding.severity}


def found(report: Report, *ids: str) -> bool:
    """Whether exactly these kinds were found, not counting what is only for the record."""
    return kinds(report) == set(ids)


def test_a_good_ruleset_has_nothing_against_it(good: Case) -> None:
    report = verify(good)
    assert report.exit is Exit.OK
    assert kinds(report) == set()


def test_what_could_not_be_looked_up_on_another_machine_is_said(good: Case) -> None:
    ids = {finding.id for finding in verify(replace(good, host=NoHost())).findings}
    assert "foreign-host" in ids


def test_an_invented_path_is_named(good: Case) -> None:
    lie = PathGrant(path="/etc/myapp2", rights=R, by="model", evidence=("run1:4",))
    report = judged(good, path=(*good.ruleset.path, lie))
    assert found(report, "invented-path", "false-citation")
    assert {f.subject for f in report.findings if f.severity} == {"/etc/myapp2"}
    assert report.exit is Exit.BLOCKING


def test_a_sibling_in_place_of_the_path_is_invented_and_leaves_a_gap(good: Case) -> None:
    report = judged(good, path=swapped(good, "/etc/myapp", path="/etc/myapp2"))
    assert found(report, "invented-path", "false-citation", "missing-access")
    assert {f.subject for f in report.by_id("missing-access")} == {"/etc/myapp", "/etc/myapp/app.conf"}


@pytest.mark.parametrize(
    ("path", "extra"),
    [
        ("/etc/myapp", FsRight.IOCTL_DEV),
        ("/etc/myapp", FsRight.REFER),
        ("/usr/lib", FsRight.READ_DIR),
        ("/var/lib/myapp", R),
        ("/var/lib/myapp", FsRight.MAKE_SOCK),
        ("/dev/null", FsRight.IOCTL_DEV),
    ],
)
def test_an_extra_right_is_unsupported(good: Case, path: str, extra: FsRight) -> None:
    rights = next(g.rights for g in good.ruleset.path if g.path == path)
    report = judged(good, path=swapped(good, path, rights=rights | extra))
    assert {"unsupported-right"} <= kinds(report) <= {"unsupported-right", "false-citation"}
    assert [f.subject for f in report.by_id("unsupported-right")] == [path]
    assert report.exit is Exit.BLOCKING


def test_a_right_that_only_the_reading_of_the_trace_supports_is_not_enough(good: Case) -> None:
    wrong = replace(good.inventory, paths=(*good.inventory.paths, seen("/usr/lib/libc.so.6", X, "run1:3")))
    rules = swapped(good, "/usr/lib", rights=R | X)
    report = judged(replace(good, inventory=wrong), path=rules)
    assert [f.message for f in report.by_id("false-citation")] == [
        "none of the cited lines can need execute here"
    ]


def test_a_right_by_a_person_is_only_recorded(good: Case) -> None:
    rules = swapped(
        good, "/var/lib/myapp", rights=W | FsRight.MAKE_REG | FsRight.REMOVE_FILE | R, by="person"
    )
    report = judged(good, path=rules)
    assert report.exit is Exit.OK
    assert "read_file" in report.by_id("by-person")[0].message


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/etc/myapp", 99),
        ("/etc/myapp", 2),
        ("/etc/ld.so.cache", 1),
        ("/usr/lib", 13),
        ("/dev/null", 8),
    ],
)
def test_a_citation_of_no_line_or_of_a_line_about_another_path_is_false(
    good: Case, path: str, line: int
) -> None:
    report = judged(good, path=swapped(good, path, evidence=(f"run1:{line}",)))
    assert found(report, "false-citation")
    assert {f.subject for f in report.findings if f.severity} == {path}
    assert report.exit is Exit.BLOCKING


def test_an_argument_of_a_program_is_no_evidence_for_a_path(good: Case) -> None:
    lie = PathGrant(path="/etc/shadow", rights=R, by="model", evidence=("run1:1",))
    report = judged(good, path=(*good.ruleset.path, lie), refused=())
    assert [f.subject for f in report.by_id("false-citation")] == ["/etc/shadow", "/etc/shadow"]


def test_a_line_that_failed_with_enoent_supports_nothing(good: Case) -> None:
    lie = PathGrant(path="/etc/myapp/local.conf", rights=R, by="model", evidence=("run1:10",))
    report = judged(good, path=(*good.ruleset.path, lie))
    assert found(report, "invented-path", "false-citation", "path-absent")
    assert report.exit is Exit.BLOCKING


def test_a_hostile_name_is_no_evidence_for_the_name_it_spells(good: Case) -> None:
    lie = PathGrant(path="/etc/hosts", rights=R | W, by="model", evidence=("run1:13",))
    report = judged(good, path=(*good.ruleset.path, lie))
    assert {"invented-path", "false-citation"} <= kinds(report)


@pytest.mark.parametrize(("wide", "expected"), [("/var", "dangerous-grant"), ("/var/lib", "dangerous-grant")])
def test_a_wider_parent_is_dangerous(good: Case, wide: str, expected: str) -> None:
    report = judged(good, path=swapped(good, "/var/lib/myapp", path=wide))
    assert found(report, expected, "broad-grant")
    assert report.exit is Exit.FINDINGS


def test_a_changed_port_is_invented_and_leaves_a_gap(good: Case) -> None:
    wrong = PortGrant(port=5433, rights=NetRight.CONNECT_TCP, by="model", evidence=("run1:9",))
    report = judged(good, port=(wrong, good.ruleset.port[1]))
    assert found(report, "invented-path", "false-citation", "missing-access")
    assert [f.subject for f in report.by_id("missing-access")] == ["port 5432"]
    assert {f.subject for f in report.by_id("invented-path")} == {"port 5433"}


def test_a_port_bound_is_no_port_connected_to(good: Case) -> None:
    wrong = PortGrant(port=8080, rights=NetRight.CONNECT_TCP, by="model", evidence=("run1:12",))
    report = judged(good, port=(good.ruleset.port[0], wrong))
    assert found(report, "unsupported-right", "false-citation", "missing-access")


@pytest.mark.parametrize("scope", ["signal", "abstract_unix_socket"])
def test_a_scope_switched_off_without_need_or_reason_blocks(good: Case, scope: str) -> None:
    report = judged(good, scope=good.ruleset.scope.model_copy(update={scope: False}))
    assert [(f.id, f.subject) for f in report.findings if f.severity] == [
        ("unsupported-right", f"scope {scope}")
    ]
    assert report.exit is Exit.BLOCKING


def test_a_scope_that_cuts_off_what_the_service_does_is_a_gap(good: Case) -> None:
    line = (Evidence("run1", 9),)
    inventory = replace(
        good.inventory,
        abstract=(AbstractSocket("bus", "connect", "ok", inside=False, evidence=line),),
        remarks=(Remark(RemarkKind.SIGNAL_OUTSIDE, 1, "signal to process 1", line),),
    )
    report = judged(replace(good, inventory=inventory))
    assert found(report, "missing-access")
    assert [f.subject for f in report.findings if f.severity] == ["abstract socket bus", "signals"]


@pytest.mark.parametrize(
    "change",
    [
        {"target_abi": 6},
        {"path": ()},
        {"port": ()},
    ],
)
def test_a_change_of_the_grants_makes_the_approval_stale(good: Case, change: dict[str, Any]) -> None:
    report = judged(good, approved=True, **change)
    assert report.by_id("stale-approval")
    assert report.exit is Exit.BLOCKING


def test_a_better_sentence_keeps_the_approval(good: Case) -> None:
    report = judged(good, approved=True, path=swapped(good, "/etc/myapp", why="its configuration"))
    assert report.exit is Exit.OK


def test_a_file_made_in_the_run_is_not_covered_by_a_rule_on_itself(good: Case) -> None:
    entry = swapped(good, "/var/lib/myapp", rights=FsRight.MAKE_REG | FsRight.REMOVE_FILE)
    file = PathGrant(path="/var/lib/myapp/new", rights=W, by="offline", evidence=("run1:6",), weakness="yes")
    report = judged(good, path=(*entry, file))
    assert [f.subject for f in report.by_id("missing-access")] == ["/var/lib/myapp/new"]
    by_person = file.model_copy(update={"by": "person"})
    assert not judged(good, path=(*entry, by_person)).by_id("missing-access")


def test_a_refusal_that_is_too_narrow_leaves_a_gap(good: Case) -> None:
    narrow = good.ruleset.refused[0].model_copy(update={"rights": FsRight.WRITE_FILE})
    report = judged(good, refused=(narrow,))
    assert [f.subject for f in report.by_id("missing-access")] == ["/etc/shadow"]


@pytest.mark.parametrize("wider", [{"rights": R | W}, {"path": "/etc/shadow.d"}])
def test_a_refusal_of_what_was_never_asked_is_named(good: Case, wider: dict[str, Any]) -> None:
    wide = good.ruleset.refused[0].model_copy(update={**wider, "evidence": ()})
    report = judged(good, refused=(*good.ruleset.refused, wide))
    assert found(report, "refused-access")
    assert report.exit is Exit.FINDINGS


def test_a_refusal_that_a_wider_rule_undoes_blocks(good: Case) -> None:
    wide = PathGrant(path="/etc", rights=R, by="person")
    report = judged(good, path=(*good.ruleset.path, wide))
    assert [f.subject for f in report.by_id("refused-access")] == ["/etc/shadow"]
    assert report.exit is Exit.BLOCKING


def test_evidence_of_a_trace_that_nobody_knows_is_false(good: Case) -> None:
    report = judged(good, path=swapped(good, "/etc/myapp", evidence=("run1:4", "run1:5", "ghost:1")))
    assert found(report, "false-citation")
    assert report.exit is Exit.BLOCKING


def test_a_changed_trace_is_named_and_its_citations_are_not_held_against_it(good: Case) -> None:
    source = replace(good.inventory.sources[0], sha256="b" * 64)
    report = judged(replace(good, inventory=replace(good.inventory, sources=(source,)), lines={}))
    assert found(report, "trace-changed")
    assert report.exit is Exit.BLOCKING


def test_a_trace_that_was_not_given_leaves_its_citations_unchecked(good: Case) -> None:
    source = replace(good.inventory.sources[0], name="new", sha256="b" * 64)
    inventory = Inventory(sources=(source,))
    report = judged(replace(good, inventory=inventory, lines={}))
    assert found(report, "citation-unchecked")
    assert [f.subject for f in report.by_id("citation-unchecked")] == ["run1"]
    assert report.exit is Exit.FINDINGS


def test_what_only_a_new_trace_needs_is_drift(good: Case) -> None:
    source = replace(good.inventory.sources[0], name="run9", sha256="9" * 64)
    inventory = replace(good.inventory, sources=(*good.inventory.sources, source))
    inventory = replace(inventory, paths=(*inventory.paths, seen("/etc/hosts", R, "run9:4")))
    report = judged(replace(good, inventory=inventory))
    assert [(f.id, f.subject, f.evidence) for f in report.findings if f.severity] == [
        ("drift", "/etc/hosts", ("run9:4",))
    ]
    assert report.exit is Exit.DRIFT


def test_a_trailing_blank_makes_another_path(good: Case) -> None:
    report = judged(good, path=swapped(good, "/etc/myapp", path="/etc/myapp "))
    assert {"invented-path", "false-citation", "missing-access", "odd-name", "path-absent"} == kinds(report)


def test_every_needed_right_that_goes_is_missed(good: Case) -> None:
    rules = [(grant.path, grant.rights, right) for grant in good.ruleset.path for right in grant.rights]
    for path, rights, right in rules:
        rest = rights & ~right
        kept = tuple(grant for grant in good.ruleset.path if grant.path != path)
        report = judged(good, path=swapped(good, path, rights=rest) if rest else kept)
        assert names(right)[0] in " ".join(finding.message for finding in report.by_id("missing-access"))
        assert report.exit is Exit.BLOCKING
