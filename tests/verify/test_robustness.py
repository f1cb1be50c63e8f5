from collections.abc import Callable

import pytest

from assistant.domain.access import Kind
from assistant.domain.finding import Severity
from assistant.domain.host import FakeHost, NoHost
from assistant.domain.report import Report


Judge = Callable[..., Report]


@pytest.mark.parametrize(
    "path",
    [
        "/a/\nb",
        "/a/\x1b[31m",
        "/a/\u202egpj",
        "/a/\u200bb",
        "/a/\udcff",
        "/a/b ",
        "/ a/b",
        "/a/\xa0b",
        "/a\u2028b",
    ],
)
def test_a_name_that_reads_like_another_is_odd(judge: Judge, path: str) -> None:
    assert [f.subject for f in judge((path, "read_file", [], "person")).by_id("odd-name")] == [path]


@pytest.mark.parametrize("path", ["/a/b c", "/réal/日本", "/a/..b", "/a/-rf", "/a/$(x)"])
def test_a_name_that_can_be_read_is_not_odd(judge: Judge, path: str) -> None:
    assert not judge((path, "read_file", [], "person")).by_id("odd-name")


def test_a_path_that_is_absent_or_leads_elsewhere_is_named(judge: Judge) -> None:
    host = FakeHost(kinds={"/srv/v2": Kind.DIRECTORY}, links={"/srv/now": "/srv/v2"})
    report = judge(
        ("/srv/now", "read_file", [], "person"), ("/srv/gone", "read_file", [], "person"), host=host
    )
    assert [(f.subject, f.message) for f in report.by_id("link-in-path")] == [
        ("/srv/now", "it leads to /srv/v2")
    ]
    assert [f.subject for f in report.by_id("path-absent")] == ["/srv/gone"]


@pytest.mark.parametrize(("optional", "severity"), [(False, Severity.MEDIUM), (True, Severity.INFO)])
def test_an_absent_path_is_a_notice_where_its_rule_is_optional(
    judge: Judge,
    optional: bool,  # noqa: FBT001 - a case
    severity: Severity,
) -> None:
    host = FakeHost(kinds={"/srv": Kind.DIRECTORY})
    report = judge(("/srv/gone", "read_file", [], "person"), host=host, optional=optional)
    assert [f.severity for f in report.by_id("path-absent")] == [severity]


def test_an_unknown_host_calls_nothing_absent(judge: Judge) -> None:
    assert not judge(("/srv/gone", "read_file", [], "person"), host=NoHost()).by_id("path-absent")


def test_a_process_directory_is_not_looked_up_but_called_fragile(judge: Judge) -> None:
    host = FakeHost(links={"/proc/self": "/proc/4711"})
    report = judge(("/proc/self/status", "read_file", [], "person"), host=host)
    assert not report.by_id("link-in-path")
    assert not report.by_id("path-absent")
    assert report.by_id("fragile-rule")


@pytest.mark.parametrize(
    ("path", "kind", "fragile"),
    [
        ("/etc/svc.conf", Kind.FILE, True),
        ("/run/svc.sock", Kind.SOCKET, True),
        ("/usr/bin/svc", Kind.FILE, False),
        ("/dev/null", Kind.DEVICE, False),
        ("/etc/svc", Kind.DIRECTORY, False),
    ],
)
def test_a_rule_on_one_file_outside_usr_is_fragile(
    judge: Judge, path: str, kind: Kind, *, fragile: bool
) -> None:
    report = judge((path, "read_file", [], "person"), host=FakeHost(kinds={path: kind}))
    assert bool(report.by_id("fragile-rule")) is fragile


def test_a_directory_right_on_a_file_is_named(judge: Judge) -> None:
    host = FakeHost(kinds={"/srv/f": Kind.FILE, "/srv/d": Kind.DIRECTORY})
    rights = "read_file read_dir make_reg"
    report = judge(("/srv/f", rights, [], "person"), ("/srv/d", rights, [], "person"), host=host)
    assert [f.subject for f in report.by_id("directory-right-on-file")] == ["/srv/f"]


def test_two_grants_of_one_path_are_named(judge: Judge) -> None:
    report = judge(("/a", "read_file", [], "person"), ("/a", "read_dir", [], "person"))
    assert [f.subject for f in report.by_id("duplicate-grant")] == ["/a"]
