"""One line of strace text as a value. What is not strace's is named, never dropped and never guessed."""

import re
from dataclasses import dataclass

from assistant.trace.text import NOTE, Descriptor, MalformedError, descriptor, split_arguments


@dataclass(frozen=True, slots=True)
class Result:
    """What a call returned. ``value`` is None for "?" (never returned) and for calls cut off by the end."""

    value: int | None
    errno: str = ""
    descriptor: Descriptor | None = None

    @property
    def ok(self) -> bool:
        """Whether the call is known to have succeeded."""
        return self.value is not None and self.value >= 0 and not self.errno


@dataclass(frozen=True, slots=True)
class Call:
    """A complete system call."""

    name: str
    arguments: tuple[bytes, ...]
    result: Result


@dataclass(frozen=True, slots=True)
class Head:
    """The first half of a call that another process's line interrupted."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Tail:
    """The second half of such a call."""

    name: bytes
    text: bytes


@dataclass(frozen=True, slots=True)
class Marker:
    """A line that carries no call: a signal, an exit, a remark of strace's own."""

    kind: str


@dataclass(frozen=True, slots=True)
class Strange:
    """A line that was not understood, and what kind of not."""

    kind: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """The process's number goes over to the thread that executed a program."""

    by: int


Body = Call | Head | Tail | Marker | Superseded | Strange

LONGEST_LINE = 256 * 1024
"""Bytes. The longest line that strace writes for one call, argv and all, is far below."""

# --decode-pids=comm: the name's own < and > are escaped.
_COMM = rb"(?:<[^<>]{0,80}>)?"
_PREFIX = re.compile(
    rb"\s*+(?:\[pid\s++(?P<bracket>[0-9]{1,10})" + _COMM + rb"\]\s++"
    rb"|(?P<bare>[0-9]{1,10})" + _COMM + rb"\s++(?=\S))?"
    rb"(?:(?:[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?|[0-9]+\.[0-9]+)\s++){0,2}"
    rb"(?:\(\+\s*+[0-9]+\.[0-9]+\)\s++)?(?:\[\s*+[0-9a-f?]+\]\s++){0,2}"
)
_CALL = re.compile(rb"([a-z_][a-zA-Z0-9_]{0,60})\(")
_RESUMED = re.compile(rb"<\.\.\. ([a-zA-Z0-9_]{1,60}) resumed>\s?(.*)$", re.DOTALL)
_SUPERSEDED = re.compile(rb"\+\+\+ superseded by execve in pid ([0-9]{1,10}) \+\+\+")
_UNFINISHED = b"<unfinished ...>"
_VALUE = re.compile(
    rb"=\s++(?:(?P<unknown>\?)|(?P<value>-?[0-9]{1,20}|0x[0-9a-f]{1,16})(?P<note>" + NOTE + rb")?)(?=\s|$)"
)
_ERRNO = re.compile(rb"(E[A-Z0-9]{1,30}) \(")
_SPENT = re.compile(rb"<[0-9]{1,10}\.[0-9]{1,9}>$")


def parse(raw: bytes) -> tuple[int, Body]:
    """The process id (0 when the line names none) and what the line holds."""
    if len(raw) > LONGEST_LINE:
        return 0, Strange("line too long")
    text = raw.rstrip(b"\r\n")
    match = _PREFIX.match(text)
    pid, rest = 0, text
    if match is not None:
        number = match["bracket"] or match["bare"]
        pid = int(number) if number else 0
        rest = text[match.end() :]
    return pid, _body(rest)


def _body(rest: bytes) -> Body:
    if rest.startswith(b"<..."):
        resumed = _RESUMED.match(rest)
        return Tail(resumed[1], resumed[2]) if resumed else Strange("half of a call")
    if _CALL.match(rest):
        head = rest.rstrip()
        if head.endswith(_UNFINISHED):
            return Head(head[: -len(_UNFINISHED)].rstrip())
        return parse_call(rest)
    superseded = _SUPERSEDED.match(rest)
    if superseded:
        return Superseded(int(superseded[1]))
    for start, kind in _MARKERS:
        if rest.startswith(start):
            return Marker(kind)
    return Strange("empty line" if not rest.strip() else "no system call")


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
    try:
        arguments, end = split_arguments(text, match.end())
    except MalformedError:
        return Strange("cut or malformed arguments")
    result = parse_result(text[end:])
    if result is None:
        return Strange("cut or malformed result")
    if arguments and arguments[-1].endswith(_UNFINISHED):
        # A process that was killed inside a call: strace closes the line for it.
        arguments[-1] = arguments[-1][: -len(_UNFINISHED)].rstrip()
    return Call(match[1].decode("ascii"), tuple(arguments), result)


def parse_result(text: bytes) -> Result | None:
    """What stands behind the closing bracket, or None when it is not a result."""
    text = text.strip()
    match = _VALUE.match(text)
    if match is None:
        return None
    rest = text[match.end() :].lstrip()
    found = _ERRNO.match(rest)
    errno = found[1].decode("ascii") if found else ""
    rest = rest[len(errno) :]
    spent = _SPENT.search(rest[-24:])
    explained = (rest[: -len(spent[0])] if spent else rest).strip()
    if explained and not (explained.startswith(b"(") and explained.endswith(b")")):
        return None
    if match["unknown"]:
        return Result(None, errno)
    digits, note = match["value"], match["note"]
    value = int(digits, 16) if digits.startswith(b"0x") else int(digits)
    return Result(value, errno, descriptor(digits + note) if note else None)
