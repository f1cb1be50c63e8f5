"""What a look at the host adds to a trace, and where the trace's own word outranks it."""

from dataclasses import replace
from functools import reduce
from operator import or_

import pytest

from assistant.domain.access import Kind, PathAccess, Verdict
from assistant.domain.host import FakeHost, Host, NoHost
from assistant.domain.rights import NO_FS, FsRight
from assistant.trace.ground import ground
from assistant.trace.reader import Reader


R = FsRight
EMPTY = FakeHost(kinds={"/srv/other": Kind.FILE})


def grounded(*lines: str, host: Host = EMPTY) -> tuple[PathAccess, ...]:
    reader = Reader()
    lines = (*lines, "7 ftruncate(99, 0) = -1 EBADF (Bad file descriptor)")
    reader.read("t", [line.encode() + b"\n" for line in lines])
    return ground(reader.inventory(), host).paths


def needed(accesses: tuple[PathAccess, ...], path: str) -> FsRight:
    rights = NO_FS
    for access in accesses:
        if access.path == path:
            rights |= access.needed
    return rights


START = '7 execve("/usr/sbin/app", ["app"], 0x1 /* 1 var */) = 0'


def loaders(*lines: str, host: Host | None = None) -> list[str]:
    return [a.path for a in grounded(START, *lines, host=host or NoHost()) if a.implied_by]


@pytest.mark.parametrize(
    ("library", "loader"),
    [
        ("/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"),
        ("/lib/aarch64-linux-gnu/libc.so.6", "/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1"),
        ("/lib/arm-linux-gnueabihf/libc-2.31.so", "/lib/arm-linux-gnueabihf/ld-linux-armhf.so.3"),
        ("/lib/libc.musl-x86_64.so.1", "/lib/ld-musl-x86_64.so.1"),
    ],
)
def test_the_loader_of_another_machines_program_lies_beside_its_c_library(library: str, loader: str) -> None:
    line = f'7 openat(AT_FDCWD, "{library}", O_RDONLY|O_CLOEXEC) = 3<{library}>'
    (implied,) = [a for a in grounded(START, line, host=NoHost()) if a.implied_by]

    assert (implied.path, implied.implied_by) == (loader, "/usr/sbin/app")
    assert implied.needed == R.EXECUTE | R.READ_FILE
    assert [str(line) for line in implied.evidence] == ["t:1"]


def test_the_processor_is_told_by_where_libraries_are_looked_for() -> None:
    libc = '7 openat(AT_FDCWD, "/lib64/libc.so.6", O_RDONLY|O_CLOEXEC) = 3</lib64/libc.so.6>'
    probe = '7 openat(AT_FDCWD, "/lib64/glibc-hwcaps/x86-64-v3/libz.so", O_RDONLY|O_CLOEXEC) = -1 ENOENT (x)'

    assert loaders(probe, libc) == ["/lib64/ld-linux-x86-64.so.2"]
    assert loaders(libc) == []


def test_musl_is_told_by_its_file_of_search_paths_even_when_that_is_absent() -> None:
    line = '7 open("/etc/ld-musl-aarch64.path", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)'

    assert loaders(line) == ["/lib/ld-musl-aarch64.so.1"]


def test_a_library_that_was_not_there_or_that_nobody_executed_opened_tells_no_loader() -> None:
    absent = '7 openat(AT_FDCWD, "/usr/lib/x86_64-linux-gnu/libc.so.6", O_RDONLY) = -1 ENOENT (No such file)'
    other = '7 openat(AT_FDCWD, "/srv/libc.so.6.bak", O_RDONLY) = 3</srv/libc.so.6.bak>'

    assert loaders(absent, other) == []


def test_a_known_machine_names_its_loaders_itself() -> None:
    libc = "/usr/lib/x86_64-linux-gnu/libc.so.6"
    host = FakeHost(kinds={"/usr/sbin/app": Kind.FILE}, loaders={"/usr/sbin/app": ("/opt/ld.so",)})
    line = f'7 openat(AT_FDCWD, "{libc}", O_RDONLY) = 3<{libc}>'

    assert loaders(line, host=host) == ["/opt/ld.so"]


GONE = (
    '7 mkdir("/srv/app/tmp", 0700) = 0',
    '7 openat(AT_FDCWD, "/srv/app/tmp", O_RDONLY) = 3',
    '7 rmdir("/srv/app/tmp") = 0',
)


def test_a_directory_that_is_gone_needs_read_dir_though_it_was_opened_without_the_flag() -> None:
    assert needed(grounded(*GONE), "/srv/app/tmp") == R.READ_DIR


