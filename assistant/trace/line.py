"""One line of strace text as a value. What is not strace's is named, never dropped and never guessed."""

import re
from typing import NamedTuple

from assistant.trace.text import (
    NOTE,
    Descriptor,
    MalformedError,
    descriptor,
    is_well_escaped,
    split_arguments,
)
from assistant.trace.ungoverned import UNGOVERNED


class Result:
    """What a call returned. ``value`` is None for "?" (never returned) and for calls cut off by the end.

    ``elsewhere`` is the process id that the value means where strace runs, when strace says that they differ.
    """

    __slots__ = ("descriptor", "elsewhere", "errno", "value")

    def __init__(
        self,
        value: int | None,
        errno: str = "",
        descriptor: Descriptor | None = None,
        elsewhere: int | None = None,
    ) -> None:
        self.value = value
        self.errno = errno
        self.descriptor = descriptor
        self.elsewhere = elsewhere

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Result) and self.parts() == other.parts()

    def __hash__(self) -> int:
        return hash(self.parts())

    def parts(self) -> tuple[int | None, str, Descriptor | None, int | None]:
        """All that it is, in the order of its making."""
        return self.value, self.errno, self.descriptor, self.elsewhere

    @property
    def ok(self) -> bool:
        """Whether the call is known to have succeeded."""
        return self.value is not None and self.value >= 0 and not self.errno


class Call:
    """A complete system call."""

    __slots__ = ("arguments", "name", "result")

    def __init__(self, name: str, arguments: tuple[bytes, ...], result: Result) -> None:
        self.name = name
        self.arguments = arguments
        self.result = result

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and self.parts() == other.parts()

    def __hash__(self) -> int:
        return hash(self.parts())

    def parts(self) -> tuple[str, tuple[bytes, ...], Result]:
        """All that it is, in the order of its making."""
        return self.name, self.arguments, self.result


class Head(NamedTuple):
    """The first half of a call that another process's line interrupted."""

    text: bytes


class Tail(NamedTuple):
    """The second half of such a call."""

    name: bytes
    text: bytes


class Marker(NamedTuple):
    """A line that by rule carries no access: a signal, an exit, a remark of strace's own, an ungoverned call.

    ``kind`` is "call" for the last; ``name`` is then the system call's.
    """

    kind: str
    name: str = ""


class Strange(NamedTuple):
    """A line that was not understood, and what kind of not."""

    kind: str


class Superseded(NamedTuple):
    """The process's number goes over to the thread that executed a program."""

    by: int


Body = Call | Head | Tail | Marker | Superseded | Strange

LONGEST_LINE = 256 * 1024
"""Bytes. The longest line that strace writes for one call, argv and all, is far below."""

# --decode-pids=comm: the name's own < and > are escaped.
_COMM = rb"(?:<[^<>]{0,80}>)?"
_PREFIX = re.compile(
    rb"(?P<who>\s*+(?:\[pid\s++(?P<bracket>[0-9]{1,10})" + _COMM + rb"\]\s++"
    rb"|(?P<bare>[0-9]{1,10})" + _COMM + rb"\s++(?=\S))?)"
    rb"(?:(?:[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?|[0-9]+\.[0-9]+)\s++){0,2}"
    rb"(?:\(\+\s*+[0-9]+\.[0-9]+\)\s++)?(?:\[\s*+[0-9a-f?]+\]\s++){0,2}"
)
_CALL = re.compile(rb"([a-z_][a-zA-Z0-9_]{0,60})\(")
RESUMED = re.compile(rb"<\.\.\. ([a-zA-Z0-9_]{1,60}) resumed>\s?(.*)$", re.DOTALL)
_SUPERSEDED = re.compile(rb"\+\+\+ superseded by execve in pid ([0-9]{1,10}) \+\+\+")
UNFINISHED = b"<unfinished ...>"
# The second when a thread executes a program, and goes on under the number of its process.
_CUT_SHORT = re.compile(rb"<(?:unfinished|pid changed to [0-9]{1,10}) \.\.\.>\s*$")
_LONGEST_CUT = 64
_VALUE = re.compile(
    rb"=\s++(?:(?P<unknown>\?)|(?P<value>-?[0-9]{1,20}|0x[0-9a-f]{1,16})(?P<note>" + NOTE + rb")?)(?=\s|$)"
)
_BACKSLASH = 92
_GIVES_A_PROCESS = frozenset({b"fork", b"vfork", b"clone", b"clone2", b"clone3"})
_COMM_BEHIND = re.compile(rb"^(\s*+= [0-9]{1,10})<[^<>]{0,80}>")
# --decode-pids=pidns: what the number means where strace runs.
_PID_THERE = re.compile(rb"/\* ([0-9]{1,10}) in strace's PID NS \*/\s*+")
_ERRNO = re.compile(rb"(E[A-Z0-9]{1,30}) \(")
SPENT = re.compile(rb"<[0-9]{1,10}\.[0-9]{1,9}>$")


