"""Reads the trace of a performance as the product would, in chunks of any size."""

import os
from collections.abc import Iterator
from random import Random

from assistant.domain.access import Inventory
from assistant.trace.reader import Reader
from tests.trace.programs.run import Performance


def read(performance: Performance, seed: int) -> Inventory:
    """The inventory, as read: no look at the host, which has moved on. The seed says how the bytes are cut."""
    random = Random(seed)  # noqa: S311 - to be repeatable is the point
    reader = Reader(os.fsdecode(performance.root))
    reader.read("t", chunks(performance.trace, random))
    return reader.inventory()


def chunks(data: bytes, random: Random) -> Iterator[bytes]:
    """The same bytes in pieces: all at once, lines, or whatever comes."""
    largest = random.choice((1, 7, 1000, 1 << 16, len(data) or 1))
    if random.random() < 0.3:
        yield from _lines(data)
        return
    start = 0
    while start < len(data):
        size = random.randint(1, largest) if largest < 1000 else largest
        yield data[start : start + size]
        start += size


def _lines(data: bytes) -> Iterator[bytes]:
    parts = data.split(b"\n")
    yield from (part + b"\n" for part in parts[:-1])
    if parts[-1]:
        yield parts[-1]
