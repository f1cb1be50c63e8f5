"""A trace of strace text as events, line by line, without reading it whole."""

from collections.abc import Iterable, Iterator
from itertools import chain

from assistant.errors import UsageError
from assistant.intake.blocks import gathered
from assistant.reading.naming import Trace
from assistant.reading.reader import beginning
from assistant.trace.forms.jsonl import Events
from assistant.trace.forms.strace import StraceText
from assistant.trace.line import LONGEST_LINE


def events_of(trace: Trace) -> Iterator[bytes]:
    """Lines of events in blocks; what is events already comes as it is.

    Raises:
        TraceError: it cannot be read, or is no trace.
        UsageError: it is neither strace text nor events.
    """
    # Only `trace --to jsonl` comes here.
    from assistant.trace.forms.objects import to_events

    blocks = trace.blocks()
    first, form = beginning(trace, blocks)
    if isinstance(form, Events):
        return chain([first], blocks)
    if not isinstance(form, StraceText):
        raise UsageError(
            f"{str(trace.path)!a} is read as {form.name}, which have no form as events",
            hint="give it to draft and verify as it is",
        )
    return gathered(to_events(_lines(chain([first], blocks))))


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    kept = b""
    for block in blocks:
        head, *rest = block.split(b"\n")
        kept = (kept + head)[: LONGEST_LINE + 1]
        for line in rest:
            yield kept + b"\n"
            kept = line
    if kept:
        yield kept
