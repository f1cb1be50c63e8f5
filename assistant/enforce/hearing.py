"""Which of the kernel's records are about our sandboxes, and whether all of them arrived. Listens to nothing.

A sandbox makes itself known by a denial that nobody else can cause: it tries to mount upon a file in memory
that is called by a secret word. Mounting is never allowed inside, and the kernel's record names the file.
"""

import ctypes
import os
import re
from dataclasses import dataclass, field

from assistant.enforce import audit


_MOST_LINES = 20_000
"""Different denials of one sandbox that are kept; a service has dozens."""

_ACCESS = re.compile(rb"audit\(([0-9.]+:([0-9]+))\): domain=([0-9a-f]+) (.*)", re.DOTALL)
_ENDED = re.compile(rb"audit\([0-9.:]+\): domain=([0-9a-f]+) status=deallocated denials=([0-9]+)")
_SERIAL = re.compile(rb"audit\([0-9.]+:([0-9]+)\)")
_MARK = re.compile(rb"blockers=fs\.change_topology path=([0-9A-F]+) ")
_WORD = re.compile(rb"/memfd:landscribe-([0-9a-f]+)-([0-9]+) \(deleted\)")
_NO_FILE_SYSTEM = b"landscribe-no-file-system"
_libc = ctypes.CDLL(None, use_errno=True)


def make_known(secret: str, number: int) -> None:
    """Called inside a sandbox, before its command starts: the kernel now says which one it is.

    Without a sandbox it fails as well, for there is no such file system.

    Raises:
        OSError: there is no /proc, or no memory.
    """
    file = os.memfd_create(f"landscribe-{secret}-{number}")
    try:
        _libc.mount(b"none", b"/proc/self/fd/%d" % file, _NO_FILE_SYSTEM, ctypes.c_ulong(0), None)
    finally:
        os.close(file)


@dataclass(slots=True)
class Heard:
    """The records of one sandbox.

    Attributes:
        lines: As auditd writes them: each different denial once, the call that it stopped behind it.
        count: All denials, repeated ones too.
        denied: How many the kernel counted; None until the sandbox is gone.
        more: Different denials that found no room in ``lines``.
    """

    lines: list[bytes] = field(default_factory=list)
    count: int = 0
    denied: int | None = None
    more: int = 0

    @property
    def lost(self) -> int | None:
        """Denials that did not arrive; None when nobody knows."""
        return None if self.denied is None else max(0, self.denied - self.count)


class Hearing:
    """Sorts records by sandbox.

    Args:
        secret: The word by which ours make themselves known.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode("ascii")
        self._numbers: dict[bytes, int] = {}
        self._heard: dict[int, Heard] = {}
        self._known: dict[int, set[bytes]] = {}
        self._calls: dict[bytes, Heard] = {}

    def hear(self, kind: int, text: bytes) -> None:
        """One record, as ``audit.receive`` gives it."""
        if kind == audit.LANDLOCK_ACCESS:
            self._access(text)
        elif kind == audit.LANDLOCK_DOMAIN:
            self._domain(text)
        elif kind in (audit.SYSCALL, audit.EVENT_END) and (serial := _SERIAL.match(text)):
            heard = self._calls.pop(serial[1], None)
            if heard is not None and kind == audit.SYSCALL:
                heard.lines.append(_line(kind, text))

    def of(self, number: int) -> Heard:
        """What there is so far of one sandbox."""
        return self._heard.get(number, Heard())

    def forget(self, number: int) -> None:
        """Nobody will ask for it again."""
        self._heard.pop(number, None)
        self._known.pop(number, None)

    def _access(self, text: bytes) -> None:
        match = _ACCESS.match(text)
        if match is None:
            return
        _, serial, domain, said = match.groups()
        number = self._numbers.get(domain)
        if number is None:
            self._introduce(domain, said)
            return
        heard, known = self._heard.get(number), self._known.get(number)
        if heard is None or known is None:
            return
        heard.count += 1
        if said in known:
            return
        if len(known) >= _MOST_LINES:
            heard.more += 1
            return
        known.add(said)
        heard.lines.append(_line(audit.LANDLOCK_ACCESS, text))
        self._calls[serial] = heard

    def _introduce(self, domain: bytes, said: bytes) -> None:
        mark = _MARK.match(said)
        word = _WORD.fullmatch(bytes.fromhex(mark[1].decode("ascii"))) if mark else None
        if word is None or word[1] != self._secret:
            return  # Somebody else's sandbox.
        number = int(word[2])
        if number not in self._heard:
            self._numbers[domain] = number
            self._heard[number], self._known[number] = Heard(), set()

    def _domain(self, text: bytes) -> None:
        ended = _ENDED.match(text)
        number = self._numbers.pop(ended[1], None) if ended else None
        if ended and number is not None and number in self._heard:
            self._heard[number].denied = int(ended[2]) - 1  # Its making itself known aside.


def _line(kind: int, text: bytes) -> bytes:
    return b"type=" + audit.NAMES[kind] + b" msg=" + text
