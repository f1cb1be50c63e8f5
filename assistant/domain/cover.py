"""The path rules of a ruleset, held against what a service was seen to do."""

from collections.abc import Iterable

from assistant.domain.access import PathAccess, parent
from assistant.domain.rights import NO_FS, FsRight
from assistant.domain.ruleset import PathGrant, Reach


class Cover:
    """What some path grants give to an access.

    Args:
        grants: Their paths are resolved.
        handled: The rights that are denied where no rule grants them.
    """

    def __init__(self, grants: Iterable[PathGrant], handled: FsRight) -> None:
        self._handled = handled
        rights: dict[str, FsRight] = {}
        self._person: dict[str, FsRight] = {}
        for grant in grants:
            rights[grant.path] = rights.get(grant.path, NO_FS) | grant.rights
            if grant.by == "person":
                self._person[grant.path] = self._person.get(grant.path, NO_FS) | grant.rights
        self._reach = Reach(rights)

    def at(self, path: str) -> FsRight:
        """All rights on a path: those of a rule on it and of every rule above it."""
        return self._reach.rights(path)

    def denied(self, access: PathAccess) -> FsRight:
        """The rights that an access needs and that no rule gives it.

        A rule is bound to an inode. An object that was created or replaced in the run had none when the rules
        were made, so only directories above it count, unless a person said otherwise.
        """
        needed = access.needed & self._handled
        if not access.volatile:
            return needed & ~self.at(access.path)
        # A socket that was bound in the run: between processes of one domain no right is asked.
        held = self._reach.inside(parent(access.path)) | self._person.get(access.path, NO_FS)
        return needed & ~(held | FsRight.RESOLVE_UNIX)
