"""What the primer's right answers say, tried on the running kernel: an experiment for each question, by its id.

Each runs in a child of its own, with a directory of its own as the working directory, and says whether the kernel
does what the right answer claims. The rules here are written without the project's own launcher.
"""

import ctypes
import errno
import fcntl
import os
import socket
import struct
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path


_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
BITS = {
    name: 1 << number
    for number, name in enumerate(
        [
            "execute",
            "write_file",
            "read_file",
            "read_dir",
            "remove_dir",
            "remove_file",
            "make_char",
            "make_dir",
            "make_reg",
            "make_sock",
            "make_fifo",
            "make_block",
            "make_sym",
            "refer",
            "truncate",
            "ioctl_dev",
        ]
    )
}
ALL = sum(BITS.values())
BIND, CONNECT = 1, 2
ABSTRACT, SIGNAL = 1, 2
SYSTEM = {"/usr": "execute read_file read_dir", "/etc/ld.so.cache": "read_file"}
"""What a program needs to start at all."""


def system(number: int, *arguments: object) -> int:
    """A raw system call. Raises OSError."""
    words = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]  # type: ignore[arg-type]
    result = int(_libc.syscall(ctypes.c_long(number), *words))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def restrict(
    rules: Mapping[str, str] | None = None,
    *,
    handled: int = ALL,
    net: int = 0,
    ports: Mapping[int, int] | None = None,
    scoped: int = 0,
    nnp: bool = True,
) -> None:
    """Restrict this process: rights by path, and what else a ruleset can hold. Raises OSError."""
    attributes = struct.pack("=QQQ", handled, net, scoped)
    ruleset = system(444, attributes, len(attributes), 0)
    for path, rights in (rules or {}).items():
        opened = os.open(path, os.O_PATH)
        access = sum(BITS[right] for right in rights.split()) & handled
        if access:
            system(445, ruleset, 1, struct.pack("=Qi", access, opened), 0)
        os.close(opened)
    for port, access in (ports or {}).items():
        system(445, ruleset, 2, struct.pack("=QQ", access, port), 0)
    if nnp:
        _libc.prctl(38, 1, 0, 0, 0)
    system(446, ruleset, 0)
    os.close(ruleset)


def says(action: Callable[[], object]) -> str:
    """What an action ends in: "ok", or the name of the error."""
    try:
        action()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "ok"


def reads(path: str) -> str:
    """What opening for reading says."""
    return opens(path, os.O_RDONLY)


def opens(path: str, flags: int) -> str:
    """What opening says."""
    return says(lambda: os.close(os.open(path, flags, 0o600)))


def runs(*command: str) -> str:
    """What executing says: "ok", or the error of execve."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        os.close(1)
        try:
            os.execv(command[0], command)
        except OSError as error:
            os.write(tell, errno.errorcode[error.errno or 0].encode())
        os._exit(0)
    os.close(tell)
    said = os.read(told, 64).decode()
    os.close(told)
    os.waitpid(child, 0)
    return said or "ok"


def tree(*files: str, here: str = ".") -> None:
    """Make files, and the directories above them."""
    for file in files:
        path = Path(here, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n")


def in_child(action: Callable[[], bool]) -> bool:
    """Run it in a child of this process, so that it restricts only that."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if action() else 1)
        except BaseException as error:  # noqa: BLE001 - it must not return into the test's process
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def for_life() -> bool:
    tree("f")
    restrict({})
    before = reads("f")
    with_more = says(lambda: restrict({}, nnp=False))
    return (before, with_more, reads("f")) == ("EACCES", "ok", "EACCES")


def inherited() -> bool:
    tree("f")
    restrict(SYSTEM | {"/proc": "read_file read_dir"})
    return (
        runs("/usr/bin/cat", "f") == "ok"
        and in_child(lambda: reads("f") == "EACCES")
        and _fails("/usr/bin/cat", "f")
    )


