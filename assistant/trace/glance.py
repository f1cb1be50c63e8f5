"""What a text tells by its first bytes: that it may be passed over, or what in it says nothing.

Buffers and their addresses differ each time. Without them, texts that mean the same are the same.
"""

import re
from functools import lru_cache
from typing import Final

from assistant.trace.families import looking
from assistant.trace.line import Marker
from assistant.trace.state import Begun
from assistant.trace.text import is_well_escaped


LENGTH: Final = 6
"""Bytes of a call's name by which it is told."""
_MOST = 4_000
_BACKSLASH = 92
_SENT_TO_NOBODY = b'sendto(0, "", 0, 0, NULL, 0'
_SENT = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_ENDS_TO_NOBODY = re.compile(
    rb"(?:\.\.\.)?, [0-9]+, [\w|]+, NULL, 0"
    rb"(?:( <unfinished \.\.\.>)|\)\s+= (?:-?[0-9]+|\?)(?: E[A-Z0-9]+ \([^()]*\))?)$"
)

# How a text is made bare.
_AS_IT_IS: Final = 0
_WITHOUT_ADDRESS: Final = 1
_END: Final = 2
_TO_NOBODY: Final = 3


class Glance:
    """What the first bytes of a text tell.

    Attributes:
        begins: Beginnings of lines that are passed over.
        how: How another text that begins so is made bare.
    """

    __slots__ = ("begins", "how")

    def __init__(self, how: int) -> None:
        self.begins: list[bytes] = []
        self.how = how

    def passes(self, text: bytes) -> bool:
        """Whether a line is passed over."""
        for begin in self.begins:  # noqa: SIM110 - compiled, a generator costs more than the loop
            if text.startswith(begin):
                return True
        return False

    def bare(self, text: bytes, table: object) -> bytes:
        """A text without what says nothing; ``table`` is the first half of its call, if it is a second."""
        how = self.how
        if how == _WITHOUT_ADDRESS:
            return _without_address(text)
        if how == _END:
            return _end(text, table)
        return _to_nobody(text) if how == _TO_NOBODY else text


class Glances:
    """By first bytes: which beginnings of lines are passed over, and how other texts are made bare."""

    def __init__(self) -> None:
        self.known: dict[bytes, Glance] = {}
        for name in looking.CALLS:
            self.known[f'{name}("'.encode("ascii")[:LENGTH]] = Glance(_WITHOUT_ADDRESS)
            self.known[f"<... {name}".encode("ascii")[:LENGTH]] = Glance(_END)
        self.known[b"sendto"] = Glance(_TO_NOBODY)

    def passes(self, text: bytes) -> bool:
        """Whether a line is passed over."""
        known = self.known.get(text[:LENGTH])
        return known is not None and known.passes(text)

    def bare(self, text: bytes, table: object) -> bytes:
        """A text without what says nothing; ``table`` is the first half of its call, if it is a second."""
        known = self.known.get(text[:LENGTH])
        return text if known is None else known.bare(text, table)

    def learn(self, text: bytes, found: Marker) -> None:
        """Lines that begin like this one are passed over from now on."""
        if found.kind not in ("call", "signal"):
            return
        name = found.name.encode("ascii")
        begins = b"--- " if found.kind == "signal" else name + b"("
        if text.startswith(b"<"):
            begins = b"<... " + name + b" resumed>"
        known = self.known.get(text[:LENGTH])
        if known is None and len(self.known) < _MOST:
            known = self.known[text[:LENGTH]] = Glance(_AS_IT_IS)
        if known is not None and begins not in known.begins:
            known.begins.append(begins)


def _without_address(text: bytes) -> bytes:
    """A call that only looks at files, without the address of the buffer behind its first name."""
    first = text.find(b'"')
    last = text.find(b'"', first + 1)
    if first < 0 or not text.startswith(b", 0x", last + 1) or _BACKSLASH in text[:last]:
        return text
    start = last + len(b'", 0x')
    comma = text.find(b",", start)
    return text[:start] + b"0" + text[comma:] if comma > 0 and text[start:comma].isalnum() else text


def _end(text: bytes, table: object) -> bytes:
    """The same for the second half of such a call, when its first half ends before the buffer."""
    begins = table.resumed if isinstance(table, Begun) else b""
    if not begins or not text.startswith(begins):
        return text
    start = len(begins)
    if text[start : start + 1] == b" ":
        start += 1  # as strace wrote before 5.0
    if text[start : start + 2] != b"0x":
        return text
    comma = text.find(b",", start)
    return begins + text[comma:] if comma > 0 and text[start + 2 : comma].isalnum() else text


def _to_nobody(text: bytes) -> bytes:
    """Sendto without an address means nothing, whatever is sent."""
    first, last = text.find(b', "') + 2, text.rfind(b'"')
    ends = _ends_to_nobody(text[last + 1 :])
    if not ends or not text.startswith(b"sendto(") or text.find(b'"') != first:
        return text
    quoted = text.find(b'"', first + 1) != last or text[last - 1] == _BACKSLASH
    if quoted and _SENT.fullmatch(text, first, last + 1) is None:
        return text
    if _BACKSLASH in text and not is_well_escaped(text):
        return text
    return _SENT_TO_NOBODY + ends


@lru_cache(1024)
def _ends_to_nobody(behind: bytes) -> bytes:
    """What stands behind a buffer that is sent to nobody, bare; empty when it says that it is not."""
    match = _ENDS_TO_NOBODY.match(behind)
    return (match[1] or b") = 0") if match else b""
