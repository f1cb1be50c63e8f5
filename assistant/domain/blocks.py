"""A TOML text as blocks: a header, the comments directly above it, and what follows up to the next header.

Edits one block at a time and keeps every comment of what stays. Knows nothing of rulesets.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.domain.toml import Line, LineKind, Value, lines, pairs


Name = tuple[str, ...]
"""The dotted name of a table; () for the top of the document."""

BLANK = Line(LineKind.BLANK, "\n")


@dataclass(eq=False)
class Block:
    """One header with what belongs to it.

    Attributes:
        name: The table's name.
        row: Whether it is one row of an array of tables.
        lead: Comment lines directly above the header.
        head: The header's line; empty for the top of the document.
        body: Keys, and the comments among and directly below them.
        tail: What stands apart below: blank lines, and the comments between them. It outlives the block.
    """

    name: Name
    row: bool
    lead: list[Line]
    head: str
    body: list[Line]
    tail: list[Line]

    def text(self) -> str:
        """The block as it stands in the document."""
        above = "".join(line.text for line in self.lead)
        return above + self.head + "".join(line.text for line in (*self.body, *self.tail))

    @property
    def keys(self) -> list[str]:
        """The keys in the body, each once."""
        return list(dict.fromkeys(line.key for line in self.body if line.key))

    def remove(self, key: str) -> None:
        """Take a key out, with its trailing comment."""
        self.body = [line for line in self.body if line.key != key]

    def edit(self, changed: Mapping[str, Value | None]) -> None:
        """Give keys new values; None removes. Trailing comments and the place of a key stay."""
        missing = {key: value for key, value in changed.items() if value is not None}
        body: list[Line] = []
        for line in self.body:
            if not line.key or line.key not in changed:
                body.append(line)
            elif line.key in missing:
                body += _replaced(line, missing.pop(line.key))
        keys = [at for at, line in enumerate(body) if line.kind is LineKind.PAIR]
        end = keys[-1] + 1 if keys else len(body)
        self.body = body[:end] + [Line(LineKind.PAIR, f"{pair}\n") for pair in pairs(missing)] + body[end:]


def _replaced(line: Line, value: Value) -> list[Line]:
    """The line with another value. Comments between the items of an array move above it."""
    inner = line.comments[:-1] if line.trailing else line.comments
    end = f"  {line.comments[-1]}\n" if line.trailing else "\n"
    moved = [Line(LineKind.COMMENT, f"{comment}\n", (comment,)) for comment in inner]
    return [*moved, Line(LineKind.PAIR, pairs({line.key: value})[0] + end)]


def written(name: Name, table: Mapping[str, Value], *, row: bool) -> Block:
    """A new block, without a blank line around it."""
    dotted = ".".join(name)
    head = "" if not name else f"[[{dotted}]]\n" if row else f"[{dotted}]\n"
    return Block(name, row, [], head, [Line(LineKind.PAIR, f"{pair}\n") for pair in pairs(table)], [])


def split(text: str) -> list[Block]:
    """Cut valid TOML into blocks; the first is the top of the document. Joined, their texts are ``text``."""
    everything = lines(text)
    starts = [at for at, line in enumerate(everything) if line.kind is LineKind.HEADER]
    leads = [*(_lead(everything, at) for at in starts), len(everything)]
    blocks = [_block((), [], "", everything[: leads[0]], row=False)]
    for number, at in enumerate(starts):
        name, row = everything[at].header
        rest = everything[at + 1 : leads[number + 1]]
        blocks.append(_block(name, everything[leads[number] : at], everything[at].text, rest, row=row))
    return blocks


def _lead(everything: list[Line], at: int) -> int:
    while at and everything[at - 1].kind is LineKind.COMMENT:
        at -= 1
    return at


def _block(name: Name, lead: list[Line], head: str, rest: list[Line], *, row: bool) -> Block:
    keys = [at for at, line in enumerate(rest) if line.kind is LineKind.PAIR]
    end = keys[-1] + 1 if keys else 0 if name else len(rest)
    while end < len(rest) and rest[end].kind is LineKind.COMMENT:
        end += 1
    return Block(name, row, lead, head, rest[:end], rest[end:])
