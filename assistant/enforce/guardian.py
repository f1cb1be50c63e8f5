"""A process that listens to the kernel's audit, and leaves it as it was: also when we are killed.

It does little: records in, answers out. The end of the process that it works for, however that ends, is the
end of its work.
"""

import errno
import json
import os
import select
import signal
import socket
from contextlib import suppress
from dataclasses import asdict
from typing import Any, NoReturn

from assistant.enforce import audit
from assistant.enforce.hearing import Hearing
from assistant.enforce.switch import Switch


_MOST_REQUEST = 4096
_DEAF_TO = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_WHY = {
    errno.EPROTONOSUPPORT: "this kernel was built without audit",
    errno.ECONNREFUSED: "the kernel's audit is closed to containers and user namespaces",
    errno.EPERM: "the kernel's audit takes root, outside of containers",
    errno.EACCES: "the kernel's audit takes root",
}


def guard(line: socket.socket, watched: int, secret: str) -> NoReturn:
    """The life of the guardian, in a process of its own: never returns into the caller's code.

    Args:
        line: Requests come in here, and answers go out: a line of JSON each. The first answer is why nothing
            can be heard, or "".
        watched: A descriptor of the process that it works for.
        secret: The word by which our sandboxes make themselves known.
    """
    try:
        os.setsid()
        for number in _DEAF_TO:
            signal.signal(number, signal.SIG_IGN)
        _let_go(line.fileno(), watched)
        try:
            heard, switch = audit.listen(), Switch()
        except OSError as error:
            _answer(line, _WHY.get(error.errno or 0, f"the kernel's audit cannot be used: {error.strerror}"))
        else:
            try:
                _answer(line, "")
                _serve(line, watched, heard, Hearing(secret))
            finally:
                said = switch.off()
            _answer(line, said)
    finally:
        os._exit(0)


def _let_go(*kept: int) -> None:
    """Nothing else stays open, so that nobody waits for us to let go of a pipe."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    low = 3
    for high in (*sorted(kept), 1 << 20):
        os.closerange(low, high)
        low = high + 1


def _answer(line: socket.socket, said: Any) -> None:
    with suppress(OSError):  # Nobody waits for it any more.
        line.sendall(json.dumps(said).encode() + b"\n")


def _serve(line: socket.socket, watched: int, heard: socket.socket, hearing: Hearing) -> None:
    """Hear and answer, until we are told to stop or whoever we work for is gone."""
    poll = select.poll()
    for source in (heard.fileno(), line.fileno(), watched):
        poll.register(source, select.POLLIN)
    while True:
        ready = {source for source, _ in poll.poll()}
        while record := audit.receive(heard):
            hearing.hear(*record)
        if line.fileno() in ready:
            asked = line.recv(_MOST_REQUEST)
            if not asked.endswith(b"\n") or b"end" in asked:
                return
            _answer(line, _told(hearing, int(asked)))
        elif watched in ready:
            return


def _told(hearing: Hearing, number: int) -> dict[str, Any]:
    """What was heard of a sandbox; what is told for the last time is forgotten."""
    heard = asdict(hearing.of(abs(number)))
    heard["lines"] = [line.decode("latin-1") for line in heard["lines"]]
    if number < 0 or heard["denied"] is not None:
        hearing.forget(abs(number))
    return heard
