"""``test --prove-minimal``: mutation testing of a ruleset, within a budget; what was found is never lost."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from assistant.domain.finding import Finding, find
from assistant.domain.minimality import Minimality, Narrowing, RightTried
from assistant.domain.ruleset import Ruleset
from assistant.enforce.trial import landlock
from assistant.proving.battery import Battery
from assistant.proving.dropping import STALE, Dropping
from assistant.proving.narrowing import Narrower
from assistant.proving.trial import Setting
from assistant.proving.usage import usage


_CITED = 3


@dataclass(frozen=True, slots=True)
class Effort:
    """How much may be done.

    Attributes:
        at_once: Lives under way at the same time; more than one takes rooms.
        budget: Seconds after which nothing is begun; None: no limit.
        narrow: Also try to narrow directories.
    """

    at_once: int = 1
    budget: float | None = None
    narrow: bool = True


@dataclass(frozen=True, slots=True)
class MinimalResult:
    """What was found.

    Attributes:
        document: The result; None when the scenarios do not work with the whole ruleset.
        findings: What it means.
        interrupted: Somebody asked to stop.
    """

    document: Minimality | None
    findings: tuple[Finding, ...]
    interrupted: bool = False


def prove_minimal(ruleset: Ruleset, setting: Setting, effort: Effort) -> MinimalResult:
    """Drop each right of each grant, and see whether the scenarios notice.

    Args:
        ruleset: What is tried.
        setting: With what.
        effort: How much may be done.

    Raises:
        SandboxError: there is no Landlock, or a sandbox or room cannot be set up.
        UsageError: the scenarios' user cannot be had.
    """
    began = time.monotonic()
    until = None if effort.budget is None else began + effort.budget
    with setting.terms() as terms:
        battery = Battery(setting, terms, at_once=effort.at_once, until=until)
        failed = _baseline(ruleset, battery)
        if failed:
            return MinimalResult(None, tuple(failed))
        work = _Work(ruleset, battery)
        interrupted = True
        with suppress(KeyboardInterrupt):
            work.do(narrow=effort.narrow)
            interrupted = False
        complete = not (interrupted or battery.over)
        document = Minimality(
            service=ruleset.service,
            digest=ruleset.digest(),
            kernel=landlock().kernel,
            abi=landlock().abi,
            scenarios=tuple(life.name for life in battery.lives),
            rights=work.rights,
            together=work.together,
            directories=tuple(work.directories),
            runs=battery.runs,
            seconds=round(time.monotonic() - began, 1),
            complete=complete,
            reason="" if complete else "it was interrupted" if interrupted else "the time was over",
        )
    return MinimalResult(document, tuple(_findings(document)), interrupted)


def _baseline(ruleset: Ruleset, battery: Battery) -> list[Finding]:
    """Why nothing can be shown: a scenario that does not work with all rights, or not even outside."""
    battery.setting.tell("first with all rights")
    if battery.setting.room is None:
        battery.setting.tell(f"without --room {STALE}")
    whole = battery.try_one(ruleset)
    if whole is None or whole.passed:
        return []
    return [battery.broken() or find("command-failed", ruleset.service, f"with all rights {whole.failed}")]


class _Work:
    """What is done and what came of it so far: an interrupt loses only what is under way."""

    def __init__(self, ruleset: Ruleset, battery: Battery) -> None:
        self._ruleset, self._battery = ruleset, battery
        self._dropping = Dropping(ruleset, battery, None)
        self.together: tuple[str, ...] = ()
        self.directories: list[Narrowing] = []

    @property
    def rights(self) -> tuple[RightTried, ...]:
        return self._dropping.results()

    def do(self, *, narrow: bool) -> None:
        battery = self._battery
        used = usage(battery.lives, battery.terms, battery.setting.room)
        self._dropping = Dropping(self._ruleset, battery, used)
        self._dropping.drop()
        if battery.over:
            return
        self.together = self._dropping.stay()
        if narrow:
            battery.setting.tell("now the directories")
            needed = [right.object for right in self.rights if right.verdict == "needed"]
            worth = [path for path in self._ruleset.paths() if path in needed]
            for one in Narrower(self._ruleset, battery, used).narrow(worth):
                self.directories.append(one)


def _findings(document: Minimality) -> Iterator[Finding]:
    for right in document.rights:
        if right.verdict == "not needed":
            yield find(
                "unneeded-right",
                right.object,
                f"{right.right}: {right.why}",
                evidence=right.evidence[:_CITED],
            )
        elif right.verdict == "unsteady":
            yield find("unsteady-scenario", right.object, f"{right.right}: {right.why}")
    yield from _wide(document.directories)


def _wide(directories: Sequence[Narrowing]) -> Iterator[Finding]:
    for one in directories:
        if one.needed and len(one.needed) < one.entries:
            enough = f"rules on {len(one.needed)} of its {one.entries} entries would do; {one.why}"
            yield find("wide-directory", one.directory, enough)
