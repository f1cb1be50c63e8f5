"""Traces a case's first life in the form that the case asks for."""

import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from assistant.enforce.tracer import find_tracer
from evals.case import Case
from evals.lives import FIRST, first_life
from evals.service import PATIENCE, Service, Step


SEED = ("-f", "-e", "trace=openat,open,connect")
"""What people have who followed an old recipe: no programs, no directories, no sockets' types."""
_PAUSE = 0.05


def traced_life(case: Case, trace: Path, place: Path) -> list[Step]:
    """The first life under strace.

    Args:
        case: The case; its ``trace`` says how.
        trace: Where the trace goes.
        place: A directory for the service's output.

    Returns:
        What became of the steps.
    """
    if case.trace == "attached":
        return _attached(case, trace, place)
    flags = SEED if case.trace == "seed" else find_tracer().flags
    if case.trace == "mixed":
        # As people have it who wrote 2>trace: strace and the service share what they speak into.
        steps = first_life(case, ("strace", *flags), place)
        (place / "service.out").rename(trace)
        return steps
    return first_life(case, _strace(flags, trace), place)


def _strace(flags: Sequence[str], trace: Path) -> tuple[str, ...]:
    return ("strace", *flags, "-o", str(trace))


def _attached(case: Case, trace: Path, place: Path) -> list[Step]:
    """A tracer comes when the service has been at work for a while."""
    service = Service(case, (), place)
    steps = [service.start(), *(service.step(name) for name in FIRST)]
    # A filter that the kernel applies has to be there before the program starts.
    flags = [flag for flag in find_tracer().flags if flag != "--seccomp-bpf"]
    with subprocess.Popen(
        [*_strace(flags, trace), "-p", str(service.pid)], stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    ) as tracer:
        _until_traced(service.pid)
        steps += [service.step(name) for name in FIRST]
        steps.append(service.stop())
        with suppress(subprocess.TimeoutExpired):
            tracer.wait(PATIENCE)
        tracer.terminate()
    return steps


def _until_traced(pid: int) -> None:
    """Wait until a tracer holds the process."""
    until = time.monotonic() + PATIENCE
    status = Path(f"/proc/{pid}/status")
    with suppress(OSError):
        while "\nTracerPid:\t0\n" in status.read_text(encoding="ascii", errors="replace"):
            if time.monotonic() > until:
                break
            time.sleep(_PAUSE)
