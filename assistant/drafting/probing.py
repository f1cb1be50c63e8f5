"""What was looked for and absent. Nothing is granted for it; what happens if it appears later is said."""

import posixpath
from collections.abc import Iterable
from functools import cache

from assistant.domain.access import Inventory, PathAccess, Verdict
from assistant.domain.host import Host
from assistant.domain.rights import FsRight, names
from assistant.domain.ruleset import Probed, Reach


_SINGLE = 3
"""Up to so many absent names in one directory are listed one by one."""

_LISTED = 60
"""At most so many rows: a search path makes thousands."""


def probed(inventory: Inventory, reach: Reach, host: Host) -> tuple[Probed, ...]:
    """Absent names that a grant would not cover if they appeared, folded by directory."""
    absent: dict[str, PathAccess] = {}
    for access in inventory.paths:
        if access.verdict is Verdict.PROBED and _matters(access, reach):
            known = absent.get(access.path)
            if known is None or access.rights:
                absent[access.path] = access
    return tuple(_rows(absent, host))[:_LISTED]


def _matters(access: PathAccess, reach: Reach) -> bool:
    if access.path.startswith(("/proc/", "/sys/")) or access.call.startswith(("unlink", "rmdir", "rename")):
        return False
    wanted = access.rights or FsRight.READ_FILE
    return bool(wanted & ~reach.rights(access.path))


def _rows(absent: dict[str, PathAccess], host: Host) -> Iterable[Probed]:
    by_directory: dict[str, list[PathAccess]] = {}
    existing = cache(lambda directory: _existing(directory, host))
    for path in sorted(absent):
        directory = existing(path[: path.rfind("/")] or "/")
        if directory.startswith("/usr/"):
            # Packages fill these trees; which of their many names is missing says little.
            directory = "/".join(directory.split("/")[:3])
        by_directory.setdefault(directory, []).append(absent[path])
    for directory, accesses in sorted(by_directory.items()):
        if len(accesses) > _SINGLE:
            yield _row(directory, accesses, f"{len(accesses)} absent names were looked for beneath")
            continue
        for access in accesses:
            yield _row(access.path, [access], "absent")


def _existing(directory: str, host: Host) -> str:
    """The nearest directory that exists: a missing tree is one absence, not many."""
    while host.known and directory != "/" and host.kind(directory) is None:
        directory = posixpath.dirname(directory)
    return directory


def _row(path: str, accesses: list[PathAccess], what: str) -> Probed:
    rights = FsRight(0)
    for access in accesses:
        rights |= access.rights
    lines = sorted(line for access in accesses for line in access.evidence)
    wanted = ", ".join(names(rights)) or "only looked at"
    return Probed(
        path=path,
        rights=rights,
        why=f"{what} ({wanted}); if it appears later, the service will be denied where it is not today",
        evidence=tuple(str(line) for line in lines[:2]),
    )
