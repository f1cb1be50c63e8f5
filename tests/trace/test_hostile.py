"""Traces that were made to mislead: nothing in them may pass for an access that did not happen, or take forever."""

from collections.abc import Callable
from functools import partial

import pytest

from assistant.domain.access import Inventory, Kind, RemarkKind
from assistant.domain.host import FakeHost
from assistant.trace.line import parse
from assistant.trace.reader import Reader
from tests.growth import growth


Read = Callable[..., Inventory]
HOST = FakeHost(kinds={"/etc/shadow": Kind.FILE, "/srv/x": Kind.FILE, "/proc": Kind.DIRECTORY})


def touched(inventory: Inventory) -> set[str]:
    return {access.path for access in inventory.paths if access.needed}


@pytest.mark.parametrize(
    "link", ["/proc/self/root", "/proc/thread-self/root", "/proc/7/root", "/proc/7/task/7/root"]
)
def test_a_name_through_procs_root_link_is_the_name_behind_it(read: Read, link: str) -> None:
    assert touched(read(f'7 open("{link}/etc/shadow", O_RDONLY) = 3', host=HOST)) == {"/etc/shadow"}


def test_a_name_through_a_working_directory_or_descriptor_is_what_the_trace_told_of_them(read: Read) -> None:
    inventory = read(
        '7 chdir("/srv") = 0',
        '7 open("/proc/self/cwd/x", O_RDONLY) = 3',
        '7 open("/etc", O_RDONLY|O_DIRECTORY) = 4',
        '7 open("/proc/self/fd/4/shadow", O_RDONLY) = 5',
        '7 open("/dev/fd/3", O_RDONLY) = 6',
        host=HOST,
    )

    assert touched(inventory) == {"/srv/x", "/etc", "/etc/shadow"}


@pytest.mark.parametrize(
    "line",
    [
        '7 open("/proc/1/root/etc/shadow", O_RDWR) = 3',
        '7 execve("/proc/self/fd/3", ["x"], NULL) = 0',
        '7 execve("/proc/self/exe", ["x"], NULL) = 0',
        '7 unlink("/proc/self/cwd/x") = 0',
    ],
)
def test_a_link_of_proc_that_the_trace_does_not_explain_is_unresolved(read: Read, line: str) -> None:
    inventory = read(line, host=HOST)

    assert not touched(inventory)
    assert not inventory.executions
    assert RemarkKind.UNRESOLVED in {remark.kind for remark in inventory.remarks}


@pytest.mark.parametrize(
    "note",
    ["/var/../etc/shadow", "/etc/./x", "//etc/x", "/proc/self/root/etc/x", "/etc/x\\0y", "/" + "a" * 4200],
)
def test_an_annotation_that_the_kernel_would_not_write_is_not_believed(read: Read, note: str) -> None:
    inventory = read(f'7 openat(AT_FDCWD, "/srv/x", O_RDONLY) = 3<{note}>', host=HOST)

    assert touched(inventory) == {"/srv/x"}


@pytest.mark.parametrize(
    "line",
    [
        '7 open("/etc\\0z/y", O_RDONLY) = 3',
        f'7 open("/{"d/" * 3000}f", O_RDONLY) = 3',
        '7 openat(AT_FDCWD, "x", 0x241, 0666) = 3',
        "7 connect(3, {sa_family=AF_INET, sin_port=htons(70000)}, 16) = 0",
        "7 connect(3, 0x7ffd1234, 16) = 0",
        f'{"9" * 5000} open("/srv/x", O_RDONLY) = 3',
        f'7 open("/srv/x", O_RDONLY) = {"9" * 5000}',
        f'7 linkat(AT_FDCWD, "/proc/self/fd/{"9" * 5000}", AT_FDCWD, "n", AT_SYMLINK_FOLLOW) = 0',
        f"7 kill({'9' * 5000}, SIGTERM) = 0",
    ],
)
def test_what_cannot_be_is_no_access_and_no_crash(read: Read, line: str) -> None:
    assert touched(read(line, host=HOST)) == set()


