"""The reader with its fast lane says the same as one that parses every line by itself."""

import random
from pathlib import Path

import pytest

from assistant.domain.access import Inventory
from assistant.trace.reader import Reader
from tests.trace import generated, reference


HERE = Path(__file__).parent
REAL = sorted(path for path in HERE.parent.rglob("*.trace") if "forms" not in path.parts)
PIECE = 1 << 16


def shipped(data: bytes, cwd: str | None = None) -> Inventory:
    reader = Reader(cwd)
    reader.read("t", [data[start : start + PIECE] for start in range(0, len(data), PIECE)])
    return reader.inventory()


def test_both_readers_agree_on_all_real_traces_of_the_tests() -> None:
    assert len(REAL) > 500
    differ = [
        path.name for path in REAL if shipped(path.read_bytes()) != reference.read("t", path.read_bytes())
    ]

    assert differ == []


@pytest.mark.parametrize("part", range(20))
def test_both_readers_agree_on_traces_made_by_chance(part: int) -> None:
    seeds = range(part * 100, part * 100 + 100)
    differ = [
        seed
        for seed in seeds
        if shipped(generated.trace(seed), "/srv") != reference.read("t", generated.trace(seed), "/srv")
    ]

    assert differ == []


@pytest.mark.parametrize("part", range(5))
def test_both_readers_agree_when_the_same_trace_comes_again_and_again(part: int) -> None:
    data = b"".join(generated.trace(seed) for seed in range(5000 + part * 40, 5000 + part * 40 + 40)) * 3

    assert shipped(data) == reference.read("t", data)


_HALVES = (
    'openat(AT_FDCWD, "/srv/a",  <unfinished ...>|0x241, 0666) = 3',
    'openat(AT_FDCWD, "/srv/a",  <unfinished ...>|0x0, 0666) = 3',
    'open("/srv/a",  <unfinished ...>| 0x1, 0666) = 3',
    'open("/srv/a",  <unfinished ...>| 0x2, 0666) = 3',
    'readlink("/srv/a",  <unfinished ...>|0x7ffc5, 1023) = -1 ENOENT (No such file or directory)',
    'readlink("/srv/a",  <unfinished ...>|0x7ffc6, 1023) = 4',
    'readlink("/srv/a",  <unfinished ...>|0x7ffc6X',
    'readlink( <unfinished ...>|"/srv>0x1,b", 0x7f, 1023) = -1 ENOENT (No such file or directory)',
    'readlink( <unfinished ...>|"/srv>0x2,b", 0x7f, 1023) = -1 ENOENT (No such file or directory)',
    'newfstatat(AT_FDCWD, "b, 0x1, c",  <unfinished ...>|0x7f, 0) = -1 ENOENT (No such file or directory)',
    'newfstatat(AT_FDCWD, "b, 0x2, c",  <unfinished ...>|0x7f, 0) = -1 ENOENT (No such file or directory)',
    'newfstatat(AT_FDCWD, "b",  <unfinished ...>|{st_mode=S_IFDIR|0755, st_size=9, ...}, 0) = 0',
    'sendto(3, "", 5, 0, NULL, 0 <unfinished ...>|) = 5',
    'sendto(3, "", 5, 0, NULL, 0 <unfinished ...>|) 5',
    'sendto(3, NULL, 0 <unfinished ...>|, 0, {sa_family=AF_UNIX, sun_path="/srv/s"}, 9) = 5',
    "sendto(4, NULL, 0 <unfinished ...>|, 0, {sa_family=AF_INET, sin_port=htons(53), x}, 9) = 5",
    "sendto(5, NULL, 0 <unfinished ...>|, 0, {sa_family=AF_INET, sin_port=htons(53), x}, 9) = 5",
    "socket(AF_INET, SOCK_DGRAM, IPPROTO_IP <unfinished ...>|) = 4",
    "socket(AF_UNIX, SOCK_STREAM, 0 <unfinished ...>|) = 3",
    'connect(3, {sa_family=AF_UNIX, sun_path="/srv/s"}, 9 <unfinished ...>|) = 0',
    'bind(3, {sa_family=AF_UNIX, sun_path="/srv/s"}, 9 <unfinished ...>|) = 0',
    'rename("/srv", "/new" <unfinished ...>|) = 0',
    'mkdir("/srv", 0755 <unfinished ...>|) = 0',
)


def _by_chance(seed: int, *, halves: bool) -> bytes:
    chance, lines = random.Random(seed), ['1 execve("/bin/x", [], 0x1 /* 1 var */) = 0']  # noqa: S311
    for _ in range(150):
        head, _, tail = chance.choice(_HALVES).partition("|")
        called = head.partition("(")[0]
        if not halves:
            lines.append("1 " + head.removesuffix("<unfinished ...>").rstrip() + " " + tail)
        else:
            lines.append(f"1 {head}")
            if chance.random() < 0.1:
                lines.append("1 --- SIGCHLD {si_signo=SIGCHLD} ---")
            if chance.random() < 0.95:
                lines.append(f"1 <... {called} resumed>{tail}")
    return "\n".join(lines).encode() + b"\n"


@pytest.mark.parametrize("halves", [False, True])
def test_both_readers_agree_on_what_the_fast_lane_leaves_out_of_the_texts_that_it_knows(
    *, halves: bool
) -> None:
    differ = [
        seed
        for seed in range(60)
        if shipped(_by_chance(seed, halves=halves), "/srv")
        != reference.read("t", _by_chance(seed, halves=halves), "/srv")
    ]

    assert differ == []


def test_both_readers_agree_on_a_process_whose_end_is_told_late_and_whose_number_comes_again() -> None:
    lines = (
        "5713 clone(child_stack=NULL, flags=CLONE_FS|SIGCHLD <unfinished ...>",
        "5716 +++ exited with 0 +++",
        "5713 +++ exited with 0 +++",
        "5716 <... openat resumed>) = -1 ENOENT (No such file or directory)",
        "5716 clone(child_stack=NULL, flags=SIGCHLD) = 5713",
        '5716 openat(AT_FDCWD, "/srv/a", O_RDONLY) = 3',
        '5716 chroot("/x") = 0',
        '5716 openat(AT_FDCWD, "/srv/a", O_RDONLY) = 3',
        "",
    )
    # The end waits for the fork, and is read when another fork returns: the call behind it is of a new process.
    for cut in range(len(lines)):
        data = "\n".join(
            (*lines[:cut], '5716 openat(AT_FDCWD, "/srv/a", O_RDONLY <unfinished ...>', *lines[cut:])
        )
        assert shipped(data.encode()) == reference.read("t", data.encode())
