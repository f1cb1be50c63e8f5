"""Lives one life of a command: what comes before, the start, the steps, the stop. Called in the monitor."""

import base64
import select
import signal
import time
from typing import Any

from assistant.domain.life import Life
from assistant.domain.scenario import Step, Stop
from assistant.enforce.errand import Errand, surroundings
from assistant.enforce.started import Start, Started


_LOOK_SECONDS = 0.02
_NEVER = {"code": None, "timed_out": False, "early": False, "seconds": 0.0, "stdout": "", "stderr": ""}


def live(life: Life, start: Start, grace: float) -> dict[str, Any]:
    """From before the start to after the end; the fields of a ``supervise.Run``, as JSON has them.

    Args:
        life: What to do.
        start: Becomes the command.
        grace: Seconds between SIGTERM and SIGKILL for a command whose time is over.
    """
    steps: list[dict[str, Any]] = []
    for step in life.before:
        steps.append(_errand(life, step, None))
        if steps[-1]["why"]:
            return {**_NEVER, "steps": steps}
    started = Started(start)
    try:
        steps += _steps(life, started)
        early = life.stop is not None and started.ended()
        failed = bool(steps and steps[-1]["why"])
        if life.stop is not None and not early:
            steps += _stop(life, life.stop, started, politely=not failed)
        limit = life.stop.timeout if life.stop else life.timeout
        timed_out = not started.wait(started.ended, limit)
    finally:
        if not started.ended():
            _force(started, grace)
    steps += _after(life) if not timed_out and not (steps and steps[-1]["why"]) else []
    seconds = time.monotonic() - started.began
    stdout, stderr, failure = started.output()
    return {
        "code": None if failure else started.code,
        "timed_out": timed_out,
        "early": early and not failure,
        "seconds": round(seconds, 3),
        "steps": [] if failure else steps,
        "stdout": _encoded(stdout),
        "stderr": _encoded(stderr),
        **failure,
    }


def beforehand(life: Life) -> None:
    """Do what comes before the start, and no more: for a look at what a life would find."""
    for step in life.before:
        if _errand(life, step, None)["why"]:
            return


def _after(life: Life) -> list[dict[str, Any]]:
    """Look at what it has left, up to the first that is not as it should be."""
    taken: list[dict[str, Any]] = []
    for step in life.after:
        taken.append(_errand(life, step, None))
        if taken[-1]["why"]:
            break
    return taken


def _encoded(text: bytes) -> str:
    return base64.b64encode(text).decode("ascii")


def _steps(life: Life, started: Started) -> list[dict[str, Any]]:
    """Take steps up to the first that fails."""
    taken: list[dict[str, Any]] = []
    for step in life.steps:
        if started.ended():
            taken.append(_taken(step, f"the command had {_ending(started)}"))
        elif step.signal is not None:
            started.signal(signal.Signals[f"SIG{step.signal}"])
            taken.append(_taken(step))
        else:
            taken.append(_errand(life, step, started))
        if taken[-1]["why"]:
            break
    return taken


def _errand(life: Life, step: Step, started: Started | None) -> dict[str, Any]:
    """Do what a step says, until it is done or its time is over."""
    pid = {"PID": str(started.pid)} if started else {}
    errand = Errand(
        step.run or (), surroundings({**life.environment, **pid}), wanted=step.exit, retry=step.retry
    )
    seconds = step.timeout or life.timeout
    in_time = _wait(errand, started, seconds, give_up=step.retry)
    errand.end()
    if errand.succeeded and in_time:
        return _taken(step)
    if in_time is None and started:
        why = f"the command had {_ending(started)}"
    elif not in_time and errand.code is None:
        why = f"it was not done within {seconds:g} s"
    elif not in_time:
        why = f"it did not succeed within {seconds:g} s: the last try exited with {errand.code}"
    else:
        why = f"it exited with {errand.code}, and not with {step.exit}"
    return _taken(step, why, errand.said)


def _wait(errand: Errand, started: Started | None, seconds: float, *, give_up: bool) -> bool | None:
    """Whether it was done in time; None when there is nobody left to do it to."""
    until = time.monotonic() + seconds

    def over() -> bool:
        return errand.done() or (give_up and started is not None and started.ended())

    if started is not None:
        in_time = started.wait(over, seconds)
    else:
        while not (in_time := over()) and time.monotonic() < until:
            select.select([], [], [], _LOOK_SECONDS)
    gone = give_up and started is not None and started.ended() and not errand.succeeded
    return None if gone else in_time


def _taken(step: Step, why: str = "", said: bytes = b"") -> dict[str, Any]:
    return {"name": step.title, "why": why, "said": _encoded(said)}


def _ending(started: Started) -> str:
    code = started.code or 0
    return f"ended by signal {-code}" if code < 0 else f"exited with {code}"


def _stop(life: Life, stop: Stop, started: Started, *, politely: bool) -> list[dict[str, Any]]:
    """Ask it to end, in its own way if it has done well so far; a step when that is a command."""
    if not politely:
        started.signal(signal.SIGTERM, group=True)
    elif stop.run is not None:
        return [_errand(life, Step(name="stop", run=stop.run, timeout=stop.timeout), started)]
    else:
        # As a service manager does: SIGTERM is for all its processes, another signal for the main one.
        number = signal.Signals[f"SIG{stop.signal}"]
        started.signal(number, group=number == signal.SIGTERM)
    return []


def _force(started: Started, grace: float) -> None:
    started.signal(signal.SIGTERM, group=True)
    if not started.wait(started.ended, grace):
        started.signal(signal.SIGKILL, group=True)
        started.wait(started.ended, grace + 1)
