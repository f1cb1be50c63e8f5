"""What was seen beneath one place, folded into few entries without losing an object."""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.domain.access import Inventory, Kind, Verdict
from assistant.domain.offer import Observed
from assistant.domain.places import is_public
from assistant.domain.rights import NO_FS, FsRight, known_at
from assistant.drafting.lasting import hashed_stores, in_store, lasting_place
from assistant.drafting.needs import Need


_SINGLY, _SINGLY_PUBLIC = 5, 2
"""Up to so many objects are listed one by one; fewer where a package's own files say little each."""
_MOST = 10
"""So many families at one place; beyond it they are told apart by less."""
_PROGRAMS = 4
_VERSION = re.compile(r"(?:\.[0-9]+)+$")
_FINE = frozenset({"ok"})


@dataclass(slots=True)
class Doings:
    """Who used an object how often, over all calls on it."""

    calls: int = 0
    runs: set[str] = field(default_factory=set)
    programs: set[str] = field(default_factory=set)
    outcomes: set[str] = field(default_factory=set)

    def join(self, other: "Doings") -> None:
        """Add another object's."""
        self.calls += other.calls
        self.runs |= other.runs
        self.programs |= other.programs
        self.outcomes |= other.outcomes


def doings(inventory: Inventory, target_abi: int) -> dict[str, Doings]:
    """By the place that a rule for the object would have."""
    known = known_at(FsRight, target_abi)
    found: dict[str, Doings] = {}
    stores = hashed_stores(inventory.paths)
    for access in inventory.paths:
        if access.verdict not in (Verdict.NEEDED, Verdict.POSSIBLE):
            continue
        place = in_store(lasting_place(access.path, access.rights & known, access.given), stores)
        one = found.setdefault(place, Doings())
        one.calls += access.count
        one.runs |= {run for run, _ in access.runs} or {line.trace for line in access.evidence}
        one.programs |= {actor for actor in access.actors if actor.startswith("/")}
        one.outcomes |= {access.outcome} - _FINE
    return found


def fold(needs: Sequence[Need], done: Mapping[str, Doings]) -> tuple[Observed, ...]:
    """Needs of one place as entries: each by itself when they are few, else in families. Not numbered yet.

    Args:
        needs: In the order of their paths.
        done: What was done to each.
    """
    return tuple(_entry(family, done) for family in _families(needs))


def _families(needs: Sequence[Need]) -> list[list[Need]]:
    if len(needs) <= (_SINGLY_PUBLIC if is_public(needs[0].path) else _SINGLY):
        return [[need] for need in needs]
    ways = (_grouped(needs, key) for key in _TOLD_APART)
    return next((families for families in ways if len(families) <= _MOST), _grouped(needs, _TOLD_APART[-1]))


def _grouped(needs: Sequence[Need], key: Callable[[Need], object]) -> list[list[Need]]:
    families: dict[object, list[Need]] = {}
    for need in needs:
        families.setdefault(key(need), []).append(need)
    return list(families.values())


_TOLD_APART: tuple[Callable[[Need], object], ...] = (
    lambda need: (need.all, need.volatile, need.kind is Kind.DIRECTORY, suffix(need.path)),
    lambda need: (need.all, need.volatile, need.kind is Kind.DIRECTORY),
    lambda need: need.all,
)
"""What makes a family, the finest first."""


def suffix(path: str) -> str:
    """What a file's name ends in, without the number of its version: ".pyc", ".so"; "" for none."""
    return posixpath.splitext(_VERSION.sub("", path))[1]


def _entry(family: list[Need], done: Mapping[str, Doings]) -> Observed:
    together = Doings()
    rights = possible = NO_FS
    for need in family:
        together.join(done.get(need.path, Doings()))
        rights |= need.hard
        possible |= need.soft
    paths = tuple(need.path for need in family)
    endings = {suffix(path) for path in paths}
    kinds = {need.kind for need in family}
    return Observed(
        number=0,
        paths=paths,
        below=_common(paths),
        suffix=endings.pop() if len(paths) > 1 and len(endings) == 1 else "",
        rights=rights,
        possible=possible & ~rights,
        kind=kinds.pop() if len(kinds) == 1 else Kind.UNKNOWN,
        volatile=any(need.volatile for need in family),
        implied=all(need.implied_by for need in family),
        calls=together.calls,
        runs=len(together.runs),
        programs=tuple(sorted(together.programs)[:_PROGRAMS]),
        outcomes=tuple(sorted(together.outcomes)),
    )


def _common(paths: Iterable[str]) -> str:
    """The object itself, or the deepest directory that holds them all."""
    given = list(paths)
    return given[0] if len(given) == 1 else posixpath.commonpath([posixpath.dirname(path) for path in given])
