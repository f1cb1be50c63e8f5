"""Lives all scenarios with one ruleset after another, several at once: with which of them do they work?"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assistant.domain.denial import Denial, denials
from assistant.domain.finding import Finding, find
from assistant.domain.host import NoHost
from assistant.domain.life import Life, lives
from assistant.domain.ruleset import Ruleset
from assistant.enforce.pool import Pool, Task
from assistant.enforce.starting import Terms
from assistant.enforce.supervise import Run, begin, supervise
from assistant.enforce.trial import ends_in_its_own_way, serves, works
from assistant.proving.findings import ended, unheard
from assistant.proving.records import denied_in
from assistant.proving.trial import Setting


_HEARING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the scenarios went with one ruleset.

    Attributes:
        passed: All of them work.
        failed: The first that does not, and how it ended. Raw.
        denied: What was denied in them, up to that one.
        lines: The kernel's records of that.
        complete: All that was denied was heard.
    """

    passed: bool
    failed: str
    denied: tuple[Denial, ...]
    lines: tuple[bytes, ...]
    complete: bool


class Battery:
    """The scenarios of a setting, ready to be lived with any ruleset.

    Args:
        setting: What is lived, and where.
        terms: What holds for all lives.
        at_once: How many lives may be under way at the same time; more than one takes rooms.
        until: Monotonic time after which no ruleset is begun; None: no limit.

    Attributes:
        lives: The scenarios.
        runs: How many lives were lived so far.
    """

    def __init__(
        self, setting: Setting, terms: Terms, *, at_once: int = 1, until: float | None = None
    ) -> None:
        self.setting, self.terms = setting, terms
        self.lives = lives(setting.document)
        self.runs = 0
        self._at_once = at_once
        self._until = until
        self._controls: dict[str, Run] = {}

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self._until is not None and time.monotonic() >= self._until

    def control(self, life: Life) -> Run:
        """The life without a sandbox. Lived when it is asked for: what it leaves behind serves later ones."""
        if life.name not in self._controls:
            self.runs += 1
            self._controls[life.name] = supervise(life, self.terms.free(life), room=self.setting.room)
        return self._controls[life.name]

    def broken(self) -> Finding | None:
        """The first scenario that does not work without a sandbox either."""
        for life in self.lives:
            run = self.control(life)
            if not serves(run):
                return find("command-broken", life.name, f"outside the sandbox it {ended(run)}")
        return None

    def try_one(self, ruleset: Ruleset) -> Outcome | None:
        """Live the scenarios with a ruleset; None when the time is over."""
        return next((outcome for _, outcome in self.try_all([ruleset])), None)

    def try_all(self, rulesets: Iterable[Ruleset]) -> Iterator[tuple[int, Outcome]]:
        """Live the scenarios with each ruleset up to the first that fails; place and outcome, as they end.

        Those for which there is no time are left out.

        Raises:
            SandboxError: a sandbox or a room could not be set up.
        """
        return Pool[Outcome](self._at_once).run(self._tasks(rulesets))

    def _tasks(self, rulesets: Iterable[Ruleset]) -> Iterator[Task[Outcome]]:
        for ruleset in rulesets:
            if self.over:
                return
            yield self._task(ruleset)

    def _task(self, ruleset: Ruleset) -> Task[Outcome]:
        lines: list[bytes] = []
        complete = not self.terms.listener.reason
        for life in self.lives:
            number = self.terms.listener.number()
            self.runs += 1
            run = yield begin(life, self.terms.confined(ruleset, life, number), room=self.setting.room)
            heard = self.terms.listener.heard(number, seconds=_HEARING_SECONDS)
            lines += heard.lines
            complete = complete and not unheard(heard)
            if not (run.ok or (ends_in_its_own_way(run) and works(run, self.control(life)))):
                return _outcome(f"{life.name!r} {ended(run)}", lines, complete=complete)
        return _outcome("", lines, complete=complete)


def _outcome(failed: str, lines: list[bytes], *, complete: bool) -> Outcome:
    denied = tuple(denials(denied_in(lines, NoHost())))
    return Outcome(not failed, failed, denied, tuple(lines), complete)
