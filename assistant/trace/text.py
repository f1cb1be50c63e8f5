"""The grammar of strace's arguments: strings, descriptors, structs. Never guesses a cut string."""

import re
from functools import lru_cache
from typing import NamedTuple


LONGEST_PATH = 4095
"""PATH_MAX without the final NUL, in bytes: no longer name can have been used by a call that succeeded."""


class Descriptor(NamedTuple):
    """A descriptor argument or result: its number and what -y or -yy says it is.

    ``number`` is -100 for AT_FDCWD. ``note`` is the annotation's text without brackets, still escaped;
    ``deleted`` stands for strace's "(deleted)" behind it.
    """

    number: int
    note: bytes | None = None
    deleted: bool = False
    device: bool = False

    @property
    def path(self) -> str | None:
        """The annotated absolute path, or None for sockets, pipes and descriptors without annotation.

        The kernel writes paths without ".", ".." or empty parts, and never through /proc's links: what does
        not look so is not the kernel's word.
        """
        if self.note is None or not self.note.startswith((b"/", b"\\")):
            return None
        path = unescape(self.note)
        return path if is_normal(path) and not MAGIC.match(path) else None


def is_stream(opened: Descriptor) -> bool:
    """Whether an annotation shows something without a path: a pipe, a socket, an anonymous inode."""
    return opened.note is not None and not unescape(opened.note[:8]).startswith("/")


MAGIC = re.compile(
    r"^/proc/(self|thread-self|[0-9]+)(?:/task/[0-9]+)?/(root|cwd|exe|fd/[0-9]+|map_files/[^/]*)(/.*)?$",
    re.DOTALL,
)
"""Names that lead elsewhere by the kernel's magic: who, which link, and what follows it."""


def is_normal(path: str) -> bool:
    """Whether a path is absolute, usable, and free of ".", ".." and empty parts."""
    if path == "/":
        return True
    if not path.startswith("/") or "\0" in path or len(encoded(path)) > LONGEST_PATH:
        return False
    return not {"", ".", ".."} & set(path[1:].split("/")) and not path.startswith("/memfd:")


def encoded(path: str) -> bytes:
    """A path's bytes."""
    return path.encode("utf-8", "surrogateescape")


AT_FDCWD = -100
_COMMA, _EQUALS, _BACKSLASH = b",=\\"
_ENDS = frozenset(b",)]}")
"""What ends an argument outside of brackets."""
_DEPTHS = {"open": 1, "close": -1}

_STRING = rb'"(?:[^"\\]|\\.)*+"'
# In annotations strace writes < and > as \74 and \76; the brackets of sockets hold "->" and quoted names.
NOTE = (
    rb"<(?:(?=[/\\])(?:[^<>\\]|\\.)*+(?:<(?:char|block) [0-9]+:[0-9]+>)?"
    rb"|[a-zA-Z](?:[^<>\\\[\"]|\\.|\[(?:[^\[\]\"\\]|\\.|\[[^\]]{0,80}+\]|"
    + _STRING
    + rb"){0,600}+\]){0,200}+)>"
    rb"(?:\(deleted\))?"
)
"""A descriptor's annotation with its brackets, as a pattern."""
_TOKEN = re.compile(
    rb"(?P<string>" + _STRING + rb"(?:\.\.\.)?)"
    rb"|(?P<fd>(?:AT_FDCWD|(?<![\w])[0-9]{1,10})" + NOTE + rb")"
    rb"|(?P<comment>/\*.*?\*/)"
    rb"|(?P<open>[(\[{])|(?P<close>[)\]}])|,"
    rb"|(?P<word>[^\"()\[\]{},/<0-9A]+|[0-9A/<]\w*)",
    re.DOTALL,
)
# What needs no token of its own: what stands between commas outside brackets, and all but brackets inside.
_FLAT = re.compile(rb"(?:" + _STRING + rb"|[^\"()\[\]{},/<]++|/(?!\*))*+", re.DOTALL)
_INSIDE = re.compile(rb"(?:" + _STRING + rb"|[^\"()\[\]{}/<]++|/(?!\*))*+", re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_NAMED = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b"v": b"\v",
    b"f": b"\f",
    b"a": b"\a",
    b"b": b"\b",
    b"e": b"\x1b",
}
_VERBOSE = re.compile(rb"(?:0x[0-9a-f]{1,16}|0[0-7]{0,22}|-?[0-9]{1,20}) /\* ([A-Z_][A-Za-z0-9_|]*) \*/$")
_FD = re.compile(rb"(AT_FDCWD|-?[0-9]{1,10})(" + NOTE + rb")?$", re.DOTALL)
_NOTED = re.compile(rb"<(.*)>(\(deleted\))?$", re.DOTALL)
_DEVICE = re.compile(rb"(.*)<(?:char|block) [0-9]+:[0-9]+>$", re.DOTALL)


