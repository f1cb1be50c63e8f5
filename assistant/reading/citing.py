"""Cited lines from the raw bytes: counted by the block, so that a gigabyte takes a second."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from assistant.domain.access import Evidence
from assistant.domain.ruleset import PathGrant, PortGrant, Refused, Ruleset, parse_citation
from assistant.errors import DamagedTraceError
from assistant.reading.naming import Trace


# A name is anyone's word: nothing is looked for behind the first quote or bracket.
_STAMP = re.compile(rb'[^"(\n]{0,200}?\baudit\(([0-9.]{1,20}:[0-9]{1,20})\)')
_ANYWHERE = re.compile(rb"audit\(([0-9.]{1,20}:[0-9]{1,20})\)")
_LONGEST = 1 << 20
"""Bytes that are kept of a line: more than any line that says something has."""
_MOST_RECORDS = 64


def cited_lines(ruleset: Ruleset, traces: Sequence[Trace]) -> Mapping[Evidence, bytes]:
    """The raw bytes of every cited line that is there, without its end.

    A line of an audit log says little alone: behind it come the other records of its event, a line each.

    Raises:
        TraceError: a trace cannot be read.
    """
    parts: list[PathGrant | PortGrant | Refused] = [*ruleset.path, *ruleset.port, *ruleset.refused]
    return lines_of(
        (parse_citation(citation) for part in (*parts, *ruleset.probed) for citation in part.evidence), traces
    )


def lines_of(evidence: Iterable[Evidence], traces: Sequence[Trace]) -> Mapping[Evidence, bytes]:
    """The same for the lines of some evidence.

    Raises:
        TraceError: a trace cannot be read.
    """
    wanted: dict[str, set[int]] = {}
    for name, line in evidence:
        wanted.setdefault(name, set()).add(line)
    found: dict[Evidence, bytes] = {}
    for trace in traces:
        numbers = wanted.get(trace.name)
        if numbers:
            lines = dict(lines_at(_whole(trace), numbers))
            found |= {Evidence(trace.name, number): line for number, line in _events(trace, lines).items()}
    return found


def lines_at(blocks: Iterable[bytes], numbers: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    """Lines by their numbers, from one on, without their ends; reads no further than the last of them."""
    waiting = sorted(set(numbers), reverse=True)
    line, kept = 1, b""
    for block in blocks:
        start, ends = 0, block.count(b"\n")
        while waiting and waiting[-1] < line + ends:
            # The line ends in this block.
            while line < waiting[-1]:
                start = block.index(b"\n", start) + 1
                line, ends, kept = line + 1, ends - 1, b""
            end = block.index(b"\n", start)
            yield waiting.pop(), _bare(kept + block[start : min(end, start + _LONGEST)])
            start, line, ends, kept = end + 1, line + 1, ends - 1, b""
        if not waiting:
            return
        if ends:
            line, kept, start = line + ends, b"", block.rindex(b"\n") + 1
        if line == waiting[-1] and len(kept) < _LONGEST:
            kept += block[start : start + _LONGEST]
    if waiting and waiting[-1] == line and kept:
        yield line, _bare(kept)


def _bare(line: bytes) -> bytes:
    return line.rstrip(b"\r")


def _whole(trace: Trace) -> Iterator[bytes]:
    try:
        yield from trace.blocks()
    except DamagedTraceError:
        # Said when the trace was read; a citation of what did not come out is false.
        return


def _events(trace: Trace, lines: dict[int, bytes]) -> dict[int, bytes]:
    stamps = {match[1]: [b""] for line in lines.values() if (match := _STAMP.match(line))}
    if not stamps:
        return lines
    kept = b""
    for block in _whole(trace):
        text = kept + block
        cut = text.rfind(b"\n") + 1
        kept = text[cut:][-_LONGEST:]
        for match in _ANYWHERE.finditer(text, 0, cut):
            records = stamps.get(match[1])
            if records is not None and len(records) < _MOST_RECORDS:
                start, end = text.rfind(b"\n", 0, match.start()) + 1, text.index(b"\n", match.end() - 1)
                line = _bare(text[start : min(end, start + _LONGEST)])
                if (own := _STAMP.match(line)) and own[1] == match[1]:
                    records.append(line)
    return {number: _with_event(line, stamps) for number, line in lines.items()}


def _with_event(line: bytes, stamps: dict[bytes, list[bytes]]) -> bytes:
    match = _STAMP.match(line)
    records = stamps.get(match[1], []) if match else []
    return b"\n".join([line, *(record for record in records if record not in (b"", line))])
