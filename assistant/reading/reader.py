"""Reads one trace: finds its form, refuses what is none, keeps what an archive gave before it broke off."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from assistant.domain.access import TraceSource
from assistant.errors import DamagedTraceError, TraceError
from assistant.reading.memory import uncollected
from assistant.reading.naming import Trace
from assistant.trace.forms import Form
from assistant.trace.forms.mistakes import mistake_in
from assistant.trace.forms.registry import form_of
from assistant.trace.inventory import Collected
from assistant.trace.reader import Reader


_FIRST = 8192
"""Bytes by which a form is told. A pipe has them when the service has made a hundred calls, or ended."""

_AGAIN = "trace again: strace -f -y -e trace=%file,%network,%process -o app.trace CMD"


@uncollected()
def read_one(trace: Trace, cwd: str | None = None) -> Collected:
    """What one trace shows.

    Args:
        trace: The trace.
        cwd: The directory in which the service was started, when it is known.

    Raises:
        TraceError: it cannot be read, is empty, or is no trace.
    """
    whole = _Whole(trace)
    first, form = beginning(trace, whole)
    reader = Reader(cwd)
    source = form.read(trace.name, chain([first], whole), reader)
    shown = ascii(str(trace.path))
    if source.lines == 0 and whole.damage:
        raise TraceError(f"the trace {shown} cannot be unpacked", why=whole.damage, hint=_AGAIN)
    _check(source, shown, form.name)
    _, collector = reader.collected[-1]
    return Collected(replace(source, damage=whole.damage), collector)


def beginning(trace: Trace, blocks: Iterator[bytes]) -> tuple[bytes, Form]:
    """The first bytes, taken from the blocks, and the form that they tell.

    Raises:
        TraceError: it cannot be read, or is something that people give by mistake.
    """
    first = b""
    for block in blocks:
        first += block
        if len(first) >= _FIRST:
            break
    mistake = mistake_in(first)
    if mistake is not None:
        raise TraceError(
            f"the trace {str(trace.path)!a} is {mistake.what}", why=mistake.why, hint=mistake.hint
        )
    return first, form_of(first)


class _Whole:
    """The blocks of a trace up to where it breaks off. ``damage`` then says why it does."""

    def __init__(self, trace: Trace) -> None:
        self.damage = ""
        self._blocks = trace.blocks()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._blocks)
        except DamagedTraceError as error:
            self.damage = f"{error.what}: {error.why}"
            raise StopIteration from error


def _check(source: TraceSource, shown: str, form: str) -> None:
    if source.lines == 0:
        raise TraceError(f"the trace {shown} is empty", hint=_AGAIN)
    if source.understood == 0:
        raise TraceError(
            f"the trace {shown} holds no system call that says what a service accesses",
            why=f"read as {form}: of {source.lines} lines, {source.ignored} say nothing of an access "
            f"and {source.not_understood} are not of this form",
            hint=_AGAIN,
        )
