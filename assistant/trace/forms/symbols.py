"""Numbers in the arguments of system calls as the words that strace prints for them. x86-64's values."""

import errno
from collections.abc import Callable

from assistant.trace.text import AT_FDCWD


_MODES = ("O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE")
_OPEN = {
    0o20200000: "O_TMPFILE",
    0o4010000: "O_SYNC",
    0o100: "O_CREAT",
    0o200: "O_EXCL",
    0o400: "O_NOCTTY",
    0o1000: "O_TRUNC",
    0o2000: "O_APPEND",
    0o4000: "O_NONBLOCK",
    0o10000: "O_DSYNC",
    0o20000: "O_ASYNC",
    0o40000: "O_DIRECT",
    0o100000: "O_LARGEFILE",
    0o200000: "O_DIRECTORY",
    0o400000: "O_NOFOLLOW",
    0o1000000: "O_NOATIME",
    0o2000000: "O_CLOEXEC",
    0o10000000: "O_PATH",
}
_AT = {
    0x100: "AT_SYMLINK_NOFOLLOW",
    0x400: "AT_SYMLINK_FOLLOW",
    0x800: "AT_NO_AUTOMOUNT",
    0x1000: "AT_EMPTY_PATH",
}
_RENAME = {1: "RENAME_NOREPLACE", 2: "RENAME_EXCHANGE", 4: "RENAME_WHITEOUT"}
_RESOLVE = {
    1: "RESOLVE_NO_XDEV",
    2: "RESOLVE_NO_MAGICLINKS",
    4: "RESOLVE_NO_SYMLINKS",
    8: "RESOLVE_BENEATH",
    16: "RESOLVE_IN_ROOT",
    32: "RESOLVE_CACHED",
}
_CLONE = {
    0x100: "CLONE_VM",
    0x200: "CLONE_FS",
    0x400: "CLONE_FILES",
    0x800: "CLONE_SIGHAND",
    0x4000: "CLONE_VFORK",
    0x8000: "CLONE_PARENT",
    0x10000: "CLONE_THREAD",
    0x20000: "CLONE_NEWNS",
    0x2000000: "CLONE_NEWCGROUP",
    0x4000000: "CLONE_NEWUTS",
    0x8000000: "CLONE_NEWIPC",
    0x10000000: "CLONE_NEWUSER",
    0x20000000: "CLONE_NEWPID",
    0x40000000: "CLONE_NEWNET",
}
_TYPES = {
    0o010000: "S_IFIFO",
    0o020000: "S_IFCHR",
    0o040000: "S_IFDIR",
    0o060000: "S_IFBLK",
    0o100000: "S_IFREG",
    0o120000: "S_IFLNK",
    0o140000: "S_IFSOCK",
}
_TYPE_MASK = 0o170000
_FAMILIES = {0: "AF_UNSPEC", 1: "AF_UNIX", 2: "AF_INET", 10: "AF_INET6", 16: "AF_NETLINK", 17: "AF_PACKET"}
_SOCKETS = {1: "SOCK_STREAM", 2: "SOCK_DGRAM", 3: "SOCK_RAW", 4: "SOCK_RDM", 5: "SOCK_SEQPACKET"}
_SOCKET_FLAGS = {0o4000: "SOCK_NONBLOCK", 0o2000000: "SOCK_CLOEXEC"}
_PROTOCOLS = {0: "IPPROTO_IP", 1: "IPPROTO_ICMP", 6: "IPPROTO_TCP", 17: "IPPROTO_UDP", 262: "IPPROTO_MPTCP"}
_FCNTL = {0: "F_DUPFD", 1: "F_GETFD", 2: "F_SETFD", 3: "F_GETFL", 4: "F_SETFL", 1030: "F_DUPFD_CLOEXEC"}
_IOCTL = {
    0x1: "FIBMAP",
    0x2: "FIGETBSZ",
    0x5401: "TCGETS",
    0x5421: "FIONBIO",
    0x541B: "FIONREAD",
    0x5450: "FIONCLEX",
    0x5451: "FIOCLEX",
    0x5452: "FIOASYNC",
    0xC020660B: "FS_IOC_FIEMAP",
    0xC0045877: "FIFREEZE",
    0xC0045878: "FITHAW",
}
_PTRACE = {0: "PTRACE_TRACEME", 16: "PTRACE_ATTACH", 0x4206: "PTRACE_SEIZE"}
_INT = 1 << 32


def flags(value: int, names: dict[int, str], none: str = "0") -> str:
    """Bits as words joined by ``|``; what has no name stays a number."""
    words = []
    for bits, name in names.items():
        if value & bits == bits:
            words.append(name)
            value &= ~bits
    if value:
        words.append(hex(value))
    return "|".join(words) or none


def _open(value: int) -> str:
    mode = _MODES[value & 3]
    rest = flags(value & ~3, _OPEN, "")
    return f"{mode}|{rest}" if rest else mode


def _mode(value: int) -> str:
    kind = _TYPES.get(value & _TYPE_MASK)
    permissions = f"{value & ~_TYPE_MASK:04o}"
    return f"{kind}|{permissions}" if kind else permissions


def _socket_type(value: int) -> str:
    kind = _SOCKETS.get(value & 0xF, str(value & 0xF))
    rest = flags(value & ~0xF, _SOCKET_FLAGS, "")
    return f"{kind}|{rest}" if rest else kind


def signed(value: int) -> int:
    """A register that holds an int: the kernel's logs show it unsigned, in 32 or 64 bits."""
    value &= _INT - 1
    return value - _INT if value >= _INT >> 1 else value


def _descriptor(value: int) -> str:
    number = signed(value)
    return "AT_FDCWD" if number == AT_FDCWD else str(number)


_WORDS: dict[str, Callable[[int], str]] = {
    "dir": _descriptor,
    "fd": _descriptor,
    "number": lambda value: str(signed(value)),
    "open": _open,
    "mode": _mode,
    "at": lambda value: flags(value, _AT),
    "removal": lambda value: "AT_REMOVEDIR" if value & 0x200 else "0",
    "rename": lambda value: flags(value, _RENAME),
    "resolve": lambda value: flags(value, _RESOLVE),
    "clone": lambda value: "flags=" + flags(value & ~0xFF, _CLONE),
    "unshare": lambda value: flags(value, _CLONE),
    "family": lambda value: _FAMILIES.get(value, str(value)),
    "type": _socket_type,
    "protocol": lambda value: _PROTOCOLS.get(value, str(value)),
    "ptrace": lambda value: _PTRACE.get(value, hex(value)),
    "fcntl": lambda value: _FCNTL.get(value, hex(value)),
    "ioctl": lambda value: _IOCTL.get(value, hex(value)),
}


SYMBOLIC = frozenset(_WORDS) - {"dir", "fd", "number", "clone"}
"""Roles whose numbers are words: bits or the members of a list."""


def words(role: str, value: int) -> str:
    """A number in an argument of this role (see ``layouts``) as strace prints it."""
    return _WORDS[role](value) if role in _WORDS else str(value)


def errno_name(number: int) -> str:
    """The name of an errno; the restarts, which no program sees, are one."""
    return errno.errorcode.get(number, "ERESTARTSYS" if 512 <= number <= 530 else f"E{number}")  # noqa: PLR2004
