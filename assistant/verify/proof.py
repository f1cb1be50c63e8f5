"""Which rights a system call can need, by its name and flags, and for which of its names. Looks nothing up.

"Can", not "must": whether a name existed or was a directory is the inventory's business. Source: the kernel's
documentation of Landlock and probes with each right given and withheld.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.domain.rights import NO_FS, ON_FILE, FsRight
from assistant.verify.call import Call


_R = FsRight
_READ = _R.READ_FILE | _R.READ_DIR
_MAKE = _R.MAKE_CHAR | _R.MAKE_DIR | _R.MAKE_REG | _R.MAKE_SOCK | _R.MAKE_FIFO | _R.MAKE_BLOCK | _R.MAKE_SYM
_REMOVE = _R.REMOVE_FILE | _R.REMOVE_DIR

BEFORE_THE_CHECK = frozenset(
    {
        *("ENOENT", "ENOTDIR", "ELOOP", "EEXIST", "EISDIR", "ETXTBSY", "EROFS", "EACCES", "EPERM"),
        *("ENAMETOOLONG", "EFAULT", "EBADF", "EINTR", "EMFILE", "ENFILE", "EXDEV", "ENOSYS"),
    }
)
"""Errors that a call gives before Landlock is asked: a line that ends so needed no right."""

OTHERWISE: dict[str, frozenset[str]] = {
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), frozenset({"ENOENT"})),
    **dict.fromkeys(("rename", "renameat", "renameat2"), frozenset({"ENOENT", "EEXIST"})),
    **dict.fromkeys(
        ("mkdir", "mkdirat", "mknod", "mknodat", "symlink", "symlinkat", "link", "linkat"),
        frozenset({"EEXIST"}),
    ),
    "ioctl": frozenset({"EPERM", "EACCES", "EFAULT", "EINTR", "ENOENT", "EEXIST"}),
}
"""Errors that leave the need open: the next run may find the name absent, or there. A driver's, for ioctl."""


@dataclass(frozen=True, slots=True)
class Named:
    """One name in a call.

    Attributes:
        base: The directory that a relative name starts from, "" when the line does not show it.
        name: As the program gave it; "" means the base itself.
        on: Rights the call can need on the named object.
        within: Rights it can need on the directory that holds the name.
    """

    base: str
    name: str
    on: FsRight = NO_FS
    within: FsRight = NO_FS


def named(call: Call) -> Iterator[Named]:
    """Every file system name in a call, with the rights that this line can show a need for."""
    if call.denied:
        yield from _denied(call)
        return
    rule = _RULES.get(call.name)
    if rule is None:
        return
    reached = call.errno not in BEFORE_THE_CHECK or _left_open(call)
    for found in rule(call):
        yield found if reached else Named(found.base, found.name)


def _denied(call: Call) -> Iterator[Named]:
    """A denial names the object that a rule belongs on, and what was missing there."""
    on = NO_FS
    for blocker in call.denied:
        family, _, name = blocker.partition(".")
        if family == "fs" and name.upper() in FsRight.__members__:
            on |= FsRight[name.upper()]
    if on & _R.WRITE_FILE:
        # Denied the one, the open never came to ask for what ftruncate takes with it.
        on |= _R.TRUNCATE
    for path in call.argument(0).strings:
        yield Named("", path, on)


def _left_open(call: Call) -> bool:
    if call.errno == "EEXIST" and "O_CREAT" in call.flags:
        return True
    return call.errno in OTHERWISE.get(call.name, ())


def _at(
    call: Call, directory: int | None, index: int, on: FsRight, within: FsRight = NO_FS
) -> Iterator[Named]:
    base = call.argument(directory).place if directory is not None else ""
    for name in call.argument(index).strings[:1]:
        yield Named(base, name, on, within)


def _open_rights(call: Call) -> tuple[FsRight, FsRight]:
    flags = call.flags
    if call.name == "creat":
        return _R.WRITE_FILE | _R.TRUNCATE, _R.MAKE_REG
    if "O_PATH" in flags:
        return NO_FS, NO_FS
    on = NO_FS
    if "O_RDONLY" in flags:
        on |= _R.READ_DIR if "O_DIRECTORY" in flags else _READ
    if "O_WRONLY" in flags or "O_RDWR" in flags:
        on |= _R.WRITE_FILE
    if "O_RDWR" in flags:
        on |= _R.READ_FILE
    if flags & {"O_TRUNC", "O_WRONLY", "O_RDWR"}:
        # What ftruncate asks for is decided when the file is opened for writing.
        on |= _R.TRUNCATE
    return on, _R.MAKE_REG if "O_CREAT" in flags else NO_FS


def _open(call: Call) -> Iterator[Named]:
    on, within = _open_rights(call)
    if call.resumed:
        # The flags stand on the call's first half; this half proves which object was opened.
        on, within = _READ | _R.WRITE_FILE | _R.TRUNCATE, _R.MAKE_REG
    if call.result:
        yield Named("", call.result, on, within)
    if call.name in ("open", "creat"):
        yield from _at(call, None, 0, on, within)
    elif call.name != "open_by_handle_at":
        yield from _at(call, 0, 1, on, within)


