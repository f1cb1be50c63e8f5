"""What a text tells by its first bytes: that it may be passed over, or what in it says nothing.

Buffers and their addresses differ each time. Without them, texts that mean the same are the same.
"""

import re
from collections.abc import Callable
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
_TO_NOBODY = re.compile(
    rb'sendto\([^"]*, "(?:[^"\\]|\\.)*+"(?:\.\.\.)?, [0-9]+, [\w|]+, NULL, 0'
    rb"(?:( <unfinished \.\.\.>)|\)\s+= (?:-?[0-9]+|\?)(?: E[A-Z0-9]+ \([^()]*\))?)$",
    re.DOTALL,
)

Bare = Callable[[bytes, object], bytes]
"""Gives a text without what says nothing in it, knowing the first half of its call if it is a second."""


class Glances:
    """By first bytes: which beginnings of lines are passed over, and how other texts are made bare."""

    def __init__(self) -> None:
        self.known: dict[bytes, tuple[tuple[bytes, ...], Bare]] = {}
        for name in looking.CALLS:
            self.known[f'{name}("'.encode("ascii")[:LENGTH]] = ((), _without_address)
            self.known[f"<... {name}".encode("ascii")[:LENGTH]] = ((), _end)
        self.known[b"sendto"] = ((), _to_nobody)

    def passes(self, text: bytes) -> bool:
        """Whether a line is passed over."""
        known = self.known.get(text[:LENGTH])
        return known is not None and text.startswith(known[0])

    def bare(self, text: bytes, table: object) -> bytes:
        """A text without what says nothing; ``table`` is the first half of its call, if it is a second."""
        known = self.known.get(text[:LENGTH])
        return text if known is None else known[1](text, table)

    def learn(self, text: bytes, found: Marker) -> None:
        """Lines that begin like this one are passed over from now on."""
        if found.kind not in ("call", "signal"):
            return
        name = found.name.encode("ascii")
        begins = b"--- " if found.kind == "signal" else name + b"("
        if text.startswith(b"<"):
            begins = b"<... " + name + b" resumed>"
        names, bare = self.known.get(text[:LENGTH], ((), _as_it_is))
        if begins not in names and len(self.known) < _MOST:
            self.known[text[:LENGTH]] = ((*names, begins), bare)


def _as_it_is(text: bytes, _: object) -> bytes:
    return text


def _without_address(text: bytes, _: object) -> bytes:
    """A call that only looks at files, without the address of the buffer behind its first name."""
    before, found, behind = text.partition(b'", 0x')
    if not found or before.count(b'"') != 1 or _BACKSLASH in before:
        return text
    address, comma, rest = behind.partition(b",")
    return b'%b", 0x0,%b' % (before, rest) if comma and address.isalnum() else text


def _end(text: bytes, table: object) -> bytes:
    """The same for the second half of such a call, when its first half ends before the buffer."""
    if not (isinstance(table, Begun) and table.looks):
        return text
    before, _, behind = text.partition(b"0x")
    if before.count(b">") != 1 or not before.rstrip(b" ").endswith(b" resumed>"):
        return text
    address, comma, rest = behind.partition(b",")
    return before + comma + rest if comma and address.isalnum() else text


def _to_nobody(text: bytes, _: object) -> bytes:
    """Sendto without an address means nothing, whatever is sent."""
    match = _TO_NOBODY.match(text)
    if match is None or (_BACKSLASH in text and not is_well_escaped(text)):
        return text
    return _SENT_TO_NOBODY + (match[1] or b") = 0")
