"""Ends well when somebody asks: SIGTERM and SIGHUP as Ctrl-C, so that what must be put back is put back."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


_ASKS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """While it lasts, SIGTERM and SIGHUP raise KeyboardInterrupt in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _ASKS}
    for number, old in before.items():
        if old is not signal.SIG_IGN:  # nohup
            signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt
