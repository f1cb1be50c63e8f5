"""The kernel's records of denials as a trace: read like any other, kept as evidence, cited by line."""

import re
from collections.abc import Iterable, Sequence

from assistant.domain.access import Inventory
from assistant.domain.host import Host
from assistant.pipeline.reading import read_traces
from assistant.reading.naming import Trace, in_memory


NOTHING = Inventory(())


class Records:
    """Lines of an audit log, as they came; evidence cites them by their number.

    Args:
        name: What evidence calls them.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._lines: list[bytes] = []

    def add(self, lines: list[bytes]) -> int:
        """Add lines; how many there were before."""
        before = len(self._lines)
        self._lines += lines
        return before

    def text(self) -> bytes:
        """All lines; what a file of them holds."""
        return b"".join(line + b"\n" for line in self._lines)

    def trace(self) -> Trace:
        """All of it as a trace."""
        return in_memory(self.name, self.text())


_STAMP = re.compile(rb"type=[A-Z_]+ msg=audit\(([0-9.]+:[0-9]+)\)")


def events_in(lines: Iterable[bytes]) -> list[list[bytes]]:
    """The records of each event together, in the order of their first."""
    events: dict[bytes, list[bytes]] = {}
    for line in lines:
        stamp = _STAMP.match(line)
        events.setdefault(stamp[1] if stamp else line, []).append(line)
    return list(events.values())


def denied_in(lines: Sequence[bytes], host: Host, name: str = "denials") -> Inventory:
    """What records say was denied: as accesses, whose rights are those that were missing.

    Args:
        lines: Of one run; none are no denials.
        host: The machine they are from.
        name: What evidence calls them.
    """
    return read_traces([in_memory(name, b"\n".join([*lines, b""]))], host) if lines else NOTHING
