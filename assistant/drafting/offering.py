"""From a draft to an offer: each rule's place, its narrower and its wider form, and what was seen there.

Only what a reviewer could take without a second thought is offered: no directory that many programs share,
none that holds credentials or keys, nothing that lets the service run more, nothing that cannot be counted.
"""

import itertools
import posixpath
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from assistant.domain.access import Inventory, Verdict
from assistant.domain.offer import Choice, Declined, Observed, Offer, Opens, Relation, Spot
from assistant.domain.places import is_public, reached_by_reading, reached_by_writing
from assistant.domain.rights import NO_FS, FsRight
from assistant.domain.ruleset import PathGrant, PortGrant, Reach
from assistant.drafting import generalise
from assistant.drafting.needs import EXECUTE, READ, WRITE, Need, classes, singly
from assistant.drafting.offline import Draft, Drafter
from assistant.drafting.seen import doings, fold
from assistant.drafting.tree import Node, downwards


_MOST_READ, _MOST_WRITTEN = 100, 20
"""Files of no package that a wider choice may open at the most."""
_MOST_RULES = 40
"""A narrower choice of more rules is none that anybody would review."""


def offer(drafter: Drafter, drafted: Draft) -> Offer:
    """What may be chosen instead of a draft, place by place.

    Args:
        drafter: With which the draft was made.
        drafted: Its draft.
    """
    spots = sorted(_Places(drafter).spots(), key=lambda spot: spot.choices[0].paths[0].path)
    spots += [_of_port(grant) for grant in drafted.port]
    declined = [Declined(0, one.path, one.rights, one.why) for one in drafted.refused]
    return _numbered(
        Offer(
            service=drafter.options.service,
            target_abi=drafter.options.target_abi,
            runs=len(drafter.inventory.sources),
            spots=tuple(spots),
            declined=tuple(declined),
            absent=_absent(drafter.inventory),
        )
    )


class _Places:
    def __init__(self, drafter: Drafter) -> None:
        self._drafter = drafter
        self._above = {child.path: node for node in downwards(drafter.root) for child in node.below.values()}
        self._done = doings(drafter.inventory, drafter.options.target_abi)

    def spots(self) -> Iterator[Spot]:
        drafter = self._drafter
        drafts = [(chosen, self._granted(Relation.DRAFTED, [chosen])) for chosen in drafter.choices]
        places = {chosen.node.path for chosen, drafted in drafts if drafted}
        beneath = _by_place(drafter, places)
        for path, forced in drafter.guarding.forced.items():
            grant = drafter.forced_grant(forced)
            choice = self._choice(Relation.DRAFTED, [grant], {grant.path})
            needs = [] if path in places else beneath.get(path, [])
            yield Spot(0, (choice,), self._seen([*forced.needs, *needs]), forced=True)
        for chosen, drafted in drafts:
            if drafted is not None:
                needs = beneath.get(chosen.node.path, [])
                offered = filter(None, (drafted, self._narrower(chosen), self._wider(chosen)))
                told = tuple(replace(choice, lacks=_lacks(choice, drafted, needs)) for choice in offered)
                yield Spot(0, told, self._seen(needs))

    def _seen(self, needs: Iterable[Need]) -> tuple[Observed, ...]:
        by_path = {need.path: need for need in needs}
        return fold([by_path[path] for path in sorted(by_path)], self._done)

    def _granted(self, relation: Relation, chosen: Iterable[generalise.Choice]) -> Choice | None:
        """Some rules of the generaliser as one choice; None when the directories above give all of them."""
        pairs = [(one.node, grant) for one in chosen if (grant := self._drafter.grant(one))]
        directories = {node.path for node, _ in pairs if node.is_directory}
        return self._choice(relation, [grant for _, grant in pairs], directories) if pairs else None

    def _choice(self, relation: Relation, grants: Iterable[PathGrant], directories: set[str]) -> Choice:
        opens = (self._opens(grant) for grant in grants if grant.path in directories)
        return Choice(0, relation, tuple(grants), directories=frozenset(directories), opens=_sum(opens))

    def _opens(self, grant: PathGrant) -> Opens:
        return _sum(self._opens_to(grant.path, name) for name in singly(classes(grant.rights)))

    def _opens_to(self, directory: str, name: int) -> Opens:
        if name not in (READ, WRITE, EXECUTE):
            return Opens()
        found = self._drafter.exposure.count(directory, self._drafter.used.get(name, ()), name)
        return Opens(
            read=found.private if name == READ else 0,
            public=found.public if name == READ else 0,
            write=found.total if name == WRITE else 0,
            execute=found.total if name == EXECUTE else 0,
            names=found.names,
            known=found.known,
        )

    def _narrower(self, choice: generalise.Choice) -> Choice | None:
        found = self._drafter.generaliser.narrower(choice)
        return self._granted(Relation.NARROWER, found) if found and len(found) <= _MOST_RULES else None

    def _wider(self, choice: generalise.Choice) -> Choice | None:
        above = self._above.get(choice.node.path)
        if above is None or not _may_be_widened(above, choice):
            return None
        made = self._granted(Relation.WIDER, [replace(choice, node=above)])
        return made if made is not None and _harmless(made.opens) else None


