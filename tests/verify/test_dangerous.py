from collections.abc import Callable

import pytest

from assistant.domain.finding import Severity
from assistant.domain.report import Report


Judge = Callable[..., Report]


def subjects(report: Report, kind: str) -> list[str]:
    return [finding.subject for finding in report.by_id(kind)]


@pytest.mark.parametrize(
    ("path", "rights"),
    [
        ("/", "read_file"),
        ("/", "make_dir"),
        ("/etc", "read_file"),
        ("/etc", "write_file"),
        ("/home", "read_file"),
        ("/home/someone", "read_file"),
        ("/root", "read_file"),
        ("/proc", "read_file"),
        ("/dev", "read_file"),
        ("/dev", "ioctl_dev"),
        ("/tmp", "make_reg"),
        ("/run", "make_sock"),
        ("/var", "remove_file"),
        ("/usr", "truncate"),
        ("/srv", "make_sym"),
        ("/opt", "write_file"),
        ("/sys", "write_file"),
        ("/etc/cron.d/job", "write_file"),
        ("/etc/systemd/system", "make_reg"),
        ("/etc/ld.so.preload", "write_file"),
        ("/etc/sudoers.d", "make_reg"),
        ("/etc/passwd", "write_file"),
        ("/usr/local/bin", "make_reg"),
        ("/usr/lib/python3/dist-packages", "make_reg"),
        ("/opt/app/venv/lib/python3.11/site-packages", "write_file"),
        ("/srv/repo/.git/hooks", "make_reg"),
        ("/home/someone/.ssh/authorized_keys", "write_file"),
        ("/etc/shadow", "read_file"),
        ("/var/lib/extrausers", "read_file"),
        ("/dev/sda1", "read_file"),
        ("/dev/mem", "read_file"),
        ("/proc/sys", "write_file"),
        ("/proc/self/mem", "write_file"),
        ("/run/docker.sock", "resolve_unix"),
        ("/run/libvirt", "resolve_unix"),
        ("/var/lib/svc", "make_block"),
        ("/var/lib/svc", "make_char"),
    ],
)
def test_a_grant_that_reaches_beyond_the_service_is_dangerous_whoever_made_it(
    judge: Judge, path: str, rights: str
) -> None:
    report = judge((path, rights, [], "person"), abi=9)
    assert subjects(report, "dangerous-grant") == [path]
    assert report.by_id("dangerous-grant")[0].severity is Severity.HIGH


@pytest.mark.parametrize(
    ("path", "rights"),
    [
        ("/etc/svc", "read_file read_dir"),
        ("/etc/hosts", "read_file"),
        ("/var/lib/svc", "write_file make_reg remove_file truncate"),
        ("/run/svc", "make_sock remove_file"),
        ("/tmp/svc", "make_reg write_file"),
        ("/usr/share", "read_file read_dir execute"),
        ("/dev/null", "read_file write_file"),
        ("/dev/pts", "ioctl_dev"),
        ("/etcetera", "write_file"),
        ("/home/someone/project", "read_file"),
        ("/run", "read_file"),
        ("/var/log/svc.log", "write_file"),
    ],
)
def test_a_grant_of_the_services_own_is_not_dangerous(judge: Judge, path: str, rights: str) -> None:
    report = judge((path, rights, [], "person"))
    assert not report.by_id("dangerous-grant")
    assert not report.by_id("guarded-grant")


def test_listing_a_shared_directory_is_worth_a_look(judge: Judge) -> None:
    report = judge(("/etc", "read_dir", [], "person"))
    assert subjects(report, "guarded-grant") == ["/etc"]
    assert not report.by_id("dangerous-grant")


def test_several_reasons_make_one_finding(judge: Judge) -> None:
    report = judge(("/", "read_file write_file make_block ioctl_dev", [], "person"))
    assert subjects(report, "dangerous-grant") == ["/"]
    assert report.by_id("dangerous-grant")[0].message.count(";") >= 3


@pytest.mark.parametrize(
    ("grants", "named"),
    [
        ([("/a", "write_file execute")], ["/a"]),
        ([("/a", "write_file"), ("/a/b", "execute")], ["/a/b"]),
        ([("/a", "execute"), ("/a/b/c", "make_reg")], ["/a/b/c"]),
        ([("/a", "execute"), ("/a", "write_file")], ["/a"]),
        ([("/a", "execute"), ("/ab", "write_file")], []),
        ([("/a/b", "execute"), ("/a/c", "write_file")], []),
        ([("/a", "execute"), ("/a/b", "read_file make_dir")], []),
    ],
)
def test_what_can_be_written_and_executed_is_named_where_both_hold(
    judge: Judge, grants: list[tuple[str, str]], named: list[str]
) -> None:
    report = judge(*((path, rights, [], "person") for path, rights in grants))
    assert subjects(report, "write-and-execute") == named
