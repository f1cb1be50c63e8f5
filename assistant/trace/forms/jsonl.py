"""Events, one JSON object a line: what ``landscribe trace --to jsonl`` writes, and any other tool may."""

from collections.abc import Iterable

from assistant.domain.access import TraceSource
from assistant.trace.reader import Reader


_OPENS = (b"{", b"\xef\xbb\xbf{")


class Events:
    """See Form."""

    name = "JSONL events"

    def recognises(self, first: bytes) -> bool:
        """Whether the first line that is not empty begins as an object."""
        return first.lstrip().startswith(_OPENS)

    def read(self, name: str, chunks: Iterable[bytes], reader: Reader) -> TraceSource:
        """See Form."""
        # As for AuditLog.
        from assistant.trace.forms.objects import translate
        from assistant.trace.forms.translation import read_translated

        return read_translated(name, chunks, reader, translate)
