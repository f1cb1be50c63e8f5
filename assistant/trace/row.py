"""An access on its way to the ground: as it was read, and what has been found out about it since."""

from dataclasses import dataclass

from assistant.domain.access import Evidence, Kind, Seen, Verdict
from assistant.domain.rights import NO_FS, FsRight


OPENS = frozenset({"open", "openat", "openat2", "creat", "open_by_handle_at"})
"""Calls that open an object by a name or a handle."""

WITH_A_SAY = frozenset({Verdict.NEEDED, Verdict.POSSIBLE})
"""Verdicts under which an object was there, or may be there next time."""


@dataclass(slots=True)
class Row:
    """One access of an inventory. All of it: the access itself may go when its row is made.

    Attributes:
        path: The object, resolved.
        rights: What it needs there.
        kind: What it is, and ``told``: what the calls alone say that it is.
        verdict: What the calls say about the rights.
        given: As in PathAccess, as are the others.
    """

    path: str
    rights: FsRight
    kind: Kind
    told: Kind
    verdict: Verdict
    outcome: str
    call: str
    given: str
    volatile: bool
    implied_by: str
    count: int
    evidence: tuple[Evidence, ...]
    actors: tuple[str, ...]
    runs: tuple[tuple[str, int], ...] = ()
    processes: tuple[Seen, ...] = ()

    @property
    def needed(self) -> FsRight:
        """The rights without which the traced run would have gone differently."""
        return self.rights if self.verdict is Verdict.NEEDED else NO_FS


def holder(path: str) -> str:
    """The directory that holds a path's last component."""
    return path[: path.rfind("/")] or "/"
