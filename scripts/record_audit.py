"""Records what the kernel's audit writes, for tests/trace/forms: as root, with audit and Landlock.

    /usr/bin/python3 scripts/record_audit.py tests/trace/forms/data

``syscalls.log`` and ``syscalls.trace`` are one run, seen by audit and by strace; ``landlock.log`` is denials.
Switches audit on for the time that it takes, with a rule for one user id, and back to what it was.
"""

import ctypes
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


HOME = Path("/srv/landscribe-audit")
USER = 47219
NETLINK_AUDIT, GET, SET, ADD_RULE, DEL_RULE, ERROR = 9, 1000, 1001, 1011, 1012, 2
CONFIG_CHANGE, EOE = 1305, 1320
READLOG, SO_RCVBUFFORCE = 1, 33
NAMES = {
    1300: "SYSCALL",
    1302: "PATH",
    1306: "SOCKADDR",
    1307: "CWD",
    1309: "EXECVE",
    1317: "FD_PAIR",
    1320: "EOE",
    1327: "PROCTITLE",
    1337: "OPENAT2",
    1321: "BPRM_FCAPS",
    1305: "CONFIG_CHANGE",
    1423: "LANDLOCK_ACCESS",
    1424: "LANDLOCK_DOMAIN",
    1323: "MMAP",
    1303: "IPC",
    1336: "URINGOP",
    1304: "SOCKETCALL",
    1314: "MQ_SENDRECV",
    1318: "OBJ_PID",
    1310: "EXECVE_OLD",
}
libc = ctypes.CDLL(None, use_errno=True)


def request(kind: int, payload: bytes) -> bytes:
    """Ask the kernel's audit; the answer's payload, or the error as OSError."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_AUDIT) as asked:
        asked.bind((0, 0))
        asked.settimeout(2)
        asked.send(struct.pack("=IHHII", 16 + len(payload), kind, 5, 1, 0) + payload)
        while True:
            answer = asked.recv(65536)
            length, told = struct.unpack("=IH", answer[:6])
            if told == ERROR:
                error = -struct.unpack("=i", answer[16:20])[0]
                if error:
                    raise OSError(error, os.strerror(error))
                if kind != GET:
                    return b""
            elif told == kind:
                return answer[16:length]


def set_status(mask: int, enabled: int = 0, backlog: int = 0) -> None:
    """Set the parts of audit's status that the mask names."""
    request(SET, struct.pack("=10I", mask, enabled, 0, 0, 0, backlog, 0, 0, 0, 0))


def rule_for_user() -> bytes:
    """Auditctl -a always,exit -S all -F uid=USER."""
    fields = [1] + [0] * 63
    values = [USER] + [0] * 63
    operators = [0x40000000] + [0] * 63
    every = [0xFFFFFFFF] * 64
    return struct.pack("=3I64I64I64I64II", 4, 2, 1, *every, *fields, *values, *operators, 0)


@contextmanager
def recorded(into: Path) -> Iterator[None]:
    """Everything that audit says meanwhile, as auditd writes it."""
    before = struct.unpack("=10I", request(GET, b"")[:40])
    said: list[bytes] = []
    over = threading.Event()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_AUDIT) as heard:
        heard.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        heard.bind((0, READLOG))
        heard.settimeout(0.2)

        def listen() -> None:
            while True:
                try:
                    said.append(heard.recv(65536))
                except TimeoutError:
                    if over.is_set():
                        return

        listener = threading.Thread(target=listen)
        listener.start()
        set_status(16, backlog=65536)
        request(ADD_RULE, rule_for_user())
        set_status(1, enabled=1)
        try:
            yield
            over.wait(0.5)
        finally:
            set_status(1, enabled=before[1])
            request(DEL_RULE, rule_for_user())
            set_status(16, backlog=before[5])
            over.set()
            listener.join()
    into.write_bytes(b"".join(as_auditd(record) for record in said))


def as_auditd(record: bytes) -> bytes:
    """A netlink message as the line that auditd writes for it; nothing for our own change of the rules."""
    kind = struct.unpack("=IH", record[:6])[1]
    if kind == CONFIG_CHANGE:
        return b""
    name = NAMES.get(kind, f"UNKNOWN[{kind}]")
    return b"type=" + name.encode() + b" msg=" + record[16:].rstrip(b"\0\n") + b"\n"


