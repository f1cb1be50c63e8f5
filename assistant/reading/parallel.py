"""Several large traces at once, a process each; the same result as one after the other."""

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from assistant.errors import TraceError
from assistant.intake.source import File
from assistant.reading.naming import Trace
from assistant.reading.reader import read_one
from assistant.trace.inventory import Aspect, Collected, Tally


if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkContext, ForkServerContext
    from multiprocessing.process import BaseProcess

WORTH_A_PROCESS = 16 * 1024 * 1024
"""Bytes from which a file's reading takes longer than a process's start."""

Job = tuple[Trace, str | None]


def read_all(jobs: Sequence[Job]) -> list[Collected]:
    """What each trace shows, in the order of the jobs.

    Raises:
        TraceError: of the first trace that cannot be read.
    """
    sizes = [_size(trace) for trace, _ in jobs]
    processes = min(os.cpu_count() or 1, sum(size >= WORTH_A_PROCESS for size in sizes))
    if processes < 2:  # noqa: PLR2004 - one is this one
        return [read_one(trace, cwd) for trace, cwd in jobs]
    done = _together(jobs, _shares(sizes, processes))
    # What comes from a pipe is read here, where the pipe is. What could not be read, or was lost with its
    # process, is read once more: so the first error in the order of the jobs is the one that is raised.
    return [done.get(place) or read_one(*job) for place, job in enumerate(jobs)]


def _size(trace: Trace) -> int:
    """Bytes of what another process could open as well; -1 for all else."""
    try:
        return trace.path.stat().st_size if isinstance(trace.source, File) else -1
    except OSError:
        return -1


def _shares(sizes: Sequence[int], processes: int) -> list[list[int]]:
    """Places of files, about evenly: each, the largest first, goes to who has least."""
    shares: list[list[int]] = [[] for _ in range(processes)]
    for place in sorted(range(len(sizes)), key=lambda place: -sizes[place]):
        if sizes[place] >= 0:
            min(shares, key=lambda share: sum(sizes[other] for other in share)).append(place)
    return shares


def _together(jobs: Sequence[Job], shares: Sequence[Sequence[int]]) -> dict[int, Collected]:
    """What could be read, by place. This process has a share too: what it reads need not be handed over."""
    own, *others = shares
    workers = [_start(jobs, share) for share in others]
    try:
        done = dict(_read(jobs, own))
        for _, results in workers:
            done |= _received(results)
    finally:
        for worker, _ in workers:
            # It has handed over all that it will, or nobody wants it any more.
            worker.terminate()
            worker.join()
    return done


def _start(jobs: Sequence[Job], share: Sequence[int]) -> tuple["BaseProcess", "Connection[Any, Any]"]:
    # Whoever reads one trace does not wait for this import.
    from multiprocessing import get_context

    # A fork starts five times faster, and is safe as long as no thread of ours can hold a lock.
    context: ForkContext | ForkServerContext = (
        get_context("fork") if threading.active_count() == 1 else get_context("forkserver")
    )
    receiver, sender = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(jobs, share, receiver, sender), daemon=True)
    worker.start()
    # Its end is noticed when nobody else can write.
    sender.close()
    return worker, receiver


def _work(
    jobs: Sequence[Job],
    share: Sequence[int],
    receiver: "Connection[Any, Any]",
    sender: "Connection[Any, Any]",
) -> None:
    """What another process does. It is silent on what goes wrong: whoever waits for it reads that again."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    receiver.close()
    with suppress(Exception):
        # All is read before the first is sent: who receives it has a share to read first.
        for place, collected in list(_read(jobs, share)):
            sender.send((place, _plain(collected)))


def _read(jobs: Sequence[Job], share: Iterable[int]) -> Iterator[tuple[int, Collected]]:
    for place in share:
        with suppress(TraceError):
            yield place, read_one(*jobs[place])


def _received(results: "Connection[Any, Any]") -> Iterator[tuple[int, Collected]]:
    with suppress(EOFError, OSError):
        while True:
            place, plain = results.recv()
            yield place, _whole(*plain)


_Table = tuple[tuple[Any, ...], list[tuple[Any, ...]]]


def _plain(collected: Collected) -> tuple[Collected, list[_Table]]:
    """The same for another process: the one large table as tuples, which take a quarter of the time.

    The table is taken out of what was collected.
    """
    needs, collected.collector.needs = collected.collector.needs, {}
    tables = [
        (tuple(aspect), [(names, tally.count, tally.seen) for names, tally in table.items()])
        for aspect, table in needs.items()
    ]
    return collected, tables


def _whole(collected: Collected, tables: Iterable[_Table]) -> Collected:
    """The reverse of ``_plain``."""
    for aspect, rows in tables:
        table = collected.collector.needs[Aspect(*aspect)] = {}
        for names, count, seen in rows:
            tally = table[names] = Tally()
            tally.holds(count, seen)
    return collected
