"""What an operation needed of Landlock: the table of calls, and sockets. Independent of any trace."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.domain.rights import FsRight, NetRight
from tests.trace.programs import needs
from tests.trace.programs.needs import Ask
from tests.trace.programs.observer import Done
from tests.trace.programs.performed import outcome, where


def asks(done: Done) -> list[Ask]:
    """All rights that it needed, or may be said to have needed."""
    for start, family in _FAMILIES:
        if done.operation.call.startswith(start):
            return list(family(done))
    return []


def _speaking(done: Done) -> Iterator[Ask]:
    """What bind and connect of unix sockets with a path ask for."""
    if not done.names:
        return
    name, said = done.names[0], outcome(done)
    ours = done.kind is not None and done.kind[0] == socket.AF_UNIX
    if done.operation.call == "bind":
        if name.parent is not None and name.last not in (b"", b".", b".."):
            yield Ask(name.parent, FsRight.MAKE_SOCK, sure=done.ok, loose=ours and said == "EINVAL")
            if done.ok:
                # Whoever looked for it first will find it next time: the reader may say what is possible then.
                yield Ask(name.parent, FsRight.REMOVE_FILE)
        return
    path = where(done)
    if path is not None:
        yield Ask(
            path,
            FsRight.RESOLVE_UNIX,
            sure=done.ok,
            loose=ours and said not in ("ENOENT", "EACCES", "ENOTDIR"),
        )


@dataclass(frozen=True, slots=True)
class PortAsk:
    """A right on a port; ``sure`` when nobody may doubt it."""

    port: int
    right: NetRight
    sure: bool


def port_asks(done: Done) -> list[PortAsk]:
    """What a bind or connect asked for ports."""
    address = done.operation.socket
    if address is None or address[0] != "inet" or not isinstance(address[1], int):
        return []
    if done.kind is None or done.kind[0] != socket.AF_INET:
        return []
    tcp = done.kind[1] & 0xF == socket.SOCK_STREAM
    sure = done.ok or outcome(done) in ("ECONNREFUSED", "EADDRINUSE")
    if done.operation.call == "bind":
        return [PortAsk(address[1], NetRight.BIND_TCP if tcp else NetRight.BIND_UDP, sure)]
    if tcp:
        return [PortAsk(address[1], NetRight.CONNECT_TCP, sure)]
    # A datagram socket that is not bound yet gets a port by itself.
    return [PortAsk(address[1], NetRight.CONNECT_SEND_UDP, sure), PortAsk(0, NetRight.BIND_UDP, sure=False)]


_FAMILIES: tuple[tuple[str, Callable[[Done], Iterator[Ask]]], ...] = (
    *(("open", needs.opening), ("creat", needs.opening), ("mk", needs.making), ("symlink", needs.making)),
    *(
        ("unlink", needs.removing),
        ("rmdir", needs.removing),
        ("rename", needs.moving),
        ("link", needs.linking),
    ),
    *(("exec", needs.executing), ("truncate", needs.cutting), ("ftruncate", needs.cutting)),
    *(("bind", _speaking), ("connect", _speaking)),
)
