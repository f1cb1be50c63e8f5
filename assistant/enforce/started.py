"""One started command: its pipes, its end, and why it was not started if it was not."""

import contextlib
import json
import os
import select
import signal
import time
from collections.abc import Callable
from typing import Any, NoReturn

from assistant.enforce import launcher


_PR_SET_PDEATHSIG = 1
_TAIL = 16384
_LOOK_SECONDS = 0.02

Start = Callable[[tuple[int, ...]], NoReturn]
"""Becomes the command, leaving the given descriptors open until exec; raises LaunchError when it cannot."""


class Started:
    """A command in a session of its own, with no input.

    Args:
        start: Called in a new process.
    """

    def __init__(self, start: Start) -> None:
        pipes = [os.pipe() for _ in range(3)]
        self._tails = {pipes[0][0]: b"", pipes[1][0]: b"", pipes[2][0]: b""}
        self.began = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            _become(start, pipes[0][1], pipes[1][1], pipes[2][1])
        self.code: int | None = None
        """Exit status, or minus the signal that ended it; None while it runs."""
        self._watched = os.pidfd_open(self.pid)
        self._poll = select.poll()
        self._poll.register(self._watched, select.POLLIN)
        for reader, writer in pipes:
            os.set_blocking(reader, False)
            os.close(writer)
            self._poll.register(reader, select.POLLIN)

    def wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Collect what the command says until something holds (True) or the time is over (False)."""
        until = time.monotonic() + seconds
        while not holds():
            left = until - time.monotonic()
            if left <= 0:
                return False
            self._collect(min(left, _LOOK_SECONDS))
        return True

    def ended(self) -> bool:
        """Whether it has ended; ``code`` then says how."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                self._poll.unregister(self._watched)
        return self.code is not None

    def signal(self, number: int, *, group: bool = False) -> None:
        """Send a signal to the command, or to all processes of its group."""
        with contextlib.suppress(ProcessLookupError):
            if group:
                os.killpg(self.pid, number)
            elif not self.ended():
                os.kill(self.pid, number)

    def _collect(self, seconds: float) -> None:
        for source, _ in self._poll.poll(seconds * 1000):
            if source in self._tails and not self._take(source):
                self._poll.unregister(source)

    def _take(self, source: int) -> bool:
        """Read what there is; False when that is nothing."""
        try:
            more = os.read(source, 65536)
        except BlockingIOError:
            return False
        self._tails[source] = (self._tails[source] + more)[-_TAIL:]
        return bool(more)

    def output(self) -> tuple[bytes, bytes, dict[str, Any]]:
        """The end of what it said on stdout and stderr, what is still in the pipes included.

        Then why it was not started: ``error`` and ``error_code`` of a Run; empty when it was.
        """
        for source in self._tails:
            while self._take(source):
                pass
        stdout, stderr, failure = self._tails.values()
        return stdout, stderr, json.loads(failure) if failure else {}


def _become(start: Start, stdout: int, stderr: int, failure: int) -> NoReturn:
    try:
        os.setsid()
        launcher.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDONLY)
        for descriptor, place in ((null, 0), (stdout, 1), (stderr, 2)):
            os.dup2(descriptor, place)
        start((failure,))
    except launcher.LaunchError as error:
        said = {"error": [error.what, error.why, error.hint], "error_code": error.code}
        os.write(failure, json.dumps(said).encode())
    finally:
        os._exit(1)