def test_what_the_trace_says_of_an_object_outranks_what_is_there_now() -> None:
    a_file_now = FakeHost(kinds={"/srv/app/tmp": Kind.FILE})

    assert needed(grounded(*GONE[:2], host=a_file_now), "/srv/app/tmp") == R.READ_DIR


def test_a_name_that_was_a_directory_and_then_a_file_keeps_both_readings() -> None:
    cut = '7 truncate("/srv/x", 0) = 0'
    beneath = '7 openat(AT_FDCWD, "/srv/x/y", O_RDONLY) = 3'
    opened = '7 openat(AT_FDCWD, "/srv/x", O_RDONLY) = 3'

    assert needed(grounded(beneath, opened, cut), "/srv/x") == R.READ_DIR | R.READ_FILE | R.TRUNCATE
    assert needed(grounded(opened, cut), "/srv/x") == R.READ_FILE | R.TRUNCATE
    assert needed(grounded(beneath, opened), "/srv/x") == R.READ_DIR


@pytest.mark.parametrize(
    ("kind", "stays"),
    [(Kind.DEVICE, True), (Kind.FILE, False), (Kind.DIRECTORY, False), (Kind.FIFO, False), (None, False)],
)
def test_the_right_to_command_devices_is_for_devices_only(kind: Kind | None, *, stays: bool) -> None:
    host = FakeHost(kinds={"/srv/thing": kind} if kind else {"/srv/other": Kind.FILE})

    assert bool(asked_of("/srv/thing", host)) is stays


def test_in_dev_an_unknown_object_is_taken_for_a_device_but_not_in_shared_memory() -> None:
    assert asked_of("/dev/ppp", NoHost())
    assert not asked_of("/dev/shm/x", NoHost())


def asked_of(path: str, host: Host) -> FsRight:
    """What is left of an ioctl that only devices answer, whatever the reader makes of its line."""
    reader = Reader()
    reader.read("t", [f'7 truncate("{path}", 1) = 0\n'.encode()])
    inventory = reader.inventory()
    (access,) = (a for a in inventory.paths if a.path == path)
    asked = access._replace(rights=R.IOCTL_DEV, kind=Kind.UNKNOWN, call="ioctl", verdict=Verdict.NEEDED)
    return needed(ground(replace(inventory, paths=(asked,)), host).paths, path)


EXCHANGE = '7 renameat2(AT_FDCWD, "/srv/a/x", AT_FDCWD, "/srv/b/y", RENAME_EXCHANGE) = 0'
FILES = R.REFER | R.REMOVE_FILE | R.MAKE_REG
DIRECTORIES = R.REFER | R.REMOVE_DIR | R.MAKE_DIR
LESS = R.REFER | R.REMOVE_FILE | R.MAKE_DIR
"""For a file that leaves and a directory that comes."""
BOTH = FILES | DIRECTORIES


@pytest.mark.parametrize(
    ("x", "y", "a", "b"),
    [
        (Kind.FILE, Kind.FILE, FILES, FILES),
        (Kind.DIRECTORY, Kind.DIRECTORY, DIRECTORIES, DIRECTORIES),
        (Kind.DIRECTORY, Kind.FILE, LESS, BOTH),
        (Kind.FILE, Kind.DIRECTORY, BOTH, LESS),
    ],
)
def test_names_that_changed_places_were_what_the_host_has_under_the_other_name_and_are_that_the_next_time(
    x: Kind, y: Kind, a: FsRight, b: FsRight
) -> None:
    accesses = grounded(EXCHANGE, host=FakeHost(kinds={"/srv/a/x": x, "/srv/b/y": y}))

    assert (needed(accesses, "/srv/a"), needed(accesses, "/srv/b")) == (a, b)
    for directory in ("/srv/a", "/srv/b"):
        said = [access.rights for access in accesses if access.path == directory]
        assert reduce(or_, said) == (BOTH if x is not y else a)


def test_names_that_changed_places_twice_needed_both() -> None:
    accesses = grounded(
        EXCHANGE, EXCHANGE, host=FakeHost(kinds={"/srv/a/x": Kind.FILE, "/srv/b/y": Kind.DIRECTORY})
    )

    assert (needed(accesses, "/srv/a"), needed(accesses, "/srv/b")) == (BOTH, BOTH)


def test_what_the_trace_told_of_one_of_two_names_is_not_taken_for_what_the_other_was() -> None:
    told = '7 mkdir("/srv/a/x", 0700) = 0'
    host = FakeHost(kinds={"/srv/a/x": Kind.DIRECTORY, "/srv/b/y": Kind.DIRECTORY})

    assert needed(grounded(told, EXCHANGE, host=host), "/srv/b") == DIRECTORIES


