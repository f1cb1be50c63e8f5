"""Forms of input besides strace's text. Each is read into the words that strace would have used.

So the meaning of system calls stands in one place, assistant/trace/families, whoever saw the call.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from assistant.domain.access import TraceSource
from assistant.trace.reader import Reader


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something that is no trace, and what to give instead.

    Attributes:
        what: It is "the trace X is WHAT".
        why: Why nothing can be read from it.
        hint: What to do.
    """

    what: str
    why: str
    hint: str


class Form(Protocol):
    """One form of input. ``name`` is what people call it."""

    @property
    def name(self) -> str:
        """What people call it."""

    def recognises(self, first: bytes) -> bool:
        """Whether a trace that begins with these bytes is of this form."""

    def read(self, name: str, chunks: Iterable[bytes], reader: Reader) -> TraceSource:
        """Read one trace.

        Args:
            name: What evidence calls it.
            chunks: Its bytes, cut anywhere.
            reader: Takes what the trace says; its collector's last source is the one that is returned.
        """