def _lacks(choice: Choice, drafted: Choice, needs: Iterable[Need]) -> FsRight:
    """What the drafted rules give to another reading of the trace, and these do not."""
    reach = Reach({grant.path: grant.rights for grant in choice.paths})
    before = Reach({grant.path: grant.rights for grant in drafted.paths})
    lacking = NO_FS
    for need in needs:
        lacking |= need.soft & before.rights(need.path) & ~reach.rights(need.path)
    return lacking


def _may_be_widened(above: Node, choice: generalise.Choice) -> bool:
    """Whether the directory above could carry the same classes for everything beneath it."""
    if above.guarded or not above.ruleable or choice.classes & EXECUTE or is_public(above.path):
        return False
    if choice.classes & WRITE:
        runs = (above.wanted | choice.given) & EXECUTE
        return not runs and not reached_by_writing(above.path) and not reached_by_reading(above.path)
    return not reached_by_reading(above.path)


def _harmless(opens: Opens) -> bool:
    few = opens.read <= _MOST_READ and opens.write <= _MOST_WRITTEN
    return opens.known and few and not opens.names and not opens.execute


def _sum(opens: Iterable[Opens]) -> Opens:
    total = Opens()
    for one in opens:
        total = Opens(
            total.read + one.read,
            total.public + one.public,
            total.write + one.write,
            total.execute + one.execute,
            tuple(sorted({*total.names, *one.names})),
            total.known and one.known,
        )
    return total


def _by_place(drafter: Drafter, chosen: Collection[str]) -> dict[str, list[Need]]:
    """Every need by the deepest chosen place that it lies in, else by the one whose forced rule gives it."""
    forced = drafter.guarding.forced
    found: dict[str, list[Need]] = {}
    for path, need in drafter.needs.items():
        above = list(_upwards(path))
        given = (here for here in above if here in forced and need.all & forced[here].rights)
        place = next((here for here in above if here in chosen), None) or next(given, None)
        if place is not None and need.all:
            found.setdefault(place, []).append(need)
    return found


def _upwards(path: str) -> Iterator[str]:
    """The path and the directories above it, the deepest first."""
    yield path
    while path != "/":
        path = posixpath.dirname(path)
        yield path


def _of_port(grant: PortGrant) -> Spot:
    return Spot(0, (Choice(0, Relation.DRAFTED, ports=(grant,)),))


def _absent(inventory: Inventory) -> tuple[str, ...]:
    names = {access.path for access in inventory.paths if access.verdict is Verdict.PROBED and access.rights}
    return tuple(sorted(name for name in names if not name.startswith(("/proc/", "/sys/", "/usr/"))))


def _numbered(made: Offer) -> Offer:
    """The same offer with numbers that rise in the order in which it is read."""
    places, choices, seen = itertools.count(1), itertools.count(1), itertools.count(1)
    spots = [
        replace(
            spot,
            number=next(places),
            choices=tuple(replace(choice, number=next(choices)) for choice in spot.choices),
            observed=tuple(replace(one, number=next(seen)) for one in spot.observed),
        )
        for spot in made.spots
    ]
    declined = tuple(replace(one, number=next(seen)) for one in made.declined)
    return replace(made, spots=tuple(spots), declined=declined)