def _fails(*command: str) -> bool:
    child = os.fork()
    if child == 0:
        os.close(2)
        os.execv(command[0], command)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def other_threads() -> bool:
    tree("f")
    done, said = threading.Event(), list[str]()

    def sibling() -> None:
        done.wait(10)
        said.append(reads("f"))

    thread = threading.Thread(target=sibling)
    thread.start()
    restrict({})
    done.set()
    thread.join()
    return (reads("f"), said) == ("EACCES", ["ok"])


def layers() -> bool:
    tree("f")
    restrict({".": "read_file"})
    first = reads("f")
    restrict({})
    return (first, reads("f")) == ("ok", "EACCES")


def no_new_privs() -> bool:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
    without = says(lambda: restrict({}, nnp=False))
    return (without, says(lambda: restrict({}, nnp=True))) == ("EPERM", "ok")


def no_deny() -> bool:
    tree("d/secret/f")
    restrict({"d": "read_file", "d/secret": "read_dir"})
    return reads("d/secret/f") == "ok"


def later_files() -> bool:
    tree("d/old")
    ready, go = os.pipe(), os.pipe()
    if (child := os.fork()) == 0:
        os.write(ready[1], b"x")
        os.read(go[0], 1)
        tree("d/new")
        os._exit(0)
    os.read(ready[0], 1)
    restrict({"d": "read_file"})
    os.write(go[1], b"x")
    os.waitpid(child, 0)
    return reads("d/new") == "ok"


def unhandled() -> bool:
    tree("f")
    restrict({".": "write_file"}, handled=ALL & ~BITS["truncate"])
    return says(lambda: os.truncate("f", 0)) == "ok"


def joined() -> bool:
    tree("f")
    attributes = struct.pack("=QQQ", ALL, 0, 0)
    ruleset = system(444, attributes, len(attributes), 0)
    for right in ("read_file", "write_file"):
        opened = os.open("f", os.O_PATH)
        system(445, ruleset, 1, struct.pack("=Qi", BITS[right], opened), 0)
    _libc.prctl(38, 1, 0, 0, 0)
    system(446, ruleset, 0)
    return opens("f", os.O_RDWR) == "ok"


def absent_path() -> bool:
    return says(lambda: restrict({"absent": "read_file"})) == "ENOENT"


def replaced(rule: str) -> str:
    tree("d/f", "d/new")
    go, gone = os.pipe(), os.pipe()
    if (child := os.fork()) == 0:
        os.read(go[0], 1)
        Path("d/new").rename("d/f")
        os.write(gone[1], b"x")
        os._exit(0)
    restrict({rule: "read_file"})
    before = reads("d/f")
    os.write(go[1], b"x")
    os.read(gone[0], 1)
    os.waitpid(child, 0)
    return f"{before} {reads('d/f')}"


def hard_link() -> bool:
    tree("a/f")
    Path("b").mkdir()
    os.link("a/f", "b/g")
    restrict({"a/f": "read_file"})
    return reads("b/g") == "ok"


def rights_on_a_file() -> bool:
    tree("f")

    def said(rights: str) -> bool:
        return says(lambda: restrict({"f": rights})) == ("EINVAL" if rights in others else "ok")

    others = ("read_dir", "make_reg", "remove_file", "remove_dir", "refer")
    return all(
        in_child(partial(said, rights)) for rights in ("read_file write_file execute truncate", *others)
    )


def needs(action: Callable[[], str], rules: Mapping[str, str], less: str) -> bool:
    """Whether an action works with some rules, and does not without one right."""

    def with_all() -> bool:
        restrict(rules)
        return action() == "ok"

    def without() -> bool:
        restrict({path: " ".join(set(rights.split()) - {less}) for path, rights in rules.items()})
        return action() in ("EACCES", "EXDEV")

    def fresh(attempt: Callable[[], bool]) -> bool:
        with tempfile.TemporaryDirectory(dir=".") as name:
            here = os.getcwd()
            os.chdir(name)
            tree("d/f", "e/g")
            try:
                return in_child(attempt)
            finally:
                os.chdir(here)

    return fresh(with_all) and fresh(without)


