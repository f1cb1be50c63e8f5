"""The kernel's audit over netlink: its state, how to change it, and the records that it sends to who listens.

Source: include/uapi/linux/audit.h. Needs no auditd and does not disturb one. Reading the state and changing
it takes CAP_AUDIT_CONTROL, listening takes CAP_AUDIT_READ, both in the first user and process namespaces.
"""

import errno
import os
import socket
import struct
from dataclasses import dataclass


_NETLINK_AUDIT, _READLOG, _SO_RCVBUFFORCE = 9, 1, 33
_GET, _SET, _ERROR = 1000, 1001, 2
_REQUEST, _ACK = 1, 4
_HEADER, _STATUS = struct.Struct("=IHHII"), struct.Struct("=10I")
_MASK_ENABLED, _MASK_BACKLOG_LIMIT = 1 << 0, 1 << 4
_BUFFER = 16 << 20
_LONGEST = 1 << 16
_SECONDS = 5.0

SYSCALL, EVENT_END, LANDLOCK_ACCESS, LANDLOCK_DOMAIN = 1300, 1320, 1423, 1424
NAMES = {
    SYSCALL: b"SYSCALL",
    LANDLOCK_ACCESS: b"LANDLOCK_ACCESS",
    LANDLOCK_DOMAIN: b"LANDLOCK_DOMAIN",
}


@dataclass(frozen=True, slots=True)
class Status:
    """What can be set of audit.

    Attributes:
        enabled: 0 off, 1 on, 2 on and locked until the next boot.
        failure: What the kernel does about a record that it cannot keep: 0 nothing, 1 say so, 2 panic.
        auditd: The process that keeps the records; 0 when there is none.
        rate_limit: Records for each second; 0: no limit.
        backlog_limit: Records that may wait to be sent.
        backlog_wait: Ticks that a process may have to wait until its record finds room.
    """

    enabled: int
    failure: int
    auditd: int
    rate_limit: int
    backlog_limit: int
    backlog_wait: int


def status() -> Status:
    """Ask the kernel.

    Raises:
        OSError: there is no audit, or this process may not ask.
    """
    _, enabled, failure, auditd, rate, limit, _, _, _, wait = _STATUS.unpack_from(_request(_GET, b""))
    return Status(enabled, failure, auditd, rate, limit, wait)


def change(*, enabled: int | None = None, backlog_limit: int | None = None) -> None:
    """Set what is given, and nothing else.

    Raises:
        OSError: this process may not, or the state is locked.
    """
    mask = (_MASK_ENABLED if enabled is not None else 0) | (
        _MASK_BACKLOG_LIMIT if backlog_limit is not None else 0
    )
    if mask:
        _request(_SET, _STATUS.pack(mask, enabled or 0, 0, 0, 0, backlog_limit or 0, 0, 0, 0, 0))


def _request(kind: int, payload: bytes) -> bytes:
    """Ask one thing; what the kernel answers."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_AUDIT) as asked:
        asked.bind((0, 0))
        asked.settimeout(_SECONDS)
        asked.send(_HEADER.pack(_HEADER.size + len(payload), kind, _REQUEST | _ACK, 1, 0) + payload)
        while True:
            told, text = _parsed(asked.recv(_LONGEST))
            if told == _ERROR:
                error = -struct.unpack_from("=i", text)[0]
                if error:
                    raise OSError(error, os.strerror(error))
                if kind == _SET:
                    return b""
            elif told == kind:
                return text


def _parsed(message: bytes) -> tuple[int, bytes]:
    length, kind, *_ = _HEADER.unpack_from(message)
    return kind, message[_HEADER.size : max(length, _HEADER.size)]


def listen() -> socket.socket:
    """A socket that all records arrive at from now on; with a large buffer, and never waiting.

    Raises:
        OSError: this process may not listen.
    """
    heard = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_AUDIT)
    try:
        heard.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        heard.bind((0, _READLOG))
        heard.setblocking(False)
    except OSError:
        heard.close()
        raise
    return heard


def receive(heard: socket.socket) -> tuple[int, bytes] | None:
    """The next record: its type, and its text from ``audit(`` on. None when none waits.

    Records that found no room in the buffer are skipped without a word: whoever listens counts.
    """
    while True:
        try:
            message, (sender, _) = heard.recvfrom(_LONGEST)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            continue
        if sender == 0:  # The kernel. What another process sends to this socket is no record.
            kind, text = _parsed(message)
            return kind, text.rstrip(b"\0\n")
