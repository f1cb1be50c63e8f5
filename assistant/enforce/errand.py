"""What is done to a service from outside while it runs: a command of the tester, with a limit on its time."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress


_PAUSE = 0.1
_TAIL = 2048


def surroundings(added: Mapping[str, str]) -> dict[str, str]:
    """Our own environment with some more in it: commands inherit what the tester has."""
    return {**os.environ, **added}  # noqa: TID251 - handed on, never asked


class Errand:
    """A command that is tried once, or again and again until it succeeds. Never waits: the caller polls.

    Args:
        words: Program and arguments; the program is looked up in PATH.
        environment: All of it.
        wanted: The exit code that is success.
        retry: Try again after a failure.

    Attributes:
        code: Of the last try that ended; 127 when the program cannot be started, minus the signal that ended
            it.
        said: The end of what that try said on both streams, or the first one while none has ended.
    """

    def __init__(
        self, words: Sequence[str], environment: Mapping[str, str], *, wanted: int = 0, retry: bool = False
    ) -> None:
        self._words, self._environment = list(words), environment
        self._wanted, self._retry = wanted, retry
        self._process: subprocess.Popen[bytes] | None = None
        self._heard = b""
        self._next = 0.0
        self.code: int | None = None
        self.said = b""

    @property
    def succeeded(self) -> bool:
        """Whether the last try had the wanted exit code."""
        return self.code == self._wanted

    def done(self) -> bool:
        """Start, read or reap, whichever is due; True when there is nothing more to try."""
        if self._process is None:
            return time.monotonic() >= self._next and not self._start() and self._over()
        self._read()
        ended = self._process.poll()
        if ended is None:
            return False
        self._read()
        self._leave()
        self.code, self.said, self._next = ended, self._heard, time.monotonic() + _PAUSE
        return self._over()

    def _over(self) -> bool:
        return self.succeeded or (self.code is not None and not self._retry)

    def _start(self) -> bool:
        self._heard = b""
        try:
            self._process = subprocess.Popen(
                self._words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=dict(self._environment),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            self.code, self.said = 127, str(error).encode("utf-8", "surrogateescape")
            self._next = time.monotonic() + _PAUSE
            return False
        os.set_blocking(self._process.stdout.fileno(), False)  # type: ignore[union-attr] # it is a pipe
        return True

    def _read(self) -> None:
        stdout = self._process.stdout if self._process else None
        while stdout is not None and (more := stdout.read(65536)):
            self._heard = (self._heard + more)[-_TAIL:]

    def end(self) -> None:
        """Kill a try that is still under way, with all that it started in its session."""
        if self._process is not None:
            self._read()
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._leave()
        if self.code is None:
            self.said = self._heard

    def _leave(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None
