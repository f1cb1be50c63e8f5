"""What each object of an inventory needs, right by right, with the first line that shows it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache

from assistant.domain.access import Evidence, Inventory, Kind, PathAccess, Verdict
from assistant.domain.places import SHARED_SCRATCH, TEMPORARY
from assistant.domain.rights import NO_FS, FsRight, known_at
from assistant.drafting.lasting import hashed_stores, in_store, lasting_place


LIST, READ, WRITE, EXECUTE = 1, 2, 4, 8
"""Classes of rights: what a directory rule gives everything beneath it, and what that opens."""

ALL_CLASSES = (LIST, READ, WRITE, EXECUTE)

_NEEDED, _UNKNOWN = Verdict.NEEDED, Kind.UNKNOWN
"""Bound once: a look into an enumeration costs as much as the comparison that it is for."""

_RIGHTS = {
    LIST: FsRight.READ_DIR,
    READ: FsRight.READ_FILE | FsRight.IOCTL_DEV,
    EXECUTE: FsRight.EXECUTE,
}
_RIGHTS[WRITE] = ~NO_FS & ~(_RIGHTS[LIST] | _RIGHTS[READ] | _RIGHTS[EXECUTE])


@cache
def classes(rights: FsRight) -> int:
    """The classes that some rights belong to, as a sum of LIST, READ, WRITE and EXECUTE."""
    return sum(name for name in ALL_CLASSES if rights & _RIGHTS[name])


@cache
def singly(wanted: int) -> tuple[int, ...]:
    """The classes in a sum of them."""
    return tuple(name for name in ALL_CLASSES if wanted & name)


@cache
def rights_in(wanted: int) -> FsRight:
    """All rights of some classes."""
    rights = NO_FS
    for name in ALL_CLASSES:
        if wanted & name:
            rights |= _RIGHTS[name]
    return rights


@dataclass(slots=True)
class Need:
    """What one object needs.

    Attributes:
        path: The object.
        hard: Rights without which the traced run fails.
        soft: Rights that another reading of the trace needs, and that are not in ``hard``.
        kind: What the object is.
        volatile: It came into being, was replaced or removed in the traced run.
        first: The first line that shows each right.
        names: How the programs called it, when by another name.
        implied_by: Programs whose execution implies it.
    """

    path: str
    hard: FsRight = NO_FS
    soft: FsRight = NO_FS
    kind: Kind = Kind.UNKNOWN
    volatile: bool = False
    first: dict[FsRight, Evidence] = field(default_factory=dict)
    names: dict[str, None] = field(default_factory=dict)
    implied_by: dict[str, None] = field(default_factory=dict)

    @property
    def all(self) -> FsRight:
        """Hard and soft together."""
        return self.hard | self.soft

    def add(self, access: PathAccess, rights: FsRight) -> None:
        """Take in one access: to this object, or to one whose lasting place this is."""
        if access.verdict is _NEEDED:
            self.hard |= rights
        else:
            self.soft |= rights
        if self.soft:
            self.soft &= ~self.hard
        kind, given = access.kind, access.given
        if access.path == self.path:
            self.volatile = self.volatile or access.volatile
        else:
            kind, given = Kind.DIRECTORY, access.path
        if self.kind is _UNKNOWN:
            self.kind = kind
        if rights and access.evidence:
            self._show(rights, min(access.evidence))
        if given and not given.startswith(self.path.rstrip("/") + "/"):
            self.names[given] = None
        if access.implied_by:
            self.implied_by[access.implied_by] = None

    def _show(self, rights: FsRight, line: Evidence) -> None:
        for right in rights:
            known = self.first.get(right)
            if known is None or line < known:
                self.first[right] = line

    def without(self, rights: FsRight) -> "Need":
        """The same need, less some rights."""
        return replace(self, hard=self.hard & ~rights, soft=self.soft & ~rights)


def gather(inventory: Inventory, target_abi: int) -> dict[str, Need]:
    """Needs by path. Objects that cannot carry a lasting rule are moved to the one that can.

    Rights newer than ``target_abi`` are left out: that kernel does not ask for them.
    """
    known, socket = known_at(FsRight, target_abi), FsRight.RESOLVE_UNIX
    needs: dict[str, Need] = {}
    stores = hashed_stores(inventory.paths)
    for access in inventory.paths:
        if access.verdict not in _WITH_A_SAY:
            continue
        rights = access.rights & known
        if access.volatile and socket in rights:
            # The socket was bound in this very trace: inside one domain no right is asked.
            rights &= ~socket
        place = in_store(lasting_place(access.path, rights, access.given), stores)
        need = needs.get(place)
        if need is None:
            need = needs[place] = Need(place)
        if rights or place == access.path:
            need.add(access, rights)
    for name in _made_again(inventory.paths):
        if name in needs:
            needs[name].volatile = True
    return {path: need for path, need in sorted(needs.items()) if need.hard or need.soft or need.volatile}


def _made_again(accesses: Iterable[PathAccess]) -> Iterable[str]:
    """Files that a service opens with O_CREAT in a shared place for such files, and temporary directories.

    They may have been there this time; after a rotation or a reboot it makes them anew, so a rule on the file
    of today would let it make the file and then deny writing it.
    """
    return (
        access.given
        for access in accesses
        if (access.path in SHARED_SCRATCH and access.call in _OPENS and FsRight.MAKE_REG in access.rights)
        or (access.path in TEMPORARY and FsRight.MAKE_DIR in access.rights)
    )


_WITH_A_SAY = frozenset({Verdict.NEEDED, Verdict.POSSIBLE})
_OPENS = frozenset({"open", "openat", "openat2", "creat"})
