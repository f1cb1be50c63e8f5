"""What traces show, put on the ground of a host, and what they cannot show."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.domain.access import Inventory
from assistant.domain.codepath import Signals
from assistant.domain.finding import Finding, find
from assistant.domain.host import Host
from assistant.enforce.recordings import recording_of
from assistant.reading.memory import uncollected
from assistant.reading.naming import Trace
from assistant.reading.parallel import read_all
from assistant.reading.signals import received
from assistant.trace.blindspots import blind_spots
from assistant.trace.gathering import gather
from assistant.trace.ground import ground
from assistant.trace.inventory import Collected


if TYPE_CHECKING:
    from assistant.domain.recording import Recording


@uncollected()
def read_traces(traces: Sequence[Trace], host: Host, *, cwd: str | None = None) -> Inventory:
    """Read traces of one service into one grounded inventory.

    Args:
        traces: The traces and their names.
        host: The machine that they were made on, or NoHost.
        cwd: The directory in which the service was started, when a person says so; else a recording knows.

    Raises:
        TraceError: a trace cannot be read, is empty, or holds no system call.
    """
    recordings = [recording_of(trace.path) for trace in traces]
    jobs = [
        (trace, cwd or (made.cwd if made else None)) for trace, made in zip(traces, recordings, strict=True)
    ]
    read = [_with_asked(collected, made) for collected, made in zip(read_all(jobs), recordings, strict=True)]
    return ground(gather(read), host)


def _with_asked(collected: Collected, made: "Recording | None") -> Collected:
    """A recording says which calls strace was asked for: one that is absent was not made."""
    if made is None:
        return collected
    source = collected.source
    return Collected(replace(source, calls=source.calls | frozenset(made.calls)), collected.collector)


def signals_of(traces: Sequence[Trace]) -> Signals:
    """Which signals the processes of some traces received.

    Raises:
        TraceError: a trace cannot be read.
    """
    return received([(trace, recording_of(trace.path) is not None) for trace in traces])


def unseen(inventory: Inventory, *, command_given: bool, host_known: bool) -> Iterator[Finding]:
    """Findings on what the traces do not show, and on archives that break off."""
    yield from blind_spots(inventory, command_given=command_given, host_known=host_known)
    for source in inventory.sources:
        if source.damage:
            yield find("damaged-trace", source.name, f"{source.damage}; read up to line {source.lines}")
