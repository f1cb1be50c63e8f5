"""Names that a trace's reader may stumble over: over all bytes but "/" and NUL."""

from random import Random


HOSTILE = (
    b"\n",
    b'"',
    b"\\",
    b"\\n",
    b"') = 3",
    b'") = 3\n',
    b'", O_RDWR) = 3<shadow>',
    b"<unfinished ...>",
    b"<... openat resumed>",
    b'" = -1 ENOENT (No such file or directory)',
    b"{sa_family=",
    b"[pid 1] ",
    b"1 +++ exited with 0 +++\n",
    b"--- SIGCHLD ---",
    b"(deleted)",
    b" (deleted)",
    b"<x>",
    b"<char 1:3>",
    b"@",
    b"...",
    b"-> ",
    b"*",
    b"AT_FDCWD",
    b"NULL",
    b"0x7ffd",
    b"socket:[1]",
    b"pipe:[2]",
    b"\r",
    b"\t ",
    b"\x1b[31m",
    b"\xff\xfe",
    b"\xc3\xa9",
    b"\xc3",
    b"\xed\xb2\x80",
    b"\xe2\x80\xae",
    b"\\\\377",
    b"\\x41",
    b"'",
    b"%s%n",
    b"=",
    b",",
    b"|",
    b"{}[]()<>",
    b"#1234",
    b" ",
)
"""Pieces of strace's own grammar, of terminals' and of encodings'."""

LONGEST = 255
_ANY = bytes(sorted(set(range(1, 256)) - {ord("/")}))


def make_name(random: Random) -> bytes:
    """One name: plain, hostile, of random bytes, or as long as names can be."""
    which = random.random()
    if which < 0.3:
        name = bytes(random.choices(b"abcde", k=random.randint(1, 3)))
    elif which < 0.65:
        name = b"".join(random.choices((*HOSTILE, b"a", b"b", b"9"), k=random.randint(1, 3)))
    elif which < 0.95:
        name = bytes(random.choices(_ANY, k=random.randint(1, 12)))
    else:
        name = bytes(random.choices(_ANY, k=LONGEST))
    return name[:LONGEST] if name not in (b".", b"..") else b"a"


def make_names(random: Random, count: int) -> tuple[bytes, ...]:
    """Different names."""
    found: dict[bytes, None] = {}
    while len(found) < count:
        found[make_name(random)] = None
    return tuple(found)
