"""What two rulesets allow that the other does not. As in the kernel, rights add up from object to root.

On any way down from the root a right is granted from some path on, and stays. So all places where two
rulesets differ are found by looking once at the paths that either names, in the order of the tree.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from assistant.domain.access import is_beneath
from assistant.domain.classes import AccessClass
from assistant.domain.difference import EVERY_OTHER_PORT, Change, Difference, Remade, Way
from assistant.domain.effect import Effect
from assistant.domain.rights import NO_FS, NO_NET, ON_FILE, FsRight, Scope


_SHOWN_APART = 5
_ALL_PORTS = 65_536
_GRAVITY = {one: place for place, one in enumerate(AccessClass)}


def difference(old: Effect, new: Effect, is_file: Callable[[str], bool] | None = None) -> Difference:
    """What ``new`` allows and ``old`` does not, and the other way round.

    Args:
        old: What is allowed now.
        new: What would be allowed.
        is_file: Whether a path is known to be no directory: a rule on it keeps only the rights that a file
            can have. None: nothing is known, and every path may be a directory.
    """
    named = old.paths.keys() | new.paths.keys()
    paths = sorted({"/", *named}, key=_by_tree)
    gains = _Gains(old, new, is_file).along(paths)
    losses = _Gains(new, old, is_file).along(paths)
    ports, equal_ports = _ports(old, new)
    changes = [
        *(_path_change(place, Way.WIDENED if place.more else Way.ADDED) for place in gains.found),
        *(_path_change(place, Way.NARROWED if place.more else Way.REMOVED) for place in losses.found),
        *ports,
        *_scopes(old, new),
    ]
    return Difference(
        changes=tuple(sorted(changes, key=_order)),
        remade=tuple(_remade(dict(old.made), dict(new.made))),
        equal=len(named - gains.places - losses.places) + equal_ports,
        same_digest=old.digest() == new.digest(),
        target_abi=(old.target_abi, new.target_abi),
        without_effect=tuple(sorted(gains.without_effect | losses.without_effect)),
    )


def _by_tree(path: str) -> list[str]:
    """So that all that lies beneath a path comes directly behind it."""
    return path.split("/") if path != "/" else [""]


def _order(change: Change) -> tuple[bool, int, str, str]:
    """Wider first, then by the gravest right, then by place."""
    place = change.place
    shown = f"{place:6}" if isinstance(place, int) else str(place)
    return not change.way.wider, _GRAVITY[change.classes[0]], type(place).__name__, shown


@dataclass(slots=True)
class _Place:
    """A path that a ruleset names, while all that lies beneath it is looked at.

    Attributes:
        path: The path.
        less: What the ruleset that is held to allow less grants here; ``more_granted`` what the other does.
        gained: What the other allows beyond it; ``first``: that no place above gained.
        more: The first one grants something here or beneath, so that there is more of it now.
        apart: Places beneath where the first one grants what was gained here, too; ``apart_count`` of them.
    """

    path: str
    less: FsRight = NO_FS
    more_granted: FsRight = NO_FS
    gained: FsRight = NO_FS
    first: FsRight = NO_FS
    more: bool = False
    apart: list[str] = field(default_factory=list)
    apart_count: int = 0


_TOP = _Place("")
"""Stands above the root: nothing is granted there."""


class _Gains:
    """Where one ruleset allows more than another.

    Attributes:
        found: The places where something is gained that is not gained above them.
        places: All named paths where something is gained.
        without_effect: Paths of files whose own rules would have gained rights of directories.
    """

    def __init__(self, less: Effect, more: Effect, is_file: Callable[[str], bool] | None) -> None:
        self._less, self._more, self._is_file = less, more, is_file
        # Asked for at each path, and the same at all of them.
        self._handled = less.handled, more.handled
        self._open = less.unhandled, more.unhandled
        self._above: list[_Place] = []
        self.found: list[_Place] = []
        self.places: set[str] = set()
        self.without_effect: set[str] = set()

    def along(self, paths: Iterable[str]) -> "_Gains":
        """Look at all paths that either ruleset names, in the order of the tree, and at the root before them.

        At the root, because what is not handled is allowed everywhere.
        """
        for path in paths:
            while self._above and not is_beneath(path, self._above[-1].path):
                self._leave()
            self._above.append(self._enter(path, self._above[-1] if self._above else _TOP))
        while self._above:
            self._leave()
        return self

    def _enter(self, path: str, above: _Place) -> _Place:
        own_less, own_more = self._less.paths.get(path, NO_FS), self._more.paths.get(path, NO_FS)
        place = _Place(
            path, above.less | own_less & self._handled[0], above.more_granted | own_more & self._handled[1]
        )
        gained = (place.more_granted | self._open[1]) & ~(place.less | self._open[0])
        if gained & ~ON_FILE and self._is_file and self._is_file(path):
            if own_more & gained & ~ON_FILE:
                self.without_effect.add(path)
            gained &= ON_FILE
        place.gained, place.first = gained, gained & ~above.gained
        place.more = bool(place.less or place.first & self._open[1])
        if gained:
            self.places.add(path)
        if no_gain := above.gained & ~gained:
            self._set_apart(path, no_gain)
        return place

    def _set_apart(self, path: str, rights: FsRight) -> None:
        """Where rights are no gain that were one above: say so at the places that gained them."""
        for place in reversed(self._above):
            if place.first & rights:
                place.apart_count += 1
                if place.apart_count <= _SHOWN_APART:
                    place.apart.append(path)
            rights &= ~place.first
            if not rights:
                return

    def _leave(self) -> None:
        place = self._above.pop()
        if self._above and (place.more or place.path in self._less.paths):
            self._above[-1].more = True
        if place.first:
            self.found.append(place)


def _path_change(place: _Place, way: Way) -> Change:
    both = place.less & place.more_granted
    return Change(way, place.path, place.first, both, tuple(place.apart), place.apart_count)


def _ports(old: Effect, new: Effect) -> tuple[list[Change], int]:
    """What changed on ports, and on how many of the named ones nothing did."""
    named = sorted(old.ports.keys() | new.ports.keys())
    found = [change for port in named for change in _port(old, new, port)]
    equal = len(named) - len({change.place for change in found})
    others = _port(old, new, EVERY_OTHER_PORT) if len(named) < _ALL_PORTS else ()
    return [*found, *others], equal


def _port(old: Effect, new: Effect, port: int) -> Iterator[Change]:
    before, after = old.on_port(port), new.on_port(port)
    named_before, named_after = old.ports.get(port, NO_NET), new.ports.get(port, NO_NET)
    if gained := after & ~before:
        way = Way.WIDENED if named_before or gained & new.any_port else Way.ADDED
        yield Change(way, port, gained, named_before & named_after)
    if lost := before & ~after:
        way = Way.NARROWED if named_after or lost & old.any_port else Way.REMOVED
        yield Change(way, port, lost, named_before & named_after)


def _scopes(old: Effect, new: Effect) -> Iterator[Change]:
    opened, closed = new.open_scopes & ~old.open_scopes, old.open_scopes & ~new.open_scopes
    yield from (Change(Way.WIDENED, scope, scope, Scope(0)) for scope in opened)
    yield from (Change(Way.NARROWED, scope, scope, Scope(0)) for scope in closed)


def _remade(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Remade]:
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path, ""), new.get(path, "")
        if before != after:
            yield Remade(path, before, after)
