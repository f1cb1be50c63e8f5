"""What one ruleset allows, a line for each path and class of rights: made to be compared line by line.

Order, prose and needless rules of the document leave no mark here.
"""

from collections.abc import Iterator

from assistant.domain.access import parent
from assistant.domain.classes import classes, of_class
from assistant.domain.effect import Effect
from assistant.domain.rights import NO_FS, names
from assistant.domain.ruleset import Reach
from assistant.render.plain import printable


def effect_text(effect: Effect) -> str:
    """The lines; every name is whole and escaped."""
    return "\n".join(
        [
            f"target ABI {effect.target_abi}",
            f"scopes on: {', '.join(names(effect.closed_scopes)) or 'none'}",
            *_paths(effect),
            *_ports(effect),
            *(f"made     {printable(path)}: {how}" for path, how in effect.made),
            f"digest {effect.digest()}",
        ]
    )


def _paths(effect: Effect) -> Iterator[str]:
    reach = Reach(effect.paths)
    for path in sorted(effect.paths):
        above = NO_FS if path == "/" else reach.inside(parent(path))
        own = effect.paths[path] & effect.handled & ~above
        for kind in classes(own):
            yield f"{kind:8} {printable(path)}: {', '.join(names(of_class(own, kind)))}"


def _ports(effect: Effect) -> Iterator[str]:
    for port, rights in sorted(effect.ports.items()):
        own = rights & effect.handled_on_ports
        for kind in classes(own):
            yield f"{kind:8} port {port}: {', '.join(names(of_class(own, kind)))}"
