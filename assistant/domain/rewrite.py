"""Writes new contents into a person's TOML text: comments, order and untouched entries stay as they are.

It does not promise to understand every spelling that TOML allows: the caller reads the result back.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from assistant.domain.blocks import BLANK, Block, Name, split, written
from assistant.domain.toml import lines


Table = dict[str, Any]
"""Keys with plain values only: its tables and arrays of tables are taken apart."""


@dataclass
class Parts:
    """A document's values, taken apart as TOML writes them: tables, and the rows of arrays of tables."""

    tables: dict[Name, Table] = field(default_factory=dict)
    arrays: dict[Name, list[Table]] = field(default_factory=dict)

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Parts":
        """Take plain values apart, in their order."""
        parts = cls()
        parts._add((), data)
        return parts

    def _add(self, name: Name, table: dict[str, Any]) -> None:
        self.tables[name] = plain = {}
        for key, value in table.items():
            if isinstance(value, dict):
                self._add((*name, key), value)
            elif isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
                self.arrays[(*name, key)] = value
            else:
                plain[key] = value

    def names(self) -> list[Name]:
        """Tables and arrays; the arrays of a table directly behind it, those of the document last."""
        inner = [
            [table, *(name for name in self.arrays if name[:-1] == table != ())] for table in self.tables
        ]
        return [name for group in inner for name in group] + [name for name in self.arrays if len(name) == 1]

    def beneath(self, name: Name) -> dict[Name, Any]:
        """Everything at or under one name."""
        everything: dict[Name, Any] = {**self.tables, **self.arrays}
        return {known: value for known, value in everything.items() if known[: len(name)] == name}

    def forget(self, name: Name) -> None:
        """Drop everything at or under one name."""
        for known in self.beneath(name):
            self.tables.pop(known, None)
            self.arrays.pop(known, None)


def fresh(parts: Parts, comments: Iterable[str]) -> str:
    """A whole new document under comment lines (each without its ``#``)."""
    text = "".join(f"# {line}".rstrip() + "\n" for line in comments)
    for name in parts.names():
        if name in parts.arrays:
            text += "".join("\n" + written(name, row, row=True).text() for row in parts.arrays[name])
        else:
            text += "\n" * bool(name) + written(name, parts.tables[name], row=False).text()
    return text


def comments_of(text: str) -> list[str]:
    """All comments of valid TOML, without ``#`` and the space around them."""
    return [comment[1:].strip() for line in lines(text) for comment in line.comments]


def rewrite(text: str, old: Parts, new: Parts) -> str:
    """The text with ``new`` in place of ``old``.

    Args:
        text: Valid TOML.
        old: What the text says, its values spelled as in ``new``.
        new: What it shall say.
    """
    document = _Document(split(text.replace("\r\n", "\n")))
    settled = document.settle_inline(old, new)
    for name in dict.fromkeys((*new.names(), *old.names())):
        if any(name[: len(done)] == done for done in settled):
            continue
        if name in new.arrays or name in old.arrays:
            document.rows(name, old.arrays.get(name, []), new.arrays.get(name, []))
        else:
            document.table(name, old.tables.get(name), new.tables.get(name))
    result = "".join(block.text() for block in document.blocks)
    return result.replace("\n", "\r\n") if "\r\n" in text else result


class _Document:
    def __init__(self, blocks: list[Block]) -> None:
        self.blocks = blocks

    def settle_inline(self, old: Parts, new: Parts) -> list[Name]:
        """Names written as ``x = {..}`` or ``x.y = ..`` that may stay so; the others are taken out."""
        settled: list[Name] = []
        for block in self.blocks:
            for key in block.keys:
                name = (*block.name, key)
                if block.row or not old.beneath(name):
                    continue
                if old.beneath(name) == new.beneath(name):
                    settled.append(name)
                else:
                    block.remove(key)
                    old.forget(name)
        return settled

    def table(self, name: Name, old: Table | None, new: Table | None) -> None:
        """Edit, add or drop one table."""
        block = next((block for block in self.blocks if block.name == name and not block.row), None)
        if new is None and block is not None:
            self._drop(block)
        elif new is not None and block is not None:
            block.edit(_changed(old or {}, new))
        elif new is not None and old != new:
            self._append(written(name, new, row=False))

    def rows(self, name: Name, old: list[Table], new: list[Table]) -> None:
        """Make one array of tables hold ``new``, in its order. Rows are known by what they are about."""
        blocks = [block for block in self.blocks if block.name == name and block.row]
        standing = dict(zip(_subjects(old), zip(blocks, old, strict=False), strict=False))
        wanted = dict(zip(_subjects(new), new, strict=True))
        self._reorder(
            [block for subject, (block, _) in standing.items() if subject in wanted],
            [standing[subject][0] for subject in wanted if subject in standing],
        )
        last: Block | None = None
        for subject, row in wanted.items():
            if subject in standing:
                last, before = standing[subject]
                last.edit(_changed(before, row))
            else:
                last = self._insert(written(name, row, row=True), last, blocks)
        for subject, (block, _) in standing.items():
            if subject not in wanted:
                self._drop(block)

    def _reorder(self, standing: list[Block], wanted: list[Block]) -> None:
        """Blocks change places; what stood apart below a place stays there."""
        places = [(self.blocks.index(block), block.tail) for block in standing]
        for (place, tail), block in zip(places, wanted, strict=True):
            self.blocks[place] = block
            block.tail = tail

    def _insert(self, block: Block, last: Block | None, siblings: list[Block]) -> Block:
        if last is None and siblings:
            block.tail = [BLANK]
            self.blocks.insert(min(self.blocks.index(sibling) for sibling in siblings), block)
            return block
        above = last or next((known for known in self.blocks if known.name == block.name[:-1] != ()), None)
        if above is None:
            self._append(block)
        else:
            block.lead, block.tail, above.tail = [BLANK], above.tail, []
            self.blocks.insert(self.blocks.index(above) + 1, block)
        return block

    def _append(self, block: Block) -> None:
        block.lead = [BLANK]
        self.blocks.append(block)

    def _drop(self, block: Block) -> None:
        at = self.blocks.index(block)
        above, apart = self.blocks[at - 1], block.tail
        if above.tail and not above.tail[-1].comments:
            while apart and not apart[0].comments:
                apart = apart[1:]
        above.tail = above.tail + apart
        del self.blocks[at]


def _changed(old: Table, new: Table) -> Table:
    keys = dict.fromkeys((*new, *old))
    return {key: new.get(key) for key in keys if old.get(key) != new.get(key)}


_SUBJECTS = ("path", "path_hex", "port", "name", "code_path", "text")
"""Keys that say what a row is about."""


def _subjects(rows: list[Table]) -> Iterator[tuple[str, Any, int]]:
    """What each row is about; a row that repeats another's subject gets the next number."""
    counted: Counter[tuple[str, Any]] = Counter()
    for row in rows:
        subject = next(((key, row[key]) for key in _SUBJECTS if key in row), ("", ""))
        counted[subject] += 1
        yield (*subject, counted[subject])
