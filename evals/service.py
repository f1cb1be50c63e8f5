"""Runs a case's service and the steps of its recipe. A step works in time, or its last words are kept."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from evals.case import Case


PATIENCE = 90.0
"""Seconds that a step may take of which nobody knows yet how long it takes here and now."""
_LAST_WORDS = 400
_PAUSE = 0.1
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one step: whether it worked, its last words when it did not, how long it took."""

    name: str
    worked: bool
    said: str = ""
    seconds: float = 0.0


class Service:
    """One run of a case's service.

    Args:
        case: The case.
        wrapper: What the command is started by: nothing, strace or a sandbox's launcher.
        place: A directory for its output.
        patience: How many seconds a step, the start or the end may take.
    """

    def __init__(self, case: Case, wrapper: Sequence[str], place: Path, patience: float = PATIENCE) -> None:
        self._case = case
        self._patience = patience
        self._wrapper = tuple(wrapper)
        self._output = place / "service.out"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Step:
        """Start it, and wait until it is ready; a job is run to its end."""
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [*self._wrapper, *self._case.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._case.cwd,
                env=ENVIRONMENT,
                start_new_session=True,
            )
        return self._ended(self._process) if self._case.oneshot else self._ready(self._process)

    def _ready(self, process: subprocess.Popen[bytes]) -> Step:
        until = time.monotonic() + self._patience
        step = Step("start", worked=False, said="it was not ready in time")
        while time.monotonic() < until and process.poll() is None:
            step = self.step("ready")
            if step.worked:
                return Step("start", worked=True, seconds=self._patience + time.monotonic() - until)
            time.sleep(_PAUSE)
        return Step("start", worked=False, said=f"{step.said} / {self._last_words()}")

    def _ended(self, process: subprocess.Popen[bytes]) -> Step:
        try:
            code = process.wait(self._patience)
        except subprocess.TimeoutExpired:
            self._kill()
            return Step("start", worked=False, said=f"it did not end in time / {self._last_words()}")
        return Step(
            "start", worked=code == 0, said="" if code == 0 else f"exit {code} / {self._last_words()}"
        )

    def step(self, name: str) -> Step:
        """Do one step of the recipe, outside any sandbox; one that the recipe does not have works."""
        began = time.monotonic()
        step = self._step(name)
        return replace(step, seconds=time.monotonic() - began)

    def _step(self, name: str) -> Step:
        script = f'source "$1"; if declare -F {name} >/dev/null; then {name}; fi'
        process = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script, "recipe", str(self._case.recipe)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=ENVIRONMENT | {"PID": str(self.pid), "RECIPE": str(self._case.recipe.parent)},
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(timeout=self._patience)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return Step(name, worked=False, said=f"it hung for {self._patience:.0f} s")
        worked = process.returncode == 0
        # Words are kept in a file that is committed: where this checkout lies is nobody's business.
        said = said.replace(os.fsencode(self._case.recipe), b"recipe.sh")
        return Step(name, worked=worked, said="" if worked else f"exit {process.returncode}: {_end(said)}")

    @property
    def pid(self) -> int:
        """The service's own process, also when strace is in front of it; 0 when it does not run."""
        if self._process is None:
            return 0
        if self._wrapper[:1] == ("strace",):
            children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
            with suppress(OSError):
                return int((children.read_text(encoding="ascii").split() or ["0"])[0])
        return self._process.pid

    def stop(self) -> Step:
        """Stop it as its recipe says, or with SIGTERM. A job has ended already."""
        process = self._process
        if process is None or self._case.oneshot:
            return Step("stop", worked=True)
        if process.poll() is not None:
            return Step(
                "stop", worked=False, said=f"it was gone: {process.returncode} / {self._last_words()}"
            )
        step = self.step("stop") if _has_stop(self._case) else Step("stop", worked=True)
        if not _has_stop(self._case):
            with suppress(ProcessLookupError):
                os.kill(self.pid or process.pid, signal.SIGTERM)
        try:
            process.wait(self._patience)
        except subprocess.TimeoutExpired:
            self._kill()
            return Step("stop", worked=False, said="it did not stop in time")
        return step

    def _kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            # Behind strace, once the first process is gone, there is none: 0 would be our own group.
            if self.pid not in (0, self._process.pid):
                with suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGKILL)
            self._process.wait()

    def _last_words(self) -> str:
        with self._output.open("rb") as output:
            return _tail(output)


def _has_stop(case: Case) -> bool:
    return "\nstop()" in "\n" + case.recipe.read_text(encoding="utf-8")


def _tail(output: IO[bytes]) -> str:
    output.seek(0, os.SEEK_END)
    output.seek(max(0, output.tell() - _LAST_WORDS))
    return _end(output.read())


def _end(said: bytes) -> str:
    return said[-_LAST_WORDS:].decode("ascii", "backslashreplace").strip()
