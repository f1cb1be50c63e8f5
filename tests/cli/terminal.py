"""A person in front of a terminal, who is asked by a command in a process of its own."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.cli.conftest import COMMAND


SECONDS = 120


class Terminal:
    """Waits for a question, answers it, and sees the end.

    Args:
        arguments: Of landscribe; what it asks and is told goes through the terminal, its stdout is dropped.
        cwd: Where it runs.
        environment: All of it.

    Attributes:
        seen: What the terminal shows since the last answer.
    """

    def __init__(self, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        self._running = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=cwd,
            env=dict(environment),
            stdin=slave,
            stdout=subprocess.DEVNULL,
            stderr=slave,
        )
        os.close(slave)
        self.seen = ""

    def answer(self, question: str, words: str) -> str:
        """Wait until a question stands there, and type; what stood before the question comes back."""
        self._until(lambda: question in self.seen)
        before, _, self.seen = self.seen.partition(question)
        os.write(self._master, words.encode() + b"\n")
        return before

    def end(self) -> int:
        """The exit code, once it has ended."""
        self._until(lambda: False)
        os.close(self._master)
        return self._running.wait(60)

    def leave(self) -> None:
        """Ctrl-D."""
        os.write(self._master, b"\x04")

    def _until(self, there: Callable[[], bool]) -> None:
        limit = time.monotonic() + SECONDS
        while not there() and time.monotonic() < limit:
            if select.select([self._master], [], [], 1)[0]:
                try:
                    self.seen += os.read(self._master, 4096).decode("utf-8", "replace")
                except OSError:  # Its last process has ended.
                    return
