"""Symbolic links that the run itself made: they may be gone, or lead elsewhere, when a draft is made."""

import posixpath
from collections.abc import Iterator


_MOST_FOLLOWED = 40
"""As many as the kernel follows in one name."""
_MOST_TARGETS = 8
_MOST_MOVES = 200


class Links:
    """Links by their absolute names, and where they lead at the moment.

    Attributes:
        targets: What each link says; a relative target starts from the directory that holds the link.
        ever: The same, with what they said before and those that are gone: at most eight of each name.
        changed: How often a name turned into a link after a call had gone through it. What such calls meant
            before they mean no more.
    """

    def __init__(self) -> None:
        self.targets: dict[str, str] = {}
        self.ever: dict[str, list[str]] = {}
        self.changed = 0
        self._above: set[str] = set()
        self._passed: set[str] = set()
        self._moves = 0

    def passes(self, path: str, *, last: bool) -> None:
        """A call goes through a name's directories, and with ``last`` through the name itself."""
        if "/.." in path:
            self._passed.update(name for name, end in steps(path) if last or end < len(path))
            return
        if last:
            self._passed.add(path)
        # Whose directory is known, of that all above are known.
        path = path.rpartition("/")[0]
        while path and path not in self._passed:
            self._passed.add(path)
            path = path.rpartition("/")[0]

    def forget_passes(self) -> None:
        """Nobody remembers any more what calls meant."""
        self._passed.clear()

    def made(self, name: str, target: str) -> None:
        """A name is a link from now on."""
        name = _plain(name)
        self.targets[name] = target
        ever = self.ever.setdefault(name, [])
        if target not in ever and len(ever) < _MOST_TARGETS:
            ever.append(target)
        self._above.update(_directories(name))
        self.changed += name in self._passed

    def copied(self, name: str, other: str) -> None:
        """A name got a hard link; a link is one under both names."""
        target = self.targets.get(_plain(name))
        if target is not None:
            self.made(other, target)

    def gone(self, name: str) -> str | None:
        """A name is no link any more; what it said, or None when it was none."""
        return self.targets.pop(_plain(name), None)

    def moved(self, old: str, new: str, *, exchange: bool) -> None:
        """A name moved, with all that is beneath it; or two changed places."""
        there = self._taken(new)
        for name, target in self._taken(old):
            self.made(new + name, target)
        for name, target in there if exchange else ():
            self.made(old + name, target)

    def _taken(self, top: str) -> list[tuple[str, str]]:
        """The links at and beneath a name, which are none there any more."""
        top = _plain(top)
        beneath = [name for name in self.targets if name.startswith(top + "/")] if top in self._above else []
        self._moves += bool(beneath)
        if self._moves > _MOST_MOVES:
            # Many moves of directories with many links must not cost their product.
            self.targets.clear()
            return []
        return [
            (name[len(top) :], self.targets.pop(name)) for name in (top, *beneath) if name in self.targets
        ]

    def meets(self, path: str) -> bool:
        """Whether a path leads through, or to, one of them."""
        return bool(self._first(path, last=True)[0])

    def lead(self, path: str, root: str, *, last: bool) -> tuple[str, list[str]]:
        """Where a path leads, and by which links.

        Args:
            path: An absolute path.
            root: Where absolute targets start, after chroot.
            last: The last component is followed as well.
        """
        found, met = path, list[str]()
        while len(met) < _MOST_FOLLOWED:
            link, behind = self._first(found, last=last)
            if not link:
                return found, met
            met.append(link)
            target, rest = self.targets[link], found[behind:]
            start = root if target.startswith("/") else found[:behind].rpartition("/")[0]
            parts = [part for part in f"{start}/{target}{rest}".split("/") if part not in ("", ".")]
            found = "/" + "/".join(parts)
        return path, met

    def _first(self, path: str, *, last: bool) -> tuple[str, int]:
        """The first link in a path, and the index behind it; "" when there is none."""
        for name, end in steps(path):
            if name in self.targets and (last or end < len(path)):
                return name, end
        return "", 0


def steps(path: str) -> Iterator[tuple[str, int]]:
    """What an absolute path names component by component, without "..", and the index behind each."""
    here, start = "", 1
    while start < len(path):
        end = path.find("/", start)
        end = len(path) if end < 0 else end
        part = path[start:end]
        here = here.rpartition("/")[0] if part == ".." else f"{here}/{part}"
        yield here, end
        start = end + 1


def _plain(path: str) -> str:
    return posixpath.normpath(path) if "/.." in path else path


def _directories(path: str) -> Iterator[str]:
    """Those above an absolute path, but for "/"."""
    path = path.rpartition("/")[0]
    while path:
        yield path
        path = path.rpartition("/")[0]
