from collections.abc import Callable

from assistant.domain.report import Report


Judge = Callable[..., Report]
READS = {1: b'open("/srv/a", O_RDONLY) = 3'}


def test_each_trace_that_was_cited_and_not_given_is_named_once(judge: Judge) -> None:
    report = judge(
        ("/srv/a", "read_file", ["run1:1", "run2:1"]),
        ("/srv/b", "read_file", ["run2:2"]),
        drafted_from=["run1", "run2"],
        given=["run1"],
        lines=READS,
    )
    (finding,) = report.by_id("citation-unchecked")
    assert (finding.subject, finding.message.split()[0]) == ("run2", "2")


def test_a_trace_of_the_same_name_with_other_bytes_is_named(judge: Judge) -> None:
    report = judge(("/srv/a", "read_file", [1]), sha={"run1": "e" * 64}, lines={})
    assert [f.subject for f in report.by_id("trace-changed")] == ["run1"]
    assert not report.by_id("false-citation")


def test_a_new_trace_of_another_name_is_no_changed_one(judge: Judge) -> None:
    report = judge(("/srv/a", "read_file", [1]), given=["run1", "today"], lines=READS)
    assert not report.by_id("trace-changed")


def test_a_trace_that_neither_provenance_nor_the_caller_knows_is_a_false_citation(judge: Judge) -> None:
    report = judge(("/srv/a", "read_file", ["ghost:1"]), lines=READS)
    assert "ghost" in report.by_id("false-citation")[0].message
    assert not report.by_id("citation-unchecked")
