"""Runs strace and its command to the end or until told to stop, and leaves no process behind.

A monitor process stands between, as in ``supervise``: it adopts what daemonises. Here the command keeps the
terminal's streams, and strace must outlive what it traces, or the trace breaks off.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from assistant.enforce import launcher
from assistant.errors import RecordError


_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_LOOK_SECONDS = 0.05
_STRACE_SECONDS = 5.0
_FOREGROUND_SECONDS = 1.0
_ASKS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STOP = signal.SIGRTMIN
"""How the monitor is asked: of two that follow each other closely, a real-time signal does not lose one."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How to run and stop a command.

    Attributes:
        timeout: Seconds after which it is stopped; None: never.
        grace: Seconds between SIGTERM and SIGKILL.
        foreground: The command shares landscribe's process group: it may read the terminal, and gets Ctrl-C
            itself, a second before it gets SIGTERM.
        stdout: The descriptor that becomes the command's stdout; None: ours.
    """

    timeout: float | None = None
    grace: float = 10.0
    foreground: bool = False
    stdout: int | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How it went.

    Attributes:
        code: strace's exit status, which is the command's, or minus the signal.
        timed_out: The timeout stopped it.
        killed: How many processes had to be killed.
        left: How many processes still live, because this user may not signal them.
        seconds: How long it ran.
    """

    code: int
    timed_out: bool
    killed: int
    left: int
    seconds: float


def follow(command: Sequence[str], manner: Manner, asked: Callable[[int], None]) -> Ended:
    """Run strace with its command; SIGINT, SIGTERM and SIGHUP stop the command, a second one kills it.

    Called in the main thread it handles these signals while it runs; elsewhere the caller has to.

    Args:
        command: strace with all its arguments.
        manner: How to run and stop it.
        asked: Told the number of each such signal, in a signal handler.

    Raises:
        RecordError: strace was not started, or the monitor was killed.
    """
    reader, writer = os.pipe()
    monitor = os.fork()
    if monitor == 0:
        os.close(reader)
        _monitor(command, manner, writer)
    os.close(writer)

    def forward(number: int, _frame: Any) -> None:
        asked(number)
        with contextlib.suppress(ProcessLookupError):
            os.kill(monitor, _STOP)

    with _handling(forward), os.fdopen(reader, "rb") as pipe:
        raw = pipe.read()
        os.waitpid(monitor, 0)
    if not raw:
        raise RecordError("the process that watches strace was killed", hint="record again")
    data = json.loads(raw)
    if "error" in data:
        raise RecordError("strace cannot be started", why=data["error"], hint="check with: strace -V")
    return Ended(**data)


@contextlib.contextmanager
def _handling(handler: Callable[[int, Any], None]) -> Any:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # What was ignored (nohup, a background job) stays ignored.
    before = {number: signal.getsignal(number) for number in _ASKS}
    for number, old in before.items():
        if old is not signal.SIG_IGN:
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _monitor(command: Sequence[str], manner: Manner, writer: int) -> NoReturn:
    """The life of the monitor: never returns into the caller's code."""
    try:
        launcher.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        launcher.prctl(_PR_SET_CHILD_SUBREAPER, 1)
        try:
            result = _Watch(command, manner).run()
        except OSError as error:
            result = {"error": error.strerror or str(error)}
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps(result).encode())
    finally:
        os._exit(0)


_ALWAYS_HEARD = (signal.SIGTERM, signal.SIGCHLD, _STOP)


