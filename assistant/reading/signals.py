"""Signals that the processes of several traces received."""

from collections.abc import Iterator, Sequence
from itertools import chain

from assistant.domain.access import Evidence
from assistant.domain.codepath import Signals
from assistant.errors import DamagedTraceError
from assistant.reading.naming import Trace
from assistant.reading.reader import beginning
from assistant.trace.forms.strace import StraceText
from assistant.trace.signals import signals_in


def received(traces: Sequence[tuple[Trace, bool]]) -> Signals:
    """Which signals came, and whether one that did not come would be seen.

    Args:
        traces: Each with whether it is a recording of ours: then strace was not told to leave signals out.

    Raises:
        TraceError: one cannot be read, or is no trace.
    """
    first: dict[str, Evidence] = {}
    shown = bool(traces)
    for trace, ours in traces:
        blocks = trace.blocks()
        begins, form = beginning(trace, blocks)
        any_here = False
        if isinstance(form, StraceText):
            for line, name in signals_in(chain([begins], _whole(blocks))):
                any_here = True
                first.setdefault(name, Evidence(trace.name, line))
        shown = shown and isinstance(form, StraceText) and (ours or any_here)
    return Signals(first, shown)


def _whole(blocks: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from blocks
    except DamagedTraceError:
        # Said when the trace was read.
        return
