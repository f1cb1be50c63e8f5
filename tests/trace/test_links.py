"""Links that the run made are followed as they led at the time, though they are gone by now."""

import pytest

from assistant.domain.access import Inventory, Verdict
from assistant.domain.host import NoHost
from assistant.domain.rights import FsRight
from assistant.trace.ground import ground
from assistant.trace.links import Links
from assistant.trace.reader import Reader
from tests.trace import reference


def read(*lines: str) -> Inventory:
    """By the shipped reader; the one that parses each line must say the same."""
    data = "".join(f"7 {line}\n" for line in lines).encode()
    reader = Reader("/srv")
    reader.read("t", [data])
    inventory = reader.inventory()
    assert inventory == reference.read("t", data, "/srv")
    return ground(inventory, NoHost())


def opened(*lines: str) -> list[str]:
    return [access.path for access in read(*lines).paths if access.call == "openat" and access.rights]


def open_of(name: str) -> str:
    return f'openat(AT_FDCWD, "{name}", O_RDONLY) = 3'


@pytest.mark.parametrize(
    ("target", "name", "path"),
    [
        ("/data", "/srv/link", "/data"),
        ("/data", "/srv/link/x", "/data/x"),
        ("data", "/srv/link/x", "/srv/data/x"),
        ("../data", "/srv/link/x", "/data/x"),
        ("data", "link/./x", "/srv/data/x"),
        ("/data/a", "/srv/link/../x", "/data/x"),
        ("/data", "/srv/a/../link/x", "/data/x"),
        ("link", "/srv/link/x", "/srv/link/x"),
        ("/data", "/srv/linked", "/srv/linked"),
    ],
)
def test_a_name_goes_through_a_link_that_the_run_made_and_removed(target: str, name: str, path: str) -> None:
    lines = f'symlink("{target}", "/srv/link") = 0', open_of(name), 'unlink("/srv/link") = 0'

    assert opened(*lines) == [path]


def test_a_link_that_is_switched_leads_to_the_one_and_then_to_the_other() -> None:
    switch = 'symlink("{}", "/srv/new") = 0', 'rename("/srv/new", "/srv/current") = 0'
    lines: list[str] = []
    for release in ("one", "two", "one"):
        lines += [*(line.format(release) for line in switch), open_of("/srv/current/x")]

    assert opened(*lines) == ["/srv/one/x", "/srv/two/x"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ('unlink("/srv/link") = 0', "/srv/link/x"),
        ('unlink("/srv/link") = -1 EACCES (Permission denied)', "/data/x"),
        ('rename("/srv/link", "/srv/other") = 0', "/srv/link/x"),
        ('rename("/srv/file", "/srv/link") = 0', "/srv/link/x"),
        ('symlink("/else", "/srv/link") = -1 EEXIST (File exists)', "/data/x"),
        ('renameat2(AT_FDCWD, "/srv/link", AT_FDCWD, "/srv/d", RENAME_EXCHANGE) = 0', "/srv/link/x"),
    ],
)
def test_a_link_leads_somewhere_as_long_as_it_is_there(change: str, path: str) -> None:
    lines = 'symlink("/data", "/srv/link") = 0', change, open_of("/srv/link/x")

    assert opened(*lines) == [path]


@pytest.mark.parametrize(
    "change",
    [
        'rename("/srv/link", "/srv/d/other") = 0',
        'link("/srv/link", "/srv/d/other") = 0',
        'rename("/srv/here", "/srv/d") = 0',
        'renameat2(AT_FDCWD, "/srv/d", AT_FDCWD, "/srv/here", RENAME_EXCHANGE) = 0',
    ],
)
def test_a_link_is_one_under_its_new_name_and_starts_from_there(change: str) -> None:
    lines = (
        'symlink("to", "/srv/link") = 0',
        'symlink("to", "/srv/here/other") = 0',
        change,
        open_of("/srv/d/other/x"),
    )

    assert opened(*lines) == ["/srv/d/to/x"]


