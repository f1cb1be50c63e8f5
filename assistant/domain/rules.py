"""A ruleset as the kernel takes it: the rights that are denied by default, and the rule on each object.

What a launcher enforces, what an export says, and what a reader makes of it can be compared in these words.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.domain.access import Kind
from assistant.domain.host import Host
from assistant.domain.policy import scopes
from assistant.domain.rights import ON_FILE, FsRight, NetRight, Scope, known_at
from assistant.domain.ruleset import Ruleset


@dataclass(frozen=True, slots=True)
class Rules:
    """What the kernel is told.

    Attributes:
        fs: Rights on files that are denied unless a rule grants them; others are free.
        net: Rights on ports, likewise.
        scope: The scopes that are closed.
        paths: Rights by path.
        ports: Rights by port.
    """

    fs: FsRight
    net: NetRight
    scope: Scope
    paths: Mapping[str, FsRight]
    ports: Mapping[int, NetRight]


def rules_of(ruleset: Ruleset, host: Host) -> Rules:
    """What the launcher makes of a ruleset on a kernel that has the target ABI.

    Rights above the target ABI are neither granted nor denied. On what is no directory the rights that only
    a directory can have are left out; where the host does not know what a path is, all of them stay.
    """
    abi = ruleset.target_abi
    paths = {path: fitting(path, rights, host) for path, rights in ruleset.paths().items()}
    return Rules(
        fs=known_at(FsRight, abi),
        net=known_at(NetRight, abi),
        scope=scopes(ruleset) & known_at(Scope, abi),
        paths={path: rights & known_at(FsRight, abi) for path, rights in paths.items()},
        ports={port: rights & known_at(NetRight, abi) for port, rights in ruleset.ports().items()},
    )


def fitting(path: str, rights: FsRight, host: Host) -> FsRight:
    """Those of some rights that a rule on this object may carry; all of them where its kind is not known."""
    if not rights & ~ON_FILE:
        return rights
    kind = host.kind(path)
    return rights if kind in (None, Kind.DIRECTORY) else rights & ON_FILE
