r"""One line of an strace, read for what it says by itself. Keeps no state, guesses nothing from other lines.

This is the second, deliberately small reader: the inventory comes from another one, and a citation that both
agree on is worth more. It knows strings, descriptor annotations, brackets and the result, and no system call.
A name is data wherever it stands: ``)``, `` = 3`` or ``<unfinished ...>`` inside quotes mean nothing here.
"""

import re

from assistant.verify.call import Argument, Call


_HEAD = re.compile(
    rb"\s*(?:\[pid\s+\d+(?:<[^<>\"(]*>)?\]\s+|\d+(?:<[^<>\"(]*>)?\s+)?"
    rb"(?:(?:\d\d:\d\d:\d\d|\d+)(?:\.\d+)?\s+|\(\+\s*[\d.]+\)\s+)*"
    rb"(?:\[[0-9a-f?\s]+\]\s+)?"
    rb"(?:<\.\.\.\s(?P<resumed>\w+)\sresumed>|(?P<name>[a-z_]\w*)\()"
)
_STRING = re.compile(rb'(?P<abstract>@)?"(?P<text>(?:[^"\\]|\\.)*)"(?P<cut>\.\.\.)?', re.DOTALL)
_PLACE = re.compile(
    rb"(?<=[0-9D])<(?P<path>(?:/|\\x2f|\\57)(?:[^<>\\]|\\.)*)(?:<[^<>]*>)?>(?:\(deleted\))?", re.DOTALL
)
_PLAIN = re.compile(rb'[^"@<(){}\[\],]+')
_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"v": b"\v", b"f": b"\f", b"a": b"\a", b"b": b"\b"}
_RESULT = re.compile(rb"\s*= (?:-?\d+|\?|0x[0-9a-f]+)(?:\s+(?P<errno>E[A-Z0-9]+)\b)?")
_UNFINISHED = b"<unfinished ...>"


def read_strace(raw: bytes) -> Call | None:
    """Read one line.

    Args:
        raw: The line, without its end.

    Returns:
        The call, or None for a line that shows no call or ends inside a string.
    """
    head = _HEAD.match(raw)
    if head is None:
        return None
    reader = _Reader(raw, head.end())
    if not reader.arguments():
        return None
    result, errno = _result(raw[reader.position :])
    name = (head["resumed"] or head["name"]).decode("ascii")
    if head["resumed"]:
        return Call(name, (), result, errno, resumed=True)
    return Call(name, tuple(reader.done), result, errno)


def _result(tail: bytes) -> tuple[str, str]:
    match = _RESULT.match(tail)
    if match is None:
        return "", ""
    place = _PLACE.match(tail, match.end())
    return decode(place["path"]) if place else "", (match["errno"] or b"").decode("ascii")


def decode(quoted: bytes) -> str:
    """The text that strace escaped with C letters, octal or hex; bytes not UTF-8 as surrogate escapes."""
    return _ESCAPE.sub(_unescape, quoted).decode("utf-8", "surrogateescape")


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if code[:1] == b"x" and len(code) > 1:
        return bytes([int(code[1:], 16)])
    if code[:1].isdigit():
        return bytes([int(code, 8) & 0xFF])
    return _LETTERS.get(code, code)


class _Reader:
    """Splits the arguments from a position on; ``position`` then is behind their closing bracket."""

    def __init__(self, raw: bytes, position: int) -> None:
        self._raw = raw
        self.position = position
        self.done: list[Argument] = []
        self._start()

    def _start(self) -> None:
        self._text: list[bytes] = []
        self._strings: list[str] = []
        self._place = ""

    def _end(self) -> None:
        text = b"".join(self._text).removesuffix(_UNFINISHED).strip()
        if text or self.done:
            self.done.append(Argument(text, tuple(self._strings), self._place))
        self._start()

    def arguments(self) -> bool:
        """Read up to the call's own closing bracket; False when the line breaks off before it."""
        depth = 0
        while self.position < len(self._raw):
            if self._token():
                continue
            char = self._raw[self.position : self.position + 1]
            self.position += 1
            if char == b")" and depth <= 0:
                self._end()
                return True
            if char == b"," and depth <= 0:
                self._end()
                continue
            depth += (char in b"([{") - (char in b")]}")
            self._text.append(char)
        unfinished = b"".join(self._text).endswith(_UNFINISHED)
        self._end()
        return unfinished

    def _token(self) -> bool:
        """Take a string, an annotation or a stretch of plain text, if one stands here."""
        if match := _STRING.match(self._raw, self.position):
            if not (match["abstract"] or match["cut"]):
                self._strings.append(decode(match["text"]))
            self._text.append(b'""')
        elif match := _PLACE.match(self._raw, self.position):
            self._place = self._place or decode(match["path"])
            self._text.append(b"<>")
        elif match := _PLAIN.match(self._raw, self.position):
            self._text.append(match[0])
        else:
            return False
        self.position = match.end()
        return True