def quietly(operation: Callable[[], object]) -> None:
    """Failures are recorded like successes."""
    with suppress(OSError):
        operation()


def run(*command: str) -> None:
    """Run a program to its end."""
    child = os.fork()
    if child == 0:
        try:
            os.execv(command[0], command)  # noqa: S606 - it is ours
        except OSError:
            os._exit(1)
    os.waitpid(child, 0)


def tcp(port: int, family: int = socket.AF_INET) -> socket.socket:
    """A socket that is bound to a port of this machine."""
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1" if family == socket.AF_INET else "::1", port))
    return made


def openat2(name: bytes, flags: int, mode: int = 0, resolve: int = 0) -> None:
    """The system call that Python does not have."""
    how = struct.pack("=QQQ", flags, mode, resolve)
    libc.syscall(437, -100, name, how, len(how))


def operations() -> None:
    """What the recorded service does, in a directory of its own."""
    made = HOME / "made"
    read, write = os.O_RDONLY, os.O_WRONLY
    folder = os.open(HOME, os.O_RDONLY | os.O_DIRECTORY)
    seconds: list[Callable[[], object]] = [
        lambda: os.open("/etc/hostname", read),
        lambda: os.open("/etc/shadow", read),
        lambda: os.open("/etc/absent.conf", read),
        lambda: os.open(made / "new", write | os.O_CREAT | os.O_EXCL, 0o600),
        lambda: os.open(made / "new", write | os.O_CREAT | os.O_TRUNC),
        lambda: os.open(made / "new", os.O_RDWR | os.O_APPEND),
        lambda: os.open(made / "absent/new", write | os.O_CREAT),
        lambda: os.open(made, os.O_RDWR | os.O_TMPFILE),
        lambda: os.open(made / "new", os.O_PATH),
        lambda: os.listdir(made),
        lambda: os.chdir(made),
        lambda: os.open("new", read),
        lambda: os.open("../conf", read),
        lambda: os.open("conf", read, dir_fd=folder),
        lambda: os.open("made/by-folder", write | os.O_CREAT, dir_fd=folder),
        lambda: os.mkdir(made / "d"),
        lambda: os.mkdir(made / "d"),
        lambda: os.mkdir("e", dir_fd=folder),
        lambda: os.rename(made / "new", made / "newer"),
        lambda: os.rename(made / "newer", made / "d/newest"),
        lambda: os.rename("by-folder", "d/newest"),
        lambda: os.rename(made / "absent", made / "other"),
        lambda: os.link(made / "d/newest", made / "hard"),
        lambda: os.symlink("hard", made / "soft"),
        lambda: os.open(made / "soft", read),
        lambda: os.truncate(made / "hard", 3),
        lambda: os.ftruncate(os.open(made / "hard", os.O_RDWR), 0),
        lambda: os.mkfifo(made / "fifo"),
        lambda: os.unlink(made / "fifo"),
        lambda: os.unlink(made / "absent"),
        lambda: os.rmdir(made / "d"),
        lambda: os.unlink(made / "d/newest"),
        lambda: os.rmdir(made / "d"),
        lambda: os.stat(made / "hard"),
        lambda: os.stat("/etc/absent.conf"),
        lambda: os.open(made / "a b", write | os.O_CREAT),
        lambda: os.open(os.fsencode(made) + b'/q"uo\\te', write | os.O_CREAT),
        lambda: os.open(os.fsencode(made) + b"/line\nbreak \xff\x1b[31m", write | os.O_CREAT),
        lambda: os.open(os.fsencode(made) + b"/) = 3 <unfinished ...>", write | os.O_CREAT),
        lambda: openat2(os.fsencode(made / "second"), write | os.O_CREAT, 0o600),
        lambda: openat2(b"hard", read, 0, 0x08),
        lambda: libc.renameat2(-100, b"hard", -100, b"second", 2),
        lambda: run("/bin/true"),
        lambda: run(str(HOME / "script")),
        lambda: run("/bin/absent"),
        lambda: tcp(18099).listen(),
        lambda: tcp(18099, socket.AF_INET6),
        lambda: socket.socket().connect(("127.0.0.1", 18098)),
        lambda: socket.socket(type=socket.SOCK_DGRAM).connect(("127.0.0.1", 18097)),
        lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 18096)),
        lambda: socket.socket(socket.AF_UNIX).bind(os.fsencode(made / "sock")),
        lambda: socket.socket(socket.AF_UNIX).connect(os.fsencode(made / "sock")),
        lambda: socket.socket(socket.AF_UNIX).connect(b"\0landscribe"),
        lambda: os.kill(os.getppid(), 0),
        lambda: os.chroot("/srv"),
        lambda: libc.mount(b"none", b"/mnt", b"tmpfs", 0, None),
        lambda: os.memfd_create("x"),
    ]
    for operation in seconds:
        quietly(operation)


