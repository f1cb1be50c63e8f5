"""Markdown whose structure no foreign text can change: it makes no links, mentions, HTML, cells, headings.

Holds for CommonMark with tables, as code hosts render it.
"""

import re
from collections.abc import Iterable

from assistant.render.manuscript import (
    Bars,
    Block,
    Bullets,
    Claim,
    Fold,
    Heading,
    Item,
    Line,
    Mark,
    Name,
    Paragraph,
    Piece,
    Strong,
    Table,
)
from assistant.render.plain import printable


MODEL = "(model)"
"""Stands behind each sentence of a model."""


_BREAK = "&#8203;"
"""A zero-width space: it keeps a host from turning @name, #1 and addresses into links."""

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
_ACTIVE = re.compile(
    r"(?P<mark>[\\`*_\[\]~$^])|(?P<entity>[&<>|])|"
    r"(?P<link>(?:@|#|!|://|www\.|\b(?:mailto|javascript|data|https?|ftp|xmpp):)(?=\S))",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^([-+=#:]|[0-9]+(?=[.)](?:\s|$)))")


def prose(text: str, limit: int | None = None) -> str:
    """Foreign text as one line of running text.

    Args:
        text: Any string.
        limit: At most so many characters are shown.
    """
    plain = printable(" ".join(text.split()), limit)
    plain = _ACTIVE.sub(_tamed, plain)
    return _LEADING.sub(lambda found: found[0] + _BREAK, plain)


def _tamed(found: re.Match[str]) -> str:
    if found["mark"]:
        return "\\" + found[0]
    return _ENTITIES[found[0]] if found["entity"] else found[0] + _BREAK


def code(text: str, limit: int | None = None) -> str:
    """Foreign text as a code span that it cannot end. Empty text is said to be empty."""
    plain = printable(text, limit)
    if not plain.strip(" "):
        return f"(empty: {len(plain)} spaces)" if plain else "(empty)"
    longest = max((len(run) for run in re.findall("`+", plain)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if plain[0] in "` " or plain[-1] in "` " else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def line_text(line: Line) -> str:
    """Running text. Our own words stand as they are: they hold nothing that Markdown would act on."""
    return "".join(map(_piece, line))


def _piece(piece: Piece) -> str:
    if isinstance(piece, str):
        return piece
    if isinstance(piece, Name):
        return code(piece.text, piece.limit)
    if isinstance(piece, Strong):
        return f"**{line_text(piece.line)}**"
    if isinstance(piece, Mark):
        return f"**{piece.word}**"
    return prose(piece.text, piece.limit) + (f" {MODEL}" if isinstance(piece, Claim) else "")


def blocks_text(blocks: Iterable[Block]) -> str:
    """Paragraphs, lists and tables with blank lines between. A picture is left out: a table says the same."""
    return "\n\n".join(text for text in map(_block, blocks) if text)


def _block(block: Block) -> str:
    match block:
        case Paragraph(line):
            return line_text(line)
        case Heading(line):
            return f"### {line_text(line)}"
        case Bullets(items, checks):
            return "\n".join(text for item in items for text in _item(item, "[ ] " * checks))
        case Table(headers, rows):
            return table(headers, (map(line_text, cells) for cells in rows))
        case Fold(summary, body):
            return f"<details><summary>{summary}</summary>\n\n{blocks_text(body)}\n\n</details>"
        case Bars():
            return ""


def _item(item: Item, box: str) -> Iterable[str]:
    yield f"- {box}{line_text(item.line)}"
    yield from (f"  - {line_text(more)}" for more in item.more)


def table(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table. Cells are Markdown already; a bar in them stays inside its cell."""
    heads = tuple(headers)
    return "\n".join([_row(heads), _row(["---"] * len(heads)), *map(_row, rows)])


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
