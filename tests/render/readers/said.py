"""What a text says to the kernel, in plain words, and how the readers of it compare with a ruleset.

Written from the formats' own documentation; knows nothing of how the texts are made.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant.domain.rights import SINCE, FsRight, NetRight, Scope
from assistant.domain.ruleset import Ruleset
from assistant.render.export import EVERYWHERE, Export


FILE_RIGHTS = {"execute", "write_file", "read_file", "truncate", "ioctl_dev", "resolve_unix"}

IsDirectory = Callable[[str], bool | None]
"""Whether a path is a directory; None when nobody knows."""


@dataclass(frozen=True)
class Said:
    """Denied by default (fs, net), closed (scope), and the rights on each object; all by their kernel names."""

    fs: frozenset[str]
    net: frozenset[str]
    scope: frozenset[str]
    paths: Mapping[str, frozenset[str]]
    ports: Mapping[int, frozenset[str]]

    def at(self, path: str) -> frozenset[str]:
        """What a path may be used for because of a rule on it or above it."""
        above = {"/"} | {path[:end] for end, char in enumerate(path) if char == "/"} | {path}
        held = frozenset[str]().union(*(self.paths.get(name, frozenset()) for name in above))
        return held & (self.fs | {"refer"})


def words(rights: FsRight | NetRight | Scope) -> frozenset[str]:
    return frozenset(str(right.name).lower() for right in rights)


def known(kind: type[FsRight] | type[NetRight] | type[Scope], abi: int) -> frozenset[str]:
    return frozenset(str(right.name).lower() for right in kind if SINCE[right] <= abi)


def joined(pairs: list[tuple[str, set[str]]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for path, rights in pairs:
        found[path] = found.get(path, frozenset()) | rights
    return found


def fitting(path: str, rights: frozenset[str] | set[str], is_directory: IsDirectory) -> frozenset[str]:
    """What the kernel, or a reader that masks, takes of some rights on this object."""
    return frozenset(rights if is_directory(path) in (True, None) else rights & FILE_RIGHTS)


def asked(ruleset: Ruleset, is_directory: IsDirectory, *, looked: bool) -> Said:
    """The ruleset itself; ``looked``: without the optional rules whose paths are not on this machine."""
    abi = ruleset.target_abi
    grants = [g for g in ruleset.path if not (looked and g.optional) or os.path.exists(os.fsencode(g.path))]
    fs, net = known(FsRight, abi), known(NetRight, abi)
    switches = {"abstract_unix_socket": ruleset.scope.abstract_unix_socket, "signal": ruleset.scope.signal}
    return Said(
        fs,
        net,
        known(Scope, abi) & {name for name, on in switches.items() if on},
        joined([(g.path, set(fitting(g.path, words(g.rights) & fs, is_directory))) for g in grants]),
        {port: words(rights) & net for port, rights in ruleset.ports().items()},
    )


def minus_losses(said: Said, export: Export) -> Said:
    """The ruleset with what an export says that it opens and lacks."""
    kinds: dict[type, set[str]] = {FsRight: set(said.fs), NetRight: set(said.net), Scope: set(said.scope)}
    paths = {path: set(rights) for path, rights in said.paths.items()}
    ports = {port: set(rights) for port, rights in said.ports.items()}
    for loss in export.losses:
        rights = words(loss.rights)
        assert rights, loss
        assert loss.why, loss
        if loss.subject == EVERYWHERE:
            held = kinds[type(loss.rights)]
            opens = loss.effect == "opens"
            held -= rights if opens else set()
            held |= set() if opens else rights
            continue
        on_port = isinstance(loss.rights, NetRight)
        target = ports[int(loss.subject.removeprefix("port "))] if on_port else paths.get(loss.subject, set())
        if loss.effect == "opens":
            target |= rights
        else:
            target -= rights
    return Said(
        frozenset(kinds[FsRight]),
        frozenset(kinds[NetRight]),
        frozenset(kinds[Scope]),
        {path: frozenset(rights) for path, rights in paths.items()},
        {port: frozenset(rights) for port, rights in ports.items()},
    )


def compare(
    ruleset: Ruleset, export: Export, read: Said, is_directory: IsDirectory, *, looked: bool = False
) -> None:
    """Assert that a text says what its ruleset says, but for what the export lists; no more and no less.

    ``looked``: it was run, and so leaves out the optional rules of this machine's absent paths.
    """
    wanted = asked(ruleset, is_directory, looked=looked)
    told = minus_losses(wanted, export)
    assert (read.fs - {"refer"}, read.net, read.scope) == (told.fs - {"refer"}, told.net, told.scope)
    both = (wanted.fs & read.fs) | {"refer"}
    for path in {*wanted.paths, *read.paths}:
        for place in (path, f"{path}/beneath"):
            assert read.at(place) & both == told.at(place) & both, (place, export.losses)
    for port in {*wanted.ports, *read.ports}:
        assert read.ports.get(port, frozenset()) == told.ports.get(port, frozenset()) & read.net
    for loss in export.losses:
        if loss.effect == "opens" and loss.subject in wanted.paths:
            assert not words(loss.rights) & wanted.at(loss.subject), loss
