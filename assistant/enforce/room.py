"""A room to live one life in: what is changed there outside /usr goes away, ports and processes are its own.

Every directory that services write is overlaid, so a life finds the machine as it is and leaves it so, and
several can be lived at once. Takes root. It is for fairness between runs: security is the sandbox's.
"""

import ctypes
import fcntl
import os
import re
import signal
import socket
import stat
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from assistant.enforce import launcher


OVERLAID = ("dev/shm", "etc", "home", "opt", "root", "run", "srv", "tmp", "var")
_NEW_SPACES = 0x00020000 | 0x04000000 | 0x08000000 | 0x40000000  # Mounts, host name, IPC, network.
_NEW_PROCESSES = 0x20000000
_MS_REC, _MS_PRIVATE, _MS_BIND = 0x4000, 1 << 18, 0x1000
_PR_SET_PDEATHSIG = 1
_SIOCSIFFLAGS, _UP_AND_RUNNING = 0x8914, 0x41
_OCTAL = re.compile(rb"\\([0-7]{3})")
_HINT = "rooms take root; test without --room"
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Room:
    """What a room is made from.

    Attributes:
        layers: Directories with changes of an earlier life (``etc``, ``var`` and so on in each), oldest
            first: the room begins with them.
    """

    layers: tuple[Path, ...] = ()


def inhabit(room: Room | None, life: Callable[[launcher.LaunchError | None], NoReturn]) -> NoReturn:
    """Become the process that lives in a room; here, when there shall be none.

    Args:
        room: The room.
        life: Called in it, or with the reason why there is none.
    """
    if room is None:
        life(None)
    try:
        _call("unshare", _NEW_PROCESSES)
    except OSError as error:
        life(_no_room(error))
    first = os.fork()
    if first == 0:
        life(_refusal(room))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(first, signal.SIGTERM))
    # The first process of the room is killed with us, and everything in the room with it.
    launcher.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    while True:
        with suppress(InterruptedError):
            os.waitpid(first, 0)
            os._exit(0)


def _refusal(room: Room) -> launcher.LaunchError | None:
    try:
        launcher.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        _furnish(room)
    except OSError as error:
        return _no_room(error)
    return None


def _no_room(error: OSError) -> launcher.LaunchError:
    why = f"{error.filename or 'it'}: {error.strerror}"
    return launcher.LaunchError("no room can be made for the test", why, _HINT)


def _furnish(room: Room) -> None:
    _call("unshare", _NEW_SPACES)
    _mount("", "/", "", _MS_REC | _MS_PRIVATE)
    _mount("proc", "/proc", "proc")
    places = list(_places())
    # By descriptor from here on: the places of layers may be covered meanwhile.
    held = {place: os.open(place, os.O_PATH | os.O_CLOEXEC) for place in places}
    layers = [os.open(layer, os.O_PATH | os.O_CLOEXEC) for layer in reversed(room.layers)]
    _mount("tmpfs", "/tmp", "tmpfs", 0, "mode=755")
    upper = os.open("/tmp", os.O_PATH | os.O_CLOEXEC)
    for number, place in enumerate(places):
        _overlay(place, held[place], layers, f"/proc/self/fd/{upper}/{number}")
    for opened in (upper, *held.values(), *layers):
        os.close(opened)
    _loopback_up()


def _places() -> Iterator[str]:
    """What is to be overlaid: the trees, and behind each what is mounted in it, from the outside inwards."""
    mounted = sorted({_decoded(line.split()[4]) for line in _lines("/proc/self/mountinfo")})
    for name in OVERLAID:
        tree = f"/{name}"
        if os.path.isdir(tree) and not os.path.islink(tree):
            yield tree
            yield from (place for place in mounted if place.startswith(f"{tree}/"))


def _lines(path: str) -> list[bytes]:
    return Path(path).read_bytes().splitlines()


def _decoded(word: bytes) -> str:
    return os.fsdecode(_OCTAL.sub(lambda match: bytes([int(match[1], 8)]), word))


def _overlay(place: str, below: int, layers: Sequence[int], upper: str) -> None:
    """Lay a fresh directory over a place; what cannot be overlaid is shared."""
    info = os.fstat(below)
    source = f"/proc/self/fd/{below}"
    if stat.S_ISDIR(info.st_mode):
        for name in ("up", "work"):
            os.makedirs(f"{upper}/{name}")
        os.chmod(f"{upper}/up", stat.S_IMODE(info.st_mode))
        os.chown(f"{upper}/up", info.st_uid, info.st_gid)
        above = [f"/proc/self/fd/{layer}{place}" for layer in layers]
        lower = ":".join([*(layer for layer in above if os.path.isdir(layer)), source])
        options = f"lowerdir={lower},upperdir={upper}/up,workdir={upper}/work"
        try:
            _mount("overlay", place, "overlay", 0, options)
        except OSError:
            if place.strip("/") in OVERLAID:
                raise
        else:
            return
    _mount(source, place, "", _MS_BIND)


def _mount(source: str, place: str, kind: str, flags: int = 0, options: str = "") -> None:
    words = [os.fsencode(word) if word else None for word in (source, place, kind, options)]
    _call("mount", words[0], words[1], words[2], ctypes.c_ulong(flags), words[3], about=place)


def _call(name: str, *arguments: Any, about: str = "") -> None:
    if getattr(_libc, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), about or name)


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _UP_AND_RUNNING))
