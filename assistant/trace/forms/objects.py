"""Lines that are JSON objects as lines of strace text, and the way back."""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache

from assistant.trace.forms.event import EventError, event_of, line_of, written
from assistant.trace.forms.translation import MOST_READ, Account


_MOST_KEPT = 10_000
"""Lines whose meaning is kept: a trace says the same ones again and again."""
_SHORT = 4096


def translate(lines: Iterator[bytes], account: Account) -> Iterator[bytes]:
    """See ``translation.Translate``."""
    for number, raw in enumerate(lines, start=1):
        try:
            yield (_kept_line(raw) if len(raw) < _SHORT else _line(raw)) + b"\n"
        except EventError as error:
            yield account.strange(f"no event: {error}", raw, number)


def _line(raw: bytes) -> bytes:
    if len(raw) > MOST_READ:
        raise EventError("the line is too long")
    try:
        return line_of(json.loads(raw.decode("utf-8-sig")))
    except (ValueError, RecursionError) as error:
        if isinstance(error, EventError):
            raise
        raise EventError("the line is no JSON") from error


_kept_line = lru_cache(_MOST_KEPT)(_line)


def to_events(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines of strace text with their ends as events; a last line without an end becomes one."""
    for raw in lines:
        event = written(event_of(raw.removesuffix(b"\n")))
        yield event if raw.endswith(b"\n") else event.removesuffix(b"\n")
