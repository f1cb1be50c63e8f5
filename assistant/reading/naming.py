"""Traces and their names: what evidence calls them."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import DamagedTraceError, UsageError
from assistant.intake.blocks import own_descriptor
from assistant.intake.source import File, Memory, Source, find_traces


if TYPE_CHECKING:
    from assistant.domain.ruleset import TraceRecord


_SUFFIXES = re.compile(r"(?:\.(?:trace|strace|log|txt|out|jsonl))?(?:\.(?:gz|zst|xz|bz2))?$")


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace and the name by which evidence cites it.

    ``source`` gives its bytes; None for the file at ``path``.
    """

    path: Path
    name: str
    source: Source | None = field(default=None, compare=False, repr=False)

    def blocks(self) -> Iterator[bytes]:
        """Its bytes; the same each time.

        Raises:
            TraceError: it cannot be read.
            DamagedTraceError: it breaks off, after what was whole.
        """
        return (self.source or File(self.path)).blocks()


def in_memory(name: str, text: bytes) -> Trace:
    """A trace that is no file."""
    return Trace(Path(name), name, Memory(text))


def name_traces(paths: Sequence[Path], known: "Iterable[TraceRecord]" = ()) -> list[Trace]:
    """Give each trace a name: the one under provenance if its contents are known, else from its file name.

    A folder stands for all traces in it.

    Raises:
        TraceError: a file is missing or cannot be read, or a folder holds no trace.
        UsageError: stdin is to be read twice.
    """
    if sum(own_descriptor(path) == 0 for path in paths) > 1:
        raise UsageError("stdin is named twice", hint="give each trace once")
    by_digest = {record.sha256: record.name for record in known}
    taken = set(by_digest.values())
    traces: list[Trace] = []
    for found in [found for path in paths for found in find_traces(path)]:
        name = by_digest.get(_digest(found.source)) if by_digest else None
        if name is None:
            name = _free(stem_of(found.path), taken)
        taken.add(name)
        traces.append(Trace(found.path, name, found.source))
    return traces


def stem_of(path: Path) -> str:
    """What evidence calls the trace in a file, unless another one is called so already."""
    stem = "stdin" if str(path) == "-" else path.name
    # A citation is NAME:LINE, so the name has no colon, no space and nothing that needs quoting.
    return re.sub(r"[^A-Za-z0-9._-]", "_", _SUFFIXES.sub("", stem) or stem) or "trace"


def _free(base: str, taken: set[str]) -> str:
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return name


def _digest(source: Source) -> str:
    """Of what can be read: a damaged archive has the contents that came out of it."""
    digest = hashlib.sha256()
    try:
        for block in source.blocks():
            digest.update(block)
    except DamagedTraceError:
        pass
    return digest.hexdigest()
