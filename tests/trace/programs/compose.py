"""Composes random operations on the names of one place."""

import os
import socket
import stat
import struct
from collections.abc import Callable
from random import Random

from tests.trace.programs.names import make_name
from tests.trace.programs.operations import AT_FDCWD, Name, Operation, Out
from tests.trace.programs.place import Place


AT_REMOVEDIR, AT_SYMLINK_FOLLOW, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH = 0x200, 0x400, 0x100, 0x1000
NOREPLACE, EXCHANGE, WHITEOUT = 1, 2, 4
F_DUPFD, F_DUPFD_CLOEXEC, F_SETFD = 0, 1030, 2
HELD = (20, 21, 22)
"""Descriptors that mostly hold directories."""
SOCKETS = (30, 31)
_LONGEST_SOCKET = 108
_OPEN_EXTRA = (
    *(os.O_CREAT, os.O_CREAT, os.O_CREAT | os.O_EXCL, os.O_TRUNC, os.O_CREAT | os.O_TRUNC),
    *(os.O_APPEND, os.O_DIRECTORY, os.O_NOFOLLOW, os.O_CLOEXEC, os.O_PATH, os.O_NONBLOCK, os.O_TMPFILE),
)


class Composer:
    """Composes operations on the names of one place."""

    def __init__(self, random: Random, place: Place) -> None:
        self.random = random
        self.place = place

    def text(self) -> bytes:
        """A path: mostly one of the place's names, in one of the many ways to write it."""
        random, names = self.random, self.place.names
        last, directory = random.choice(names), random.choice(names)
        which = random.random()
        if which < 0.55:
            return last
        if which < 0.75:
            return random.choice((b"%s/%s", b"%s//%s", b"./%s/./%s", b"%s/../%s")) % (directory, last)
        if which < 0.87:
            return random.choice((b"%s/%s", b"//%s/./%s", b"%s//%s/")) % (self.place.root, last)
        if which < 0.92:
            return random.choice((last + b"/", b".", b"..", last + b"/.", b"../x/../" + last, b"/", b""))
        if which < 0.95:
            return make_name(random)
        number = random.choice((0, 3, 4, 5, *HELD))
        return random.choice(
            (
                *(b"/proc/self/fd/%d" % number, b"/dev/fd/%d" % number, b"/dev/stdin", b"/dev/null"),
                *(b"/proc/self/fd/%d/%s" % (number, last), b"/proc/self/cwd/%s" % last, b"/proc/self/exe"),
            )
        )

    def name(self) -> Name:
        """A name that starts at the working directory."""
        return Name(self.text())

    def based(self) -> Name:
        """A name that starts at a descriptor, or at the working directory."""
        base = self.random.choice((AT_FDCWD, AT_FDCWD, *HELD, self.number()))
        return Name(self.text(), base)

    def number(self) -> int:
        """A descriptor that may well be open."""
        return self.random.choice((3, 3, 4, 4, 5, 6, 7, 8, *HELD))

    def open_flags(self) -> int:
        """An access mode and up to three more flags."""
        flags = self.random.choice((0, 0, 1, 2, 2, 3))
        for flag in self.random.sample(_OPEN_EXTRA, self.random.choice((0, 0, 1, 1, 2, 3))):
            flags |= flag
        # A fifo would wait for somebody who never comes.
        return flags | os.O_NONBLOCK

    def hold(self, name: bytes, number: int) -> list[Operation]:
        """Open a directory under a number that is known."""
        flags = os.O_RDONLY | os.O_DIRECTORY
        where = Name(name)
        return [
            Operation("open", (where, flags), (where,), flags=flags),
            Operation("dup2", (Out.LAST, number), descriptor=Out.LAST),
        ]

    def go(self, name: bytes) -> Operation:
        """Change the working directory."""
        where = Name(name)
        return Operation("chdir", (where,), (where,))

    def operations(self) -> list[Operation]:
        """One random operation, or a few that belong together."""
        (compose,) = self.random.choices(_COMPOSERS, _WEIGHTS)
        return compose(self)


def _open(c: Composer) -> list[Operation]:
    name, flags = c.name(), c.open_flags()
    return [Operation("open", (name, flags, 0o644), (name,), flags=flags)]


def _openat(c: Composer) -> list[Operation]:
    name, flags = c.based(), c.open_flags()
    return [Operation("openat", (name.base, name, flags, 0o644), (name,), flags=flags)]


