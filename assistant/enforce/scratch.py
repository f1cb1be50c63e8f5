"""Things to run into: directories, listeners and a process of the harness's own.

Makes nothing but private directories, and removes them.
"""

import os
import secrets
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.domain.access import parent
from assistant.domain.rights import FsRight, NetRight
from assistant.domain.ruleset import Ruleset
from assistant.enforce.account import Account
from assistant.enforce.reach import InodeReach


PLACES = ("/var/tmp", "/tmp", "/dev/shm", "/run")
_PREFIX = ".landscribe-probe-"
_PLANTED = 3
_PSEUDO = ("/proc", "/sys", "/dev")


@dataclass(frozen=True, slots=True)
class Planted:
    """Directories of the harness in what the service may write, and beside it.

    Attributes:
        within: Holds ``file``, ``program`` (a copy of true) and ``empty`` (a directory).
        beside: A directory on the same file system, outside the grant; "" when none could be made.
    """

    within: str
    beside: str


@dataclass(frozen=True, slots=True)
class Scratch:
    """What the harness made; all but ``planted`` lies outside the ruleset.

    Attributes:
        directory: Holds ``file``, ``program`` (a copy of true), ``empty`` (a directory) and ``socket`` (one
            that listens); "" when there is no place for it.
        reason: Why there is no directory.
        connect_port: A listener on 127.0.0.1 that may not be connected to; 0 when there is none.
        bind_port: A free port that may not be bound; 0 when there is none.
        abstract: Name of a listening abstract unix socket, without its leading NUL.
        pid: A process outside the sandbox that the service's user may signal.
        planted: Within directories that the service may write.
    """

    directory: str
    reason: str
    connect_port: int
    bind_port: int
    abstract: str
    pid: int
    planted: tuple[Planted, ...] = ()


@contextmanager
def scratch(
    ruleset: Ruleset, places: Sequence[str] = PLACES, account: Account | None = None
) -> Iterator[Scratch]:
    """Make a scratch and take it away at the end.

    Args:
        ruleset: What must not reach the scratch.
        places: Directories to choose from; the working directory is tried last. The one on which the ruleset
            has the fewest rights is taken, none on which it has all.
        account: Whose it shall be; None: ours.
    """
    with ExitStack() as stack:
        reach = InodeReach(ruleset)
        place = _place(reach, (*places, str(Path.cwd())))
        directory = stack.enter_context(_directory(place, account)) if place else ""
        if directory:
            _furnish(directory, account)
            _listen(stack, f"{directory}/socket")
            _give(f"{directory}/socket", account)
        abstract = f"landscribe-probe-{secrets.token_hex(8)}"
        _listen(stack, f"\0{abstract}")
        connect_port = _port(ruleset, NetRight.CONNECT_TCP, stack)
        with ExitStack() as briefly:
            bind_port = _port(ruleset, NetRight.BIND_TCP, briefly)
        yield Scratch(
            directory,
            "" if place else "no writable directory lies outside the ruleset",
            connect_port,
            bind_port,
            abstract,
            stack.enter_context(_process(account)),
            tuple(_planted(reach, ruleset, account, stack)),
        )


def _place(reach: InodeReach, places: Sequence[str]) -> str:
    everything = ~FsRight(0)
    best, fewest = "", len(everything)
    for place in places:
        path = os.path.realpath(place)
        count = len(reach.rights(path))
        if count < fewest and Path(path).is_dir() and os.access(path, os.W_OK | os.X_OK):
            best, fewest = path, count
    return best


@contextmanager
def _directory(place: str, account: Account | None) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=place) as made:
        _give(made, account)
        yield made


def _give(path: str, account: Account | None) -> None:
    if account:
        os.chown(path, account.uid, account.gid)


def _furnish(directory: str, account: Account | None) -> None:
    os.mkdir(f"{directory}/empty")
    Path(directory, "file").write_bytes(b"nothing\n")
    true = shutil.which("true")
    if true:
        shutil.copy(true, f"{directory}/program")
    for name in os.listdir(directory):
        _give(f"{directory}/{name}", account)


def _listen(stack: ExitStack, address: str) -> None:
    unix = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
    unix.bind(address)
    unix.listen(16)


@contextmanager
def _process(account: Account | None) -> Iterator[int]:
    """A process that waits; without an account this one will do."""
    if account is None:
        yield os.getpid()
        return
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            account.become()
            os.write(writer, b".")
            signal.pause()
        os._exit(0)
    os.close(writer)
    os.read(reader, 1)
    os.close(reader)
    try:
        yield child
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _planted(
    reach: InodeReach, ruleset: Ruleset, account: Account | None, stack: ExitStack
) -> Iterator[Planted]:
    """In the first directories in which the service may make files; one that we may not write is left out."""
    makes = sorted(
        {os.path.realpath(grant) for grant, rights in ruleset.paths().items() if rights & FsRight.MAKE_REG}
    )
    found = 0
    for grant in makes:
        if found == _PLANTED or not _is_writable_tree(grant):
            continue
        with suppress(OSError):
            within = stack.enter_context(_directory(grant, account))
            _furnish(within, account)
            found += 1
            yield Planted(within, _beside(reach, grant, account, stack))


def _is_writable_tree(path: str) -> bool:
    pseudo = path.startswith(_PSEUDO) and not path.startswith("/dev/shm")
    return not pseudo and path != "/" and Path(path).is_dir()


def _beside(reach: InodeReach, grant: str, account: Account | None, stack: ExitStack) -> str:
    above = parent(grant)
    if reach.rights(above) & FsRight.MAKE_REG or os.stat(above).st_dev != os.stat(grant).st_dev:
        return ""
    with suppress(OSError):
        return stack.enter_context(_directory(above, account))
    return ""


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