@pytest.mark.parametrize(
    ("start", "repeated", "end"),
    [
        (b'open("', b" ", b'") = 3'),
        (b'open("/x", O_RDONLY) ', b" ", b"= 3"),
        (b'open("/x", O_RDONLY) = ', b" ", b"x"),
        (b'open("/x", O_RDONLY) = -1 E2 ', b"() ", b"x"),
        (b'open("/x", O_RDONLY) = 3', b" ", b"<0.1> x"),
        (b"open(", b"1<a[", b">"),
        (b"open(", b"1</", b">"),
        (b"open(", b'1<a["', b">"),
        (b"open(", b"(", b""),
        (b"<... open resumed>", b")", b""),
        (b"", b"\\", b""),
    ],
)
def test_no_line_takes_longer_than_its_length_explains(start: bytes, repeated: bytes, end: bytes) -> None:
    # Ten times 3,000 of each is still below the length at which a line is only named.
    assert growth(lambda count: partial(parse, start + repeated * count + end), 3_000) < 40


def test_a_line_longer_than_any_call_is_named(read: Read) -> None:
    (strange,) = read("7 write(1, " + "x" * 300_000, host=HOST).not_understood

    assert strange.kind == "line too long"


def test_a_name_that_looks_like_a_struct_tells_nothing_of_kinds(read: Read) -> None:
    inventory = read(
        '7 newfstatat(AT_FDCWD, "/srv/st_mode=S_IFDIR", {st_mode=S_IFREG|0644, st_size=1, ...}, 0) = 0',
        '7 readlink("/srv/l", "st_mode=S_IFDIR", 99) = 15',
        '7 rename("/srv/st_mode=S_IFDIR", "/srv/n") = 0',
        host=HOST,
    )

    assert "remove_dir" not in {str(a.rights) for a in inventory.paths}
    assert "/srv/st_mode=S_IFDIR" not in inventory.kinds


@pytest.mark.parametrize("behind", ["\\n", "x", "...", "\\"])
def test_an_abstract_socket_whose_name_is_not_written_whole_has_none(read: Read, behind: str) -> None:
    line = f'7 connect(3, {{sa_family=AF_UNIX, sun_path=@"a"{behind}}}, 5) = 0'

    inventory = read(line, host=HOST)

    assert inventory.abstract == ()
    assert sum(strange.count for strange in inventory.not_understood) == 1


def test_names_after_chroot_start_at_the_new_root(read: Read) -> None:
    inventory = read(
        '7 chroot("/jail") = 0', '7 chdir("/") = 0', '7 open("etc/passwd", O_RDONLY) = 3', host=HOST
    )

    assert touched(inventory) == {"/jail/etc/passwd"}


def test_names_after_the_mounts_changed_are_only_what_the_kernel_says(read: Read) -> None:
    inventory = read(
        '7 pivot_root(".", "old") = 0',
        '7 open("/etc/passwd", O_RDONLY) = 3',
        '7 openat(AT_FDCWD, "/x", O_RDONLY) = 3</srv/x>',
        host=HOST,
    )

    assert touched(inventory) == {"/srv/x"}


def test_a_root_that_openat2_is_told_of_is_obeyed(read: Read) -> None:
    line = '7 openat2(3</jail>, "/etc/passwd", {flags=O_RDONLY, resolve=RESOLVE_IN_ROOT}, 24) = 4'

    assert touched(read(line, host=HOST)) == {"/jail/etc/passwd"}


def test_a_deep_working_directory_does_not_grow_for_ever() -> None:
    lines = [b'7 chdir("aaaaaaaaaaaa") = 0\n', b'7 open("f", O_RDONLY) = 3\n'] * 3000
    reader = Reader("/")
    reader.read("t", lines)

    assert all(len(access.path) < 4200 for access in reader.inventory().paths)
    assert growth(lambda count: partial(Reader("/").read, "t", lines[:count]), len(lines) // 10) < 40
