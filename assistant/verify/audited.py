"""The records of one audit event as what they show of a call, or of a denial by Landlock.

The first line is the cited one; the others of its event follow.
"""

import errno
import posixpath
import re

from assistant.verify.call import Argument, Call
from assistant.verify.flags import open_flags


# A name is anyone's word: nothing is looked for behind the first quote or bracket.
_TYPE = re.compile(
    rb'[^"(\n]{0,200}?\btype=(?:UNKNOWN\[)?(\w+)\]? (?:msg=)?audit\([\d.:]+\) ?:(.*)', re.DOTALL
)
_UNSTAMPED = re.compile(
    rb'[^"(\n]{0,200}?\baudit(?:\[\d+\])?: ((?:LANDLOCK|UNKNOWN)\w*(?:\[1423\])?) (.*)', re.DOTALL
)
_FIELD = re.compile(rb'(\w+)=("[^"]*"|\S*)')
_DENIAL = (b"1423", b"LANDLOCK_ACCESS", b"UNKNOWN[1423]")
_NAMES = {
    2: "open",
    21: "access",
    42: "connect",
    44: "sendto",
    46: "sendmsg",
    49: "bind",
    59: "execve",
    76: "truncate",
    80: "chdir",
    82: "rename",
    83: "mkdir",
    84: "rmdir",
    85: "creat",
    86: "link",
    87: "unlink",
    88: "symlink",
    89: "readlink",
    4: "stat",
    6: "lstat",
    133: "mknod",
    163: "acct",
    137: "statfs",
    257: "openat",
    258: "mkdirat",
    259: "mknodat",
    262: "newfstatat",
    263: "unlinkat",
    264: "renameat",
    265: "linkat",
    266: "symlinkat",
    267: "readlinkat",
    269: "faccessat",
    77: "ftruncate",
    316: "renameat2",
    322: "execveat",
    332: "statx",
    437: "openat2",
    439: "faccessat2",
    16: "ioctl",
}
_PROGRAMS = ("execve", "execveat")
_DIRECTORY_FIRST = frozenset(
    {"openat", "openat2", "mkdirat", "mknodat", "unlinkat", "execveat", "newfstatat"}
)
_DIRECTORY_FIRST |= {"faccessat", "faccessat2", "statx", "readlinkat", "renameat", "renameat2", "linkat"}
_TYPES = {0o01: b"S_IFIFO", 0o02: b"S_IFCHR", 0o06: b"S_IFBLK", 0o14: b"S_IFSOCK"}
_REMOVES_DIRECTORY = 0x200
_HERE = 0xFFFFFF9C
_PORT = slice(2, 4)

Fields = dict[bytes, bytes]
Records = list[tuple[bytes, Fields]]


def read_record(raw: bytes) -> Call | None:
    """The call or denial, or None when the records show none."""
    records = [record for line in raw.split(b"\n") if (record := _record(line)) is not None]
    if not records:
        return None
    kind, cited = records[0]
    if kind in _DENIAL:
        return _denial(cited)
    call = next((fields for kind, fields in records if kind in (b"SYSCALL", b"1300")), None)
    return _call(call, records) if call is not None else None


def _record(line: bytes) -> tuple[bytes, Fields] | None:
    match = _TYPE.match(line) or _UNSTAMPED.match(line)
    if match is None:
        return None
    return match[1], dict(reversed(_FIELD.findall(match[2])))


def _text(fields: Fields, name: bytes) -> bytes:
    value = fields.get(name, b"")
    if value.startswith(b'"'):
        return value.strip(b'"')
    try:
        return bytes.fromhex(value.decode("ascii"))
    except ValueError:
        return b""


def _integer(fields: Fields, name: bytes, base: int = 10) -> int:
    try:
        return int(fields.get(name, b"0"), base)
    except ValueError:
        return 0


def _denial(fields: Fields) -> Call:
    blockers = tuple(fields.get(b"blockers", b"").decode("ascii", "replace").split(","))
    if any(blocker.startswith("net.") for blocker in blockers):
        port = _integer(fields, b"src") or _integer(fields, b"dest")
        return Call("landlock", (Argument(b"htons(%d)" % port),), denied=blockers)
    path = _text(fields, b"path").decode("utf-8", "surrogateescape")
    return Call("landlock", (Argument(b'""', (path,)),), denied=blockers)