class Columns(NamedTuple):
    """Where a line's parts stand.

    Attributes:
        pid: The process id, 0 when the line names none.
        width: Bytes that the process id takes up, with all that pads it.
        start: Where the call begins, behind times and instruction pointers.
    """

    pid: int
    width: int
    start: int


def columns(raw: bytes) -> Columns:
    """Where the parts of a line stand."""
    match = _PREFIX.match(raw)
    if match is None:
        return Columns(0, 0, 0)
    number = match["bracket"] or match["bare"]
    if not number:
        return Columns(0, 0, match.end())
    return Columns(int(number), match.end("who"), match.end())


def parse(raw: bytes) -> tuple[int, Body]:
    """The process id (0 when the line names none) and what the line holds."""
    if len(raw) > LONGEST_LINE:
        return 0, Strange("line too long")
    text = raw.rstrip(b"\r\n")
    where = columns(text)
    return where.pid, body(text[where.start :])


def body(rest: bytes) -> Body:  # noqa: PLR0911 - one return for each thing a line can be
    """What stands behind the columns of a line.

    The name of a call is read first: behind the name of an ungoverned one it does not matter what follows.
    """
    if rest.startswith(b"<..."):
        return _tail(rest)
    called = _CALL.match(rest)
    if called:
        if called[1].decode("ascii") in UNGOVERNED:
            return Marker("call", called[1].decode("ascii"))
        cut = _CUT_SHORT.search(rest[-_LONGEST_CUT:])
        if cut:
            return Head(rest[: len(rest) - len(cut[0])].rstrip())
        return parse_call(rest)
    superseded = _SUPERSEDED.match(rest)
    if superseded:
        return Superseded(int(superseded[1]))
    for start, kind in _MARKERS:
        if rest.startswith(start):
            return Marker(kind)
    return Strange("empty line" if not rest.strip() else "no system call")


def _tail(rest: bytes) -> Tail | Marker | Strange:
    resumed = RESUMED.match(rest)
    if resumed is None:
        return Strange("half of a call")
    if resumed[1].decode("ascii") in UNGOVERNED:
        return Marker("call", resumed[1].decode("ascii"))
    return Tail(resumed[1], resumed[2])


_MARKERS = (
    (b"+++ ", "exit"),
    (b"--- ", "signal"),
    (b"strace: ", "strace"),
    (b"[ Process PID=", "personality"),
    (b"> ", "stack"),
)


def parse_call(text: bytes) -> Call | Strange:
    """A call that stands on one line, or was joined from its halves."""
    match = _CALL.match(text)
    if match is None:
        return Strange("no system call")
    if _BACKSLASH in text and not is_well_escaped(text):
        return Strange("an escape that strace does not write")
    try:
        arguments, end = split_arguments(text, match.end())
    except MalformedError:
        return Strange("cut or malformed arguments")
    behind = text[end:]
    if match[1] in _GIVES_A_PROCESS:
        # --decode-pids=comm; the name's own < and > are escaped.
        behind = _COMM_BEHIND.sub(rb"\1", behind)
    result = parse_result(behind)
    if result is None:
        return Strange("cut or malformed result")
    if arguments and arguments[-1].endswith(UNFINISHED):
        # A process that was killed inside a call: strace closes the line for it.
        arguments[-1] = arguments[-1][: -len(UNFINISHED)].rstrip()
    return Call(match[1].decode("ascii"), tuple(arguments), result)


def parse_result(text: bytes) -> Result | None:
    """What stands behind the closing bracket, or None when it is not a result."""
    text = text.strip()
    match = _VALUE.match(text)
    if match is None:
        return None
    rest = text[match.end() :].lstrip()
    there = _PID_THERE.match(rest)
    rest = rest[there.end() :] if there else rest
    found = _ERRNO.match(rest)
    errno = found[1].decode("ascii") if found else ""
    rest = rest[len(errno) :]
    spent = SPENT.search(rest[-24:])
    explained = (rest[: -len(spent[0])] if spent else rest).strip()
    if explained and not (explained.startswith(b"(") and explained.endswith(b")")):
        return None
    if match["unknown"]:
        return Result(None, errno)
    digits, note = match["value"], match["note"]
    value = int(digits, 16) if digits.startswith(b"0x") else int(digits)
    return Result(value, errno, descriptor(digits + note) if note else None, int(there[1]) if there else None)
