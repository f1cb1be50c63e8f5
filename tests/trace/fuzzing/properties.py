"""What must hold for the reader whatever bytes it is given. Used by property tests and by the fuzzer."""

import re
from collections.abc import Iterable, Iterator

from assistant.domain.access import Inventory, TraceSource
from assistant.trace.reader import Reader


START = "/where it started"
"""The working directory that the reader is told of."""

_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_PLAIN = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b"v": b"\v",
    b"f": b"\f",
    b"a": b"\a",
    b"b": b"\b",
    b"e": b"\x1b",
}
_STREAMS = frozenset({b"", b"..", b"proc", b"self", b"fd", b"0", b"1", b"2"})
"""Parts of names that stand for others: /dev/stdin is /proc/self/fd/0."""
_LONGEST = 4096


def read(data: bytes, sizes: Iterable[int] = ()) -> tuple[TraceSource, Inventory]:
    """Read bytes in chunks of the given sizes; what is left is one chunk."""
    reader = Reader(START)
    source = reader.read("t", _cut(data, sizes))
    return source, reader.inventory()


def _cut(data: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    start = 0
    for size in sizes:
        yield data[start : start + size]
        start += size
    yield data[start:]


def faults(data: bytes, sizes: Iterable[int] = ()) -> list[str]:
    """Everything that is wrong with what the reader made of some bytes; it may also raise."""
    source, inventory = read(data)
    found = []
    lines = data.count(b"\n") + (bool(data) and not data.endswith(b"\n"))
    if source.lines != lines:
        found.append(f"{source.lines} lines were counted of {lines}")
    if source.understood + source.ignored + source.not_understood != lines:
        found.append(f"the lines do not add up: {source}")
    if sum(strange.count for strange in inventory.not_understood) < source.not_understood:
        found.append(f"lines that were not understood are not named: {source}")
    if read(data, sizes)[1] != inventory:
        found.append("another cut of the same bytes gives another inventory")
    return found + invented(data, inventory)


def invented(data: bytes, inventory: Inventory) -> list[str]:
    """Accesses to what no line names: each part of a path must stand in one line, as strace would write it."""
    lines = [_meanings(line) for line in data.split(b"\n")]
    found = [
        f"no line names {part!a} of {path!a}"
        for path in {*_paths(inventory)}
        for part in set(_encoded(path).split(b"/")) - _STREAMS
        if part not in _encoded(START).split(b"/") and not any(part in text for text in lines)
    ]
    found += [f"no line names port {port.port}" for port in inventory.ports if b"%d" % port.port not in data]
    found += [
        f"no line names the socket {abstract.name!a}"
        for abstract in inventory.abstract
        if not any(_encoded(abstract.name) in text for text in lines)
    ]
    found += [f"a path of {len(path)} bytes" for path in _paths(inventory) if len(_encoded(path)) > _LONGEST]
    return found


def _paths(inventory: Inventory) -> Iterator[str]:
    yield from (access.path for access in inventory.paths)
    yield from (execution.path for execution in inventory.executions)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _meanings(line: bytes) -> bytes:
    """A line, and what it says when its escapes are undone from any quote or bracket on."""
    if b"\\" not in line:
        return line
    starts = [0, *(match.end() for match in re.finditer(rb'["<@]', line))]
    ends = line.rindex(b"\\") + 4
    texts = {_ESCAPE.sub(_undone, line[start:]) for start in starts if start < ends}
    return b"\n".join((line, *texts))


def _undone(match: re.Match[bytes]) -> bytes:
    octal, hexadecimal, other = match.groups()
    if octal is not None:
        return bytes([int(octal, 8) & 0xFF])
    return bytes([int(hexadecimal, 16)]) if hexadecimal is not None else _PLAIN.get(other, other)
