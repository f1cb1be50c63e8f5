"""Several large traces at once, a process each; the same result as one after the other."""

import os
import threading
from collections.abc import Sequence

from assistant.errors import TraceError
from assistant.intake.source import File
from assistant.reading.naming import Trace
from assistant.reading.reader import read_one
from assistant.trace.inventory import Collected


WORTH_A_PROCESS = 16 * 1024 * 1024
"""Bytes from which a file's reading takes longer than a process's start."""

Job = tuple[Trace, str | None]


def read_all(jobs: Sequence[Job]) -> list[Collected]:
    """What each trace shows, in the order of the jobs.

    Raises:
        TraceError: of the first trace that cannot be read.
    """
    processes = min(os.cpu_count() or 1, sum(_is_large(trace) for trace, _ in jobs))
    if processes < 2:  # noqa: PLR2004 - one is this one
        return [read_one(trace, cwd) for trace, cwd in jobs]
    return _together(jobs, processes)


def _together(jobs: Sequence[Job], processes: int) -> list[Collected]:
    # Whoever reads one trace does not wait for these imports.
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # A fork starts five times faster, and is safe as long as no thread of ours can hold a lock.
    context = get_context("fork" if threading.active_count() == 1 else "forkserver")
    with ProcessPoolExecutor(processes, context, _quietly) as pool:
        done = {
            place: pool.submit(_job, trace, cwd)
            for place, (trace, cwd) in enumerate(jobs)
            if isinstance(trace.source, File)
        }
        # What comes from a pipe is read here, where the pipe is.
        return [
            _result(done[place].result()) if place in done else read_one(trace, cwd)
            for place, (trace, cwd) in enumerate(jobs)
        ]


def _is_large(trace: Trace) -> bool:
    try:
        return isinstance(trace.source, File) and trace.path.stat().st_size >= WORTH_A_PROCESS
    except OSError:
        return False


def _quietly() -> None:
    """An interrupt ends a worker without a word: whoever waits for it says what happened."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)


_Failure = tuple[str, str, str]


def _job(trace: Trace, cwd: str | None) -> Collected | _Failure:
    try:
        return read_one(trace, cwd)
    except TraceError as error:
        # An exception with more than a text does not survive the way to another process.
        return error.what, error.why, error.hint


def _result(done: Collected | _Failure) -> Collected:
    if isinstance(done, Collected):
        return done
    what, why, hint = done
    raise TraceError(what, why=why, hint=hint)
