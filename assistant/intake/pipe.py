"""A trace that can be read only once: kept aside while it is read, because citations are looked up later."""

import os
import select
import stat
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import TraceError
from assistant.intake.blocks import BLOCK, device, own_descriptor, unreadable


_LOOKS_UP = 500
"""Milliseconds."""


class Pipe:
    """Stdin, a FIFO or a socket. Blocks come as they are written; a second pass reads the kept ones.

    What is kept lies in a file without a name that goes with the process.

    Args:
        path: ``-`` or the name of the FIFO. It is opened when the first block is asked for.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._input = -1
        self._kept = -1
        self._size = 0
        self._ended = False

    def blocks(self) -> Iterator[bytes]:
        """All bytes from the first on, waiting for the writer where they are not there yet.

        Raises:
            TraceError: it cannot be read, is a terminal, or there is no room to keep it.
        """
        position = 0
        while True:
            block = self._again(position) if position < self._size else self._more()
            if not block:
                return
            position += len(block)
            yield block

    def _again(self, position: int) -> bytes:
        return os.pread(self._kept, min(BLOCK, self._size - position), position)

    def _more(self) -> bytes:
        if self._ended:
            return b""
        try:
            if self._input < 0 and self._open():
                return self._again(0)
            self._wait()
            block = os.read(self._input, BLOCK)
        except OSError as error:
            raise unreadable(self._path, error) from error
        self._ended = not block
        try:
            self._keep(block)
        except OSError as error:
            raise TraceError(
                "a trace from a pipe cannot be kept for the check of citations",
                why=error.strerror or str(error),
                hint="set TMPDIR to a directory with room, or give the trace as a file",
            ) from error
        return block

    def _wait(self) -> None:
        """Wait for the writer, and look up now and then: a Ctrl-C just before a read would not end it."""
        poll = select.poll()
        poll.register(self._input, select.POLLIN)
        while not poll.poll(_LOOKS_UP):
            pass

    def _open(self) -> bool:
        """Open it; True when it turns out to be a file, which needs no keeping."""
        own = own_descriptor(self._path)
        self._input = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC) if own is None else os.dup(own)
        status = os.fstat(self._input)
        if stat.S_ISREG(status.st_mode):
            # A file behind stdin can be read again as it is.
            self._kept, self._size, self._ended = self._input, status.st_size, True
            return True
        if stat.S_ISCHR(status.st_mode) and status.st_rdev != os.stat(os.devnull).st_rdev:
            raise device(self._path)
        import tempfile

        with tempfile.TemporaryFile(buffering=0) as file:
            self._kept = os.dup(file.fileno())
        return False

    def _keep(self, block: bytes) -> None:
        left = memoryview(block)
        while left:
            left = left[os.write(self._kept, left) :]
        self._size += len(block)