def free(action: Callable[[], str], expected: str = "ok") -> bool:
    """Whether an action says the same in a sandbox that allows nothing."""
    tree("d/f", "d/g")
    os.symlink("f", "d/link")
    restrict({})
    return action() == expected


def through_link() -> bool:
    tree("real/f")
    os.symlink("real", "link")
    restrict({"real": "read_file"})
    return reads("link/f") == "ok"


def rename_gain() -> bool:
    tree("a/f", "b/x")
    both = "remove_file make_reg refer read_file write_file"
    restrict({"a": both, "b": f"{both} execute"})
    return says(lambda: os.rename("a/f", "b/f")) == "EXDEV"


def abi_1() -> bool:
    tree("a/f", "b/x")
    old = ALL & ~(BITS["refer"] | BITS["truncate"] | BITS["ioctl_dev"])
    restrict({".": "remove_file make_reg read_file write_file"}, handled=old)
    return says(lambda: os.rename("a/f", "b/f")) == "EXDEV"


def device_truncate() -> bool:
    restrict({"/dev/null": "write_file"})
    return opens("/dev/null", os.O_WRONLY | os.O_TRUNC) == "ok"


def frozen_truncate() -> bool:
    tree("f")
    before = os.open("f", os.O_WRONLY)
    restrict({"f": "write_file"})
    after = os.open("f", os.O_WRONLY)
    return (says(lambda: os.ftruncate(before, 0)), says(lambda: os.ftruncate(after, 0))) == ("ok", "EACCES")


LOADER = "/usr/lib/x86_64-linux-gnu"


def execution(program: str, **changed: str) -> str:
    """What running a copy of /bin/true says, with rules on it, on the loader and on the libraries."""
    loader = os.path.realpath("/lib64/ld-linux-x86-64.so.2")
    rules = {program: "execute read_file", loader: "execute read_file", "/usr/lib": "read_file", **changed}
    restrict({path: rights for path, rights in rules.items() if rights})
    return runs(os.path.abspath(program))


def copied(name: str = "prog") -> str:
    data = Path("/usr/bin/true").read_bytes()
    Path(name).write_bytes(data)
    Path(name).chmod(0o755)
    return name


def exec_needs_reading() -> bool:
    program = copied()
    return in_child(lambda: execution(program) == "ok") and in_child(
        lambda: execution(program, **{program: "execute"}) == "EACCES"
    )


def exec_needs_the_loader() -> bool:
    program, loader = copied(), os.path.realpath("/lib64/ld-linux-x86-64.so.2")
    return in_child(lambda: execution(program, **{loader: "read_file"}) == "EACCES")


def maps_a_library() -> bool:
    import mmap

    libc = os.path.realpath(f"{LOADER}/libc.so.6")
    restrict({libc: "read_file"})
    opened = os.open(libc, os.O_RDONLY)
    mmap.mmap(opened, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC, flags=mmap.MAP_PRIVATE)
    return True


def exec_script() -> bool:
    Path("script").write_text("#!/bin/sh\nexit 0\n")
    Path("script").chmod(0o755)
    shell, loader = os.path.realpath("/bin/sh"), os.path.realpath("/lib64/ld-linux-x86-64.so.2")
    rules = dict.fromkeys(("script", shell, loader), "execute read_file") | {"/usr/lib": "read_file"}

    def without(path: str) -> bool:
        restrict({one: "read_file" if one == path else rights for one, rights in rules.items()})
        return runs(os.path.abspath("script")) == "EACCES"

    def whole() -> bool:
        restrict(rules)
        return runs(os.path.abspath("script")) == "ok"

    return in_child(whole) and all(in_child(partial(without, path)) for path in ("script", shell, loader))


def interpreted() -> bool:
    Path("tool").write_text("exit 7\n")
    restrict({**SYSTEM, "tool": "read_file"})
    child = os.fork()
    if child == 0:
        os.execv("/bin/sh", ["sh", "tool"])
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def open_before() -> bool:
    tree("f")
    opened = os.open("f", os.O_WRONLY)
    restrict({})
    return says(lambda: os.write(opened, b"yes")) == "ok"


