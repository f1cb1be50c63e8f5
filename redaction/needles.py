"""Many strings looked for in one text at once, whatever their case.

Each string is filed under its first four characters with its length, so a text is walked once, and a place
costs as many look-ups as there are lengths, however many strings there are. Strings of up to three
characters would be found everywhere: they count only between characters that are no letters or digits.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple


GRAM = 4

_WORD = re.compile(r"[^\W_]+")


class Hit(NamedTuple):
    """One string that was found: in lower case, and where."""

    needle: str
    start: int
    end: int


class Needles:
    """The strings; "" is never found."""

    def __init__(self, values: Iterable[str]) -> None:
        lowered = {value.lower() for value in values}
        self._short = frozenset(value for value in lowered if 0 < len(value) < GRAM)
        self._odd = tuple(value for value in self._short if not _WORD.fullmatch(value))
        self._long = frozenset(value for value in lowered if len(value) >= GRAM)
        lengths: dict[str, set[int]] = {}
        for value in self._long:
            lengths.setdefault(value[:GRAM], set()).add(len(value))
        self._lengths = {gram: tuple(sorted(sizes)) for gram, sizes in lengths.items()}

    def find(self, text: str) -> Iterator[Hit]:
        """Every place where one of the strings stands; they may overlap."""
        low = text.lower()
        lengths, long = self._lengths, self._long
        if lengths:
            for start in range(len(low) - GRAM + 1):
                for size in lengths.get(low[start : start + GRAM], ()):
                    if low[start : start + size] in long:
                        yield Hit(low[start : start + size], start, start + size)
        if self._short:
            yield from self._find_short(low)

    def _find_short(self, low: str) -> Iterator[Hit]:
        for found in _WORD.finditer(low):
            if found[0] in self._short:
                yield Hit(found[0], found.start(), found.end())
        for value in self._odd:
            pattern = rf"(?<![^\W_]){re.escape(value)}(?![^\W_])"
            for found in re.finditer(pattern, low):
                yield Hit(value, found.start(), found.end())
