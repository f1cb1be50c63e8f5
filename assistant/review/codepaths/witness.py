"""What the traces can say about a code path. They hold no arguments and no contents, and that is said."""

import posixpath
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from assistant.domain.access import Evidence, Execution, Inventory, PathAccess, Verdict
from assistant.domain.codepath import Exercised, Signals
from assistant.domain.rights import FsRight


Answer = tuple[Exercised, str, tuple[Evidence, ...]]
"""Whether, why, and the lines that show it."""

NO_TRACE: Answer = (Exercised.UNKNOWN, "no trace was given", ())


class Witness:
    """The recorded runs, asked about code paths.

    Args:
        inventory: What they show; None when there are none.
        signals: Which signals came.
        resolve: A program's path without symbolic links.
    """

    def __init__(
        self, inventory: Inventory | None, signals: Signals, resolve: Callable[[str], str] = str
    ) -> None:
        self.inventory = inventory
        self.signals = signals
        self._resolve = resolve

    def runs_of(self, program: str) -> Execution | None:
        """All executions of a program, which is named by a path, or by its name alone."""
        if self.inventory is None:
            return None
        path = self._resolve(program) if "/" in program else ""
        found = (
            run
            for run in self.inventory.executions
            if run.path == path or (not path and posixpath.basename(run.path) == program)
        )
        return next(found, None)

    def executed(self, program: str) -> Answer:
        """Whether a program ran at all."""
        if self.inventory is None:
            return NO_TRACE
        run = self.runs_of(program)
        if run is not None:
            return Exercised.YES, f"{program} was executed", run.evidence[:1]
        if not any(call.startswith("execve") for source in self.inventory.sources for call in source.calls):
            return Exercised.UNKNOWN, "the traces show no program being started", ()
        return Exercised.NO, f"{program} was not executed", ()

    def started(self, program: str, times: int = 1) -> Answer:
        """Whether a service was started, from its first instruction, at least so often."""
        known, why, lines = self.executed(program)
        run = self.runs_of(program)
        if known is not Exercised.YES or run is None or self.inventory is None:
            return known, why, lines
        count = run.count
        if count >= times:
            return Exercised.YES, f"{program} was started {count}x", run.evidence[:times]
        return Exercised.NO, f"{program} was started {count}x", run.evidence[:1]

    def received(self, *names: str) -> Answer:
        """Whether one of some signals came."""
        if self.inventory is None:
            return NO_TRACE
        came = [name for name in names if name in self.signals.first]
        if came:
            return Exercised.YES, f"{came[0]} came to a process", (self.signals.first[came[0]],)
        wanted = " or ".join(names)
        if not self.signals.shown:
            return Exercised.UNKNOWN, f"these traces do not show whether {wanted} came", ()
        return Exercised.NO, f"no {wanted} came to any process", ()

    def written(self, patterns: Iterable[str]) -> list[PathAccess]:
        """Accesses that write files which fit one of some patterns, each as a shell expands it."""
        if self.inventory is None:
            return []
        wanted = [pattern for pattern in patterns if pattern.startswith("/")]
        return [
            access
            for access in self.inventory.paths
            if access.verdict is Verdict.NEEDED
            and access.rights & FsRight.WRITE_FILE
            and any(
                _fits(name, pattern) for pattern in wanted for name in (access.path, access.given) if name
            )
        ]

    def moved(self, patterns: Iterable[str]) -> str:
        """A file that was renamed in the traces and fits one of some patterns; empty when there is none."""
        names = self.inventory.moved if self.inventory else {}
        return next((name for name in names for pattern in patterns if _fits(name, pattern)), "")


def _fits(path: str, pattern: str) -> bool:
    """As a shell does it: a star stands for no slash."""
    parts, wanted = path.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))
