"""Runs one life of a command to its end or its deadline, and leaves no process of it behind.

A monitor process stands between: it adopts what the command leaves running, so that the caller's own children
are never touched. Several may be under way at once.
"""

import base64
import contextlib
import json
import os
import select
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from assistant.domain.life import Life
from assistant.enforce import launcher
from assistant.enforce.following import processes
from assistant.enforce.living import live
from assistant.enforce.room import Room, inhabit
from assistant.enforce.started import Start
from assistant.errors import SandboxError


_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_SWEEP_SECONDS = 5.0
_GRACE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of a step.

    Attributes:
        name: What it is called. Raw: escape before showing, as ``said``.
        why: Why it failed; "" when it did not.
        said: The end of what its command said.
    """

    name: str
    why: str = ""
    said: bytes = b""


@dataclass(frozen=True, slots=True)
class Run:
    """How a life went.

    Attributes:
        life: What was to be done.
        code: Exit status, or minus the signal that ended it; None when it was never started.
        timed_out: It did not end in time, by itself or when it was stopped.
        early: It ended before it was stopped.
        stdout: The last 16 KiB that it wrote. Raw: escape before showing.
        stderr: Likewise.
        seconds: How long it ran.
        left_behind: How many processes it left running, which were then ended.
        steps: What was done while it ran, up to the first step that failed.
        error: Why it was not started: what, why and hint; empty when it was.
        error_code: The launcher's exit code for that.
    """

    life: Life
    code: int | None
    timed_out: bool
    early: bool
    stdout: bytes
    stderr: bytes
    seconds: float
    left_behind: int
    steps: tuple[StepResult, ...] = ()
    error: tuple[str, ...] = ()
    error_code: int = 0

    @property
    def failed_step(self) -> StepResult | None:
        """The step that failed, if one did."""
        return self.steps[-1] if self.steps and self.steps[-1].why else None

    @property
    def answered(self) -> bool:
        """It was started, all steps succeeded, and it ended in time."""
        return self.code is not None and not self.timed_out and self.failed_step is None

    @property
    def ok(self) -> bool:
        """It did all that, and ended well."""
        return self.answered and not self.early and self.code in self._good()

    def _good(self) -> tuple[int, ...]:
        stop = self.life.stop
        if stop is None:
            return (self.life.exit,)
        number = signal.Signals[f"SIG{stop.signal}"]
        return stop.exit or (0, -number, 128 + number)


@dataclass(frozen=True, slots=True)
class Underway:
    """A life that has begun. ``reader`` can be polled: it is readable when the life is over."""

    life: Life
    monitor: int
    reader: int


def begin(life: Life, start: Start, *, room: Room | None = None, grace: float = _GRACE_SECONDS) -> Underway:
    """Begin a life in a session of its own, with no input.

    Args:
        life: What is to be done.
        start: Becomes the command; called in a new process.
        room: Where; None: here.
        grace: Seconds between SIGTERM and SIGKILL, for the command and for what it leaves running.
    """
    reader, writer = os.pipe()
    monitor = os.fork()
    if monitor == 0:
        os.close(reader)
        inhabit(room, lambda refused: _monitor(life, start, writer, grace, refused))
    os.close(writer)
    return Underway(life, monitor, reader)


def finish(underway: Underway) -> Run:
    """Wait for the end of a life.

    Raises:
        SandboxError: there is no room or no sandbox, or the monitor was killed.
    """
    try:
        with os.fdopen(underway.reader, "rb", closefd=False) as pipe:
            raw = pipe.read()
    except BaseException:
        os.kill(underway.monitor, signal.SIGTERM)
        raise
    finally:
        os.close(underway.reader)
        os.waitpid(underway.monitor, 0)
    if not raw:
        raise SandboxError("the process that watches the command was ended", hint="run the test again")
    return _run(underway.life, json.loads(raw))


def give_up(underways: Sequence[Underway]) -> None:
    """End lives before their time; nothing of them is left."""
    for underway in underways:
        os.kill(underway.monitor, signal.SIGTERM)
    for underway in underways:
        os.close(underway.reader)
        os.waitpid(underway.monitor, 0)


def supervise(life: Life, start: Start, *, room: Room | None = None, grace: float = _GRACE_SECONDS) -> Run:
    """Live one life; arguments and errors as ``begin`` and ``finish``."""
    return finish(begin(life, start, room=room, grace=grace))


def _run(life: Life, data: dict[str, Any]) -> Run:
    if data.get("error_code") == launcher.NO_SANDBOX:
        what, why, hint = data["error"]
        raise SandboxError(what, why=why, hint=hint)
    steps = tuple(StepResult(s["name"], s["why"], base64.b64decode(s["said"])) for s in data.pop("steps"))
    stdout, stderr = (base64.b64decode(data.pop(stream)) for stream in ("stdout", "stderr"))
    error = tuple(data.pop("error", ()))
    return Run(life=life, stdout=stdout, stderr=stderr, steps=steps, error=error, **data)


class _Stopped(Exception):  # noqa: N818 - an event, not an error
    pass


def _stop(number: int, _frame: Any) -> None:
    signal.signal(number, signal.SIG_IGN)  # Once is enough: what follows cleans up.
    raise _Stopped


def _monitor(
    life: Life, start: Start, writer: int, grace: float, refused: launcher.LaunchError | None
) -> NoReturn:
    """The life of the monitor: never returns into the caller's code."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # The caller decides, and sends SIGTERM.
        signal.signal(signal.SIGTERM, _stop)
        launcher.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        launcher.prctl(_PR_SET_CHILD_SUBREAPER, 1)
        try:
            result = live(life, start, grace) if refused is None else _without_room(refused)
        finally:
            left_behind = _sweep(grace)
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps({**result, "left_behind": left_behind}).encode())
        status = 0
    finally:
        os._exit(status)


def _without_room(refused: launcher.LaunchError) -> dict[str, Any]:
    return {"error": [refused.what, refused.why, refused.hint], "error_code": refused.code}


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