def _openat2(c: Composer) -> list[Operation]:
    name, flags = c.based(), c.open_flags()
    made = flags & os.O_CREAT or flags & os.O_TMPFILE == os.O_TMPFILE
    how = struct.pack("=QQQ", flags, 0o600 if made else 0, 0)
    return [Operation("openat2", (name.base, name, how, len(how)), (name,), flags=flags)]


def _creat(c: Composer) -> list[Operation]:
    name = c.name()
    return [Operation("creat", (name, 0o644), (name,), flags=os.O_CREAT | os.O_WRONLY | os.O_TRUNC)]


def _made(c: Composer) -> list[Operation]:
    name = c.name()
    based = c.based()
    kind = c.random.choice((stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFREG, 0))
    return c.random.choice(
        (
            [Operation("mkdir", (name, 0o755), (name,))],
            [Operation("mkdirat", (based.base, based, 0o755), (based,))],
            [Operation("mknod", (name, kind | 0o644, 0), (name,), flags=kind)],
            [Operation("mknodat", (based.base, based, kind | 0o644, 0), (based,), flags=kind)],
            [Operation("symlink", (Name(c.text()), name), (name,))],
            [Operation("symlinkat", (Name(c.text()), based.base, based), (based,))],
        )
    )


def _removed(c: Composer) -> list[Operation]:
    name, based, flag = c.name(), c.based(), c.random.choice((0, AT_REMOVEDIR))
    return c.random.choice(
        (
            [Operation("unlink", (name,), (name,))],
            [Operation("rmdir", (name,), (name,))],
            [Operation("unlinkat", (based.base, based, flag), (based,), flags=flag)],
        )
    )


def _moved(c: Composer) -> list[Operation]:
    one, other = c.based(), c.based()
    if c.random.random() < 0.4:
        names = c.name(), c.name()
        return [Operation("rename", names, names)]
    ends = (one.base, one, other.base, other)
    if c.random.random() < 0.4:
        return [Operation("renameat", ends, (one, other))]
    flags = c.random.choice((0, NOREPLACE, EXCHANGE, EXCHANGE, WHITEOUT, NOREPLACE | EXCHANGE))
    return [Operation("renameat2", (*ends, flags), (one, other), flags=flags)]


def _linked(c: Composer) -> list[Operation]:
    if c.random.random() < 0.4:
        names = c.name(), c.name()
        return [Operation("link", names, names)]
    one, other = c.based(), c.based()
    flags = c.random.choice((0, 0, AT_SYMLINK_FOLLOW, AT_EMPTY_PATH))
    if flags == AT_EMPTY_PATH:
        one = Name(b"", one.base)
    return [Operation("linkat", (one.base, one, other.base, other, flags), (one, other), flags=flags)]


def _cut(c: Composer) -> list[Operation]:
    if c.random.random() < 0.5:
        name = c.name()
        return [Operation("truncate", (name, 3), (name,))]
    number = c.number()
    return [Operation("ftruncate", (number, 3), descriptor=number)]


def _looked(c: Composer) -> list[Operation]:
    name, based, number = c.name(), c.based(), c.number()
    nofollow = c.random.choice((0, AT_SYMLINK_NOFOLLOW))
    at = (based.base, based)
    return c.random.choice(
        (
            [Operation("stat", (name, Out.BUFFER), (name,))],
            [Operation("lstat", (name, Out.BUFFER), (name,))],
            [Operation("newfstatat", (*at, Out.BUFFER, nofollow), (based,))],
            [Operation("statx", (*at, nofollow, 0x7FF, Out.BUFFER), (based,))],
            [Operation("access", (name, 4), (name,))],
            [Operation("faccessat2", (*at, 4, nofollow), (based,))],
            [Operation("readlink", (name, Out.BUFFER, 4000), (name,))],
            [Operation("readlinkat", (*at, Out.BUFFER, 4000), (based,))],
            [Operation("fstat", (number, Out.BUFFER), descriptor=number)],
            [Operation("getdents64", (number, Out.BUFFER, 4000), descriptor=number)],
            [Operation("getcwd", (Out.BUFFER, 4096))],
        )
    )


def _went(c: Composer) -> list[Operation]:
    number = c.random.choice(HELD)
    if c.random.random() < 0.4:
        return [Operation("fchdir", (number,), descriptor=number)]
    if c.random.random() < 0.3:
        return [c.go(c.place.root)]
    return [c.go(c.text())]


def _held(c: Composer) -> list[Operation]:
    where = c.random.choice((c.place.root, c.text(), c.place.names[0], c.place.names[1], b"."))
    return c.hold(where, c.random.choice(HELD))


