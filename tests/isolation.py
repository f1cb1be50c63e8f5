"""A network of the tests' own that has the loopback alone, also for every process that they start.

The kernel's audit speaks in the machine's first network only: tests that are marked ``kernel`` go back there.
"""

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


STILL_CONNECTED = pytest.StashKey[str]()
"""Why the tests have no network of their own, or ""."""
MACHINES_NETWORK = pytest.StashKey[int]()
"""A descriptor of the network that the tests were started in."""
_NEW_NETWORK = 0x40000000
_NETWORK_OF_THIS_THREAD = "/proc/thread-self/ns/net"
_SET_FLAGS, _UP_AND_RUNNING = 0x8914, 0x41


def leave_the_network() -> str:
    """Enter an empty network namespace and bring up its loopback; why that cannot be done here, or ""."""
    if os.geteuid() != 0:
        return "not root"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_NETWORK) != 0:
        return os.strerror(ctypes.get_errno())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", _UP_AND_RUNNING))
    return ""


@contextmanager
def the_network_of(namespace: int) -> Iterator[None]:
    """For the time of a ``with``, this thread and what it starts are in another network.

    Args:
        namespace: A descriptor of it.
    """
    own = this_network()
    _enter(namespace)
    try:
        yield
    finally:
        _enter(own)
        os.close(own)


def _enter(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, _NEW_NETWORK) != 0:
        raise OSError(ctypes.get_errno(), "cannot enter a network")


def this_network() -> int:
    """A descriptor of the network that this thread is in; it stays open."""
    return os.open(_NETWORK_OF_THIS_THREAD, os.O_RDONLY | os.O_CLOEXEC)
