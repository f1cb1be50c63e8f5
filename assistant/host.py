"""The real host's file system, read only: links, kinds, interpreters, what lies beneath a directory.

Opens nothing for writing and executes nothing. Regular files are opened only to read a program's first bytes.
"""

import grp
import os
import pwd
import stat
import struct
from collections.abc import Collection, Iterator
from functools import lru_cache
from operator import attrgetter

from assistant.domain.access import Kind
from assistant.domain.host import Content, walk


LISTED_FILES = 20_000
"""How many files beneath a directory are listed before the count is called incomplete."""

_SHEBANG_LIMIT = 256
_NESTED_INTERPRETERS = 5
_LONGEST_PATH = 4096
_PT_INTERP = 3
_KINDS = {
    stat.S_IFREG: Kind.FILE,
    stat.S_IFDIR: Kind.DIRECTORY,
    stat.S_IFCHR: Kind.DEVICE,
    stat.S_IFBLK: Kind.BLOCK_DEVICE,
    stat.S_IFSOCK: Kind.SOCKET,
    stat.S_IFIFO: Kind.FIFO,
    stat.S_IFLNK: Kind.SYMLINK,
}
_NAME = attrgetter("name")
_PSEUDO = ("/proc", "/sys")
_PSEUDO_TREES = (b"/proc", b"/sys")


def encode(path: str) -> bytes:
    """A path as the kernel has it: UTF-8, with surrogate escapes for other bytes, whatever the locale."""
    return path.encode("utf-8", "surrogateescape")


def decode(path: bytes) -> str:
    """The reverse of ``encode``."""
    return path.decode("utf-8", "surrogateescape")


class LocalHost:
    """This machine. Answers are remembered: one draft sees one state of the file system."""

    known = True

    def __init__(self) -> None:
        self._directory = lru_cache(maxsize=50_000)(self._resolve_directory)
        self._itself = lru_cache(maxsize=100_000)(self._kind_itself)
        self._link = lru_cache(maxsize=50_000)(self._said_by_link)
        self.content = lru_cache(maxsize=2_000)(self._content)
        self.interpreters = lru_cache(maxsize=2_000)(self._interpreters)

    def resolve(self, path: str, *, follow: bool = True, root: str = "") -> str:
        """The path without symbolic links; what does not exist stays as it is."""
        if root:
            return walk(path, self._link, follow=follow, root=root)
        directory, _, name = path.rpartition("/")
        if name in ("", ".", ".."):
            return decode(os.path.realpath(encode(path)))
        inside = self._directory(directory or "/")
        whole = path if inside == directory != "/" else f"{inside.rstrip('/')}/{name}"
        if not follow or self._itself(whole) is not Kind.SYMLINK:
            return whole
        return decode(os.path.realpath(encode(whole)))

    @staticmethod
    def _resolve_directory(path: str) -> str:
        return decode(os.path.realpath(encode(path)))

    @staticmethod
    def _said_by_link(path: str) -> str | None:
        try:
            return decode(os.readlink(encode(path)))
        except (OSError, ValueError):
            return None

    def kind(self, path: str, *, follow: bool = True) -> Kind | None:
        """What an existing path names, or None when it does not exist."""
        kind = self._itself(path)
        if kind is not Kind.SYMLINK or not follow:
            return kind
        try:
            return _kind_of(os.stat(encode(path)))
        except OSError:
            return None

    @staticmethod
    def _kind_itself(path: str) -> Kind | None:
        """A link is one itself. Most paths are none, so this look serves resolving them as well."""
        try:
            return _kind_of(os.lstat(encode(path)))
        except (OSError, ValueError):
            return None

    def _interpreters(self, path: str, *, root: str = "") -> tuple[str, ...]:
        found: list[str] = []
        for _ in range(_NESTED_INTERPRETERS):
            named = _interpreter_of(path)
            if named is None:
                break
            path = self.resolve(root + named, root=root)
            if path in found:
                break
            found.append(path)
        return tuple(found)

    @staticmethod
    def raises(path: str) -> bool:
        """Whether the program has set-id bits or file capabilities."""
        try:
            if os.stat(encode(path)).st_mode & (stat.S_ISUID | stat.S_ISGID):
                return True
            return bool(os.getxattr(encode(path), "security.capability"))
        except OSError:
            return False

    @staticmethod
    def owned(path: str) -> str:
        """Mode, user and group by name where they have one."""
        try:
            found = os.lstat(encode(path))
        except OSError:
            return ""
        return f"{stat.S_IMODE(found.st_mode):04o} {_user(found.st_uid)} {_group(found.st_gid)}"

    @staticmethod
    def _content(directory: str) -> Content:
        files: list[bytes] = []
        if directory.startswith(_PSEUDO):
            # Their files come and go with every process; no count of them means anything.
            return Content(complete=False)
        pending = [encode(directory)]
        while pending:
            below: list[bytes] = []
            for entry in _entries(pending.pop()):
                if entry.is_dir(follow_symlinks=False):
                    below.append(entry.path)
                elif entry.is_symlink():
                    # It opens nothing itself: what it leads to counts where that lies.
                    continue
                elif len(files) >= LISTED_FILES:
                    return _beneath(files, complete=False)
                else:
                    files.append(entry.path)
            pending.extend(reversed(below))
        return _beneath(files, complete=True)


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


