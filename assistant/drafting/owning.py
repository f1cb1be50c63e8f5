"""Which directories are the service's own: named after it, written by it, or a place for content."""

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterable

from assistant.domain.places import is_guarded
from assistant.domain.rights import FsRight
from assistant.drafting.needs import Need


_GENERIC = re.compile(
    r"^(?:env|busybox|(?:ba|da|z|k)?sh|python[0-9.]*|perl[0-9.]*|ruby[0-9.]*|node(?:js)?|java|php[0-9.]*|sudo|su"
    r"|strace|timeout|cat|sed|awk|[gm]awk|grep|find|xargs|ls|date|bin|sbin|lib|libexec|local|share|usr|opt|etc|var)$"
)
_CONTENT = frozenset({"/var/www"})
_SHORTEST_NAME = 3
_LONG_NAME = 5
_OF_PERSON = re.compile(r"^/(?:root|home/[^/]+)/[^/]+$")
"""Documents, Downloads and the like: one lock file in them makes nobody their owner."""
_INSTALLED = re.compile(r"^/(?:opt|srv|usr/local)/[^/]+")
"""Where the administrator puts applications and what they serve, each in a directory (hier(7))."""


class Ownership:
    """Answers whether a directory is the service's own.

    Args:
        names: The service's name and its main program's; helpers own nothing.
        needs: For the directories it makes files in.
    """

    def __init__(self, names: Iterable[str], needs: Collection[Need]) -> None:
        given = {posixpath.basename(name).lower() for name in names}
        stems = {part for name in given for part in (name, re.split(r"[-_.@0-9]", name, maxsplit=1)[0])}
        self._names = {n for n in stems if len(n) >= _SHORTEST_NAME and not _GENERIC.match(n)}
        self._written = {
            need.path
            for need in needs
            if need.hard & FsRight.MAKE_REG and not is_guarded(need.path) and not _OF_PERSON.match(need.path)
        }

        self._known = {"/": False}
        self._applications = _applications(need.path for need in needs)

    def __call__(self, directory: str) -> bool:
        """Whether the directory, or one above it that is not shared, is the service's own."""
        climbed = []
        while directory not in self._known:
            climbed.append(directory)
            directory = directory[: directory.rfind("/")] or "/"
        own = self._known[directory]
        for step in reversed(climbed):
            own = self._known[step] = not is_guarded(step) and (own or self._itself(step))
        return own

    def runs(self, directory: str) -> bool:
        """Whether the directory is part of an application that the service runs or serves.

        By its place alone: it may hold what is none of the service's business, so this is about reading only.
        """
        return _application(directory) in self._applications

    def _itself(self, directory: str) -> bool:
        return (
            directory in _CONTENT
            or directory in self._written
            or self._named(posixpath.basename(directory).lower())
        )

    def _named(self, component: str) -> bool:
        return any(_same(component, name) for name in self._names)


def _application(path: str) -> str:
    """The directory of /opt, /srv or /usr/local that a path is or lies in; empty when there is none."""
    found = _INSTALLED.match(path)
    return found[0] if found and not is_guarded(found[0]) else ""


def _applications(paths: Iterable[str]) -> frozenset[str]:
    """Those of which several files are used: one alone may be another's."""
    used = Counter(tree for path in paths if (tree := _application(path)) and tree != path)
    return frozenset(tree for tree, files in used.items() if files > 1)


def _same(component: str, name: str) -> bool:
    """Whether a directory is called after a name: "redis", "redis-6", "postgresql" for postgres, "mysql"."""
    if component == name or re.match(re.escape(name) + r"[-_.@0-9]", component):
        return True
    shorter, longer = sorted((component, name), key=len)
    return len(shorter) >= _LONG_NAME and longer.startswith(shorter) and longer[len(shorter) :].isalpha()