def received() -> bool:
    tree("f")
    one, other = socket.socketpair()
    if (child := os.fork()) == 0:
        socket.send_fds(one, [b"x"], [os.open("f", os.O_RDONLY)])
        os._exit(0)
    restrict({})
    _, (opened, *_), _, _ = socket.recv_fds(other, 1, 1)
    os.waitpid(child, 0)
    return os.read(opened, 9) == b"x\n"


def reopened() -> bool:
    tree("f")
    opened = os.open("f", os.O_RDONLY)
    restrict({})
    return reads(f"/proc/self/fd/{opened}") == "EACCES"


def below_an_older_descriptor() -> bool:
    tree("d/f")
    directory = os.open("d", os.O_RDONLY)
    restrict({})
    return says(lambda: os.open("f", os.O_RDONLY, dir_fd=directory)) == "EACCES"


def device_ioctl() -> bool:
    import termios

    inherited, _ = os.openpty()
    tree("f")
    restrict({"/dev": "read_file write_file", "f": "read_file"})
    device = os.open("/dev/ptmx", os.O_RDWR)
    file = os.open("f", os.O_RDONLY)

    def size(of: int) -> str:
        return says(lambda: fcntl.ioctl(of, termios.TIOCGWINSZ, b"\0" * 8))

    return (size(device), size(inherited), size(file)) == ("EACCES", "ok", "ENOTTY")


def listening() -> socket.socket:
    server = socket.create_server(("127.0.0.1", 0))
    server.listen()
    return server


def connects(port: int, host: str = "127.0.0.1") -> str:
    with socket.socket() as client:
        return says(lambda: client.connect((host, port)))


def port_only() -> bool:
    server = socket.create_server(("0.0.0.0", 0))  # noqa: S104 - addresses of this machine only are connected to
    port = server.getsockname()[1]
    restrict({}, handled=0, net=CONNECT, ports={port: CONNECT})
    return (connects(port), connects(port, "127.0.0.2"), connects(port - 1 or 2)) == ("ok", "ok", "EACCES")


def port_0() -> bool:
    restrict({}, handled=0, net=BIND, ports={0: BIND})
    with socket.socket() as one:
        return says(lambda: one.bind(("127.0.0.1", 0))) == "ok"


def udp() -> bool:
    restrict({}, net=BIND | CONNECT)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        return says(lambda: one.sendto(b"x", ("127.0.0.1", 9))) == "ok"


def network_unhandled() -> bool:
    server = listening()
    restrict({})
    return connects(server.getsockname()[1]) == "ok"


def socket_file() -> bool:
    server = socket.socket(socket.AF_UNIX)
    server.bind("s")
    server.listen()
    restrict({})
    with socket.socket(socket.AF_UNIX) as client:
        return says(lambda: client.connect("s")) == "ok"


def abstract() -> bool:
    outside = socket.socket(socket.AF_UNIX)
    outside.bind(f"\0landscribe-fact-{os.getpid()}")
    outside.listen()
    restrict({}, scoped=ABSTRACT)
    inside = socket.socket(socket.AF_UNIX)
    inside.bind(f"\0landscribe-fact-{os.getpid()}-inside")
    inside.listen()

    def reaches(server: socket.socket) -> str:
        with socket.socket(socket.AF_UNIX) as client:
            return says(lambda: client.connect(server.getsockname()))

    return (reaches(outside), reaches(inside)) == ("EPERM", "ok")


def signal_scope() -> bool:
    outside = os.getppid()
    restrict({}, scoped=SIGNAL)
    return says(lambda: os.kill(outside, 0)) == "EPERM"


def no_mount() -> bool:
    Path("m").mkdir()
    system(272, 0x00020000)  # unshare(CLONE_NEWNS)
    restrict({"/": " ".join(BITS)})
    return says(lambda: system(165, b"tmpfs", os.path.abspath("m").encode(), b"tmpfs", 0, b"")) == "EPERM"


