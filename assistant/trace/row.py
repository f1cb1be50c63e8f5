"""An access on its way to the ground: as it was read, and what has been found out about it since."""

from dataclasses import dataclass

from assistant.domain.access import Kind, PathAccess, Verdict
from assistant.domain.rights import NO_FS, FsRight


OPENS = frozenset({"open", "openat", "openat2", "creat", "open_by_handle_at"})
"""Calls that open an object by a name or a handle."""

WITH_A_SAY = frozenset({Verdict.NEEDED, Verdict.POSSIBLE})
"""Verdicts under which an object was there, or may be there next time."""


@dataclass(slots=True)
class Row:
    """One access of an inventory.

    Attributes:
        access: As read; where it was seen, how often and by whom.
        path: The object, resolved.
        rights: What it needs there.
        kind: What it is.
        verdict: What the calls say about the rights.
        given: As in PathAccess.
        volatile: As in PathAccess.
    """

    access: PathAccess
    path: str
    rights: FsRight
    kind: Kind
    verdict: Verdict
    given: str
    volatile: bool

    @property
    def needed(self) -> FsRight:
        """The rights without which the traced run would have gone differently."""
        return self.rights if self.verdict is Verdict.NEEDED else NO_FS


def holder(path: str) -> str:
    """The directory that holds a path's last component."""
    return path[: path.rfind("/")] or "/"