class MalformedError(ValueError):
    """The text is not what strace writes."""


def split_arguments(text: bytes, start: int) -> tuple[list[bytes], int]:
    """Split at top-level commas up to the bracket that closes the one before ``start``.

    Returns:
        The arguments, stripped, and the index behind the closing bracket.

    Raises:
        MalformedError: the brackets do not close.
    """
    arguments: list[bytes] = []
    depth, begin, position, token_by_token = 0, start, start, start
    while True:
        if position >= token_by_token:
            run = (_INSIDE if depth else _FLAT).match(text, position)
            stop = run.end() if run else position
            # What stands before an annotation belongs to it.
            annotated = text.startswith(b"<", stop)
            token_by_token = stop + 1 if annotated else stop
            position = position if annotated else stop
            if not annotated and not depth and stop < len(text) and text[stop] in _ENDS:
                argument, position = text[begin:stop].strip(), stop + 1
                if text[stop] == _COMMA:
                    arguments.append(argument)
                    begin = position
                    continue
                if argument or arguments:
                    arguments.append(argument)
                return arguments, position
        match = _TOKEN.match(text, position)
        if match is None:
            raise MalformedError("the arguments do not end")
        position = match.end()
        depth += _DEPTHS.get(match.lastgroup or "", 0)


def unescape(text: bytes) -> str:
    """Undo C, octal and hex escapes; bytes that are not UTF-8 become surrogate escapes."""
    if _BACKSLASH in text:
        text = _ESCAPE.sub(_one_escape, text)
    return text.decode("utf-8", "surrogateescape")


_ESCAPED = re.compile(rb"(?:[^\\]++|\\(?:x[0-9a-fA-F]{2}|[0-7]{1,3}|[abefnrtv\"\\]))*+$", re.DOTALL)
_NO_ESCAPE = re.compile(rb"\\(?![0-7abefnrtv\"]|x[0-9a-fA-F]{2})")


def is_well_escaped(text: bytes) -> bool:
    """Whether each backslash begins an escape that strace writes."""
    if text.find(b"\\\\") < 0:
        # Each backslash begins one, then, and a search finds those that do not: most texts are told so.
        return _NO_ESCAPE.search(text) is None
    return _ESCAPED.match(text) is not None


def _one_escape(match: re.Match[bytes]) -> bytes:
    octal, hexadecimal, other = match.groups()
    if octal is not None:
        return bytes([int(octal, 8) & 0xFF])
    if hexadecimal is not None:
        return bytes([int(hexadecimal, 16)])
    return _NAMED.get(other, other)


def string(argument: bytes) -> str | None:
    """The decoded string of a quoted argument; None when it is a pointer, NULL, or was cut by strace."""
    if len(argument) > 1 and argument.startswith(b'"') and argument.endswith(b'"'):
        return unescape(argument[1:-1])
    return None


@lru_cache(4096)
def descriptor(argument: bytes) -> Descriptor | None:
    """A descriptor with its annotation, or None when the argument is none."""
    match = _FD.match(argument.removesuffix(b" /* AT_FDCWD */"))
    if match is None:
        return None
    number, noted = match.groups()
    inner = _NOTED.match(noted) if noted else None
    note, deleted = inner.groups() if inner else (None, None)
    value = AT_FDCWD if number == b"AT_FDCWD" else int(number)
    device = _DEVICE.match(note) if note is not None else None
    return Descriptor(value, device.group(1) if device else note, bool(deleted), bool(device))


@lru_cache(4096)
def words(argument: bytes) -> frozenset[str]:
    """Symbolic flags, ``O_RDWR|O_CREAT``, as a set of words; numbers stay as they are printed.

    With -X verbose the words stand in a comment behind the number: ``0x80000 /* O_RDONLY|O_CLOEXEC */``.
    """
    verbose = _VERBOSE.match(argument)
    return frozenset((verbose[1] if verbose else argument).decode("ascii", "replace").split("|"))


def struct_fields(argument: bytes) -> dict[str, bytes]:
    """The top-level ``name=value`` fields of a printed struct; empty when it is a bare pointer.

    Raises:
        MalformedError: the brackets do not close.
    """
    if not argument.startswith(b"{"):
        return {}
    parts, _ = split_arguments(argument, 1)
    pairs = (part.split(b"=", 1) for part in parts if _EQUALS in part)
    return {name.strip().decode("ascii", "replace"): value for name, value in pairs}
