from collections.abc import Callable

import pytest

from assistant.domain.access import Kind, PathAccess, Verdict
from assistant.domain.host import FakeHost
from assistant.domain.report import Report


Judge = Callable[..., Report]
Access = Callable[..., PathAccess]
EXEC = b'execve("/opt/svc", ["svc"], 0x7f /* 3 vars */) = 0'


def false(report: Report) -> list[str]:
    return [finding.message for finding in report.by_id("false-citation")]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/srv/a", b'openat(AT_FDCWD</srv>, "a", O_RDONLY) = 3</srv/a>'),
        ("/srv/a", b'openat(AT_FDCWD</srv/x>, "../a", O_RDONLY) = 3'),
        ("/srv", b'openat(3</srv>, "a/b/c", O_RDONLY) = 4'),
        ("/srv/v2", b'open("/srv/now/a", O_RDONLY) = 3'),
        ("/srv/a", b'open("//srv/./a", O_RDONLY) = 3'),
        ("/srv/a", b'open("/srv/a", O_RDONLY <unfinished ...>'),
        ("/srv/a", b"<... openat resumed>) = 3</srv/a>"),
        ("/srv", b'open("/srv/\\nmkdir(\\"/x\\") = 0", O_RDONLY) = 3'),
        ("/proc/self/status", b'open("/proc/4711/status", O_RDONLY) = 3</proc/4711/status>'),
    ],
)
def test_a_line_that_opens_the_path_in_whatever_words_is_a_good_citation(
    judge: Judge, path: str, line: bytes
) -> None:
    host = FakeHost(links={"/srv/now": "/srv/v2"})
    assert false(judge((path, "read_file", [1]), lines={1: line}, host=host)) == []


@pytest.mark.parametrize(
    "line",
    [
        b'open("/srv/ab", O_RDONLY) = 3</srv/ab>',
        b'open("/srv", O_RDONLY) = 3</srv>',
        b'open("/srv/a/../b", O_RDONLY) = 3',
        b'openat(AT_FDCWD</srv>, "/a", O_RDONLY) = 3</a>',
        b'openat(AT_FDCWD, "a", O_RDONLY) = 3',
        b'write(1</dev/pts/1<char 136:1>>, "open(\\"/srv/a\\", O_RDONLY) = 3", 30) = 30',
        b'open("/x\\n1 open(\\"/srv/a\\", O_RDONLY) = 3", O_RDONLY) = 3',
        b'connect(3, {sa_family=AF_UNIX, sun_path=@"/srv/a"}, 20) = 0',
        b"--- SIGUSR1 {si_signo=SIGUSR1} ---",
        b"",
    ],
)
def test_a_line_that_opens_something_else_is_a_false_citation(judge: Judge, line: bytes) -> None:
    assert len(false(judge(("/srv/a", "read_file", [1]), lines={1: line}))) == 2


def test_a_relative_name_means_what_the_inventory_read_in_that_very_line(
    judge: Judge, access: Access
) -> None:
    lines = {7: b'openat(AT_FDCWD, "./d/a", O_RDONLY) = 3', 8: b'openat(AT_FDCWD, "d/b", O_RDONLY) = 3'}
    seen = [access("/srv/d/a", "read_file", 7), access("/srv/d/b", "read_file", 8)]
    assert false(judge(("/srv/d/a", "read_file", [7]), lines=lines, seen=seen)) == []
    assert len(false(judge(("/srv/d/a", "read_file", [8]), lines=lines, seen=seen))) == 2


def test_a_relative_name_that_is_made_means_its_directory(judge: Judge, access: Access) -> None:
    lines = {7: b'rename("new", "old") = 0'}
    seen = [access("/srv/d", "make_reg remove_file", 7, kind=Kind.DIRECTORY, call="rename")]
    assert false(judge(("/srv/d", "make_reg remove_file", [7]), lines=lines, seen=seen)) == []


def test_an_execution_is_evidence_for_the_interpreters_of_that_program_only(judge: Judge) -> None:
    host = FakeHost(loaders={"/opt/svc": ("/usr/bin/sh", "/lib64/ld.so")})
    for path in ("/opt/svc", "/usr/bin/sh", "/lib64/ld.so"):
        assert false(judge((path, "read_file execute", [1]), lines={1: EXEC}, host=host)) == []
    assert len(false(judge(("/usr/bin/dash", "read_file execute", [1]), lines={1: EXEC}, host=host))) == 2


def test_an_interpreter_that_the_inventory_ties_to_the_program_counts_too(
    judge: Judge, access: Access
) -> None:
    seen = [access("/lib64/ld.so", "read_file execute", 1, implied_by="/opt/svc")]
    assert false(judge(("/lib64/ld.so", "execute", [1]), lines={1: EXEC}, seen=seen)) == []


def test_every_right_must_be_shown_by_some_line_and_the_one_that_is_not_is_named(judge: Judge) -> None:
    lines = {1: b'open("/srv/a", O_RDONLY) = 3', 2: b'open("/srv/b", O_WRONLY|O_TRUNC) = 3'}
    report = judge(("/srv", "read_file write_file truncate make_reg", [1, 2]), lines=lines)
    assert false(report) == ["none of the cited lines can need make_reg here"]


def test_a_person_may_grant_more_than_the_lines_show_but_cites_no_wrong_line(judge: Judge) -> None:
    lines = {1: b'open("/srv/a", O_RDONLY) = 3'}
    assert false(judge(("/srv", "write_file", [1], "person"), lines=lines)) == []
    assert len(false(judge(("/etc", "write_file", [1], "person"), lines=lines))) == 1


def test_rights_that_an_absent_trace_may_show_are_unchecked_not_false(judge: Judge) -> None:
    lines = {1: b'open("/srv/a", O_RDONLY) = 3'}
    report = judge(
        ("/srv", "read_file write_file", [1, "run2:5"]), lines=lines, drafted_from=["run1", "run2"]
    )
    assert false(report) == []
    assert [f.subject for f in report.by_id("citation-unchecked")] == ["run2"]


def test_a_refusal_cites_true_lines_too(judge: Judge) -> None:
    lines = {1: b'open("/srv/a", O_RDONLY) = 3'}
    assert false(judge(refused=[("/srv/a", "read_file", [1])], lines=lines)) == []
    assert len(false(judge(refused=[("/etc/shadow", "read_file", [1])], lines=lines))) == 1


def test_the_listing_of_a_directory_is_evidence_for_what_was_made_in_it_later_only(
    judge: Judge, access: Access
) -> None:
    lines = {1: b'openat(AT_FDCWD</srv>, "/srv/d", O_RDONLY|O_DIRECTORY) = 3</srv/d>'}
    later = access("/srv/d/new", "read_file", 1, verdict=Verdict.POSSIBLE)
    assert false(judge(refused=[("/srv/d/new", "read_file", [1])], lines=lines, seen=[later])) == []
    assert len(false(judge(refused=[("/srv/d/old", "read_file", [1])], lines=lines, seen=[later]))) == 1
    assert len(false(judge(refused=[("/srv/d/new", "read_file", [1])], lines=lines))) == 1
