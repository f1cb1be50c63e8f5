"""What the scenarios use, as an strace of them shows: a guess at what is needed, for the kernel to judge."""

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.domain.access import Inventory
from assistant.domain.host import NoHost
from assistant.domain.life import Life
from assistant.domain.mutation import Unit
from assistant.domain.rights import NO_FS, NO_NET, FsRight, NetRight
from assistant.enforce.looking import look_inside
from assistant.enforce.room import Room
from assistant.enforce.starting import Terms
from assistant.errors import RecordError, TraceError
from assistant.pipeline.reading import read_traces
from assistant.reading.naming import in_memory


@dataclass(frozen=True, slots=True)
class Usage:
    """Rights that were used, by path and by port.

    Attributes:
        paths: All rights that were asked for on or beneath each path: also those of the directories above.
        ports: Rights by port.
    """

    paths: dict[str, FsRight]
    ports: dict[int, NetRight]

    def of(self, unit: Unit) -> bool:
        """Whether the right was asked for on the object, or on something beneath it."""
        if isinstance(unit.right, FsRight):
            return bool(self.paths.get(unit.path, NO_FS) & unit.right)
        return bool(self.ports.get(unit.port or 0, NO_NET) & unit.right)


def usage(lives: Iterable[Life], terms: Terms, room: Room | None) -> Usage | None:
    """Live the scenarios once without a sandbox and under strace; None where that cannot be done."""
    used = Usage({}, {})
    for life in lives:
        try:
            trace = look_inside(None, life, terms, room)
            _add(used, read_traces([in_memory("usage", trace)], NoHost()))
        except (RecordError, TraceError):
            return None
    return used


def _add(used: Usage, inventory: Inventory) -> None:
    for access in inventory.paths:
        here = access.path
        while True:
            used.paths[here] = used.paths.get(here, NO_FS) | access.rights
            if here == "/":
                break
            here = here[: here.rfind("/")] or "/"
    for port in inventory.ports:
        used.ports[port.port] = used.ports.get(port.port, NO_NET) | port.rights
