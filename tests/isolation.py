"""A network of the tests' own that has the loopback alone, also for every process that they start."""

import ctypes
import fcntl
import os
import socket
import struct

import pytest


STILL_CONNECTED = pytest.StashKey[str]()
"""Why the tests have no network of their own, or ""."""
_NEW_NETWORK = 0x40000000
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