def _path(on: FsRight, within: FsRight = NO_FS) -> Callable[[Call], Iterator[Named]]:
    return lambda call: _at(call, None, 0, on, within)


def _path_at(on: FsRight, within: FsRight = NO_FS) -> Callable[[Call], Iterator[Named]]:
    return lambda call: _at(call, 0, 1, on, within)


def _descriptor(on: FsRight) -> Callable[[Call], Iterator[Named]]:
    # Without an annotation the line leaves open what the descriptor is, as it does for a relative name.
    return lambda call: iter([Named("", call.argument(0).place, on)])


def _unlinkat(call: Call) -> Iterator[Named]:
    return _at(call, 0, 1, NO_FS, _R.REMOVE_DIR if "AT_REMOVEDIR" in call.flags else _R.REMOVE_FILE)


_TYPES = {
    "S_IFCHR": _R.MAKE_CHAR,
    "S_IFBLK": _R.MAKE_BLOCK,
    "S_IFIFO": _R.MAKE_FIFO,
    "S_IFSOCK": _R.MAKE_SOCK,
}


def _mknod(call: Call) -> Iterator[Named]:
    made = next((right for flag, right in _TYPES.items() if flag in call.flags), _R.MAKE_REG)
    return _at(call, None, 0, NO_FS, made) if call.name == "mknod" else _at(call, 0, 1, NO_FS, made)


def _rename(call: Call) -> Iterator[Named]:
    # A directory can only move to where it may be made, and only from where it may be made too. And whatever
    # the new place allows on a file, the old one must have allowed: nothing may be gained by moving.
    old, new = _REMOVE | _R.REFER | _R.MAKE_DIR | ON_FILE, _REMOVE | _R.REFER | _MAKE
    if "RENAME_EXCHANGE" in call.flags:
        old = new
    yield from _pair(call, old, new)


def _link(call: Call) -> Iterator[Named]:
    yield from _pair(call, _R.REFER | ON_FILE, (_MAKE & ~_R.MAKE_DIR) | _R.REFER)


def _pair(call: Call, old: FsRight, new: FsRight) -> Iterator[Named]:
    if call.name in ("rename", "link"):
        yield from _at(call, None, 0, NO_FS, old)
        yield from _at(call, None, 1, NO_FS, new)
    else:
        yield from _at(call, 0, 1, NO_FS, old)
        yield from _at(call, 2, 3, NO_FS, new)


def _symlink(call: Call) -> Iterator[Named]:
    # The first argument is what the link says, not a name that is looked up.
    if call.name == "symlink":
        return _at(call, None, 1, NO_FS, _R.MAKE_SYM)
    return _at(call, 1, 2, NO_FS, _R.MAKE_SYM)


def _socket(on: FsRight, within: FsRight = NO_FS) -> Callable[[Call], Iterator[Named]]:
    def rule(call: Call) -> Iterator[Named]:
        for argument in call.arguments:
            if b'sun_path=""' in argument.text:
                for name in argument.strings[:1]:
                    yield Named("", name, on, within)

    return rule


_RULES: dict[str, Callable[[Call], Iterator[Named]]] = {
    **dict.fromkeys(("open", "openat", "openat2", "creat", "open_by_handle_at"), _open),
    "execve": _path(_R.EXECUTE | _R.READ_FILE),
    "execveat": _path_at(_R.EXECUTE | _R.READ_FILE),
    "uselib": _path(_R.READ_FILE),
    "acct": _path(_R.WRITE_FILE),
    "truncate": _path(_R.TRUNCATE),
    "ftruncate": _descriptor(_R.TRUNCATE),
    "ioctl": _descriptor(_R.IOCTL_DEV),
    "mkdir": _path(NO_FS, _R.MAKE_DIR),
    "mkdirat": _path_at(NO_FS, _R.MAKE_DIR),
    "rmdir": _path(NO_FS, _R.REMOVE_DIR),
    "unlink": _path(NO_FS, _R.REMOVE_FILE),
    "unlinkat": _unlinkat,
    **dict.fromkeys(("mknod", "mknodat"), _mknod),
    **dict.fromkeys(("rename", "renameat", "renameat2"), _rename),
    **dict.fromkeys(("link", "linkat"), _link),
    **dict.fromkeys(("symlink", "symlinkat"), _symlink),
    "bind": _socket(NO_FS, _R.MAKE_SOCK),
    **dict.fromkeys(("connect", "sendto", "sendmsg", "sendmmsg"), _socket(_R.RESOLVE_UNIX)),
    # These name a path and need no right: enough to show that it was looked for.
    **dict.fromkeys(
        (
            "stat",
            "stat64",
            "lstat",
            "lstat64",
            "access",
            "readlink",
            "chdir",
            "statfs",
            "chmod",
            "chown",
            "lchown",
        ),
        _path(NO_FS),
    ),
    **dict.fromkeys(
        ("newfstatat", "fstatat64", "statx", "faccessat", "faccessat2", "readlinkat", "fchmodat", "fchownat"),
        _path_at(NO_FS),
    ),
}