class _Programs(Collection[str]):
    """Those of some files that have an execute bit; looked at when first asked for."""

    def __init__(self, files: tuple[str, ...]) -> None:
        self._files = files
        self._found: frozenset[str] | None = None

    def _all(self) -> frozenset[str]:
        if self._found is None:
            self._found = frozenset(filter(_is_program, self._files))
        return self._found

    def __contains__(self, path: object) -> bool:
        return path in self._all()

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def _beneath(files: list[bytes], *, complete: bool) -> Content:
    # No name holds a NUL, so all are decoded at once.
    listed = tuple(sorted(decode(b"\0".join(files)).split("\0"))) if files else ()
    return Content(listed, _Programs(listed), complete=complete)


def _kind_of(status: os.stat_result) -> Kind:
    return _KINDS.get(stat.S_IFMT(status.st_mode), Kind.UNKNOWN)


def _entries(directory: bytes) -> list[os.DirEntry[bytes]]:
    if directory.startswith(_PSEUDO_TREES):
        return []
    try:
        with os.scandir(directory) as entries:
            return sorted(entries, key=_NAME)
    except OSError:
        # Not readable for us: what is in it is not known, and not reachable for a service of the same user.
        return []


def _is_program(path: str) -> bool:
    try:
        mode = os.lstat(encode(path)).st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) and bool(mode & 0o111)


def _interpreter_of(path: str) -> str | None:
    """The ``#!`` interpreter or the ELF PT_INTERP of a program; None for neither, or if it cannot be read."""
    try:
        descriptor = os.open(encode(path), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        head = os.pread(descriptor, _SHEBANG_LIMIT, 0)
        if head.startswith(b"#!"):
            return _shebang(head)
        return _elf_interpreter(descriptor, head) if head.startswith(b"\x7fELF") else None
    except (OSError, OverflowError, struct.error):
        # A file that breaks off, or whose offsets lead nowhere, is no program that the kernel would start.
        return None
    finally:
        os.close(descriptor)


def _shebang(head: bytes) -> str | None:
    line = head[2:].split(b"\n", 1)[0].split()
    return decode(line[0]) if line and line[0].startswith(b"/") else None


def _elf_interpreter(descriptor: int, head: bytes) -> str | None:
    """PT_INTERP from an ELF's program headers (System V ABI, figures 1-3 and 2-1).

    Raises:
        struct.error, OverflowError, OSError: the headers are cut off or point outside the file.
    """
    wide, order = head[4:5] == b"\x02", ">" if head[5:6] == b"\x02" else "<"
    table_at, size_at, word = (32, 54, "Q") if wide else (28, 42, "I")
    (table,) = struct.unpack_from(order + word, head, table_at)
    size, count = struct.unpack_from(order + "HH", head, size_at)
    headers = os.pread(descriptor, size * count, table)
    offset_at, length_at = (8, 32) if wide else (4, 16)
    for start in range(0, size * count, size or 1):
        (kind,) = struct.unpack_from(order + "I", headers, start)
        if kind == _PT_INTERP:
            (offset,) = struct.unpack_from(order + word, headers, start + offset_at)
            (length,) = struct.unpack_from(order + word, headers, start + length_at)
            name = os.pread(descriptor, min(length, _LONGEST_PATH), offset).rstrip(b"\0")
            return decode(name) if name.startswith(b"/") else None
    return None