def test_what_a_name_meant_before_it_was_a_link_does_not_last() -> None:
    named = open_of("/srv/link/x")
    lines = (
        named,
        'rename("/srv/link", "/srv/away") = 0',
        *('symlinkat("/data", AT_FDCWD, "/srv/link") = 0', named),
        *('unlink("/srv/link") = 0', named),
    )

    assert opened(*lines) == ["/data/x", "/srv/link/x"]


def test_an_absolute_link_in_a_changed_root_leads_to_beneath_it() -> None:
    lines = 'symlink("/data", "/jail/link") = 0', 'chroot("/jail") = 0', open_of("/link/x")

    assert opened(*lines) == ["/jail/data/x"]


def test_what_does_not_follow_is_about_the_link_itself() -> None:
    lines = (
        'symlink("/data/gone", "/srv/link") = 0',
        'openat(AT_FDCWD, "/srv/link", O_RDONLY|O_NOFOLLOW) = -1 ELOOP (Too many levels of symbolic links)',
        'openat(AT_FDCWD, "/srv/link", O_WRONLY|O_CREAT|O_EXCL, 0600) = -1 EEXIST (File exists)',
        'openat(AT_FDCWD, "/srv/link", O_WRONLY|O_CREAT, 0600) = 3',
        'bind(4, {sa_family=AF_UNIX, sun_path="/srv/link"}, 110) = -1 EADDRINUSE (Address already in use)',
        'connect(4, {sa_family=AF_UNIX, sun_path="/srv/link"}, 110) = 0',
    )

    assert {(a.call, a.path, a.given) for a in read(*lines).paths if a.rights and a.call != "symlink"} == {
        ("openat", "/srv", "/srv/link"),
        ("openat", "/srv/link", ""),
        ("openat", "/data", "/data/gone"),
        ("openat", "/data/gone", "/srv/link"),
        ("bind", "/srv", "/srv/link"),
        ("connect", "/data/gone", "/srv/link"),
    }


def test_a_program_that_was_run_by_a_link_is_the_one_behind_it_and_keeps_its_name() -> None:
    lines = 'symlink("app-1.2", "/srv/app") = 0', 'execve("/srv/app", ["app"], 0x1 /* 1 var */) = 0'
    (run,) = (access for access in read(*lines).paths if access.call == "execve")

    assert (run.path, run.given, run.verdict) == ("/srv/app-1.2", "/srv/app", Verdict.NEEDED)


def test_looking_at_a_link_or_behind_it_tells_what_each_is() -> None:
    lines = (
        'symlink("/data", "/srv/link") = 0',
        'lstat("/srv/link", {st_mode=S_IFLNK|0777, st_size=5, ...}) = 0',
        'stat("/srv/link", {st_mode=S_IFDIR|0755, st_size=9, ...}) = 0',
        open_of("/srv/link"),
    )

    assert [access.rights for access in read(*lines).paths if access.path == "/data"] == [FsRight.READ_DIR]


def test_halves_of_calls_go_through_links_as_they_lead_when_the_call_returns() -> None:
    half = 'openat(AT_FDCWD, "/srv/link/x", O_RDONLY <unfinished ...>', "<... openat resumed>) = 3"
    lines = [*half, 'symlink("/data", "/srv/link") = 0', *half, 'unlink("/srv/link") = 0', *half]

    assert opened(*lines) == ["/data/x", "/srv/link/x"]


def test_more_links_than_the_kernel_follows_lead_nowhere() -> None:
    links = Links()
    for number in range(50):
        links.made(f"/srv/{number}", str(number + 1))

    assert links.lead("/srv/9/x", "", last=True)[0] == "/srv/9/x"
    assert links.lead("/srv/11/x", "", last=True)[0] == "/srv/50/x"


def test_many_moves_of_directories_with_links_end_in_no_knowledge_of_links() -> None:
    links = Links()
    links.made("/srv/0/link", "/data")
    for number in range(500):
        links.moved(f"/srv/{number}", f"/srv/{number + 1}", exchange=False)

    assert not links.targets
    assert len(links.ever) < 500