class _Watch:
    """One strace, its command, and the way to their end."""

    def __init__(self, command: Sequence[str], manner: Manner) -> None:
        self._manner = manner
        self._bell, ring = os.pipe()
        for end in (self._bell, ring):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(ring, warn_on_full_buffer=False)
        for number in (*_ASKS, signal.SIGCHLD, _STOP):
            if signal.getsignal(number) is not signal.SIG_IGN or number in _ALWAYS_HEARD:
                # A handler, not SIG_IGN, which the command would inherit. Each rings the bell.
                signal.signal(number, lambda *_: None)
        self._began = time.monotonic()
        self._strace = subprocess.Popen(
            command,
            stdout=manner.stdout,
            close_fds=False,
            process_group=None if manner.foreground else 0,
        )
        self._deadline = None if manner.timeout is None else self._began + manner.timeout
        self._step = "running"
        self._timed_out = False
        self._killed: set[int] = set()

    def run(self) -> dict[str, Any]:
        """Wait for the end; stop the command when its time is over or when asked to."""
        watched = os.pidfd_open(self._strace.pid)
        poll = select.poll()
        poll.register(watched, select.POLLIN)
        poll.register(self._bell, select.POLLIN)
        while True:
            ready = {source for source, _ in poll.poll(self._wait())}
            if watched in ready:
                break
            if self._bell in ready:
                rung = os.read(self._bell, 4096)
                for _ in range(rung.count(_STOP) + rung.count(signal.SIGTERM)):
                    self._hurry()
            if self._deadline is not None and time.monotonic() >= self._deadline:
                self._timed_out |= self._step == "running"
                self._next()
            if self._step == "killing":
                self._kill()
            self._reap()
        seconds = time.monotonic() - self._began
        code = self._strace.wait()
        self._sweep()
        return {
            "code": code,
            "timed_out": self._timed_out,
            "killed": len(self._killed),
            "left": len(self._others()),
            "seconds": round(seconds, 3),
        }

    def _wait(self) -> float | None:
        """Milliseconds until something may have to be done."""
        if self._step == "killing":
            return _LOOK_SECONDS * 1000
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic()) * 1000

    def _hurry(self) -> None:
        """Somebody asked: stop; asked again: now."""
        if self._step == "running" and self._manner.foreground:
            self._step, self._deadline = "asked", time.monotonic() + _FOREGROUND_SECONDS
        else:
            self._next()

    def _next(self) -> None:
        if self._step in ("running", "asked"):
            # Once, as a service manager does: what they start now cleans up, and is left alone.
            for pid in self._others():
                _send(pid, signal.SIGTERM)
                _send(pid, signal.SIGCONT)  # A stopped process could not end.
            self._step, self._deadline = "stopping", time.monotonic() + self._manner.grace
        elif self._step == "stopping":
            self._step, self._deadline = "killing", time.monotonic() + _STRACE_SECONDS
        else:
            # Nothing is left to trace, or nothing dies: strace itself hangs.
            self._strace.kill()

    def _kill(self) -> None:
        for pid in self._others():
            _send(pid, signal.SIGKILL)
            self._killed.add(pid)

    def _others(self) -> list[int]:
        return descendants(os.getpid(), besides=self._strace.pid)

    def _reap(self) -> None:
        """Collect adopted processes that ended; never strace, whose status is still wanted."""
        peek = os.WEXITED | os.WNOHANG | os.WNOWAIT
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitid(os.P_ALL, 0, peek)) and ended.si_pid != self._strace.pid:
                os.waitpid(ended.si_pid, 0)

    def _sweep(self) -> None:
        """Whatever still lives when strace is gone was let go by it, and is killed."""
        deadline = time.monotonic() + _STRACE_SECONDS
        while time.monotonic() < deadline and self._others():
            self._kill()
            self._reap()
            select.select([], [], [], _LOOK_SECONDS)
        self._reap()


def processes() -> list[tuple[int, int, bytes]]:
    """Process id, parent and state of everything in /proc."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_bytes().rpartition(b")")[2].split()[:2]
            except (OSError, ValueError):
                continue
            found.append((int(entry.name), int(parent), state))
    return found


def descendants(of: int, besides: int = 0) -> list[int]:
    """Living processes below ``of``, itself and ``besides`` not counted."""
    children: dict[int, list[int]] = {}
    for pid, parent, state in processes():
        if state not in (b"Z", b"X"):
            children.setdefault(parent, []).append(pid)
    found, waiting = [], [of]
    while waiting:
        below = children.get(waiting.pop(), [])
        waiting += below
        found += [pid for pid in below if pid != besides]
    return found


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
