"""Which of some paths lie at or above another, and what was seen at or beneath each. Never paths x paths."""

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.domain.access import PathAccess
from assistant.domain.rights import NO_FS, FsRight


class Ancestors:
    """For a fixed set of paths: which of them lie at or above a given one.

    Args:
        paths: Absolute, normalised paths.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._inside: dict[str, tuple[str, ...]] = {}

    def of(self, path: str) -> tuple[str, ...]:
        """Those at or above ``path``, outermost first."""
        directory = path[: path.rfind("/")] or "/"
        above = self._inside.get(directory)
        if above is None:
            above = self.inside(directory)
        return (*above, path) if path in self._paths and path not in above[-1:] else above

    def inside(self, directory: str) -> tuple[str, ...]:
        """Those at or above a directory, so all that hold for anything in it."""
        # A loop, not recursion: a hostile name may be two thousand directories deep.
        climbed = []
        while directory not in self._inside:
            climbed.append(directory)
            above = directory[: directory.rfind("/")] or "/"
            if above == directory:
                break
            directory = above
        known = self._inside.get(directory, ())
        for step in reversed(climbed):
            known = (*known, step) if step in self._paths else known
            self._inside[step] = known
        return known


@dataclass(slots=True)
class Support:
    """What was seen on a path itself (``exact``) and at or beneath it. The counts are of accesses."""

    beneath: FsRight = NO_FS
    exact: FsRight = NO_FS
    count: int = 0
    count_exact: int = 0


def support(paths: Iterable[str], accesses: Iterable[PathAccess]) -> dict[str, Support]:
    """What the accesses say about each path.

    Args:
        paths: Absolute, normalised paths.
        accesses: Those that count.

    Returns:
        One entry for each of ``paths``.
    """
    found = {path: Support() for path in paths}
    ancestors = Ancestors(found)
    for access in accesses:
        for path in ancestors.of(access.path):
            entry = found[path]
            entry.beneath |= access.rights
            entry.count += 1
            if path == access.path:
                entry.exact |= access.rights
                entry.count_exact += 1
    return found
