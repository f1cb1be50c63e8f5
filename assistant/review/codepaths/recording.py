"""The command that records a code path, to be pasted into a shell: every word is quoted for it."""

import posixpath
import re
import shlex
from collections.abc import Sequence

from assistant.domain.unit import Command, Unit, commands, unquoted


_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._@+-]")
_LONGEST_NAME = 100
_COMM = 15
"""Letters of a program's name that the kernel keeps, and that pgrep -x compares."""


class Recorder:
    """Writes commands for one service.

    Args:
        unit: Its unit, if there is one.
        named: How the unit was named on the command line.
        program: Its program, when there is no unit.
    """

    def __init__(self, unit: Unit | None, named: str, program: str) -> None:
        self._unit = unit
        self._named = named
        starts = _all(unit, "ExecStart") if unit else []
        self._words = list(unquoted(starts[0].words)) if starts else [program] if program else []
        self.program = self._words[0] if self._words else ""

    def service(self, run: str, *options: str) -> str:
        """Records the service itself as a run of that name."""
        if self._unit and not all(_is_plain(word) for word in self._words):
            # The command needs the unit's environment: only the unit can start it.
            return f"landscribe record --unit {shlex.quote(self._named)}"
        return self.command(run, self._words, *options) if self._words else ""

    def command(self, run: str, words: Sequence[str], *options: str, as_root: bool = False) -> str:
        """Records one command as a run of that name."""
        user = self._unit.last("User") if self._unit and not as_root else ""
        named = ["--user", user] if user and _is_plain(user) else []
        name = _NOT_IN_A_NAME.sub("_", run)[:_LONGEST_NAME]
        return shlex.join(["landscribe", "record", "--run", name, *named, *options, "--", *words])

    def signal(self, name: str) -> str:
        """Sends a signal to the service's main process."""
        short = name.removeprefix("SIG")
        file = self._unit.last("PIDFile") if self._unit else ""
        if file.startswith("/") and _is_plain(file):
            return f'kill -{short} "$(cat {shlex.quote(file)})"'
        return f'kill -{short} "$(pgrep -o -x {shlex.quote(posixpath.basename(self.program)[:_COMM])})"'


def _is_plain(word: str) -> bool:
    """Whether a word of a unit means itself: no variable, no specifier that is left."""
    return "$" not in word and "%" not in word


def _all(unit: Unit, key: str) -> list[Command]:
    return [command for value in unit.all(key) for command in commands(value)]
