"""The kernel's audit log: Landlock's denials, and the system calls that audit rules had logged."""

from collections.abc import Iterable

from assistant.domain.access import TraceSource
from assistant.trace.forms.record import is_interpreted, is_kernel_log, record
from assistant.trace.reader import Reader


_FIRST_LINES = 400


class AuditLog:
    """See Form."""

    name = "audit records"

    def recognises(self, first: bytes) -> bool:
        """Whether there is a record among the first lines, or may be one later on."""
        if is_interpreted(first):
            return False
        lines = first.split(b"\n", _FIRST_LINES)[:_FIRST_LINES]
        return is_kernel_log(first) or any(record(line, 0) is not None for line in lines)

    def read(self, name: str, chunks: Iterable[bytes], reader: Reader) -> TraceSource:
        """See Form."""
        # Most traces are strace's own, and whoever reads one does not wait for these imports.
        from assistant.trace.forms.translation import read_translated
        from assistant.trace.forms.window import translate

        return read_translated(name, chunks, reader, translate)
