"""Markdown whose structure no foreign text can change: it makes no links, mentions, HTML, cells, headings.

Holds for CommonMark with tables, as code hosts render it.
"""

import re
from collections.abc import Iterable, Sequence

from assistant.render.plain import printable


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


def codes(texts: Iterable[str], most: int | None = None, limit: int | None = None) -> str:
    """Several code spans with commas between; the rest beyond ``most`` is counted."""
    everything = list(texts)
    shown = everything if most is None else everything[:most]
    left = len(everything) - len(shown)
    return ", ".join(code(text, limit) for text in shown) + (f" and {left} more" if left else "")


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table. Cells are Markdown already; a bar in them stays inside its cell."""
    lines = [_row(headers), _row(["---"] * len(headers)), *(_row(cells) for cells in rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def bullets(items: Iterable[str]) -> str:
    """A list; the items are Markdown already."""
    return "\n".join(f"- {item}" for item in items)


def details(summary: str, body: str) -> str:
    """A part that is folded away.

    Args:
        summary: Our own words: code hosts read no Markdown there, so foreign text could not be made safe.
        body: Markdown.
    """
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"
