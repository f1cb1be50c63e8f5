"""Reads whole traces, one after the other, into one inventory."""

import hashlib
from collections.abc import Iterable

from assistant.domain.access import Inventory, TraceSource
from assistant.trace.gathering import gather
from assistant.trace.interpreter import Interpreter
from assistant.trace.inventory import Collected
from assistant.trace.scan import Scanner


class Reader:
    """Reads traces of one service, one after the other, into one inventory.

    Args:
        cwd: The directory in which the service was started, if a person says so.
    """

    def __init__(self, cwd: str | None = None) -> None:
        self._cwd = cwd
        self.collected: list[Collected] = []

    def read(self, name: str, chunks: Iterable[bytes]) -> TraceSource:
        """Read one trace.

        Args:
            name: What evidence calls it.
            chunks: Its bytes, in pieces of any size.
        """
        digest = hashlib.sha256()
        scanner = Scanner(Interpreter(name, self._cwd))
        for chunk in chunks:
            digest.update(chunk)
            scanner.feed(chunk)
        collected = scanner.finish(digest.hexdigest())
        self.collected.append(collected)
        return collected.source

    def inventory(self) -> Inventory:
        """All that was read so far. To be asked once: what was collected becomes the inventory."""
        return gather(self.collected)