def _copied(c: Composer) -> list[Operation]:
    one, other = c.number(), c.number()
    command = c.random.choice((F_DUPFD, F_DUPFD_CLOEXEC))
    return c.random.choice(
        (
            [Operation("dup", (one,), descriptor=one)],
            [Operation("dup2", (one, other), descriptor=one)],
            [Operation("dup3", (one, other, c.random.choice((0, os.O_CLOEXEC))), descriptor=one)],
            [Operation("fcntl", (one, command, other), descriptor=one)],
            [Operation("fcntl", (one, F_SETFD, c.random.choice((0, 1))), descriptor=one)],
            [Operation("close", (one,), descriptor=one)],
            [Operation("close", (one,), descriptor=one)],
            [Operation("close_range", (5, 25, c.random.choice((0, 4))))],
        )
    )


def _executed(c: Composer) -> list[Operation]:
    program = c.random.choice(c.place.executables)
    how = c.random.random()
    if how < 0.3:
        name = Name(c.random.choice((program, c.place.root + b"/" + program, c.text())))
        return [Operation("execve", (name, Out.ARGV, 0), (name,))]
    if how < 0.6:
        base = c.random.choice((AT_FDCWD, *HELD))
        name = Name(program, base)
        return [Operation("execveat", (base, name, Out.ARGV, 0, 0), (name,))]
    where, by_number = Name(program), Name(b"", SOCKETS[0])
    return [
        Operation("open", (where, os.O_PATH), (where,), flags=os.O_PATH),
        Operation("dup2", (Out.LAST, SOCKETS[0]), descriptor=Out.LAST),
        Operation(
            "execveat", (SOCKETS[0], by_number, Out.ARGV, 0, AT_EMPTY_PATH), (by_number,), flags=AT_EMPTY_PATH
        ),
    ]


def _socket(family: int, kind: int, number: int) -> list[Operation]:
    return [
        Operation("socket", (family, kind, 0)),
        Operation("dup2", (Out.LAST, number), descriptor=Out.LAST),
    ]


def _unix(c: Composer) -> list[Operation]:
    number = c.random.choice(SOCKETS)
    kind = c.random.choice((socket.SOCK_STREAM, socket.SOCK_DGRAM))
    made = _socket(socket.AF_UNIX, kind, number) if c.random.random() < 0.7 else []
    call = c.random.choice(("bind", "bind", "connect"))
    text = c.text()
    if c.random.random() < 0.25 or not text:
        name = make_name(c.random)[:60]
        address = struct.pack("=H", socket.AF_UNIX) + b"\0" + name
        spoken: Operation = Operation(
            call, (number, address, len(address)), descriptor=number, socket=("abstract", name)
        )
    else:
        where = Name(text[:_LONGEST_SOCKET])
        address = struct.pack("=H", socket.AF_UNIX) + where.text
        address += b"\0" if len(where.text) < _LONGEST_SOCKET else b""
        spoken = Operation(call, (number, address, len(address)), (where,), descriptor=number)
    listening = [Operation("listen", (number, 5), descriptor=number)] if c.random.random() < 0.3 else []
    return [*made, spoken, *listening]


def _inet(c: Composer) -> list[Operation]:
    number = c.random.choice(SOCKETS)
    kind = c.random.choice((socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_DGRAM))
    made = _socket(socket.AF_INET, kind, number) if c.random.random() < 0.8 else []
    call = c.random.choice(("bind", "connect"))
    # Outside the range that the kernel gives to others by itself.
    port = c.random.choice((0, 0, 7, 9, c.random.randint(20000, 32000)))
    if call == "connect":
        port = port or 9
    address = struct.pack("=H", socket.AF_INET) + struct.pack(">H", port) + bytes((127, 0, 0, 1)) + bytes(8)
    spoken = Operation(call, (number, address, len(address)), descriptor=number, socket=("inet", port))
    listening = [Operation("listen", (number, 5), descriptor=number)] if c.random.random() < 0.3 else []
    return [*made, spoken, *listening]


_TABLE: tuple[tuple[int, Callable[[Composer], list[Operation]]], ...] = (
    *((12, _open), (12, _openat), (3, _openat2), (2, _creat), (12, _made), (8, _removed), (12, _moved)),
    *((6, _linked), (4, _cut), (9, _looked), (6, _went), (5, _held), (8, _copied), (2, _executed)),
    *((3, _unix), (3, _inet)),
)
_COMPOSERS = [compose for _, compose in _TABLE]
_WEIGHTS = [weight for weight, _ in _TABLE]
