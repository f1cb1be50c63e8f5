"""``test --learn``: what was denied is granted, until the scenarios work; then what nobody misses goes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.domain.finding import Finding, find
from assistant.domain.mutation import Unit
from assistant.domain.rights import NO_FS, NO_NET, FsRight, names
from assistant.domain.ruleset import Reach, Ruleset
from assistant.errors import SandboxError
from assistant.pipeline.reading import read_traces
from assistant.proving.battery import Battery, Outcome
from assistant.proving.dropping import CHANGES, droppable
from assistant.proving.growing import Growth, bare, grow
from assistant.proving.learnt import learnt_findings, write_down
from assistant.proving.lessons import Heard, Lessons, Seen
from assistant.proving.trial import Setting
from assistant.reading.naming import Trace


_MOST_ROUNDS = 60
_ELSEWHERE = (
    "a rule on this path does not help: what was denied has this name in a chroot or in other mounts, "
    "or was made after the rule"
)


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of it.

    Attributes:
        works: All scenarios work with the ruleset.
        ruleset: The one to be written; None when there is nothing to write.
        kept: What its evidence cites.
        rounds: How often the scenarios were lived before they worked, or nothing changed.
        findings: What was learnt, and what only a person may grant.
    """

    works: bool
    ruleset: Ruleset | None = None
    kept: tuple[Trace, ...] = ()
    rounds: int = 0
    findings: tuple[Finding, ...] = ()


def learn(ruleset: Ruleset, setting: Setting, name: str) -> Learned:
    """Grant what the scenarios are denied, as far as that may be done without asking.

    Args:
        ruleset: What they do not work with, perhaps.
        setting: With what it is tested.
        name: What evidence calls what is kept.

    Raises:
        RecordError: denials can neither be heard, nor be told from an strace.
        SandboxError: there is no Landlock, or a sandbox or room cannot be set up.
        UsageError: the scenarios' user cannot be had.
    """
    with setting.terms() as terms:
        battery = Battery(setting, terms)
        lessons: Lessons = Seen(ruleset, battery, name) if terms.listener.reason else Heard(name)
        return _Learning(ruleset, battery, lessons).learn()


class _Learning:
    def __init__(self, ruleset: Ruleset, battery: Battery, lessons: Lessons) -> None:
        self._ruleset, self._battery, self._lessons = ruleset, battery, lessons
        self._setting = battery.setting

    def learn(self) -> Learned:
        growth, rounds, passes = Growth(), 0, 0
        # What the first run that works has made is there in the next, which may need other rights.
        wanted = 1 if self._setting.room else 2
        while True:
            rounds += 1
            outcome = self._try(growth)
            passes = passes + 1 if outcome.passed else 0
            if passes == wanted:
                return self._learned(self._pruned(growth), rounds)
            if outcome.passed:
                continue
            self._lessons.after(outcome)
            grown = self._grow()
            self._tell(growth, grown)
            same = (grown.paths, grown.ports) == (growth.paths, growth.ports)
            if same or rounds == _MOST_ROUNDS:
                return self._stuck(outcome, grown, rounds)
            growth = grown

    def _try(self, growth: Growth) -> Outcome:
        outcome = self._battery.try_one(bare(self._ruleset, growth))
        if outcome is None:
            raise SandboxError("there is no time left to learn", hint="learn without a limit")
        return outcome

    def _grow(self) -> Growth:
        host = self._setting.host
        return self._setting.visit(lambda: grow(self._ruleset, self._lessons.denied(host), host))

    def _tell(self, before: Growth, after: Growth) -> None:
        for path, rights in after.paths.items():
            new = rights & ~before.paths.get(path, NO_FS)
            if new:
                self._setting.tell(f"learnt: {', '.join(names(new))} on {path}")
        for port, net in after.ports.items():
            if net & ~before.ports.get(port, NO_NET):
                self._setting.tell(f"learnt: {', '.join(names(net))} on port {port}")

    def _pruned(self, growth: Growth) -> Growth:
        """Without what only the way around a denial needed."""
        if not self._lessons.falls_back:
            return growth
        # What was made is there by now, unless each run has a room: nobody would miss the right to make it.
        fresh = self._setting.room is not None
        units = [unit for unit in _units(growth) if fresh or unit.right not in CHANGES]
        gone = droppable(units, lambda some: self._try(_less(growth, some)).passed)
        for unit in gone:
            self._setting.tell(f"not needed after all: {unit.name} on {unit.subject}")
        return _less(growth, gone)

    def _learned(self, growth: Growth, rounds: int) -> Learned:
        held = growth.held_back
        if not growth.paths and not growth.ports:
            return Learned(works=True, rounds=rounds)
        kept = self._lessons.kept(bare(self._ruleset, growth))
        host = self._setting.host
        denied = self._setting.visit(lambda: read_traces(kept, host))
        written = write_down(self._ruleset, growth, denied)
        findings = (*learnt_findings(growth), *held)
        return Learned(True, written, tuple(kept), rounds, findings)

    def _stuck(self, outcome: Outcome, growth: Growth, rounds: int) -> Learned:
        broken = self._battery.broken()
        if broken:
            return Learned(works=False, rounds=rounds, findings=(broken,))
        failed = find("command-failed", self._ruleset.service, outcome.failed)
        held = {finding.subject for finding in growth.held_back}
        reach = Reach(bare(self._ruleset, growth).paths())
        unclear = []
        for denial in outcome.denied:
            said = denial.missing or "no rule can allow it"
            if denial.path and not denial.rights & ~reach.rights(denial.path):
                said = _ELSEWHERE
            if denial.subject not in held:
                unclear.append(find("not-learnt", denial.subject, f"{denial.asked}: {said}"))
        return Learned(works=False, rounds=rounds, findings=(failed, *growth.held_back, *unclear))


def _units(growth: Growth) -> list[Unit]:
    paths = [Unit(path, None, right) for path, rights in growth.paths.items() for right in rights]
    return [*paths, *(Unit("", port, right) for port, rights in growth.ports.items() for right in rights)]


def _less(growth: Growth, gone: Sequence[Unit]) -> Growth:
    paths, ports = dict(growth.paths), dict(growth.ports)
    for unit in gone:
        if isinstance(unit.right, FsRight):
            paths[unit.path] &= ~unit.right
        elif unit.port is not None:
            ports[unit.port] &= ~unit.right
    return replace(
        growth,
        paths={path: rights for path, rights in paths.items() if rights},
        ports={port: rights for port, rights in ports.items() if rights},
    )
