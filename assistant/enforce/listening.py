"""Hears the kernel say what it denies in our sandboxes, for as long as that is wanted."""

import json
import os
import secrets
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from assistant.enforce.guardian import guard
from assistant.enforce.hearing import Heard, make_known
from assistant.enforce.switch import Switch


_POLL_SECONDS = 0.02
_KILLED = "the process that listens was killed"


class Listener:
    """Hears the denials of sandboxes that make themselves known.

    Args:
        reason: Why nothing shall be heard; "": what can be heard is.

    Attributes:
        reason: Why nothing is heard; "" when it is.
    """

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        self._secret = secrets.token_hex(16)
        self._number = self._guardian = 0
        if not reason:
            self._begin()

    def _begin(self) -> None:
        ours, its = socket.socketpair()
        watched = os.pidfd_open(os.getpid())
        self._guardian = os.fork()
        if self._guardian == 0:
            guard(its, watched, self._secret)
        os.close(watched)
        its.close()
        self._requests, self._answers = ours, ours.makefile("rb")
        self.reason = self._word()

    def _word(self) -> str:
        """What the guardian says of itself."""
        with suppress(ValueError, OSError):
            return str(json.loads(self._answers.readline()))
        return _KILLED

    def number(self) -> int:
        """A number for the next sandbox."""
        self._number += 1
        return self._number

    def make_known(self, number: int) -> None:
        """To be called inside that sandbox, before its command starts."""
        if not self.reason:
            with suppress(OSError):  # It stays unknown, and nothing will be heard of it.
                make_known(self._secret, number)

    def heard(self, number: int, *, seconds: float = 5.0) -> Heard:
        """What was heard of a sandbox, as soon as the kernel says that it is gone.

        Args:
            number: Its number.
            seconds: How long to wait for that.
        """
        until = time.monotonic() + seconds
        while True:
            late = time.monotonic() >= until
            heard = self._ask(-number if late else number)
            if late or self.reason or heard.denied is not None:
                return heard
            select.select([], [], [], _POLL_SECONDS)

    def _ask(self, number: int) -> Heard:
        if not self.reason:
            with suppress(OSError, ValueError):
                self._requests.sendall(b"%d\n" % number)
                told = json.loads(self._answers.readline())
                told["lines"] = [line.encode("latin-1") for line in told["lines"]]
                return Heard(**told)
            self.reason = _KILLED
        return Heard()

    def close(self) -> str:
        """Put audit back as it was. What had to be left, if anything."""
        if not self._guardian:
            return ""
        said = "" if self.reason else _KILLED
        with suppress(OSError):
            self._requests.sendall(b"end\n")
            said = said and self._word()
        self._answers.close()
        self._requests.close()
        os.waitpid(self._guardian, 0)
        self._guardian = 0
        if _KILLED in (said, self.reason):  # It could not put anything back.
            with suppress(OSError):
                said = Switch().off()
        return said


@contextmanager
def listening(reason: str = "", tell: Callable[[str], None] = lambda _: None) -> Iterator[Listener]:
    """A listener for as long as it is needed.

    Args:
        reason: Why audit shall not be touched and nothing heard, if so.
        tell: Takes a sentence on what could not be put back.
    """
    listener = Listener(reason)
    try:
        yield listener
    finally:
        left = listener.close()
        if left:
            tell(left)
