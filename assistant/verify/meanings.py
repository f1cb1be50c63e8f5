"""What a name in a line may have meant: on the host, through links that are gone by now, in a changed root.

The inventory says which links the traces show being made, and where processes changed their root to. When
each was so is not asked: a line may be cited for whatever its names can have led to.
"""

import posixpath
from collections.abc import Iterator

from assistant.domain.access import Inventory, is_beneath
from assistant.domain.host import Host
from assistant.domain.processes import FIRST, OTHER, PROCESS


_MOST = 64


class Meanings:
    """The paths that names may have led to.

    Args:
        inventory: Its links and roots.
        host: The machine that the traces are from.
    """

    def __init__(self, inventory: Inventory, host: Host) -> None:
        self._host = host
        self._links = inventory.links
        self._roots = inventory.roots[:_MOST]
        self._by_last: dict[str, list[str]] = {}
        for link in inventory.links:
            self._by_last.setdefault(posixpath.basename(link), []).append(link)
        self._known: dict[str, frozenset[str]] = {}

    def of(self, name: str) -> frozenset[str]:
        """Of an absolute name."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = frozenset(self._all("/" + name.lstrip("/")))
        return known

    def of_relative(self, name: str) -> frozenset[str]:
        """Of a name that starts nobody knows where, when the run made a link that it goes through."""
        parts = [part for part in name.split("/") if part not in ("", ".")]
        found: set[str] = set()
        for count, part in enumerate(parts, start=1):
            head, rest = "/" + "/".join(parts[:count]), "/".join(parts[count:])
            for link in self._by_last.get(part, ()):
                if link.endswith(head):
                    found |= self.of(f"{link}/{rest}".rstrip("/"))
        return frozenset(found)

    def _all(self, path: str) -> Iterator[str]:
        plain = posixpath.normpath(path)
        if PROCESS.match(plain):
            # The host's /proc/self is the verifier's own. Whose this one is only the whole trace tells.
            yield plain
            yield from (PROCESS.sub(role, plain, count=1) for role in (FIRST, OTHER))
            return
        yield plain
        for led in self._led(path):
            inside = [root for root in self._roots if is_beneath(led, root)]
            yield posixpath.normpath(led)
            for root in ("", *inside):
                yield self._host.resolve(led, root=root)
                yield self._host.resolve(posixpath.normpath(led), follow=False, root=root)

    def _led(self, path: str) -> set[str]:
        """The path, as seen from every root and through every link."""
        waiting, found = [path, *(root.rstrip("/") + path for root in self._roots)], set[str]()
        while waiting and len(found) < _MOST:
            here = waiting.pop(0)
            if here not in found:
                found.add(here)
                waiting += self._followed(here)
        return found

    def _followed(self, path: str) -> Iterator[str]:
        """The path with each of its links replaced by each of its targets."""
        walked, parts = "", path.split("/")[1:]
        for index, part in enumerate(parts):
            above = walked
            walked = posixpath.normpath(f"{walked}/{part}").rstrip("/")
            for target in self._links.get(walked, ()):
                rest = "/".join([target, *parts[index + 1 :]])
                starts = ("", *self._roots) if target.startswith("/") else (above,)
                yield from (f"{start.rstrip('/')}/{rest.lstrip('/')}" for start in starts)
