"""Which directories are the service's own: named after it, written by it, or a place for content."""

import posixpath
import re
from collections.abc import Iterable

from assistant.domain.access import Inventory
from assistant.domain.places import is_guarded
from assistant.domain.rights import FsRight
from assistant.drafting.needs import Need


_GENERIC = re.compile(
    r"^(?:env|busybox|(?:ba|da|z|k)?sh|python[0-9.]*|perl[0-9.]*|ruby[0-9.]*|node(?:js)?|java|php[0-9.]*|sudo|su"
    r"|strace|timeout|cat|sed|awk|[gm]awk|grep|find|xargs|ls|date|bin|sbin|lib|libexec|local|share|usr|opt|etc|var)$"
)
_CONTENT = frozenset({"/var/www"})
_SHORTEST_NAME = 3


class Ownership:
    """Answers whether a directory is the service's own.

    Args:
        service: The service's name.
        inventory: For the programs it runs.
        needs: For the directories it makes files in.
    """

    def __init__(self, service: str, inventory: Inventory, needs: Iterable[Need]) -> None:
        names = {service.lower()}
        for run in inventory.executions:
            names.add(posixpath.basename(run.path).lower())
            names.add(posixpath.basename(posixpath.dirname(run.path)).lower())
        stems = {part for name in names for part in (name, re.split(r"[-_.@0-9]", name, maxsplit=1)[0])}
        self._names = {n for n in stems if len(n) >= _SHORTEST_NAME and not _GENERIC.match(n)}
        self._written = {
            need.path for need in needs if need.all & FsRight.MAKE_REG and not is_guarded(need.path)
        }

    def __call__(self, directory: str) -> bool:
        """Whether the directory, or one above it that is not shared, is the service's own."""
        while directory != "/" and not is_guarded(directory):
            if (
                directory in _CONTENT
                or directory in self._written
                or self._named(posixpath.basename(directory).lower())
            ):
                return True
            directory = posixpath.dirname(directory)
        return False

    def _named(self, component: str) -> bool:
        if len(component) < _SHORTEST_NAME:
            return False
        return any(
            component.startswith(name) or (len(component) > _SHORTEST_NAME and name.startswith(component))
            for name in self._names
        )