def binds_a_socket() -> str:
    with socket.socket(socket.AF_UNIX) as one:
        return says(lambda: one.bind("d/s"))


def creates() -> str:
    return opens("d/made", os.O_CREAT | os.O_EXCL | os.O_WRONLY)


FACTS: dict[str, Callable[[], bool]] = {
    "for-life": for_life,
    "inherited": inherited,
    "other-threads": other_threads,
    "layers": layers,
    "no-new-privs": no_new_privs,
    "no-deny": no_deny,
    "later-files": later_files,
    "unhandled": unhandled,
    "joined": joined,
    "absent-path": absent_path,
    "replaced-file": lambda: replaced("d/f") == "ok EACCES",
    "replaced-in-directory": lambda: replaced("d") == "ok ok",
    "hard-link": hard_link,
    "rights-on-a-file": rights_on_a_file,
    "list": lambda: needs(lambda: opens("d", os.O_RDONLY | os.O_DIRECTORY), {"d": "read_dir"}, "read_dir"),
    "stat": lambda: free(lambda: says(lambda: os.stat("d/f"))),
    "chmod": lambda: free(lambda: says(lambda: os.chmod("d/f", 0o600))),
    "o-path": lambda: free(lambda: opens("d/f", os.O_PATH)),
    "through-link": through_link,
    "readlink": lambda: free(lambda: says(lambda: os.readlink("d/link"))),
    "create": lambda: (
        needs(creates, {"d": "make_reg write_file"}, "make_reg")
        and needs(creates, {"d": "make_reg write_file"}, "write_file")
    ),
    "unlink": lambda: needs(lambda: says(lambda: os.unlink("d/f")), {"d": "remove_file"}, "remove_file"),
    "create-existing": lambda: needs(
        lambda: opens("d/f", os.O_CREAT | os.O_WRONLY), {"d": "write_file"}, "write_file"
    ),
    "bind-socket": lambda: needs(binds_a_socket, {"d": "make_sock"}, "make_sock"),
    "mkdir-existing": lambda: free(lambda: says(lambda: os.mkdir("d")), "EEXIST"),
    "rename-inside": lambda: (
        needs(lambda: says(lambda: os.rename("d/f", "d/h")), {"d": "remove_file make_reg"}, "remove_file")
        and needs(lambda: says(lambda: os.rename("d/f", "d/h")), {"d": "remove_file make_reg"}, "make_reg")
    ),
    "rename-across": lambda: needs(
        lambda: says(lambda: os.rename("d/f", "e/f")),
        {"d": "remove_file refer", "e": "make_reg refer"},
        "refer",
    ),
    "missing-refer": lambda: _without_refer() == "EXDEV",
    "gain": rename_gain,
    "abi-1": abi_1,
    "o-trunc": lambda: (
        needs(lambda: opens("d/f", os.O_WRONLY | os.O_TRUNC), {"d": "write_file truncate"}, "truncate")
        and needs(lambda: opens("d/f", os.O_WRONLY | os.O_TRUNC), {"d": "write_file truncate"}, "write_file")
    ),
    "o-trunc-device": device_truncate,
    "ftruncate": frozen_truncate,
    "exec": exec_needs_reading,
    "exec-loader": exec_needs_the_loader,
    "map-library": maps_a_library,
    "exec-script": exec_script,
    "interpreted": interpreted,
    "open-before": open_before,
    "received": received,
    "reopen": reopened,
    "openat": below_an_older_descriptor,
    "ioctl": device_ioctl,
    "port": port_only,
    "port-0": port_0,
    "udp": udp,
    "network-unhandled": network_unhandled,
    "socket-file": socket_file,
    "abstract": abstract,
    "signal": signal_scope,
    "errno": lambda: free(lambda: reads("d/f"), "EACCES"),
    "enoent": lambda: free(lambda: reads("d/absent"), "ENOENT"),
    "mount": no_mount,
}


def _without_refer() -> str:
    tree("d/f", "e/g")
    restrict({"d": "remove_file", "e": "make_reg"})
    return says(lambda: os.rename("d/f", "e/f"))
