"""Questions to a sandbox about a ruleset's objects and what lies around them, and what Landlock should answer.

None of them changes anything: files are opened and closed, names without a file are made in a directory, programs
are asked about and not started.
"""

import ctypes
import errno
import os
import socket
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from assistant.domain.rights import NO_FS, NO_NET, FsRight, NetRight, Scope
from assistant.domain.rules import Rules
from assistant.domain.ruleset import Reach, Ruleset


_AT_EMPTY_PATH, _AT_EXECVE_CHECK = 0x1000, 0x10000
_AROUND = 4
_OPEN = Scope(0)
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Question:
    """One attempt. ``asks``: the rights that it needs on a path, or on a port, or the scope that forbids it."""

    name: str
    subject: str
    attempt: Callable[[], object] = field(compare=False)
    path: str = ""
    fs: FsRight = NO_FS
    port: int = -1
    net: NetRight = NO_NET
    scope: Scope = _OPEN

    def allowed(self, rules: Rules) -> bool:
        """What the rules say."""
        if self.scope:
            return not self.scope & rules.scope
        if self.net:
            return not self.net & rules.net & ~rules.ports.get(self.port, NO_NET)
        held = Reach(rules.paths).rights(self.path)
        return not self.fs & rules.fs & ~held


def questions(ruleset: Ruleset, server: str, outside: int) -> list[Question]:
    """Everything that can be asked about a ruleset's paths, their parents, siblings and contents; ports; scopes.

    Args:
        ruleset: Whose objects.
        server: Name of an abstract socket outside of the sandbox.
        outside: A port outside of the ruleset on which something listens.
    """
    found = [question for path in sorted(_paths(ruleset)) for question in _about(path)]
    ports = {*ruleset.ports(), outside}
    for port in sorted(ports - {0}):
        found.append(Question("bind", str(port), _bind(port), port=port, net=NetRight.BIND_TCP))
        found.append(Question("connect", str(port), _connect(port), port=port, net=NetRight.CONNECT_TCP))
    found.append(Question("signal", "parent", _kill(os.getpid()), scope=Scope.SIGNAL))
    found.append(Question("abstract", server, _abstract(server), scope=Scope.ABSTRACT_UNIX_SOCKET))
    return found


def _paths(ruleset: Ruleset) -> set[str]:
    found = {
        "/",
        "/etc/shadow",
        "/etc/passwd",
        "/etc/hostname",
        "/root",
        "/usr/bin/env",
        "/dev/null",
        "/proc/version",
    }
    for path in ruleset.paths():
        real = os.path.realpath(path)
        around = [os.path.dirname(real), *_some(os.path.dirname(real)), *_some(real)]
        found |= {real, *(os.path.realpath(name) for name in around)}
    return found


def _some(directory: str) -> Iterator[str]:
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return
    for name in names[:_AROUND]:
        yield os.path.join(directory, name)


def _about(path: str) -> Iterator[Question]:
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return
    if path.startswith("/proc/") and path.split("/")[2].isdigit():
        return
    if stat.S_ISDIR(mode):
        yield Question("list", path, _open(path, os.O_RDONLY | os.O_DIRECTORY), path, FsRight.READ_DIR)
        yield Question("nameless", path, _open(path, os.O_TMPFILE | os.O_WRONLY), path, FsRight.WRITE_FILE)
    elif stat.S_ISREG(mode) or path == "/dev/null":
        yield Question("read", path, _open(path, os.O_RDONLY), path, FsRight.READ_FILE)
        yield Question("write", path, _open(path, os.O_WRONLY), path, FsRight.WRITE_FILE)
        both = FsRight.READ_FILE | FsRight.WRITE_FILE
        yield Question("update", path, _open(path, os.O_RDWR), path, both)
        if mode & 0o111:
            yield Question("execute", path, _execute(path), path, FsRight.EXECUTE | FsRight.READ_FILE)


def _open(path: str, flags: int) -> Callable[[], object]:
    return lambda: os.close(os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY, 0o600))


def _execute(path: str) -> Callable[[], object]:
    def ask() -> None:
        program = os.open(path, os.O_PATH | os.O_CLOEXEC)
        arguments = (ctypes.c_char_p * 2)(os.fsencode(path), None)
        flags = _AT_EMPTY_PATH | _AT_EXECVE_CHECK
        if _libc.execveat(program, ctypes.c_char_p(b""), arguments, (ctypes.c_char_p * 1)(None), flags):
            raise OSError(ctypes.get_errno(), "execveat")

    return ask


def _bind(port: int) -> Callable[[], object]:
    def ask() -> None:
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(("127.0.0.1", port))

    return ask


def _connect(port: int) -> Callable[[], object]:
    def ask() -> None:
        with socket.socket() as client:
            client.settimeout(30)
            client.connect(("127.0.0.1", port))

    return ask


def _kill(pid: int) -> Callable[[], object]:
    return lambda: os.kill(pid, 0)


def _abstract(name: str) -> Callable[[], object]:
    def ask() -> None:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(f"\0{name}")

    return ask


def answers(asked: Iterable[Question], restrict: Callable[[], object]) -> list[str]:
    """What each question is answered in a child that restricts itself first: "ok", or an errno's name."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = "died"
        try:
            restrict()
            said = "\n".join(map(_answer, asked))
        finally:
            with os.fdopen(writer, "w") as pipe:
                pipe.write(said)
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return text.split("\n")


def _answer(question: Question) -> str:
    try:
        question.attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "ok"


_BEFORE_LANDLOCK = frozenset(
    ("ENOENT", "ENOTDIR", "ELOOP", "EISDIR", "EROFS", "ETXTBSY", "EACCES", "ENOTSUP", "EOPNOTSUPP")
)
"""Answers that the kernel gives before it asks Landlock."""


def expected(question: Question, free: str, rules: Rules) -> str:
    """What the sandbox should answer, when this is the answer without one."""
    if question.allowed(rules) or free in _BEFORE_LANDLOCK:
        return free
    return "EPERM" if question.scope else "EACCES"
