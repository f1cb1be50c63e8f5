"""A check that is tried from outside while a service runs in the sandbox. Never waits: the caller polls."""

import os
import time
from collections.abc import Sequence


class Check:
    """Runs a command again and again until it exits with 0.

    Args:
        command: Program and arguments; the program is looked up in PATH.
    """

    PAUSE = 0.1
    """Seconds between two looks, and at least between two tries."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._pid = 0
        self._next = time.monotonic() + self.PAUSE
        self.passed = False

    def tick(self) -> bool:
        """Start or reap a try, whichever is due; True once one has passed."""
        if self._pid:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._pid, self._next = 0, time.monotonic() + self.PAUSE
                self.passed = os.waitstatus_to_exitcode(status) == 0
        elif time.monotonic() >= self._next:
            self._pid = os.fork()
            if self._pid == 0:
                self._become()
        return self.passed

    def _become(self) -> None:
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(null, stream)
            os.execvp(self._command[0], self._command)
        finally:
            os._exit(127)
