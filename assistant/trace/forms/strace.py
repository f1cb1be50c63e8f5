"""The form that strace itself writes, and the one that is tried when no other recognises a trace."""

from collections.abc import Iterable

from assistant.domain.access import TraceSource
from assistant.trace.reader import Reader


class StraceText:
    """See Form."""

    name = "strace text"

    def recognises(self, first: bytes) -> bool:
        """Anything: a line that is none of strace's is counted and named."""
        del first
        return True

    def read(self, name: str, chunks: Iterable[bytes], reader: Reader) -> TraceSource:
        """See Form."""
        return reader.read(name, chunks)
