"""One trace, wherever its bytes lie: ``Source.blocks()`` can be asked again and gives the same bytes."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assistant.intake.blocks import file_blocks, own_descriptor, unreadable
from assistant.intake.packed import unpacked
from assistant.intake.pipe import Pipe


class Source(Protocol):
    """The bytes of one trace."""

    def blocks(self) -> Iterator[bytes]:
        """The trace's bytes in blocks of up to 256 KiB, unpacked; the same at each call.

        Raises:
            TraceError: it cannot be read.
            DamagedTraceError: it is an archive that breaks off, after what was whole.
        """


@dataclass(frozen=True, slots=True)
class File:
    """A file, packed or not."""

    path: Path

    def blocks(self) -> Iterator[bytes]:
        """See Source."""
        return unpacked(file_blocks(self.path))


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes that are here already."""

    text: bytes

    def blocks(self) -> Iterator[bytes]:
        """See Source."""
        yield self.text


class Piped:
    """What comes from a pipe, packed or not; each pass after the first reads what was kept."""

    def __init__(self, path: Path) -> None:
        self._pipe = Pipe(path)

    def blocks(self) -> Iterator[bytes]:
        """See Source."""
        return unpacked(self._pipe.blocks())


@dataclass(frozen=True, slots=True)
class Found:
    """A trace and where it was found.

    Attributes:
        path: For messages: the file, or the common beginning of the threads' files.
        source: Its bytes.
    """

    path: Path
    source: Source


def find_traces(path: Path) -> list[Found]:
    """The traces that a command-line argument names: one, or those of a folder by name.

    A file that is missing is found all the same, and missed when it is read.

    Raises:
        TraceError: a folder without a trace, or one that cannot be read.
    """
    if own_descriptor(path) is not None:
        return [Found(path, Piped(path))]
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    except OSError as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        # Most traces are one file, and do not wait for what puts those of threads together.
        from assistant.intake.folder import members
        from assistant.intake.threads import Threads

        return [
            Found(path / found.name, Threads(found.threads) if found.threads else File(path / found.name))
            for found in members(path)
        ]
    return [Found(path, Piped(path) if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) else File(path))]


def open_trace(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a packed file, ``-`` or a FIFO in blocks of up to 256 KiB.

    Raises:
        TraceError: it cannot be read.
        DamagedTraceError: it is an archive that breaks off, after what was whole.
    """
    piped = own_descriptor(path) is not None or path.is_fifo()
    return (Piped(path) if piped else File(path)).blocks()
