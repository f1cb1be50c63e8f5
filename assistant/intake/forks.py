"""Which thread of a folder made which, and in which order their files follow each other without a clock."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assistant.errors import DamagedTraceError
from assistant.intake.blocks import BLOCK, member_blocks
from assistant.intake.folder import Thread
from assistant.intake.packed import unpacked


FORK = re.compile(
    rb"(?:v?fork|clone3?)\([^\n]*\) += (?P<child>[0-9]{1,10})(?:<[^<>\n]*>)?"
    rb"(?: /\* (?P<host>[0-9]{1,10}) in strace's PID NS \*/)?(?: <[0-9.]+>)?\r?\n"
)
"""A line, from the call's name on, of a call that made a thread."""
_FORKED = re.compile(rb"[\s0-9:.()+\[\]a-f?]*" + FORK.pattern)
_SIGNS = (b"fork(", b"clone(", b"clone3(")


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines of one thread; with ``child``, their last one is the call that made it."""

    text: bytes
    child: int = 0


def child_of(match: re.Match[bytes]) -> int:
    """The new thread's number outside of any PID namespace, as far as strace says it."""
    return int(match["host"] or match["child"])


Damage = list[DamagedTraceError]
"""What is damaged among many files: the others are read all the same."""


def lines_of(thread: Thread, size: int, damage: Damage) -> Iterator[bytes]:
    """A thread's lines in blocks that end with lines; a last line gets the end that it lacks.

    Raises:
        TraceError: the file cannot be read.
    """
    return _whole_lines(_undamaged(unpacked(member_blocks(thread.path, size)), damage))


def _undamaged(blocks: Iterator[bytes], damage: Damage) -> Iterator[bytes]:
    try:
        yield from blocks
    except DamagedTraceError as error:
        damage.append(error)


def pieces(thread: Thread, damage: Damage) -> Iterator[Piece]:
    """A thread's lines, cut behind each call that made another.

    Raises:
        TraceError: the file cannot be read.
    """
    for text in lines_of(thread, BLOCK, damage):
        start = 0
        for match in _forks(text):
            yield Piece(text[start : match.end()], child_of(match))
            start = match.end()
        if start < len(text):
            yield Piece(text[start:])


def _forks(text: bytes) -> Iterator[re.Match[bytes]]:
    """The lines in which a thread was made. Searching for a word is many times faster than for a pattern."""
    lines: set[int] = set()
    for sign in _SIGNS:
        at = text.find(sign)
        while at >= 0:
            lines.add(text.rfind(b"\n", 0, at) + 1)
            at = text.find(sign, at + 1)
    for line in sorted(lines):
        match = _FORKED.match(text, line)
        if match:
            yield match


def _whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    kept: list[bytes] = []
    for block in blocks:
        cut = block.rfind(b"\n") + 1
        if cut:
            yield b"".join((*kept, block[:cut]))
            kept = [block[cut:]] if cut < len(block) else []
        else:
            kept.append(block)
    if kept:
        yield b"".join((*kept, b"\n"))


def parents(threads: Iterable[Thread]) -> dict[int, int]:
    """Each thread that a call of another made, to that other. Reads every file once."""
    known = {thread.pid: thread for thread in threads}
    made: dict[int, int] = {}
    for pid, thread in known.items():
        for piece in pieces(thread, []):
            if piece.child in known and piece.child != pid:
                made.setdefault(piece.child, pid)
    return made


def in_fork_order(threads: tuple[Thread, ...], damage: Damage) -> Iterator[bytes]:
    """All lines, each behind its thread's number: up to a call that made a thread, then that one's, then on.

    Threads that no call made come by their number. Nothing is kept open and nothing recurses, however deep
    the tree is.
    """
    waiting = {thread.pid: thread for thread in threads}
    made = parents(threads)
    # Whoever lies in a circle (numbers that came again) has a parent and no root above it.
    order = [pid for pid in waiting if pid not in made] + [pid for pid in waiting if pid in made]
    for root in order:
        begun = waiting.pop(root, None)
        stack = [] if begun is None else [(root, pieces(begun, damage))]
        while stack:
            pid, rest = stack[-1]
            piece = next(rest, None)
            if piece is None:
                stack.pop()
                continue
            yield with_number(pid, piece.text)
            child = waiting.pop(piece.child, None)
            if child is not None:
                stack.append((child.pid, pieces(child, damage)))


def with_number(pid: int, text: bytes) -> bytes:
    """Whole lines, each behind the thread's number."""
    prefix = b"%d " % pid
    return prefix + text[:-1].replace(b"\n", b"\n" + prefix) + b"\n"
