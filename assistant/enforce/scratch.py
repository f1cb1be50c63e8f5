"""Things to run into: a directory, a listener and an abstract socket of the harness's own.

Makes nothing but one private directory, and removes it.
"""

import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.domain.rights import FsRight, NetRight
from assistant.domain.ruleset import Ruleset
from assistant.enforce.reach import InodeReach


PLACES = ("/var/tmp", "/tmp", "/dev/shm", "/run")


@dataclass(frozen=True, slots=True)
class Scratch:
    """What the harness made, all of it outside the ruleset.

    Attributes:
        directory: Holds ``file``, ``program`` (a copy of true) and ``empty`` (a directory); "" when there is
            no place for it.
        reason: Why there is no directory.
        connect_port: A listener on 127.0.0.1 that may not be connected to; 0 when there is none.
        bind_port: A free port that may not be bound; 0 when there is none.
        abstract: Name of a listening abstract unix socket, without its leading NUL.
        pid: The harness, a process outside the sandbox.
    """

    directory: str
    reason: str
    connect_port: int
    bind_port: int
    abstract: str
    pid: int


@contextmanager
def scratch(ruleset: Ruleset, places: Sequence[str] = PLACES) -> Iterator[Scratch]:
    """Make a scratch outside the ruleset and take it away at the end.

    Args:
        ruleset: What must not reach the scratch.
        places: Directories to choose from; the working directory is tried last. The one on which the ruleset
            has the fewest rights is taken, none on which it has all.
    """
    with ExitStack() as stack:
        place = _place(InodeReach(ruleset), (*places, str(Path.cwd())))
        directory = ""
        if place:
            directory = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="landscribe-probe-", dir=place)
            )
            _furnish(Path(directory))
        abstract = f"landscribe-probe-{secrets.token_hex(8)}"
        unix = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        unix.bind(b"\0" + abstract.encode())
        unix.listen(16)
        connect_port = _port(ruleset, NetRight.CONNECT_TCP, stack)
        with ExitStack() as briefly:
            bind_port = _port(ruleset, NetRight.BIND_TCP, briefly)
        reason = "" if place else "no writable directory lies outside the ruleset"
        yield Scratch(directory, reason, connect_port, bind_port, abstract, os.getpid())


def _place(reach: InodeReach, places: Sequence[str]) -> str:
    everything = ~FsRight(0)
    best, fewest = "", len(everything)
    for place in places:
        path = os.path.realpath(place)
        count = len(reach.rights(path))
        if count < fewest and Path(path).is_dir() and os.access(path, os.W_OK | os.X_OK):
            best, fewest = path, count
    return best


def _furnish(directory: Path) -> None:
    (directory / "empty").mkdir()
    (directory / "file").write_text("nothing\n")
    true = shutil.which("true")
    if true:
        shutil.copy(true, directory / "program")
        (directory / "program").chmod(0o755)


def _port(ruleset: Ruleset, right: NetRight, stack: ExitStack) -> int:
    """A port that a listener holds as long as the stack lives, and that the ruleset does not grant."""
    granted = {port for port, rights in ruleset.ports().items() if rights & right}
    for _ in range(20):
        listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        try:
            listener.bind(("127.0.0.1", 0))
            listener.listen(16)
        except OSError:
            return 0
        port = int(listener.getsockname()[1])
        if port not in granted:
            return port
    return 0
