"""The rights that operations on files needed of Landlock, by what the kernel's own answers were.

Written from the kernel's order of checks (fs/namei.c, fs/open.c, security/landlock/fs.c), not from the reader.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.domain.rights import FsRight
from tests.trace.programs.compose import AT_EMPTY_PATH, AT_REMOVEDIR, AT_SYMLINK_FOLLOW, EXCHANGE, WHITEOUT
from tests.trace.programs.observer import Done
from tests.trace.programs.performed import entry, outcome, path_of, removed, where


R = FsRight
_MADE = {
    stat.S_IFDIR: R.MAKE_DIR,
    stat.S_IFLNK: R.MAKE_SYM,
    stat.S_IFIFO: R.MAKE_FIFO,
    stat.S_IFSOCK: R.MAKE_SOCK,
    stat.S_IFCHR: R.MAKE_CHAR,
    stat.S_IFBLK: R.MAKE_BLOCK,
}
NOT_ASKED = frozenset(
    {"ENOENT", "EACCES", "EBADF", "EEXIST", "EFAULT", "EINVAL", "ELOOP", "ENAMETOOLONG", "EXDEV"}
)
"""Answers that rename and link give before Landlock is asked; of others that is not always so."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One right on one object.

    Attributes:
        path: The object that the kernel asks for, resolved.
        right: One right.
        sure: It was needed, and the trace of this call alone shows it.
        true: It was needed; the trace may leave both readings open.
        loose: Saying that it was needed is no error, although it may not have been.
    """

    path: bytes
    right: FsRight
    sure: bool = False
    true: bool = False
    loose: bool = False


def executing(done: Done) -> Iterator[Ask]:
    gone = removed(done)
    path = gone or where(done)
    if path is None:
        return
    for right in (R.EXECUTE, R.READ_FILE):
        behind = outcome(done) in ("ENOEXEC", "ETXTBSY")
        yield Ask(path, right, sure=done.ok and not gone, loose=done.ok or behind)


def cutting(done: Done) -> Iterator[Ask]:
    gone = removed(done)
    path = gone or (where(done) if done.names else path_of(done.about))
    if path is not None:
        # Without the kernel's word for a descriptor, a file is where it was when it was opened.
        moved = {place for place in done.formerly if place != path}
        yield Ask(
            path,
            R.TRUNCATE,
            sure=done.ok and not gone and not moved,
            true=done.ok and not gone and not moved,
            loose=done.ok,
        )
        for place in moved:
            yield Ask(place, R.TRUNCATE, loose=done.ok)
        if gone:
            # A file without a name was made with the rights of its directory.
            yield Ask(os.path.dirname(gone), R.TRUNCATE, loose=done.ok)


def opening(done: Done) -> Iterator[Ask]:
    flags, name = done.operation.flags, done.names[0]
    temporary = flags & os.O_TMPFILE == os.O_TMPFILE
    gone = None if temporary else removed(done)
    path = gone or (done.opened.path if done.opened and done.opened.path else where(done))
    if temporary:
        path = path_of(name.target)
    if path is None or flags & os.O_PATH:
        return
    asked = _asked_by_mode(done, flags)
    behind = outcome(done) == "ENXIO"
    for right in asked:
        yield Ask(path, right, sure=(done.ok or behind) and not gone, loose=done.ok)
    if temporary or gone:
        return
    created = name.target is None
    if flags & os.O_CREAT:
        made = done.ok and created
        yield Ask(os.path.dirname(path), R.MAKE_REG, sure=made and bool(flags & os.O_EXCL), true=made)
    if flags & os.O_TRUNC:
        regular = name.target is not None and stat.S_ISREG(name.target.kind)
        cut = done.ok and regular and flags & os.O_ACCMODE != os.O_ACCMODE
        # The reader may count on the file being there next time, and may not know that it has no length.
        yield Ask(path, R.TRUNCATE, sure=cut and not flags & os.O_CREAT, true=cut, loose=done.ok or behind)
    elif done.ok and flags & os.O_CREAT and flags & os.O_EXCL and R.WRITE_FILE in asked:
        # Whoever looked for the file first will find it next time, and the reader may say what is possible then.
        yield Ask(path, R.TRUNCATE)
        yield Ask(os.path.dirname(path), R.REMOVE_FILE)


def _asked_by_mode(done: Done, flags: int) -> FsRight:
    mode = flags & os.O_ACCMODE
    if mode == os.O_ACCMODE:
        return R(0)
    rights = (R(0) if mode == os.O_WRONLY else R.READ_FILE) | (R(0) if mode == os.O_RDONLY else R.WRITE_FILE)
    opened = done.opened or done.names[0].target
    if opened is not None and stat.S_ISDIR(opened.kind) and rights == R.READ_FILE:
        return R.READ_DIR
    return rights


def making(done: Done) -> Iterator[Ask]:
    call, name = done.operation.call, done.names[0]
    if name.parent is None or name.last in (b"", b".", b".."):
        return
    kind = (
        stat.S_IFDIR
        if call.startswith("mkdir")
        else stat.S_IFLNK
        if call.startswith("sym")
        else done.operation.flags
    )
    yield Ask(name.parent, _MADE.get(kind, R.MAKE_REG), sure=done.ok)
    if done.ok and kind != stat.S_IFDIR:
        # The same: it stands in the way of the next one.
        yield Ask(name.parent, R.REMOVE_FILE)


def removing(done: Done) -> Iterator[Ask]:
    name, call = done.names[0], done.operation.call
    if name.parent is None or name.last in (b"", b".", b".."):
        return
    directory = call == "rmdir" or bool(done.operation.flags & AT_REMOVEDIR)
    said = outcome(done)
    behind = said == "ENOTEMPTY" if directory else False
    loose = said in ("EBUSY", "ENOTDIR" if directory else "EISDIR")
    yield Ask(name.parent, R.REMOVE_DIR if directory else R.REMOVE_FILE, sure=done.ok or behind, loose=loose)


def _removal(kind: int) -> FsRight:
    return R.REMOVE_DIR if stat.S_ISDIR(kind) else R.REMOVE_FILE


def _making_of(kind: int) -> FsRight:
    return _MADE.get(kind, R.MAKE_REG)


def moving(done: Done) -> Iterator[Ask]:
    one, other = done.names
    if one.parent is None or other.parent is None or {one.last, other.last} & {b"", b".", b".."}:
        return
    sure, loose = done.ok, outcome(done) not in NOT_ASKED
    kind = one.entry.kind if one.entry else stat.S_IFREG
    flags = done.operation.flags
    yield Ask(one.parent, _removal(kind), sure=sure, loose=loose)
    yield Ask(other.parent, _making_of(kind), sure=sure, loose=loose)
    replaced = other.entry
    if flags & EXCHANGE:
        back = replaced.kind if replaced else stat.S_IFREG
        yield Ask(other.parent, _removal(back), sure=sure, loose=loose)
        yield Ask(one.parent, _making_of(back), sure=sure, loose=loose)
    else:
        yield Ask(
            other.parent,
            _removal(replaced.kind if replaced else kind),
            true=sure and replaced is not None,
            loose=loose,
        )
    yield from _across(done, one.parent, other.parent, sure=sure, loose=loose)
    if stat.S_ISDIR(kind) and (one.parent != other.parent or _is_spelled_twice(done)):
        # A directory may only leave for where it gains nothing, such as the right to be made.
        yield Ask(one.parent, R.MAKE_DIR, loose=True)
    if one.parent != other.parent and flags & EXCHANGE and replaced and stat.S_ISDIR(replaced.kind):
        yield Ask(other.parent, R.MAKE_DIR, loose=True)
    if flags & WHITEOUT:
        yield Ask(one.parent, R.MAKE_CHAR, loose=True)
        yield Ask(one.parent, R.MAKE_REG, loose=True)


def _across(done: Done, source: bytes, target: bytes, *, sure: bool, loose: bool) -> Iterator[Ask]:
    if source != target:
        # An exchange may be told as two moves.
        for _ in range(2):
            yield Ask(source, R.REFER, sure=sure, loose=loose)
            yield Ask(target, R.REFER, sure=sure, loose=loose)
        return
    if _is_spelled_twice(done):
        # Only a look at the file system tells that it is one directory.
        yield from (Ask(source, R.REFER, loose=True) for _ in range(4))


def _is_spelled_twice(done: Done) -> bool:
    """Whether the directories of two names do not look the same, or a link may lead to another."""
    one, other = done.operation.names
    if done.operation.call == "linkat" and done.operation.flags & AT_SYMLINK_FOLLOW:
        return True
    before, after = (os.path.dirname(name.text.rstrip(b"/")) for name in (one, other))
    return before != after or one.base != other.base


def linking(done: Done) -> Iterator[Ask]:
    one, other = done.names
    if other.parent is None or other.last in (b"", b".", b".."):
        return
    follows = done.operation.flags & (AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)
    source = one.target if follows else one.entry
    said = outcome(done)
    sure, loose = done.ok, said not in NOT_ASKED
    yield Ask(other.parent, _making_of(source.kind if source else stat.S_IFREG), sure=sure, loose=loose)
    path = (source.path if source else None) if follows else entry(one)
    if path is not None:
        yield from _across(done, os.path.dirname(path), other.parent, sure=sure, loose=loose)
