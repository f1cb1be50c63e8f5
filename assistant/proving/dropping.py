"""Which rights earn their place: each is dropped, and the scenarios are lived again without it.

What an strace of the scenarios shows decides only the order: rights that they never use are dropped together,
and by halves when that goes wrong; all others one by one. Whether a right is needed decides the kernel.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from assistant.domain.access import is_beneath
from assistant.domain.denial import Denial
from assistant.domain.minimality import RightTried
from assistant.domain.mutation import Unit, cited, given_above, units, without
from assistant.domain.rights import NO_FS, FsRight
from assistant.domain.ruleset import Ruleset
from assistant.proving.battery import Battery, Outcome
from assistant.proving.usage import Usage


Group = tuple[Unit, ...]

STALE = "each run finds what earlier ones made, so that a right to make it may seem unneeded"

CHANGES = frozenset(~NO_FS & ~(FsRight.READ_FILE | FsRight.READ_DIR | FsRight.EXECUTE | FsRight.IOCTL_DEV))
"""Rights whose use changes what the next run finds."""


class Dropping:
    """Drops the rights of a ruleset.

    Args:
        ruleset: All scenarios work with it.
        battery: Lives them.
        used: What they use, as a guess; None: everything.

    Attributes:
        tried: The verdicts so far.
    """

    def __init__(self, ruleset: Ruleset, battery: Battery, used: Usage | None) -> None:
        self._ruleset, self._battery, self._used = ruleset, battery, used
        self._units = units(ruleset)
        self._failed_once: set[Unit] = set()
        self.tried: dict[Unit, RightTried] = {}

    def results(self) -> tuple[RightTried, ...]:
        """A verdict on each right, in the document's order; those without one were not tried."""
        return tuple(
            self.tried.get(unit) or self._verdict(unit, "not tried", "there was no time")
            for unit in self._units
        )

    def drop(self) -> None:
        """Drop every right, as long as there is time."""
        for unit in self._units:
            above = given_above(self._ruleset, unit)
            if above:
                self._decide(unit, "not needed", f"the grant on {above} gives it too")
        left = [unit for unit in self._units if unit not in self.tried]
        unused = tuple(unit for unit in left if self._used is not None and not self._used.of(unit))
        groups: list[Group] = [unused] if unused else []
        groups += [(unit,) for unit in left if unit not in unused]
        while groups and not self._battery.over:
            groups = self._generation(groups)

    def _generation(self, groups: Sequence[Group]) -> list[Group]:
        """Drop each group; what is to be tried next because of that, in the document's order."""
        following: list[Group] = []
        for place, outcome in self._battery.try_all(without(self._ruleset, group) for group in groups):
            following += self._judge(groups[place], outcome)
        return sorted(following, key=lambda group: self._units.index(group[0]))

    def _judge(self, group: Group, outcome: Outcome) -> list[Group]:
        if outcome.passed:
            for unit in group:
                verdict = "unsteady" if unit in self._failed_once else "not needed"
                self._decide(unit, verdict, self._without(unit, outcome))
            return []
        if len(group) > 1:
            return [group[: len(group) // 2], group[len(group) // 2 :]]
        (unit,) = group
        denial = about(unit, outcome.denied)
        if denial is None and unit not in self._failed_once:
            # Something else may have gone wrong: only a second time counts.
            self._failed_once.add(unit)
            return [group]
        asked = f"{denial.asked}, {unit.name} denied on {denial.subject}: " if denial else ""
        self._decide(unit, "needed", f"{asked}{outcome.failed}")
        return []

    def _without(self, unit: Unit, outcome: Outcome) -> str:
        if unit in self._failed_once:
            return "a scenario failed once without it and worked once"
        denial = about(unit, outcome.denied)
        if denial:
            return f"{denial.asked} was denied it on {denial.subject}, and the scenarios work all the same"
        if self._battery.setting.room is None and unit.right in CHANGES:
            return f"the scenarios work without it; but {STALE}"
        return "the scenarios never ask for it" if outcome.complete else "the scenarios work without it"

    def _decide(self, unit: Unit, verdict: str, why: str) -> None:
        self.tried[unit] = self._verdict(unit, verdict, why)
        done = f"[{len(self.tried)}/{len(self._units)}]"
        self._battery.setting.tell(f"{done} {verdict}: {unit.name} on {unit.subject}")

    def _verdict(self, unit: Unit, verdict: str, why: str) -> RightTried:
        return RightTried.model_validate(
            {
                "object": unit.subject,
                "right": unit.name,
                "verdict": verdict,
                "why": why,
                "evidence": cited(self._ruleset, unit),
            }
        )

    def stay(self) -> tuple[str, ...]:
        """Of the rights that are not needed one by one, those that must stay so that the others can go."""
        spare = [
            unit for unit in self._units if unit in self.tried and self.tried[unit].verdict == "not needed"
        ]
        gone = droppable(spare, self._works_without)
        return tuple(f"{unit.name} on {unit.subject}" for unit in spare if unit not in gone)

    def _works_without(self, some: Sequence[Unit]) -> bool:
        outcome = self._battery.try_one(without(self._ruleset, some))
        return outcome is not None and outcome.passed


_T = TypeVar("_T")


def droppable(candidates: Sequence[_T], works_without: Callable[[Sequence[_T]], bool]) -> list[_T]:
    """As many as can go together: whole groups first, and halves of those that cannot."""
    gone: list[_T] = []
    waiting = [list(candidates)] if candidates else []
    while waiting:
        group = waiting.pop(0)
        if works_without([*gone, *group]):
            gone += group
        elif len(group) > 1:
            waiting = [group[: len(group) // 2], group[len(group) // 2 :], *waiting]
    return gone


def about(unit: Unit, denied: Sequence[Denial]) -> Denial | None:
    """The first denial for want of a right."""
    return next((denial for denial in denied if _lacks(denial, unit)), None)


def _lacks(denial: Denial, unit: Unit) -> bool:
    if isinstance(unit.right, FsRight):
        beneath = bool(denial.path) and is_beneath(denial.path, unit.path)
        return beneath and bool(denial.rights & unit.right)
    return denial.port == unit.port and bool(denial.net & unit.right)
