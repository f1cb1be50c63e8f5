"""Tries probes in a child process, inside or outside a sandbox, and says how the kernel answered.

Refuses to open what is not a regular file or a directory, and never reads, writes or starts what it found.
"""

import ctypes
import errno
import json
import os
import select
import signal
import socket
import stat
from collections.abc import Callable, Sequence
from typing import Any

from assistant.enforce import launcher
from assistant.enforce.probes import Action, Probe
from assistant.errors import SandboxError


_AT_EMPTY_PATH, _AT_EXECVE_CHECK = 0x1000, 0x10000
_SECONDS = 10
_libc = ctypes.CDLL(None, use_errno=True)


def _open_file(path: str, flags: int) -> None:
    """Open a regular file, checked on the very object that is then opened."""
    flags |= os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    named = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(named).st_mode):
            raise OSError(errno.EINVAL, "no regular file")
        os.close(os.open(f"/proc/self/fd/{named}", flags))
    finally:
        os.close(named)


def _read(path: str) -> None:
    _open_file(path, os.O_RDONLY)


def _write(path: str) -> None:
    _open_file(path, os.O_WRONLY)


def _list(path: str) -> None:
    os.close(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))


def _tmpfile(path: str) -> None:
    # A file without a name: it is gone with its descriptor.
    os.close(os.open(path, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600))


def _truncate(path: str) -> None:
    os.truncate(path, 0)


def _mine(path: str) -> str:
    return f"{path}.{os.getpid()}"


def _create(path: str) -> None:
    os.close(os.open(_mine(path), os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))


def _mkdir(path: str) -> None:
    os.mkdir(f"{_mine(path)}.d")


def _symlink(path: str) -> None:
    os.symlink("nowhere", f"{_mine(path)}.l")


def _rename(path: str) -> None:
    # Onto itself: asked like any other rename, and without effect.
    os.rename(path, path)


def _execute(path: str) -> None:
    """Ask the kernel whether it would start a program (Linux 6.14; EINVAL before). It is not started."""
    if not hasattr(_libc, "execveat"):
        raise OSError(errno.ENOSYS, "the C library has no execveat")
    arguments = (ctypes.c_char_p * 2)(os.fsencode(path), None)
    environment = (ctypes.c_char_p * 1)(None)
    program = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        flags = _AT_EMPTY_PATH | _AT_EXECVE_CHECK
        if _libc.execveat(program, ctypes.c_char_p(b""), arguments, environment, flags):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        os.close(program)


def _run(path: str) -> None:
    """The same question about the harness's own program, which may be started where nothing else answers."""
    try:
        _execute(path)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOSYS):
            raise
        _start(path)


def _start(path: str) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        failure = 0
        try:
            os.execv(path, [path])
        except OSError as error:
            failure = error.errno or errno.EINVAL
        finally:
            os.write(writer, bytes([failure]))
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        failed = answer.read()
    os.waitpid(child, 0)
    if failed:
        raise OSError(failed[0], os.strerror(failed[0]))


def _move(path: str, to: str) -> None:
    os.rename(path, to)
    os.rename(to, path)  # It was not stopped, and others want to try.


def _connect(port: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(_SECONDS / 2)
        client.connect(("127.0.0.1", int(port)))


def _bind(port: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.bind(("127.0.0.1", int(port)))


def _send_udp(port: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"", ("127.0.0.1", int(port)))


def _bind_udp(port: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", int(port)))


def _socket(path: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(_SECONDS / 2)
        client.connect(path)


def _signal(pid: str) -> None:
    os.kill(int(pid), 0)


def _abstract(name: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(_SECONDS / 2)
        client.connect(b"\0" + name.encode())


_TRY: dict[Action, Callable[[str], None]] = {
    "read": _read,
    "list": _list,
    "write": _write,
    "truncate": _truncate,
    "tmpfile": _tmpfile,
    "create": _create,
    "mkdir": _mkdir,
    "symlink": _symlink,
    "rename": _rename,
    "execute": _execute,
    "run": _run,
    "connect": _connect,
    "bind": _bind,
    "send-udp": _send_udp,
    "bind-udp": _bind_udp,
    "socket": _socket,
    "signal": _signal,
    "abstract": _abstract,
}


def attempt(probe: Probe) -> str:
    """Try one probe in this process. ``"ok"``, or the name of the errno."""
    try:
        if probe.action == "move":
            _move(probe.subject, probe.to)
        else:
            _TRY[probe.action](probe.subject)
    except OSError as error:
        return errno.errorcode.get(error.errno or errno.ETIMEDOUT, str(error.errno))
    return "ok"


def attempt_all(probes: Sequence[Probe], before: Callable[[], object]) -> list[str]:
    """Try probes in a child process.

    Args:
        probes: What to try, in order.
        before: Called first in the child: restricts it, makes it another user's.

    Returns:
        For each probe "ok", the name of an errno, "hung" (after ten seconds) or "died".

    Raises:
        SandboxError: the child could not be restricted.
    """
    answers: list[str] = []
    while len(answers) < len(probes):
        got, end = _one_child(probes[len(answers) :], before)
        answers += got
        if len(answers) < len(probes):
            answers.append(end)
    return answers


def _one_child(probes: Sequence[Probe], before: Callable[[], object]) -> tuple[list[str], str]:
    """The answers of one child, and how it ended when some are missing."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _in_child(probes, before, writer)
    os.close(writer)
    try:
        with os.fdopen(reader, "rb", buffering=0) as pipe:
            lines, hung = _lines(pipe.fileno(), len(probes))
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if lines and isinstance(lines[0], dict):
        raise SandboxError(**lines[0])
    return lines, "hung" if hung else "died"


def _in_child(probes: Sequence[Probe], before: Callable[[], object], writer: int) -> None:
    try:
        before()
        for probe in probes:
            os.write(writer, json.dumps(attempt(probe)).encode() + b"\n")
    except launcher.LaunchError as error:
        why = {"what": error.what, "why": error.why, "hint": error.hint}
        os.write(writer, json.dumps(why).encode() + b"\n")
    finally:
        os._exit(0)


def _lines(reader: int, count: int) -> tuple[list[Any], bool]:
    """JSON lines until there are ``count``, the pipe ends, or nothing comes for too long (True)."""
    poll = select.poll()
    poll.register(reader, select.POLLIN)
    raw = b""
    while raw.count(b"\n") < count:
        if not poll.poll(_SECONDS * 1000):
            return _parse(raw), True
        more = os.read(reader, 65536)
        if not more:
            break
        raw += more
    return _parse(raw), False


def _parse(raw: bytes) -> list[Any]:
    return [json.loads(line) for line in raw.split(b"\n")[:-1]]
