"""HTML in which no foreign text acts: everything is escaped, and no attribute ever holds any of it."""

from collections.abc import Iterable
from html import escape

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


def line_html(line: Line) -> str:
    """Running text."""
    return "".join(map(_piece, line))


def _piece(piece: Piece) -> str:
    if isinstance(piece, str):
        return escape(piece)
    if isinstance(piece, Strong):
        return f"<strong>{line_html(piece.line)}</strong>"
    if isinstance(piece, Mark):
        return f'<b class="mark {escape(piece.word)}">{escape(piece.word)}</b>'
    text = escape(printable(piece.text, piece.limit))
    if isinstance(piece, Name):
        return f"<code>{text}</code>" if text.strip(" ") else f"(empty: {len(text)} spaces)"
    return (
        f'<span class="claim">{text} <span class="by">(model)</span></span>'
        if isinstance(piece, Claim)
        else text
    )


def blocks_html(blocks: Iterable[Block]) -> str:
    """Blocks one after the other, each on lines of its own."""
    return "\n".join(map(_block, blocks))


def _block(block: Block) -> str:
    match block:
        case Paragraph(line):
            return f"<p>{line_html(line)}</p>"
        case Heading(line):
            return f"<h3>{line_html(line)}</h3>"
        case Bullets(items, checks):
            kind = ' class="checks"' if checks else ""
            return f"<ul{kind}>\n" + "\n".join(_item(item, checks=checks) for item in items) + "\n</ul>"
        case Table(headers, rows):
            return table(headers, (row(map(line_html, cells)) for cells in rows))
        case Fold(summary, body):
            return f"<details><summary>{escape(summary)}</summary>\n{blocks_html(body)}\n</details>"
        case Bars():
            return _bars(block)


def _item(item: Item, *, checks: bool) -> str:
    text = line_html(item.line)
    if checks:
        return f'<li><label><input type="checkbox"> {text}</label></li>'
    more = "".join(f"<li>{line_html(one)}</li>" for one in item.more)
    return f"<li data-row>{text}<ul>{more}</ul></li>" if more else f"<li data-row>{text}</li>"


def table(headers: Iterable[str], rows: Iterable[str]) -> str:
    """A table that scrolls by itself when it is too wide. Rows are HTML already."""
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in headers)
    body = "\n".join(rows)
    return (
        f'<div class="wide"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'
    )


def row(cells: Iterable[str], flags: Iterable[str] = ()) -> str:
    """One row; cells are HTML already, flags are names of ours that the script knows."""
    marked = "".join(f" data-{flag}" for flag in flags)
    return f"<tr data-row{marked}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _bars(bars: Bars) -> str:
    """A row for each: what, which kind, a bar in proportion to the largest, and the number."""
    most = max((number for _, _, number in bars.rows), default=0)
    rows = [
        f"{line_html(name)}<span>{escape(kind)}</span>"
        f'<svg aria-hidden="true"><rect class="{escape(kind)}" height="100%" width="{number / most:.1%}"/>'
        "</svg>"
        f'<span class="number">{number}</span>'
        for kind, name, number in bars.rows
    ]
    return '<div class="bars">\n' + "\n".join(rows) + "\n</div>" if rows else ""
