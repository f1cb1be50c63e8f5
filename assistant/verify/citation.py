"""A cited line of any form, read for what it says by itself.

The second reader of each form, deliberately small: the inventory comes from another one, and a citation that
both agree on is worth more.
"""

from assistant.verify.audited import read_record
from assistant.verify.call import Argument, Call
from assistant.verify.evented import read_event
from assistant.verify.straced import decode, read_strace


__all__ = ["Argument", "Call", "decode", "read"]


def read(raw: bytes) -> Call | None:
    """Read one cited line.

    Args:
        raw: The line, without its end; of an audit log also the other records of its event, a line each.

    Returns:
        The call or denial, or None for a line that shows none or ends inside a string.
    """
    if raw.startswith(b"{"):
        return read_event(raw)
    return read_strace(raw) or read_record(raw)
