"""Runs one command to its end or its deadline, and leaves no process of it behind.

A monitor process stands between: it adopts what the command leaves running, so that the caller's own children
are never touched.
"""

import base64
import contextlib
import json
import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from assistant.enforce import launcher
from assistant.enforce.checking import Check
from assistant.enforce.following import processes
from assistant.errors import SandboxError


_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_TAIL = 16384
_SWEEP_SECONDS = 5.0
_STOP_SECONDS = 10.0
_STOPPED_WELL = (0, -signal.SIGTERM, 128 + signal.SIGTERM)

Start = Callable[[tuple[int, ...]], NoReturn]
"""Becomes the command, leaving the given descriptors open until exec; raises LaunchError when it cannot."""


@dataclass(frozen=True, slots=True)
class Run:
    """How a command ended.

    Attributes:
        code: Exit status, or minus the signal that ended it; None when it was never started.
        timed_out: The deadline ended it.
        stdout: The last 16 KiB that it wrote. Raw: escape before showing.
        stderr: Likewise.
        seconds: How long it ran.
        left_behind: How many processes it left running, which were then ended.
        error: Why it was not started: what, why and hint; empty when it was.
        error_code: The launcher's exit code for that.
        checked: Whether the check passed while the command ran; None when there was none.
    """

    code: int | None
    timed_out: bool
    stdout: bytes
    stderr: bytes
    seconds: float
    left_behind: int
    error: tuple[str, ...] = ()
    error_code: int = 0
    checked: bool | None = None

    @property
    def ok(self) -> bool:
        """It ended by itself with status 0; or, with a check, the check passed and SIGTERM ended it well."""
        if self.checked is not None:
            return self.checked and not self.timed_out and self.code in _STOPPED_WELL
        return self.code == 0 and not self.timed_out


def supervise(start: Start, *, timeout: float, grace: float = 2.0, check: Sequence[str] | None = None) -> Run:
    """Run what ``start`` becomes in a session of its own, with no input.

    Args:
        start: Called in a new process.
        timeout: Seconds after which its process group gets SIGTERM.
        grace: Seconds after that until SIGKILL; also what leftover processes get between the two.
        check: For a command that does not end by itself: tried outside the sandbox, again and again while the
            command runs, until it exits with 0; then the command gets SIGTERM.

    Raises:
        SandboxError: the monitor itself was killed.
    """
    reader, writer = os.pipe()
    monitor = os.fork()
    if monitor == 0:
        os.close(reader)
        _monitor(start, writer, timeout, grace, check)
    os.close(writer)
    try:
        with os.fdopen(reader, "rb") as pipe:
            raw = pipe.read()
    except BaseException:
        os.kill(monitor, signal.SIGTERM)
        raise
    finally:
        os.waitpid(monitor, 0)
    if not raw:
        raise SandboxError("the process that watches the command was ended", hint="run the test again")
    data = json.loads(raw)
    return Run(
        code=data["code"],
        timed_out=data["timed_out"],
        stdout=base64.b64decode(data["stdout"]),
        stderr=base64.b64decode(data["stderr"]),
        seconds=data["seconds"],
        left_behind=data["left_behind"],
        error=tuple(data["error"]),
        error_code=data["error_code"],
        checked=data["checked"],
    )


class _Stopped(Exception):  # noqa: N818 - an event, not an error
    pass


def _stop(number: int, _frame: Any) -> None:
    signal.signal(number, signal.SIG_IGN)  # Once is enough: what follows cleans up.
    raise _Stopped


def _monitor(
    start: Start, writer: int, timeout: float, grace: float, check: Sequence[str] | None
) -> NoReturn:
    """The life of the monitor: never returns into the caller's code."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # The caller decides, and sends SIGTERM.
        signal.signal(signal.SIGTERM, _stop)
        launcher.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        launcher.prctl(_PR_SET_CHILD_SUBREAPER, 1)
        try:
            watch = _Watch(start)
            result = watch.follow(timeout, grace, Check(check) if check else None)
        finally:
            left_behind = _sweep(grace)
        result |= {"left_behind": left_behind, **watch.output()}
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps(result).encode())
        status = 0
    finally:
        os._exit(status)


class _Watch:
    """One started command and its pipes."""

    def __init__(self, start: Start) -> None:
        pipes = [os.pipe() for _ in range(3)]
        self._tails = {pipes[0][0]: b"", pipes[1][0]: b"", pipes[2][0]: b""}
        self._began = time.monotonic()
        self._pid = os.fork()
        if self._pid == 0:
            _become(start, pipes[0][1], pipes[1][1], pipes[2][1])
        for reader, writer in pipes:
            os.set_blocking(reader, False)
            os.close(writer)

    def follow(self, timeout: float, grace: float, check: Check | None) -> dict[str, Any]:
        """Collect output until the command ends; end it when its time is over, or when the check passed."""
        watched = os.pidfd_open(self._pid)
        poll = select.poll()
        for source in (watched, *self._tails):
            poll.register(source, select.POLLIN)
        steps = [(timeout, signal.SIGTERM), (timeout + grace, signal.SIGKILL)]
        timed_out = False
        while True:
            passed = time.monotonic() - self._began
            left = steps[0][0] - passed if steps else None
            if left is not None and left <= 0:
                timed_out = True
                self._signal(steps.pop(0)[1])
                continue
            if check and not check.passed and check.tick():
                self._signal(signal.SIGTERM)
                steps = [(passed + max(grace, _STOP_SECONDS), signal.SIGKILL)]
                continue
            wake = [
                seconds for seconds in (left, Check.PAUSE if check and not check.passed else None) if seconds
            ]
            ready = {source for source, _ in poll.poll(min(wake) * 1000 if wake else None)}
            for source in ready & self._tails.keys():
                if not self._take(source):
                    poll.unregister(source)
            if watched in ready:
                break
        seconds = time.monotonic() - self._began
        code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        checked = check.passed if check else None
        return {"code": code, "timed_out": timed_out, "seconds": round(seconds, 3), "checked": checked}

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, number)

    def _take(self, source: int) -> bool:
        """Read what there is; False when that is nothing."""
        try:
            more = os.read(source, 65536)
        except BlockingIOError:
            return False
        self._tails[source] = (self._tails[source] + more)[-_TAIL:]
        return bool(more)

    def output(self) -> dict[str, Any]:
        """What the command said, what is still in the pipes included, and why it was not started."""
        for source in self._tails:
            while self._take(source):
                pass
        stdout, stderr, failure = self._tails.values()
        error = json.loads(failure) if failure else {"error": [], "error_code": 0}
        encoded = {"stdout": base64.b64encode(stdout).decode(), "stderr": base64.b64encode(stderr).decode()}
        return {**encoded, **error, **({"code": None} if failure else {})}


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


def _children() -> list[int]:
    """Living children of this process."""
    own = os.getpid()
    return [pid for pid, parent, state in processes() if parent == own and state not in (b"Z", b"X")]


def _sweep(grace: float) -> int:
    """End and reap all that is left: SIGTERM, and SIGKILL after the grace. How many processes there were."""
    ended: set[int] = set()
    began = time.monotonic()
    while time.monotonic() - began < grace + _SWEEP_SECONDS:
        kill = time.monotonic() - began >= grace
        for pid in _children():
            if kill or pid not in ended:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL if kill else signal.SIGTERM)
            ended.add(pid)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            break
        select.select([], [], [], 0.02)
    return len(ended)
