"""Bytes of files in blocks. Errors of the system become TraceError, with the name escaped."""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from assistant.errors import TraceError


BLOCK = 256 * 1024
"""Bytes that are asked for at once: large enough that a call costs nothing, small enough for any memory."""

_OWN = re.compile(r"/(?:proc/self|dev)/fd/([0-9]{1,7})$")


def unreadable(path: Path, error: OSError) -> TraceError:
    """The error for a trace that the system does not let us read."""
    return TraceError(
        f"the trace {str(path)!a} cannot be read",
        why=error.strerror or str(error),
        hint="give the file that strace -o wrote",
    )


def file_blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a regular file, read without a buffer of ours.

    Raises:
        TraceError: it is missing, is a directory or a device, or cannot be read.
    """
    try:
        with path.open("rb", buffering=0) as file:
            if stat.S_ISCHR(os.fstat(file.fileno()).st_mode) and str(path) != os.devnull:
                raise device(path)
            while block := file.read(BLOCK):
                yield block
    except OSError as error:
        raise unreadable(path, error) from error


def member_blocks(path: Path, size: int) -> Iterator[bytes]:
    """The bytes of one file of thousands: no descriptor is held between two blocks.

    Raises:
        TraceError: it cannot be read, or another file has taken its name meanwhile.
    """
    position, first = 0, None
    while True:
        try:
            with path.open("rb", buffering=0) as file:
                now = os.fstat(file.fileno())
                first = first or now
                if (now.st_dev, now.st_ino) != (first.st_dev, first.st_ino):
                    raise TraceError(f"the trace {str(path)!a} was replaced while it was read")
                file.seek(position)
                block = file.read(size)
        except OSError as error:
            raise unreadable(path, error) from error
        if not block:
            return
        position += len(block)
        yield block


def device(path: Path) -> TraceError:
    """The error for a device in place of a trace; reading on would never end, or wait for a person."""
    return TraceError(
        f"the trace {str(path)!a} is a device",
        hint="give a file, a folder, or - and pipe the trace in: strace -o '|landscribe trace -' CMD",
    )


def own_descriptor(path: Path) -> int | None:
    """The number of our own descriptor that a name means: -, /dev/stdin, /dev/fd/N; else None."""
    name = str(path)
    if name in ("-", "/dev/stdin"):
        return 0
    match = _OWN.match(name)
    return int(match[1]) if match else None


def gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks of about BLOCK; what came before an error is given before it."""
    kept: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            kept.append(piece)
            size += len(piece)
            if size >= BLOCK:
                block, kept, size = b"".join(kept), [], 0
                yield block
    except TraceError:
        if kept:
            yield b"".join(kept)
        raise
    if kept:
        yield b"".join(kept)
