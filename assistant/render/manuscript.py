"""The notes before they have a format: lines, lists, tables and folded parts.

A str is our own words. What strangers, models or persons wrote is a Name, a Prose or a Claim, which
each format escapes in its own way.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.render.plain import printable


@dataclass(frozen=True, slots=True)
class Name:
    """A path, a trace's name, a command: shown as it is, at most ``limit`` characters of it."""

    text: str
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Prose:
    """A sentence that somebody else wrote."""

    text: str
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that a model wrote. It is labelled wherever it stands."""

    text: str
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Strong:
    """What must not be overlooked."""

    line: "Line"


@dataclass(frozen=True, slots=True)
class Mark:
    """A severity or a verdict, as one word of ours."""

    word: str


Piece = str | Name | Prose | Claim | Strong | Mark

Line = tuple[Piece, ...]
"""Running text."""

_TEMPLATE = re.compile(r"\*\*(?P<strong>.+?)\*\*|`(?P<name>[^`]+)`|(?P<hole>\{\})")


def line(template: str, *values: "Piece | Line | int") -> Line:
    """A line from a sentence of ours: ``{}`` stands for a value, ``**`` encloses strong, a backtick a name.

    Args:
        template: Never holds foreign text.
        values: One for each ``{}``, in their order.
    """
    return tuple(_filled(template, iter(values)))


def _filled(template: str, values: "Iterable[Piece | Line | int]") -> "Iterable[Piece]":
    values = iter(values)
    at = 0
    for found in _TEMPLATE.finditer(template):
        if found.start() > at:
            yield template[at : found.start()]
        at = found.end()
        if found["strong"]:
            yield Strong(tuple(_filled(found["strong"], values)))
        elif found["name"]:
            yield Name(found["name"])
        else:
            yield from _pieces(next(values))
    if at < len(template):
        yield template[at:]


def _pieces(value: "Piece | Line | int") -> Line:
    if isinstance(value, tuple):
        return value
    return (str(value),) if isinstance(value, int) else (value,) if value else ()


def joined(parts: Iterable[Line], between: str) -> Line:
    """Several lines as one."""
    found: list[Piece] = []
    for part in parts:
        found += [between, *part] if found else part
    return tuple(found)


def listed(texts: Iterable[str], most: int | None = None, limit: int | None = None) -> Line:
    """Several names with commas between; the rest beyond ``most`` is counted."""
    everything = list(texts)
    shown = everything if most is None else everything[:most]
    left = len(everything) - len(shown)
    names = joined(((Name(text, limit),) for text in shown), ", ")
    return (*names, f" and {left} more") if left else names


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text on its own."""

    line: Line


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a part of a section."""

    line: Line


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list, with what is said below it."""

    line: Line
    more: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; ``checks`` makes each entry a box to be ticked."""

    items: tuple[Item, ...]
    checks: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headers; the headers are our own words."""

    headers: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """A part that is folded away. The summary is our own words: code hosts read no Markdown there."""

    summary: str
    body: "Blocks"


@dataclass(frozen=True, slots=True)
class Bars:
    """Figures as a picture: a kind, a name and a number. A format without pictures leaves it out."""

    rows: tuple[tuple[str, Line, int], ...]


Block = Paragraph | Heading | Bullets | Table | Fold | Bars
Blocks = tuple[Block, ...]


def bullets(lines: Iterable[Line]) -> Bullets:
    """A list of lines with nothing below them."""
    return Bullets(tuple(Item(one) for one in lines))


def plain_line(line: Line) -> str:
    """Running text for a terminal and for formats of data."""
    return "".join(map(_plain_piece, line))


def _plain_piece(piece: Piece) -> str:
    if isinstance(piece, str):
        return piece
    if isinstance(piece, Strong):
        return plain_line(piece.line)
    if isinstance(piece, Mark):
        return piece.word
    return printable(piece.text, piece.limit) + (" (model)" if isinstance(piece, Claim) else "")
