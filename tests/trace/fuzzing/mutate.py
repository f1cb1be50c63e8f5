"""Ways to spoil a trace that occur: cut, joined, repeated, out of order, or meant to mislead."""

import re
from collections.abc import Callable
from pathlib import Path
from random import Random


SEEDS = Path(__file__).with_name("seeds.strace")
"""Real lines, as strace 6.1 wrote them in many forms; each line stands for its kind."""

TOKENS = (
    *(
        b'"',
        b"\\",
        b"<",
        b">",
        b"(",
        b")",
        b"[",
        b"]",
        b"{",
        b"}",
        b",",
        b"=",
        b" = ",
        b"?",
        b"-1",
        b"0",
        b"3",
    ),
    *(b"<unfinished ...>", b"<... openat resumed>", b"<pid changed to 7 ...>", b" resumed>", b"...", b'"...'),
    *(b") = 3", b") = 0", b") = -1 ENOENT (No such file or directory)", b" = ? ERESTARTSYS", b"= 0x7f"),
    *(
        b"AT_FDCWD",
        b"AT_FDCWD</x>",
        b"3</etc/x>",
        b"</x>(deleted)",
        b"<char 1:3>",
        b"<socket:[1]>",
        b"<TCP:[1]>",
    ),
    *(
        b"openat(",
        b"open(",
        b"execve(",
        b"rename(",
        b"clone(",
        b"vfork(",
        b"fork(",
        b"chdir(",
        b"dup2(",
        b"close(",
    ),
    *(
        b"connect(3, {sa_family=AF_UNIX, sun_path=",
        b"sun_path=@",
        b"htons(80)",
        b"{sa_family=AF_INET, sin_port=",
    ),
    *(b"CLONE_FS|CLONE_FILES", b"O_RDONLY", b"O_CREAT|O_EXCL", b"O_ACCMODE", b"O_PATH", b"RENAME_EXCHANGE"),
    *(
        b"+++ exited with 0 +++",
        b"+++ superseded by execve in pid 7 +++",
        b"--- SIGCHLD {",
        b"strace: Process 7 attached",
    ),
    *(
        b"[pid 7] ",
        b"7 ",
        b"99999999999 ",
        b"12:00:00 ",
        b"12:00:00.000001 ",
        b"1.5 ",
        b" <0.000012>",
        b"/* 3 vars */",
    ),
    *(
        b"\\0",
        b"\\377",
        b"\\x00",
        b"\\x2f",
        b"\\n",
        b"\\",
        b"\0",
        b"\r",
        b"\xff",
        b"/proc/self/fd/3",
        b"/../",
        b"//",
    ),
    *(
        b"> /lib/x(f+0x1) [0x2]",
        b"[00007f] ",
        b"[ 257] ",
        b"syscall_0x1c4(0x1)",
        b"@32",
        b"[ Process PID=7 runs in 32 bit mode. ]",
    ),
)
"""Pieces of strace's grammar; also the fuzzer's dictionary."""

_NUMBER = re.compile(rb"^\s*(\[pid\s+)?([0-9]+)")
_TIME = re.compile(rb"[0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9]{10}\.[0-9]+")


def lines() -> list[bytes]:
    """All real lines, with their ends."""
    return [line + b"\n" for line in SEEDS.read_bytes().split(b"\n")[:-1]]


def spoil(random: Random, known: list[bytes]) -> bytes:
    """A few real lines, spoiled in a few ways."""
    start = random.randrange(len(known))
    chosen = known[start : start + random.randint(1, 6)] + random.choices(known, k=random.randint(0, 4))
    for _ in range(random.randint(0, 4)):
        random.choice(_OF_LINES)(random, chosen)
    data = b"".join(chosen)
    for _ in range(random.randint(0, 6)):
        data = random.choice(_OF_BYTES)(random, data)
    return data


def _span(random: Random, data: bytes) -> tuple[int, int]:
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.choice((1, 1, 2, 5, 20, 200)))


def _delete(random: Random, data: bytes) -> bytes:
    start, end = _span(random, data)
    return data[:start] + data[end:]


def _insert_token(random: Random, data: bytes) -> bytes:
    start, _ = _span(random, data)
    return data[:start] + random.choice(TOKENS) + data[start:]


def _insert_bytes(random: Random, data: bytes) -> bytes:
    start, _ = _span(random, data)
    return data[:start] + random.randbytes(random.randint(1, 8)) + data[start:]


def _overwrite(random: Random, data: bytes) -> bytes:
    start, end = _span(random, data)
    return data[:start] + bytes(end - start) + data[end:]


def _repeat(random: Random, data: bytes) -> bytes:
    start, end = _span(random, data)
    return data[:end] + data[start:end] * random.choice((1, 2, 50)) + data[end:]


def _swap(random: Random, data: bytes) -> bytes:
    (one, end), (other, last) = sorted((_span(random, data), _span(random, data)))
    if end > other:
        return data
    return data[:one] + data[other:last] + data[end:other] + data[one:end] + data[last:]


def _truncate(random: Random, data: bytes) -> bytes:
    return data[: random.randint(0, len(data))]


def _carriage(random: Random, data: bytes) -> bytes:
    del random
    return data.replace(b"\n", b"\r\n")


def _flip(random: Random, data: bytes) -> bytes:
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]


def _double(random: Random, known: list[bytes]) -> None:
    at = random.randrange(len(known))
    known.insert(at, known[at])


def _move(random: Random, known: list[bytes]) -> None:
    known.insert(random.randrange(len(known)), known.pop(random.randrange(len(known))))


def _other_number(random: Random, known: list[bytes]) -> None:
    at = random.randrange(len(known))
    number = b"%d" % random.choice((0, 1, 7, 99999, 10**11))
    known[at] = _NUMBER.sub(lambda found: (found[1] or b"") + number, known[at])


def _other_time(random: Random, known: list[bytes]) -> None:
    at = random.randrange(len(known))
    known[at] = _TIME.sub(random.choice((b"00:00:00", b"99:99:99", b"1.000000", b"9999999999.5")), known[at])


def _interrupt(random: Random, known: list[bytes]) -> None:
    """Another process's line in the middle of a line, as a program that writes to the same terminal does."""
    at = random.randrange(len(known))
    middle = random.randint(0, len(known[at]))
    known[at : at + 1] = [known[at][:middle], random.choice(known), known[at][middle:]]


_OF_LINES: tuple[Callable[[Random, list[bytes]], None], ...] = (
    _double,
    _move,
    _other_number,
    _other_time,
    _interrupt,
)
_OF_BYTES: tuple[Callable[[Random, bytes], bytes], ...] = (
    *(
        _delete,
        _insert_token,
        _insert_token,
        _insert_bytes,
        _overwrite,
        _repeat,
        _swap,
        _truncate,
        _carriage,
        _flip,
    ),
)
