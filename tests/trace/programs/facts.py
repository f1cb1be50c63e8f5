"""What the kernel says about a process's names and descriptors, asked from outside of it through /proc."""

import os
import re
import stat
from dataclasses import dataclass, replace

from tests.trace.programs.operations import AT_FDCWD, Name


_OWN = re.compile(rb"/proc/(?:self|thread-self)(?=/|$)")
_LINK = re.compile(rb"(/proc/[0-9]+/(?:cwd|root|exe|fd/[0-9]+))(/.*)?$", re.DOTALL)
_STREAMS = {b"/dev/stdin": 0, b"/dev/stdout": 1, b"/dev/stderr": 2}
_DELETED = b" (deleted)"


@dataclass(frozen=True, slots=True)
class Thing:
    """An object that a descriptor or a name leads to.

    Attributes:
        path: Its absolute path without links; None when it has none (any more).
        gone: The path that it had before it was removed.
        kind: The type bits of its mode.
        key: Device and inode.
    """

    path: bytes | None
    kind: int
    key: tuple[int, int]
    gone: bytes | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A name as a process used it, just before it did.

    Attributes:
        base: The directory that it starts from, or None when that is none.
        parent: The directory that holds its last component; None when there is none.
        last: The last component; empty for a name that has none.
        entry: What that component itself is, were it a link; None when it is absent.
        target: What it leads to; None when it leads nowhere.
        through: The path that it is when the link of a process in /proc that it begins with is followed.
    """

    base: bytes | None
    parent: bytes | None
    last: bytes
    entry: Thing | None
    target: Thing | None
    through: bytes | None = None


def descriptor_of(thread: int, number: int) -> Thing | None:
    """What a descriptor of a process refers to, or None when it is not open."""
    try:
        return _thing(b"/proc/%d/fd/%d" % (thread, number))
    except OSError:
        return None


def from_outside(thread: int, text: bytes) -> bytes:
    """A name as everybody else would write it: a process's own links in /proc have its number."""
    if text in _STREAMS:
        return b"/proc/%d/fd/%d" % (thread, _STREAMS[text])
    if text.startswith(b"/dev/fd/"):
        return b"/proc/%d/fd/%s" % (thread, text.removeprefix(b"/dev/fd/"))
    return _OWN.sub(b"/proc/%d" % thread, text) if text.startswith(b"/proc") else text


def named(thread: int, name: Name) -> Named:
    """What a name means to a process now."""
    path = from_outside(thread, name.text)
    start = b"cwd" if name.base == AT_FDCWD else b"fd/%d" % name.base
    link = b"/" if path.startswith(b"/") else b"/proc/%d/%s" % (thread, start)
    try:
        base = os.open(link, os.O_PATH)
    except OSError:
        return Named(None, None, b"", None, None)
    try:
        start_at = _of(base)
        return replace(_from(base, path), through=_through(path, start_at))
    finally:
        os.close(base)


def _through(path: bytes, start: Thing) -> bytes | None:
    match = _LINK.match(path)
    if match is not None:
        return _joined(_shown(match[1]), match[2] or b"")
    if stat.S_ISDIR(start.kind) or path.startswith(b"/"):
        return None
    # Beneath a file nothing is, but that is how it would be called.
    return _joined(start.path or start.gone, path)


def _shown(link: bytes) -> bytes | None:
    try:
        return os.readlink(link).removesuffix(_DELETED)
    except OSError:
        return None


def _joined(directory: bytes | None, rest: bytes) -> bytes | None:
    if directory is None:
        return None
    path: bytes = os.path.normpath(directory + b"/" + rest)
    return path


def _from(base: int, path: bytes) -> Named:
    if not path:
        here = _of(base)
        return Named(here.path, None, b"", here, here)
    directory, _, last = path.rstrip(b"/").rpartition(b"/")
    directory = directory or (b"/" if path.startswith(b"/") else b".")
    parent, entry = None, None
    try:
        holder = os.open(directory, os.O_PATH | os.O_DIRECTORY, dir_fd=base)
    except OSError:
        pass
    else:
        parent = _of(holder).path
        entry = _opened(holder, last or b".", os.O_NOFOLLOW)
        os.close(holder)
    return Named(_of(base).path, parent, last, entry, _opened(base, path, 0))


def _opened(base: int, path: bytes, flags: int) -> Thing | None:
    try:
        number = os.open(path, os.O_PATH | flags, dir_fd=base)
    except OSError:
        return None
    try:
        return _of(number)
    finally:
        os.close(number)


def _of(number: int) -> Thing:
    return _thing(b"/proc/self/fd/%d" % number)


def _thing(link: bytes) -> Thing:
    there = os.stat(link)
    kind, key, shown = stat.S_IFMT(there.st_mode), (there.st_dev, there.st_ino), os.readlink(link)
    if not shown.startswith(b"/"):
        return Thing(None, kind, key)
    if shown.endswith(_DELETED) and not _is_there(shown, key):
        return Thing(None, kind, key, shown.removesuffix(_DELETED))
    return Thing(shown, kind, key)


def _is_there(path: bytes, key: tuple[int, int]) -> bool:
    """Whether the object still is there: a name may itself end in "(deleted)"."""
    try:
        now = os.lstat(path)
    except OSError:
        return False
    return (now.st_dev, now.st_ino) == key
