import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.trace.line import Call, Head, Marker, Strange, Tail, parse


CALL = b'openat(AT_FDCWD, "/etc/hosts", O_RDONLY) = 3'


@pytest.mark.parametrize(
    ("prefix", "pid"),
    [
        (b"", 0),
        (b"123   ", 123),
        (b"[pid   123] ", 123),
        (b"123<redis-server> ", 123),
        (b"[pid 123<a b>] ", 123),
        (b"123 12:59:41 ", 123),
        (b"123 12:59:41.877179 ", 123),
        (b"123 1795455508.426911 ", 123),
        (b"     0.000123 ", 0),
        (b"123      0.000123 ", 123),
        (b"123 [00007f8a9c0b1234] ", 123),
        (b"123 [ 257] ", 123),
    ],
)
def test_the_same_call_is_read_behind_every_prefix(prefix: bytes, pid: int) -> None:
    found, body = parse(prefix + CALL + b"\n")

    assert pid == found
    assert isinstance(body, Call)
    assert (body.name, body.result.value) == ("openat", 3)


@pytest.mark.parametrize(
    ("tail", "value", "errno"),
    [
        (b" = 0", 0, ""),
        (b"      = 0 <0.000128>", 0, ""),
        (b" = -1 ENOENT (No such file or directory)", -1, "ENOENT"),
        (b" = -1 ENOENT (No such file or directory) <0.1>", -1, "ENOENT"),
        (b" = ? ERESTARTSYS (To be restarted if SA_RESTART is set)", None, "ERESTARTSYS"),
        (b" = ?", None, ""),
        (b" = 0x8001 (flags O_WRONLY|O_LARGEFILE)", 0x8001, ""),
    ],
)
def test_results_are_read_with_what_follows_them(tail: bytes, value: int | None, errno: str) -> None:
    _, body = parse(b'mkdir("/d", 0777)' + tail)

    assert isinstance(body, Call)
    assert (value, errno) == (body.result.value, body.result.errno)


def test_a_returned_descriptor_names_what_the_kernel_opened() -> None:
    _, body = parse(b'openat(AT_FDCWD</>, "lib/x", O_RDONLY) = 3</usr/lib/x> <0.000081>')

    assert isinstance(body, Call)
    assert body.result.descriptor is not None
    assert body.result.descriptor.path == "/usr/lib/x"


def test_halves_are_kept_as_halves() -> None:
    assert parse(b"7 vfork( <unfinished ...>") == (7, Head(b"vfork("))
    assert parse(b"7 <... vfork resumed>)              = 8") == (7, Tail(b"vfork", b")              = 8"))


@pytest.mark.parametrize(
    "line",
    [b"7 +++ exited with 0 +++", b"7 --- SIGCHLD {si_signo=SIGCHLD} ---", b"strace: Process 7 attached"],
)
def test_lines_without_a_call_are_known_as_such(line: bytes) -> None:
    assert isinstance(parse(line)[1], Marker)


@pytest.mark.parametrize(
    "line", [b"", b"hello world", b'7 openat(AT_FDCWD, "/etc/ho', b'openat(AT_FDCWD, "/x", O_RDONLY) = maybe']
)
def test_what_is_not_understood_is_named(line: bytes) -> None:
    body = parse(line)[1]

    assert isinstance(body, Strange)
    assert body.kind


@given(st.binary(max_size=300))
def test_no_bytes_make_the_parser_raise(raw: bytes) -> None:
    pid, _ = parse(raw)

    assert pid >= 0