def _call(fields: Fields, records: Records) -> Call | None:
    enriched = fields.get(b"SYSCALL", b"").decode("ascii", "replace")
    name = enriched or _NAMES.get(_integer(fields, b"syscall"), "")
    if not name:
        return None
    code = _integer(fields, b"exit")
    cwd = next((_text(other, b"cwd") for kind, other in records if kind == b"CWD"), b"")
    where = os_text(cwd)
    names = _names(name, records, where if _starts_here(name, fields) else "")
    base = Argument(b"AT_FDCWD" if _starts_here(name, fields) else b"<>")
    arguments = [*_address(records), _said(name, fields, records)]
    if name in _DIRECTORY_FIRST:
        arguments = [part for named in names for part in (base, named)] + arguments
    elif name == "symlinkat":
        arguments = [Argument(b""), base, *names]
    elif name == "symlink":
        arguments = [Argument(b""), *names]
    else:
        arguments = [*names, *arguments]
    return Call(name, tuple(arguments), "", errno.errorcode.get(-code, "") if code < 0 else "")


def os_text(name: bytes) -> str:
    """A name as text; bytes that are not UTF-8 as surrogate escapes."""
    return name.decode("utf-8", "surrogateescape")


def _starts_here(name: str, fields: Fields) -> bool:
    at = name in _DIRECTORY_FIRST or name == "symlinkat"
    register = b"a1" if name == "symlinkat" else b"a0"
    return not at or _integer(fields, register, 16) & 0xFFFFFFFF == _HERE


def _names(call: str, records: Records, cwd: str) -> list[Argument]:
    """The names that were used, parents aside; of a program's files, the one whose record is cited."""
    paths = [fields for kind, fields in records if kind in (b"PATH", b"1302")]
    cited = records[0][1] if records[0][0] in (b"PATH", b"1302") else None
    if call in _PROGRAMS:
        paths = [cited] if cited else [fields for fields in paths if _integer(fields, b"item") == 0]
    paths = sorted(paths, key=lambda fields: _integer(fields, b"item"))
    entries = [fields for fields in paths if fields.get(b"nametype") != b"PARENT"]
    if call.startswith("symlink"):
        entries = [fields for fields in entries if fields.get(b"nametype") == b"CREATE"]
    if call.startswith("rename"):
        gone = [fields for fields in entries if fields.get(b"nametype") == b"DELETE"]
        entries = [*gone[:1], *(fields for fields in entries if fields.get(b"nametype") == b"CREATE")][:2]
    names = [os_text(_text(fields, b"name")) for fields in entries]
    return [Argument(b'""', (posixpath.join(cwd, name),)) for name in names]


def _address(records: Records) -> list[Argument]:
    raw = next((_text(fields, b"saddr") for kind, fields in records if kind == b"SOCKADDR"), b"")
    if raw[:2] in (b"\2\0", b"\12\0"):
        return [Argument(b"<>"), Argument(b"htons(%d)" % int.from_bytes(raw[_PORT], "big"))]
    if raw[:2] == b"\1\0" and raw[2:3] not in (b"", b"\0"):
        return [Argument(b'sun_path=""', (os_text(raw[2:].split(b"\0")[0]),))]
    return []


def _said(call: str, fields: Fields, records: Records) -> Argument:
    """Flags that decide on rights."""
    if call == "open":
        return Argument(open_flags(_integer(fields, b"a1", 16)))
    if call == "openat":
        return Argument(open_flags(_integer(fields, b"a2", 16)))
    if call == "openat2":
        how = next((other for kind, other in records if kind == b"OPENAT2"), {})
        return Argument(open_flags(_integer(how, b"oflag", 8)))
    if call == "unlinkat":
        removes = _integer(fields, b"a2", 16) & _REMOVES_DIRECTORY
        return Argument(b"AT_REMOVEDIR" if removes else b"0")
    if call in ("mknod", "mknodat"):
        mode = _integer(fields, b"a1" if call == "mknod" else b"a2", 16)
        return Argument(_TYPES.get(mode >> 12, b"S_IFREG"))
    return Argument(b"")
