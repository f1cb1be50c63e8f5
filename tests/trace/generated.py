"""Traces made by chance, of lines as strace writes them: few names, so that texts come again in other states."""

import random


_NAMES = (
    "/srv/a",
    "/srv/a/b",
    "/srv/d",
    "/srv/d/x",
    "/etc/passwd",
    "a",
    "b",
    "d/x",
    "./a",
    "../a",
    "d/",
    "/srv//a",
    "/srv/./a",
    "/proc/self/fd/3",
    "/dev/stdin",
    "/dev/null",
    "/proc/self/exe",
    "/proc/10/cwd/a",
    "/tmp/n\\303\\251",
    'q\\"uote',
    "",
    ".",
    "st_size=7",
)
_BASES = ("AT_FDCWD", "AT_FDCWD</srv>", "AT_FDCWD</srv/d>", "3", "4", "3</srv/d>", "4</srv/a>(deleted)")
_RESULTS = (
    "0",
    "3",
    "4",
    "-1 ENOENT (No such file or directory)",
    "-1 EEXIST (File exists)",
    "-1 EACCES (Permission denied)",
    "-1 EBADF (Bad file descriptor)",
    "? ERESTARTSYS (To be restarted if SA_RESTART is set)",
)
_OPENED = ("3", "4", "5", "3</srv/a>", "4</srv/d>", "5</srv/d/x>", "3</dev/null<char 1:3>>", "6<socket:[7]>")
_FLAGS = (
    "O_RDONLY",
    "O_RDONLY|O_CLOEXEC",
    "O_RDONLY|O_DIRECTORY",
    "O_WRONLY|O_CREAT|O_TRUNC",
    "O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC",
    "O_RDONLY|O_PATH",
    "O_RDWR|O_TMPFILE",
    "O_RDONLY|O_NOFOLLOW",
)
_STRUCTS = (
    "{st_mode=S_IFREG|0644, st_size=12, ...}",
    "{st_mode=S_IFREG|0644, st_size=7, ...}",
    "{st_mode=S_IFDIR|0755, st_size=4096, ...}",
    "{st_mode=S_IFLNK|0777, st_size=4, ...}",
    "0x7ffd0010",
    "0x7ffd0020",
)
_ADDRESSES = (
    '{sa_family=AF_UNIX, sun_path="/srv/s"}, 110',
    '{sa_family=AF_UNIX, sun_path="s"}, 110',
    '{sa_family=AF_UNIX, sun_path=@"name"}, 110',
    '{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16',
    '{sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("127.0.0.1")}, 16',
)
_SOCKETS = ("3", "4", "3<socket:[7]>", "4<TCP:[8]>", "6<UDP:[0.0.0.0:53]>")


def _open(chance: random.Random) -> str:
    name, flags = chance.choice(_NAMES), chance.choice(_FLAGS)
    result = chance.choice(_OPENED + _RESULTS[3:])
    if chance.random() < 0.3:
        return f'open("{name}", {flags}) = {result}'
    return f'openat({chance.choice(_BASES)}, "{name}", {flags}) = {result}'


def _look(chance: random.Random) -> str:
    name, struct, result = chance.choice(_NAMES), chance.choice(_STRUCTS), chance.choice(_RESULTS)
    match chance.randrange(4):
        case 0:
            return f'stat("{name}", {struct}) = {result}'
        case 1:
            buffer = chance.choice(("0x7ff1", "0x7ff2", '"/srv/a"'))
            return f'readlink("{name}", {buffer}, 99) = {result}'
        case 2:
            return f"fstat({chance.choice(('3', '4', '4</srv/d>'))}, {struct}) = {result}"
        case _:
            pass
    flag = chance.choice(("0", "AT_SYMLINK_NOFOLLOW", "AT_EMPTY_PATH"))
    return f'newfstatat({chance.choice(_BASES)}, "{name}", {struct}, {flag}) = {result}'


def _names(chance: random.Random) -> str:
    one, other, result = chance.choice(_NAMES), chance.choice(_NAMES), chance.choice(_RESULTS)
    return chance.choice(
        (
            f'mkdir("{one}", 0755) = {result}',
            f'rmdir("{one}") = {result}',
            f'unlink("{one}") = {result}',
            f'unlinkat({chance.choice(_BASES)}, "{one}", 0) = {result}',
            f'rename("{one}", "{other}") = {result}',
            f'renameat2(AT_FDCWD, "{one}", 3, "{other}", RENAME_EXCHANGE) = {result}',
            f'link("{one}", "{other}") = {result}',
            f'symlink("{one}", "{other}") = {result}',
            f'truncate("{one}", 0) = {result}',
            f"ftruncate({chance.choice(('3', '3</srv/a>', '4'))}, 0) = {result}",
        )
    )