def fresh() -> None:
    """The directory of the recorded service, as it is before each run."""
    shutil.rmtree(HOME, ignore_errors=True)
    (HOME / "made").mkdir(parents=True)
    (HOME / "conf").write_text("x\n")
    (HOME / "script").write_text("#!/bin/sh\nexit 0\n")
    (HOME / "script").chmod(0o755)
    for path in (HOME, HOME / "made"):
        os.chown(path, USER, USER)


def as_user() -> None:
    """Become the user that audit's rule names, and be the service."""
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    operations()


def sandboxed(operation: Callable[[], object], scoped: int = 3) -> None:
    """Run an operation in a sandbox that grants nothing, with its denials logged."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    attributes = struct.pack("=QQQ", (1 << 16) - 1, 3, scoped)
    ruleset = libc.syscall(444, attributes, len(attributes), 0)
    libc.prctl(38, 1, 0, 0, 0)
    libc.syscall(446, ruleset, 2)
    quietly(operation)
    os._exit(0)


def denials() -> None:
    """Each kind of denial, by a process of its own."""
    made = HOME / "made"
    (made / "old").write_text("x")
    (made / "d").mkdir()
    Path(os.fsdecode(os.fsencode(made) + b"/line\nbreak \xff")).write_text("x")
    parent = os.getpid()
    with socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(b"\0landscribe audit")
        abstract.listen()
        for operation in (
            lambda: os.open("/etc/hostname", os.O_RDONLY),
            lambda: os.open(HOME / "conf", os.O_RDWR | os.O_TRUNC),
            lambda: os.listdir(made),
            lambda: os.open(os.fsencode(made) + b"/line\nbreak \xff", os.O_RDONLY),
            lambda: os.open(made / "new", os.O_WRONLY | os.O_CREAT),
            lambda: os.rename(made / "old", made / "d/new"),
            lambda: os.mkdir(made / "a b"),
            lambda: os.rmdir(made / "d"),
            lambda: os.execv("/bin/true", ["true"]),  # noqa: S606 - it is denied
            lambda: tcp(999),
            lambda: tcp(999, socket.AF_INET6),
            lambda: socket.socket().connect(("127.0.0.1", 9)),
            lambda: socket.socket(socket.AF_INET6).connect(("::1", 9)),
            lambda: os.kill(parent, signal.SIGCONT),
            lambda: socket.socket(socket.AF_UNIX).connect(b"\0landscribe audit"),
            lambda: libc.ptrace(0x4206, parent, 0, 0),
            lambda: libc.mount(b"none", b"/mnt", b"tmpfs", 0, None),
        ):
            sandboxed(operation)


def main() -> None:
    """Record both logs, or be the service that is recorded."""
    if sys.argv[1:] == ["--as-user"]:
        as_user()
        return
    into = Path(sys.argv[1]).absolute()
    own = Path(__file__).absolute()
    os.chdir("/")
    fresh()
    trace = into / "syscalls.trace"
    wanted = "%file,%process,%network,setresuid,ftruncate,getdents64,dup,dup2,fcntl,close,kill,memfd_create"
    command = ["strace", "-f", "-y", "-s", "0", "-o", str(trace), "-e", f"trace={wanted}"]
    with recorded(into / "syscalls.log"):
        subprocess.run(
            [*command, sys.executable, "-I", own, "--as-user"],
            check=True,
            env={"LC_ALL": "C"},
        )
    lines = trace.read_bytes().splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if b"setresuid(" in line)
    trace.write_bytes(b"".join(lines[start + 1 :]))
    fresh()
    with recorded(into / "landlock.log"):
        denials()
    shutil.rmtree(HOME)


if __name__ == "__main__":
    main()
