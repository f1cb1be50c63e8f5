"""Times whole processes, always both sides in turn: this machine's speed moves more than what is compared."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


DONE = frozenset({0, 10, 11, 12})
"""Exit codes of landscribe with which the work was done, findings or not."""


class MeasurementError(Exception):
    """A side did not do its work, so its time means nothing."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one process cost, children that it waited for included.

    Attributes:
        seconds: From start to end, by the clock.
        peak: Largest resident set of the process or any of its children, in bytes.
    """

    seconds: float
    peak: int


Side = Callable[[], float]
"""Does the work once and returns the seconds it took."""


def run(command: Sequence[str | Path], *, stdin: Path | None = None, codes: frozenset[int] = DONE) -> Spent:
    """Run a command to its end, with nothing said on the terminal.

    Raises:
        MeasurementError: it ended with a status that is not in ``codes``.
    """
    arguments = [str(part) for part in command]
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, str(stdin or os.devnull), os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    environment = {**os.environ, "LC_ALL": "C"}  # noqa: TID251 - the commands run as from a shell
    started = time.perf_counter()
    pid = os.posix_spawnp(arguments[0], arguments, environment, file_actions=actions)
    _, status, used = os.wait4(pid, 0)
    seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    if code not in codes:
        raise MeasurementError(f"{' '.join(arguments[:4])} ... ended with {code}{_why(arguments, stdin)}")
    return Spent(seconds, used.ru_maxrss * 1024)


def _why(arguments: Sequence[str], stdin: Path | None) -> str:
    """The last line that a failed command says when it is asked again; "" when it would read a stream."""
    if stdin is not None:
        return ""
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    lines = done.stderr.decode("ascii", "backslashreplace").strip().splitlines()
    return f": {lines[0][:200]}" if lines else ""


def process(*command: str | Path, codes: frozenset[int] = DONE) -> Side:
    """A whole process as a side."""
    return lambda: run(command, codes=codes).seconds


def pipeline(text: str, *arguments: str | Path) -> Side:
    """A shell pipeline as a side; the arguments are $1, $2, ... in its text."""
    return process("sh", "-c", text, "sh", *arguments, codes=frozenset({0}))


def script(python: Path, file: Path, *arguments: str | Path) -> Side:
    """A Python program that prints the seconds it measured itself: for work inside a process."""

    def once() -> float:
        command = [str(part) for part in (python, file, *arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
            raise MeasurementError(f"{file.name}: {lines[-1][:200]}")
        return float(done.stdout.split()[-1])

    return once


def alternate(first: Side, second: Side, runs: int) -> list[float]:
    """How many times as long as ``second`` the ``first`` takes: one ratio per pair, the two in turn.

    One pair before them warms the caches and does not count.
    """
    ratios = []
    for number in range(runs + 1):
        pair = first() / second()
        if number:
            ratios.append(pair)
        sys.stderr.write(".")
        sys.stderr.flush()
    return ratios


def repeat(side: Side, runs: int) -> list[float]:
    """Seconds of each of ``runs`` runs, after one that does not count."""
    return [side() for _ in range(runs + 1)][1:]


def median(samples: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(samples)