def _descriptors(chance: random.Random) -> str:
    return chance.choice(
        (
            "close(3) = 0",
            "dup2(3, 4) = 4",
            "dup(4) = 5",
            "fcntl(3, F_DUPFD_CLOEXEC, 4) = 4",
            "fcntl(4, F_SETFD, FD_CLOEXEC) = 0",
            "getdents64(4, 0x1 /* 3 entries */, 32768) = 80",
            "ioctl(3, TCGETS, 0x7ff1) = -1 ENOTTY (Inappropriate ioctl for device)",
            "ioctl(3, TIOCGWINSZ, {ws_row=1}) = 0",
            "close_range(3, 4294967295, 0) = 0",
            "pipe2([3, 4], O_CLOEXEC) = 0",
            'memfd_create("m", 0) = 3',
        )
    )


def _sockets(chance: random.Random) -> str:
    socket, address = chance.choice(_SOCKETS), chance.choice(_ADDRESSES)
    result = chance.choice(("0", "-1 ECONNREFUSED (Connection refused)", "-1 EINPROGRESS (Operation now)"))
    return chance.choice(
        (
            "socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3",
            "socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 4<socket:[8]>",
            f"connect({socket}, {address}) = {result}",
            f"bind({socket}, {address}) = {result}",
            f'sendto({socket}, "x, NULL, 0) = 1", 3, 0, {address}) = 3',
            f'sendto({socket}, "x", 1, MSG_NOSIGNAL, NULL, 0) = 1',
            f"listen({socket}, 5) = 0",
        )
    )


def _processes(chance: random.Random) -> str:
    child = chance.choice((11, 12, 13))
    return chance.choice(
        (
            'chdir("/srv") = 0',
            'chdir("d") = 0',
            "fchdir(4) = 0",
            'getcwd("/srv/d", 4096) = 7',
            f"clone(child_stack=NULL, flags=SIGCHLD) = {child}",
            f"clone3({{flags=CLONE_VM|CLONE_FS|CLONE_FILES, exit_signal=0}}, 88) = {child}",
            'execve("/bin/x", [...], 0x1 /* 2 vars */) = 0',
            'execve("a", [...], 0x1) = -1 ENOENT (No such file or directory)',
            'chroot("/srv") = 0',
            "unshare(CLONE_FS) = 0",
            f"kill({child}, SIGTERM) = 0",
            "kill(99, 0) = 0",
        )
    )


def _others(chance: random.Random) -> str:
    return chance.choice(
        (
            'read(3, "abc", 3) = 3',
            "wait4(-1, NULL, 0, NULL) = 11",
            "epoll_wait(3, [], 1, 0) = 0",
            "brandnew(3) = 0",
            "--- SIGCHLD {si_signo=SIGCHLD} ---",
            "+++ exited with 0 +++",
            "what a program said",
            "",
            'open("/srv/a", O_RDONLY',
            "exit_group(0) = ?",
        )
    )


_KINDS = (_open, _open, _look, _look, _names, _descriptors, _sockets, _processes, _others)


def trace(seed: int) -> bytes:
    """One trace; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    texts = [chance.choice(_KINDS)(chance) for _ in range(chance.randrange(3, 40))]
    form = _Form(chance)
    lines: list[str] = []
    cut: dict[int, str] = {}
    for _ in range(chance.randrange(10, 160)):
        pid = chance.choice(form.pids)
        if pid in cut and chance.random() < 0.7:
            lines.append(form.line(pid, cut.pop(pid), resumed=True))
            continue
        text = chance.choice(texts)
        head, bracket, tail = text.rpartition(")")
        name = text.partition("(")[0]
        if bracket and name.isidentifier() and len(form.pids) > 1 and chance.random() < 0.25:
            lines.append(form.line(pid, f"{head} <unfinished ...>"))
            cut[pid] = f"<... {name} resumed>){tail}"
        else:
            lines.append(form.line(pid, text))
    end = chance.choice(("\n", "\n", "\n", "", "\r\n"))
    joint = "\r\n" if end == "\r\n" else "\n"
    return (joint.join(lines) + end).encode()


class _Form:
    """The flags that strace was called with."""

    def __init__(self, chance: random.Random) -> None:
        self.pids = chance.choice(((0,), (10, 11), (10, 11, 12), (9, 100, 12345, 123456)))
        self._bracketed = chance.random() < 0.2
        self._time = chance.choice(
            ("", "", "12:00:01 ", "12:00:01.{:06} ", "1700000000.{:06} ", "[00007f{:010}] ")
        )
        self._spent = chance.random() < 0.2
        self._changes = chance.random() < 0.05
        self._chance = chance
        self._count = 0

    def line(self, pid: int, text: str, *, resumed: bool = False) -> str:
        self._count += 1
        if self._changes and self._count == 20:
            self._time = "12:00:01.{:06} "
        column = ""
        if pid:
            column = f"[pid {pid:5}] " if self._bracketed else f"{pid:<5} "
        spent = " <0.000012>" if self._spent and " = " in text and "unfinished" not in text else ""
        blanks = "         " if resumed and self._chance.random() < 0.5 else ""
        text = text.replace(") = ", f"){blanks} = ", 1) if blanks else text
        return f"{column}{self._time.format(self._count)}{text}{spent}"
