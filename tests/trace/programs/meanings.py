"""When two paths mean the same object, as far as a trace can tell."""

import os
import re
from collections.abc import Iterable, Mapping


_PID = re.compile(rb"^/proc/[0-9]+(?:/task/[0-9]+)?(?=/|$)")
_MOST_LINKS = 12
_STREAMS = {
    b"/dev/fd": {b"/proc/self/fd"},
    **{b"/dev/std" + name: {b"/proc/self/fd/%d" % n} for n, name in enumerate((b"in", b"out", b"err"))},
}

Links = Mapping[bytes, set[bytes]]
"""Where symbolic links ever were, and where they ever led."""


def plain(path: bytes) -> bytes:
    """The form in which paths are compared: a process's own /proc has no number."""
    return _PID.sub(b"/proc/self", path).rstrip(b"/") or b"/"


def encoded(path: str) -> bytes:
    """A path's bytes."""
    return path.encode("utf-8", "surrogateescape")


def meanings(path: str, links: Links, *, final: bool) -> set[bytes]:
    """Everything that a path may have led to while the programs ran; itself only when the kernel said it."""
    raw = encoded(path)
    if final:
        return {plain(raw)}
    return {plain(raw)} | {plain(end) for end in _walk({b""}, raw, {**_STREAMS, **links}, 0)}


def _walk(starts: set[bytes], path: bytes, links: Links, depth: int) -> set[bytes]:
    found = {b""} if path.startswith(b"/") else starts
    for part in path.split(b"/"):
        if part == b"..":
            found = {os.path.dirname(here) for here in found}
        elif part not in (b"", b"."):
            found = {end for here in found for end in _step(here, part, links, depth)}
    return {here.rstrip(b"/") for here in found}


def _step(here: bytes, part: bytes, links: Links, depth: int) -> set[bytes]:
    path = here.rstrip(b"/") + b"/" + part
    found = {path}
    for target in links.get(path, ()) if depth < _MOST_LINKS else ():
        found |= _walk({here}, target, links, depth + 1)
    return found


class Classes:
    """Paths that a trace may not tell apart, because a link leads from one to the other.

    Args:
        paths: All paths that something is known of.
    """

    def __init__(self, paths: Iterable[bytes]) -> None:
        self._leader = {path: path for path in paths}

    def of(self, path: bytes) -> bytes:
        """The path that stands for a known path's class."""
        while self._leader[path] != path:
            path = self._leader[path]
        return path

    def join(self, paths: Iterable[bytes]) -> bytes | None:
        """One of the known paths among these, after making one class of all of them; None when none is known."""
        known = [self.of(path) for path in sorted(paths) if path in self._leader]
        for path in known:
            self._leader[self.of(path)] = self.of(known[0])
        return known[0] if known else None