def test_a_directory_moves_only_from_where_all_is_allowed_that_its_new_place_allows() -> None:
    accesses = grounded(
        '7 mkdir("/srv/a/d", 0700) = 0', '7 rename("/srv/a/d", "/srv/b/d") = 0', '7 unlink("/srv/b/f") = 0'
    )

    assert needed(accesses, "/srv/a") == DIRECTORIES | R.REMOVE_FILE


@pytest.mark.parametrize(
    ("target", "rights"),
    [
        ("/srv/b/file", {"/srv/b": R.REFER, "/srv/a": R.MAKE_REG | R.REFER}),
        ("/srv/a/file", {"/srv/a": R.MAKE_REG}),
        ("/srv/b/pipe", {"/srv/b": R.REFER, "/srv/a": R.MAKE_FIFO | R.REFER}),
    ],
)
def test_linkat_that_follows_asks_on_the_directory_in_which_the_link_ends(
    target: str, rights: dict[str, FsRight]
) -> None:
    kinds = {"/srv/a/file": Kind.FILE, "/srv/b/file": Kind.FILE, "/srv/b/pipe": Kind.FIFO}
    host = FakeHost(kinds=kinds, links={"/srv/a/link": target})
    line = '7 linkat(AT_FDCWD, "/srv/a/link", AT_FDCWD, "/srv/a/new", AT_SYMLINK_FOLLOW) = 0'
    accesses = grounded('7 lstat("/srv/a/link", {st_mode=S_IFLNK|0777}) = 0', line, host=host)

    assert {path: needed(accesses, path) for path in ("/srv/a", "/srv/b") if needed(accesses, path)} == rights


def test_within_a_changed_root_absolute_links_and_interpreters_lie_beneath_it() -> None:
    host = FakeHost(
        kinds={"/jail/data/conf": Kind.FILE, "/jail/bin/app": Kind.FILE},
        links={"/jail/etc/conf": "/data/conf"},
        loaders={"/jail/bin/app": ("/lib/ld.so",)},
    )
    accesses = grounded(
        '7 open("/jail/etc/conf", O_WRONLY) = -1 EACCES (Permission denied)',
        '7 chroot("/jail") = 0',
        '7 open("/etc/conf", O_RDONLY) = 3',
        '7 execve("/bin/app", ["app"], 0x1 /* 1 var */) = 0',
        host=host,
    )

    assert needed(accesses, "/jail/data/conf") == R.READ_FILE
    assert [access.path for access in accesses if access.verdict is Verdict.REFUSED] == ["/data/conf"]
    assert [access.path for access in accesses if access.implied_by] == ["/jail/lib/ld.so"]


@pytest.mark.parametrize(("interpreter", "verdict"), [(None, Verdict.POSSIBLE), (Kind.FILE, Verdict.PROBED)])
def test_a_program_that_is_there_and_was_not_found_lacks_its_interpreter(
    interpreter: Kind | None, verdict: Verdict
) -> None:
    kinds = {"/srv/run": Kind.FILE} | ({"/bin/sh": interpreter} if interpreter else {})
    host = FakeHost(kinds=kinds, loaders={"/srv/run": ("/bin/sh",)})
    (access,) = grounded('7 execve("/srv/run", [], 0x1) = -1 ENOENT (No such file or directory)', host=host)

    assert (access.path, access.verdict) == ("/srv/run", verdict)


def test_what_is_made_through_a_link_that_leads_nowhere_is_made_where_it_leads() -> None:
    host = FakeHost(kinds={"/srv/a": Kind.DIRECTORY}, links={"/srv/a/link": "/srv/b/new"})
    accesses = grounded('7 open("/srv/a/link", O_WRONLY|O_CREAT, 0644) = 3', host=host)
    made = {access.path: access.verdict for access in accesses if R.MAKE_REG in access.rights}

    assert made == {"/srv/b": Verdict.POSSIBLE}


def test_a_directory_that_moves_takes_along_what_is_done_beneath_it() -> None:
    accesses = grounded(
        '7 mkdir("/srv/a/d", 0700) = 0',
        '7 rename("/srv/a/d", "/srv/b/d") = 0',
        '7 open("/srv/b/d/x", O_WRONLY|O_CREAT|O_EXCL, 0644) = 3',
    )

    assert needed(accesses, "/srv/a") == R.MAKE_DIR | R.REMOVE_DIR | R.REFER | R.MAKE_REG | R.WRITE_FILE
