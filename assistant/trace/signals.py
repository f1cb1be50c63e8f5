"""Signals that processes of an strace received. They carry no access, and tell which code path was taken."""

import re
from collections.abc import Iterable, Iterator

from assistant.trace.line import LONGEST_LINE, columns


_SIGN = b"--- SIG"
_SIGNAL = re.compile(rb"--- (SIG[A-Z0-9_]{1,16}) \{")


def signals_in(blocks: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    """Line number and name of each signal that was received.

    A name in a call cannot pass for one: only what begins behind the columns of a line counts.
    """
    kept, number = b"", 1
    for block in blocks:
        text = kept + block
        cut = text.rfind(b"\n") + 1
        if _SIGN in text:
            for offset, line in enumerate(text[:cut].split(b"\n")):
                if _SIGN in line and (name := _name(line)):
                    yield number + offset, name
        number += text.count(b"\n", 0, cut)
        kept = text[cut:][:LONGEST_LINE]
    if _SIGN in kept and (name := _name(kept)):
        yield number, name


def _name(line: bytes) -> str:
    found = _SIGNAL.match(line, columns(line).start)
    return found[1].decode("ascii") if found else ""
