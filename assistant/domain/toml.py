"""TOML as text: values written so that a reviewer sees every character, and a document cut into its lines.

Knows nothing of rulesets and repairs nothing: the text that it cuts must be valid TOML.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto


Value = str | int | float | bool | Sequence[str | int]
"""What a key of a ruleset holds once tables and arrays of tables are taken apart."""

_WIDTH = 100
"""Longer arrays are broken up: a readable line in a review."""

_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def quoted(text: str) -> str:
    """A basic string. Control, direction and other invisible characters stand as escapes.

    Raises:
        ValueError: ``text`` holds a surrogate, for which TOML has no spelling.
    """
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in _SHORT:
        return _SHORT[char]
    if char.isprintable():
        return char
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 - the surrogates' range
        raise ValueError(f"TOML cannot hold the surrogate U+{code:04X}")
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"  # noqa: PLR2004 - four digits or eight


def spell(value: Value) -> str:
    """The text of one value. Arrays that would be long get a line for each item.

    Raises:
        ValueError: a string holds a surrogate.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return quoted(value)
    items = [spell(item) for item in value]
    line = f"[{', '.join(items)}]"
    if len(line) <= _WIDTH:
        return line
    return "[\n" + "".join(f"    {item},\n" for item in items) + "]"


def pairs(values: Mapping[str, Value]) -> list[str]:
    """``key = value`` for each key, without line ends. Keys are bare: letters, digits, ``_``."""
    return [f"{key} = {spell(value)}" for key, value in values.items()]


class LineKind(Enum):
    """What a logical line is."""

    BLANK = auto()
    COMMENT = auto()
    HEADER = auto()
    PAIR = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: a value that spans several lines of text is still one.

    Attributes:
        text: With its line end.
        comments: Each with its ``#``; all but a trailing one stand between the items of an array.
        trailing: Whether the last comment ends the line.
    """

    kind: LineKind
    text: str
    comments: tuple[str, ...] = ()
    trailing: bool = False

    @property
    def key(self) -> str:
        """The first part of a pair's key; empty for other lines."""
        return next(iter(tomllib.loads(self.text))) if self.kind is LineKind.PAIR else ""

    @property
    def header(self) -> tuple[tuple[str, ...], bool]:
        """A header's dotted name, and whether it is one row of an array of tables."""
        names: list[str] = []
        content = tomllib.loads(self.text)
        while content:
            name, inner = next(iter(content.items()))
            names.append(name)
            if isinstance(inner, list):
                return tuple(names), True
            content = inner
        return tuple(names), False


_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'|"
    r"""(?P<comment>\#[^\n]*)|(?P<open>[\[{])|(?P<close>[\]}])|(?P<end>\n)|[^"'#\[\]{}\n]+""",
    re.DOTALL,
)


def lines(text: str) -> list[Line]:
    """Cut valid TOML into logical lines; joined, their texts are ``text`` (with a line end at its end)."""
    if text and not text.endswith("\n"):
        text += "\n"
    found: list[Line] = []
    comments: list[str] = []
    start = depth = 0
    trailing = False
    for token in _TOKEN.finditer(text):
        depth += bool(token["open"]) - bool(token["close"])
        if token["comment"]:
            comments.append(token["comment"])
        if token["end"] and depth == 0:
            found.append(_line(text[start : token.end()], tuple(comments), trailing=trailing))
            start, comments = token.end(), []
        trailing = bool(token["comment"])
    return found


def _line(text: str, comments: tuple[str, ...], *, trailing: bool) -> Line:
    content = text.lstrip()
    if not content:
        return Line(LineKind.BLANK, text)
    if content.startswith("#"):
        return Line(LineKind.COMMENT, text, comments)
    return Line(LineKind.HEADER if content.startswith("[") else LineKind.PAIR, text, comments, trailing)
