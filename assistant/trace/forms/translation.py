"""Reads another form through the reader of strace text: each of its lines becomes one line of that.

Line for line, so that evidence cites the lines of the file that the person has.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from assistant.domain.access import TraceSource
from assistant.trace.inventory import Collected, Collector, Tally
from assistant.trace.line import LONGEST_LINE
from assistant.trace.reader import Reader


NOTHING = b"--- - ---\n"
"""A line of strace text that carries no access: it stands where the other form says nothing about one."""

MOST_READ = 8 * LONGEST_LINE
"""Bytes of a line that are looked at: as JSON, strace text takes up to six times its room."""

_BLOCK = 64 * 1024


class Account:
    """What became of lines that the translation itself has dealt with.

    Args:
        name: What evidence calls the trace.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.collector = Collector()
        self.understood = 0
        self.not_understood = 0

    def strange(self, kind: str, raw: bytes, number: int) -> bytes:
        """A line that was not understood; what to put in its place."""
        self.not_understood += 1
        self.collector.strange(kind, raw, number)
        return NOTHING


Translate = Callable[[Iterator[bytes], Account], Iterator[bytes]]
"""Lines with their ends to as many lines of strace text; it may run ahead of what it gives."""


def read_translated(name: str, chunks: Iterable[bytes], reader: Reader, translate: Translate) -> TraceSource:
    """Read a trace of another form; arguments and result as ``Form.read``."""
    digest = hashlib.sha256()
    account = Account(name)
    ends = [True]
    source = reader.read(name, _joined(translate(_lines(chunks, digest.update, ends), account), ends))
    ignored = source.ignored - account.understood - account.not_understood
    whole = replace(
        source,
        sha256=digest.hexdigest(),
        understood=source.understood + account.understood,
        ignored=ignored,
        not_understood=source.not_understood + account.not_understood,
    )
    collector = reader.collected[-1].collector
    _merge(collector, account.collector)
    reader.collected[-1] = Collected(whole, collector)
    return whole


_Key = TypeVar("_Key")


def _merge(into: Collector, other: Collector) -> None:
    """Add what the translation said itself to what the reader of strace text said."""
    for aspect, table in other.needs.items():
        _add(into.needs.setdefault(aspect, {}), table)
    _add(into.ports, other.ports)
    _add(into.abstracts, other.abstracts)
    for kind, (tally, example) in other.remarks.items():
        known = into.remarks.setdefault(kind, (Tally(), example))
        _add({kind: known[0]}, {kind: tally})
    into.stranges.update({kind: said for kind, said in other.stranges.items() if kind not in into.stranges})
    into.not_understood += other.not_understood


def _add(into: dict[_Key, Tally], other: dict[_Key, Tally]) -> None:
    for key, tally in other.items():
        into.setdefault(key, Tally()).join(tally)


def _lines(chunks: Iterable[bytes], saw: Callable[[bytes], None], ends: list[bool]) -> Iterator[bytes]:
    """Whole lines with their ends; of one that is longer than any line may be, its beginning."""
    kept = b""
    for chunk in chunks:
        saw(chunk)
        first, *others = chunk.split(b"\n")
        if len(kept) <= MOST_READ:
            kept += first
        for other in others:
            yield kept + b"\n"
            kept = other
    ends[0] = not kept
    if kept:
        yield kept + b"\n"


def _joined(lines: Iterable[bytes], ends: list[bool]) -> Iterator[bytes]:
    """The lines in blocks; the last one has no end where that of the other form had none."""
    kept: list[bytes] = []
    size = 0
    for line in lines:
        if size > _BLOCK:
            yield b"".join(kept)
            kept, size = [], 0
        kept.append(line)
        size += len(line)
    block = b"".join(kept)
    yield block if ends[0] else block.removesuffix(b"\n")
