"""A room to run a service in: its own mounts, processes, network and host name. Nothing outside it changes.

The directories that services write are overlaid; what a stage of a case leaves behind can be frozen, so that
every draft's sandbox starts from the same state: the one that the traced life left. Needs root.
"""

import contextlib
import fcntl
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from evals.case import CASES


PLACE = Path("/mnt")
"""Where a case keeps what it makes. No service uses it, and it is private memory while the case runs."""
OVERLAID = ("etc", "home", "opt", "root", "srv", "var")
EMPTY = {"tmp": "1777", "run": "755", "dev/shm": "1777"}
"""As after a boot; with their modes."""

ROOT = Path(__file__).parent.parent
"""The checkout."""
_BEGIN = (
    "import sys; sys.path.append(sys.argv[1]); from evals.inside import main; sys.exit(main(sys.argv[2:]))"
)
"""The checkout comes last: what is measured is the package as it is installed."""
_SHARED = ("unshare", "--mount", "--propagation", "private")
_APART = (*_SHARED, "--pid", "--fork", "--kill-child", "--mount-proc", "--net", "--uts", "--ipc")
_SIOCSIFFLAGS, _UP_AND_RUNNING = 0x8914, 0x41


class RoomError(Exception):
    """There can be no room here: not root, or the kernel does not let us mount."""


def outer(*words: str) -> list[str]:
    """The command that does a stage with ``PLACE`` its own; it must call ``furnish_place`` first."""
    return [*_SHARED, *_stage(words)]


def apart(*words: str) -> list[str]:
    """The command that does a stage in a room; it must call ``furnish`` first."""
    return [*_APART, *_stage(words)]


def _stage(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-P", "-c", _BEGIN, str(ROOT), *words]


def possible() -> str:
    """Why there can be no room here, or ""."""
    if os.geteuid() != 0:
        return "not root: services are run in mount, process and network namespaces of their own"
    done = subprocess.run([*_APART, "true"], capture_output=True, check=False)
    if done.returncode != 0:
        return f"no namespaces: {done.stderr.decode(errors='replace').strip()}"
    return ""


def furnish_place() -> None:
    """Make ``PLACE`` private memory.

    Raises:
        RoomError: it cannot be mounted.
    """
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(PLACE))


def furnish(stage: str, frozen: Sequence[str] = ()) -> None:
    """Overlay what services write.

    Args:
        stage: Whose changes these are; they end up under its name in ``PLACE``.
        frozen: Earlier stages whose changes are there already, oldest first.

    Raises:
        RoomError: something cannot be mounted.
    """
    kept = _kept()
    for name in OVERLAID:
        if not Path("/", name).is_dir():
            continue
        upper, work = PLACE / stage / name, PLACE / stage / f".{name}"
        upper.mkdir(parents=True)
        work.mkdir()
        _copy_mode(Path("/", name), upper)
        lower = ":".join([*(str(PLACE / before / name) for before in reversed(frozen)), f"/{name}"])
        _mount(
            "-t", "overlay", "-o", f"lowerdir={lower},upperdir={upper},workdir={work}", "overlay", f"/{name}"
        )
    for name, mode in EMPTY.items():
        if Path("/", name).is_dir():
            _mount("-t", "tmpfs", "-o", f"mode={mode}", "tmpfs", f"/{name}")
    for place, held in kept.items():
        if not place.exists():
            place.mkdir(parents=True)
            _mount("--bind", str(held), str(place))
    socket.sethostname("evalhost")
    _loopback_up()


def _kept() -> dict[Path, Path]:
    """Where we run from, held so that it can be put back when it lies beneath what is overlaid or emptied."""
    places = {
        Path(place).resolve() for place in (str(ROOT), str(CASES), sys.prefix, sys.base_prefix, *sys.path)
    }
    held: dict[Path, Path] = {}
    for place in sorted(places):
        if not place.is_dir() or any(place.is_relative_to(other) for other in held):
            continue
        if place.parts[1:2] and place.parts[1] in (*OVERLAID, *(name.split("/")[0] for name in EMPTY)):
            spot = PLACE / "held" / str(len(held))
            spot.mkdir(parents=True, exist_ok=True)
            _mount("--bind", str(place), str(spot))
            held[place] = spot
    return held


def _copy_mode(of: Path, to: Path) -> None:
    # An overlay's root has the mode and owner of its upper directory.
    found = of.stat()
    to.chmod(found.st_mode & 0o7777)
    os.chown(to, found.st_uid, found.st_gid)


def _mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, check=False)
    if done.returncode != 0:
        raise RoomError(f"mount {' '.join(words)}: {done.stderr.decode(errors='replace').strip()}")


def _loopback_up() -> None:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _UP_AND_RUNNING))
