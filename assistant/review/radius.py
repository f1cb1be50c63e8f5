"""Measures how far a ruleset reaches on a host. Looks at so many files and no more, and says so."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from assistant.domain.access import Inventory, Kind, Verdict
from assistant.domain.host import Content, Host
from assistant.domain.places import (
    credential,
    escape,
    is_private_name,
    is_same_everywhere,
    read_by_more_privileged,
)
from assistant.domain.radius import Opening, Radius, Reached, Sensitive, Use
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import Ruleset


MOST_FILES = 400_000
"""How many files are looked at for one ruleset, all grants together."""

_GIVES = {
    Use.READ: FsRight.READ_FILE,
    Use.WRITE: FsRight.WRITE_FILE | FsRight.TRUNCATE | FsRight.REMOVE_FILE,
    Use.EXECUTE: FsRight.EXECUTE,
}
"""The rights that open an existing file for a use."""

_SUPPORTING = (Verdict.NEEDED, Verdict.POSSIBLE)


def radius(ruleset: Ruleset, host: Host, inventory: Inventory | None, most: int = MOST_FILES) -> Radius:
    """Count what a ruleset opens.

    Args:
        ruleset: Whose grants.
        host: The machine that the service runs on; it must be known.
        inventory: What the traces used; None without traces.
        most: How many files may be looked at.
    """
    measure = _Measure(host, _used(inventory) if inventory else None, most)
    openings = [
        opening for path, rights in sorted(ruleset.paths().items()) for opening in measure.grant(path, rights)
    ]
    openings.sort(key=lambda one: (-one.counted, -one.opened, one.path, one.use))
    reached = tuple(measure.reached(use) for use in Use)
    return Radius(reached, tuple(openings), all(opening.complete for opening in openings))


def _used(inventory: Inventory) -> dict[Use, set[str]]:
    found: dict[Use, set[str]] = {use: set() for use in Use}
    for access in inventory.paths:
        if access.verdict in _SUPPORTING:
            for use, gives in _GIVES.items():
                if access.rights & gives:
                    found[use].add(access.path)
    return found


@dataclass
class _Measure:
    """The files that were met so far, each use by itself.

    Attributes:
        host: The machine.
        used: What the traces used, by use; None without traces.
        left: How many files may still be looked at.
    """

    host: Host
    used: dict[Use, set[str]] | None
    left: int
    met: dict[Use, set[str]] = field(default_factory=lambda: {use: set() for use in Use})

    def grant(self, path: str, rights: FsRight) -> Iterator[Opening]:
        """What the rights on one path open, use by use."""
        uses = [use for use, gives in _GIVES.items() if rights & gives]
        if not uses:
            return
        content = self._content(path)
        self.left -= len(content.files)
        for use in uses:
            yield self._opening(path, use, content)

    def _content(self, path: str) -> Content:
        resolved = self.host.resolve(path)
        kind = self.host.kind(resolved)
        if kind is None:
            return Content()
        if kind is not Kind.DIRECTORY:
            return Content((resolved,), (resolved,))
        return self.host.content(resolved) if self.left > 0 else Content(complete=False)

    def _opening(self, path: str, use: Use, content: Content) -> Opening:
        files: Collection[str] = content.executables if use is Use.EXECUTE else content.files
        used = None if self.used is None else self.used[use]
        counted = {file for file in files if use is not Use.READ or not is_same_everywhere(file)}
        self.met[use] |= counted
        return Opening(
            path,
            use,
            opened=len(files),
            counted=len(counted),
            used=None if used is None else sum(file in used for file in files),
            sensitive=tuple(_sensitive(use, files)),
            complete=content.complete,
        )

    def reached(self, use: Use) -> Reached:
        """All grants together."""
        used = None if self.used is None else len(self.met[use] & self.used[use])
        return Reached(use, len(self.met[use]), used)


def _sensitive(use: Use, files: Collection[str]) -> Iterator[Sensitive]:
    if use is Use.EXECUTE:
        return
    for file in sorted(files):
        place = credential(file) or escape(file)
        if place is None and use is Use.WRITE:
            place = read_by_more_privileged(file)
        if place is not None:
            yield Sensitive(file, place.why)
        elif is_private_name(file):
            yield Sensitive(file, "its name says key or password")
