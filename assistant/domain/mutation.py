"""A ruleset with something less: rights dropped, a directory's grant moved to what lies in it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from assistant.domain.access import parent
from assistant.domain.rights import NO_FS, NO_NET, FsRight, NetRight, names
from assistant.domain.ruleset import PathGrant, PortGrant, Reach, Ruleset


class Unit(NamedTuple):
    """One right on one object: what can be dropped.

    Attributes:
        path: The object, or "" for a port.
        port: The port, or None for a path.
        right: The right.
    """

    path: str
    port: int | None
    right: FsRight | NetRight

    @property
    def subject(self) -> str:
        """The object as findings name it. Raw."""
        return self.path if self.port is None else f"port {self.port}"

    @property
    def name(self) -> str:
        """The kernel's name of the right."""
        return names(self.right)[0]


def units(ruleset: Ruleset) -> tuple[Unit, ...]:
    """Every right on every object, in the document's order."""
    paths = [Unit(path, None, right) for path, rights in ruleset.paths().items() for right in rights]
    ports = [Unit("", port, right) for port, rights in ruleset.ports().items() for right in rights]
    return (*paths, *ports)


def without(ruleset: Ruleset, dropped: Iterable[Unit]) -> Ruleset:
    """The ruleset less some rights; a grant that has none left is gone."""
    fs: dict[str, FsRight] = {}
    net: dict[int, NetRight] = {}
    for unit in dropped:
        if isinstance(unit.right, FsRight):
            fs[unit.path] = fs.get(unit.path, NO_FS) | unit.right
        elif unit.port is not None:
            net[unit.port] = net.get(unit.port, NO_NET) | unit.right
    paths = [_less(grant, grant.rights & ~fs.get(grant.path, NO_FS)) for grant in ruleset.path]
    ports = [_less_port(grant, grant.rights & ~net.get(grant.port, NO_NET)) for grant in ruleset.port]
    return ruleset.model_copy(
        update={
            "path": tuple(grant for grant in paths if grant.rights),
            "port": tuple(grant for grant in ports if grant.rights),
        }
    )


def _less(grant: PathGrant, rights: FsRight) -> PathGrant:
    return grant if rights == grant.rights else grant.model_copy(update={"rights": rights})


def _less_port(grant: PortGrant, rights: NetRight) -> PortGrant:
    return grant if rights == grant.rights else grant.model_copy(update={"rights": rights})


def spread(ruleset: Ruleset, directory: str, entries: Mapping[str, FsRight]) -> Ruleset:
    """The ruleset with a directory's grants moved to what lies in it.

    Args:
        ruleset: Grants the directory.
        directory: Its path.
        entries: Absolute paths of entries, with the rights that each shall have.
    """
    first = next(grant for grant in ruleset.path if grant.path == directory)
    instead = [
        first.model_copy(update={"path": path, "rights": rights})
        for path, rights in entries.items()
        if rights
    ]
    others = [grant for grant in ruleset.path if grant.path != directory]
    return ruleset.model_copy(update={"path": (*others, *instead)})


def given_above(ruleset: Ruleset, unit: Unit) -> str:
    """A granted directory above the object that gives the right too; "" when there is none."""
    if (
        not isinstance(unit.right, FsRight)
        or not Reach(ruleset.paths()).inside(parent(unit.path)) & unit.right
    ):
        return ""
    paths, here = ruleset.paths(), unit.path
    while here != "/":
        here = parent(here)
        if paths.get(here, NO_FS) & unit.right:
            return here
    return ""


def cited(ruleset: Ruleset, unit: Unit) -> tuple[str, ...]:
    """The evidence of the grants that give a right."""
    grants = _grants_of(ruleset, unit)
    return tuple(dict.fromkeys(line for grant in grants for line in grant.evidence))


def _grants_of(ruleset: Ruleset, unit: Unit) -> list[PathGrant | PortGrant]:
    if isinstance(unit.right, FsRight):
        return [grant for grant in ruleset.path if grant.path == unit.path and grant.rights & unit.right]
    return [grant for grant in ruleset.port if grant.port == unit.port and grant.rights & unit.right]
