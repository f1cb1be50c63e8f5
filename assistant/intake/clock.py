"""The files of threads as one stream by the time in front of each line, a few of them in memory at once."""

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from assistant.intake.blocks import BLOCK
from assistant.intake.folder import Thread
from assistant.intake.forks import FORK, Damage, child_of, lines_of, parents, with_number


_FRACTION = rb"\.[0-9]{1,9} "
_EPOCH = re.compile(rb"[0-9]{10}" + _FRACTION)
_DAYTIME = re.compile(rb"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]" + _FRACTION)
_ENOUGH = 64 * 1024 * 1024
_SMALLEST = 4096
_FIRST = 512

Moment = tuple[int, bytes]
"""The day, counted from the first one, and the time as strace wrote it; it sorts as it stands."""


def clock_of(threads: tuple[Thread, ...]) -> re.Pattern[bytes] | None:
    """The form of absolute time that every file begins with, or None.

    Whole seconds (strace -t) do not tell what came first within one, so they are no clock.
    """
    first = [_first(thread) for thread in threads]
    for form in (_EPOCH, _DAYTIME):
        if any(first) and all(form.match(line) for line in first if line):
            return form
    return None


def _first(thread: Thread) -> bytes:
    return next(lines_of(thread, _FIRST, []), b"")


def by_time(threads: tuple[Thread, ...], form: re.Pattern[bytes], damage: Damage) -> Iterator[bytes]:
    """All lines in the order of their times, each behind its thread's number.

    A line without a time stays behind the one before it; of equal times the lower number comes first.
    """
    days = _first_days(threads) if form is _DAYTIME else {}
    size = max(_SMALLEST, min(BLOCK, _ENOUGH // max(1, len(threads))))
    heap: list[tuple[Moment, int, _Reading]] = []
    for place, thread in enumerate(threads):
        reading = _Reading(thread.pid, form, lines_of(thread, size, damage), days.get(thread.pid, 0))
        found = form.match(_first(thread))
        if found:
            heapq.heappush(heap, ((reading.day, found[0]), place, reading))
    while heap:
        _, place, reading = heapq.heappop(heap)
        limit = heap[0][:2] if heap else None
        while text := reading.until(limit, place):
            yield with_number(reading.pid, text)
        if reading.moment is not None:
            heapq.heappush(heap, (reading.moment, place, reading))


@dataclass(slots=True)
class _Reading:
    """One thread's file on its way through the merge."""

    pid: int
    form: re.Pattern[bytes]
    blocks: Iterator[bytes]
    day: int
    moment: Moment | None = None
    _lines: list[bytes] = field(default_factory=list)
    _next: int = 0

    def until(self, limit: tuple[Moment, int] | None, place: int) -> bytes:
        """Lines up to a moment of another thread, at most a block; b"" when none is left before it."""
        if self._next >= len(self._lines) and not self._fill():
            self.moment = None
            return b""
        start = self._next
        while self._next < len(self._lines):
            self.moment = self._moment(self._lines[self._next])
            if limit is not None and (self.moment, place) > limit:
                break
            self._next += 1
        return b"".join(self._lines[start : self._next])

    def _fill(self) -> bool:
        self._lines, self._next = _split(next(self.blocks, b"")), 0
        return bool(self._lines)

    def _moment(self, line: bytes) -> Moment:
        """A line's moment, never before the one of the line in front of it."""
        before = self.moment or (self.day, b"")
        found = self.form.match(line)
        if found is None:
            return before
        now = moment_after(before, found[0]) if self.form is _DAYTIME else (self.day, found[0])
        self.day = now[0]
        return max(before, now)


def _split(block: bytes) -> list[bytes]:
    if b"\r" in block:
        return [line + b"\n" for line in block[:-1].split(b"\n")]
    return block.splitlines(keepends=True)


def moment_after(before: Moment, time: bytes) -> Moment:
    """The moment of a time of day that was read behind another: the next day's if it went back by hours."""
    day, last = before
    back = bool(last) and int(last[:2]) - int(time[:2]) > 12  # noqa: PLR2004 - half a day, in hours
    return (day + 1 if back else day), time


def _first_days(threads: tuple[Thread, ...]) -> dict[int, int]:
    """The day on which each thread begins: not before the call that made it."""
    made = parents(threads)
    known = {thread.pid: thread for thread in threads}
    children: dict[int, list[int]] = {}
    for child, parent in made.items():
        children.setdefault(parent, []).append(child)
    days = {pid: 0 for pid in known if pid not in made}
    queue = list(days)
    for pid in queue:
        if pid in children:
            for child, moment in _made_at(known[pid], days[pid]).items():
                if made.get(child) == pid and child not in days:
                    found = _DAYTIME.match(_first(known[child]))
                    days[child] = moment_after(moment, found[0])[0] if found else moment[0]
                    queue.append(child)
    return days


def _made_at(thread: Thread, day: int) -> dict[int, Moment]:
    made: dict[int, Moment] = {}
    moment: Moment = (day, b"")
    for block in lines_of(thread, BLOCK, []):
        for line in _split(block):
            found = _DAYTIME.match(line)
            if found:
                moment = moment_after(moment, found[0])
                fork = FORK.match(line, found.end())
                if fork:
                    made.setdefault(child_of(fork), moment)
    return made
