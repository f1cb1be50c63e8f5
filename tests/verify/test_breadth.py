from collections.abc import Callable
from dataclasses import dataclass

import pytest

from assistant.domain.access import Kind, PathAccess
from assistant.domain.finding import Severity
from assistant.domain.host import Content, FakeHost, NoHost
from assistant.domain.report import Report
from assistant.verify.breadth import PRIVATE_UNUSED


Judge = Callable[..., Report]
Access = Callable[..., PathAccess]


def files(directory: str, count: int) -> dict[str, Kind]:
    return {f"{directory}/{number}": Kind.FILE for number in range(count)}


@pytest.mark.parametrize(("unused", "broad"), [(PRIVATE_UNUSED, False), (PRIVATE_UNUSED + 1, True)])
@pytest.mark.parametrize("rights", ["read_file", "write_file", "remove_file"])
def test_too_many_private_files_that_were_never_used_make_a_grant_broad(
    judge: Judge, access: Access, unused: int, rights: str, *, broad: bool
) -> None:
    host = FakeHost(kinds=files("/srv/x", unused + 1))
    report = judge(("/srv/x", rights, [], "person"), seen=[access("/srv/x/0", "read_file")], host=host)
    assert bool(report.by_id("broad-grant")) is broad
    if broad:
        message = report.by_id("broad-grant")[0].message
        assert message.startswith(f"1 of {unused + 1} files beneath were used")
        assert f"{unused} private files" in message


@pytest.mark.parametrize("directory", ["/usr/share/x", "/etc/ssl/certs"])
def test_public_files_do_not_make_a_grant_broad(judge: Judge, directory: str) -> None:
    host = FakeHost(kinds=files(directory, 500))
    assert not judge((directory, "read_file read_dir", [], "person"), host=host).by_id("broad-grant")


def test_one_program_that_never_ran_makes_an_execute_grant_broad(judge: Judge, access: Access) -> None:
    host = FakeHost(
        kinds={"/usr/libexec/a": Kind.FILE, "/usr/libexec/b": Kind.FILE},
        programs=frozenset({"/usr/libexec/a", "/usr/libexec/b"}),
    )
    seen = [access("/usr/libexec/a", "execute"), access("/usr/libexec/b", "read_file")]
    report = judge(("/usr/libexec", "execute", [], "person"), seen=seen, host=host)
    assert "1 programs run that never did" in report.by_id("broad-grant")[0].message
    seen = [access("/usr/libexec/a", "execute"), access("/usr/libexec/b", "execute")]
    report = judge(("/usr/libexec", "execute", [], "person"), seen=seen, host=host)
    assert not report.by_id("broad-grant")


@pytest.mark.parametrize("name", ["server.key", "id_rsa", "db-password", "privkey.pem", "app.keytab"])
def test_one_secret_that_was_never_used_makes_a_grant_broad(judge: Judge, access: Access, name: str) -> None:
    host = FakeHost(kinds={f"/etc/svc/{name}": Kind.FILE, "/etc/svc/conf": Kind.FILE})
    grant = ("/etc/svc", "read_file", (), "person")
    assert f"/etc/svc/{name}" in judge(grant, host=host).by_id("broad-grant")[0].message
    used = judge(grant, host=host, seen=[access(f"/etc/svc/{name}", "read_file")])
    assert not used.by_id("broad-grant")


def test_listing_counts_names_only(judge: Judge) -> None:
    grant = ("/srv/x", "read_dir", (), "person")
    assert not judge(grant, host=FakeHost(kinds=files("/srv/x", 900))).by_id("broad-grant")
    assert judge(grant, host=FakeHost(kinds=files("/srv/x", 1100))).by_id("broad-grant")


@dataclass(frozen=True)
class Endless(FakeHost):
    """A host that stopped counting, or, in /proc, does not begin."""

    def content(self, directory: str) -> Content:
        return Content(() if directory == "/proc" else (f"{directory}/a",), complete=False)


def test_a_count_that_was_cut_off_is_said(judge: Judge) -> None:
    report = judge(("/srv/x", "read_file", [], "person"), host=Endless(kinds={"/srv/x": Kind.DIRECTORY}))
    assert "at least 1 files" in report.by_id("broad-grant")[0].message


def test_a_tree_that_cannot_be_counted_is_said(judge: Judge) -> None:
    report = judge(("/proc", "read_file", [], "person"), host=Endless(kinds={"/proc": Kind.DIRECTORY}))
    assert "could not be counted" in report.by_id("broad-grant")[0].message


def test_a_host_that_knows_nothing_is_said_once(judge: Judge) -> None:
    report = judge(("/a", "read_file", [], "person"), ("/b", "read_file", [], "person"), host=NoHost())
    (finding,) = report.by_id("foreign-host")
    assert finding.severity is Severity.INFO
    assert "2 path grants" in finding.message
