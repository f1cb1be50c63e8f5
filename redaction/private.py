"""Words that are private wherever they stand: what the machine says of itself, and what the operator names.

They beat the vocabulary, in any case, also inside a name: ``acme`` makes ``acme-billing.conf`` and
``libAcme.so`` private. A word of up to three characters counts only between characters that are no letters
or digits. The
limit: a private word that is also an everyday one (``data``) makes every name private that holds it, which
costs meaning.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, NoReturn

from redaction.needles import Needles
from redaction.placeholders import Kind


_FEW = 100
"""So many words are looked for by a regular expression first, which is faster for few."""

_PARTS = re.compile(r"[\s._-]+")


class Private(NamedTuple):
    """One private word, as it is written, and what it is."""

    word: str
    kind: Kind = Kind.ORG


class PrivateWords:
    """The words, ready to be looked for; ``repr`` does not show them."""

    __slots__ = ("_any", "_kinds", "_needles", "_words")

    def __init__(self, words: Iterable[Private] = ()) -> None:
        self._words = tuple(dict.fromkeys(private for private in words if private.word.strip()))
        self._kinds: Mapping[str, Kind] = {
            spelling.lower(): private.kind
            for private in reversed(self._words)
            for spelling in spellings(private.word)
        }
        self._needles = Needles(self._kinds)
        few = len(self._kinds) <= _FEW
        self._any = re.compile("|".join(map(re.escape, self._kinds)) if few and self._kinds else "")

    def kind_in(self, text: str) -> Kind | None:
        """The kind of the longest private word in a text, or None."""
        if not self._any.search(text.lower()):
            return None
        hits = [hit.needle for hit in self._needles.find(text)]
        return self._kinds[max(hits, key=lambda needle: (len(needle), needle))] if hits else None

    def values(self) -> frozenset[str]:
        """The words in all their spellings, in lower case."""
        return frozenset(self._kinds)

    def __bool__(self) -> bool:
        return bool(self._words)

    def __len__(self) -> int:
        return len(self._words)

    def __repr__(self) -> str:
        return f"PrivateWords({len(self)} words)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("private words are not pickled: they would be written somewhere else")


def spellings(word: str) -> frozenset[str]:
    """How a word of several parts is written in names: ``Acme Corp`` is also acme-corp and acmecorp."""
    word = word.strip()
    parts = [part for part in _PARTS.split(word) if part]
    if len(parts) < 2 or any(part.isdigit() for part in parts):  # noqa: PLR2004
        return frozenset({word})
    return frozenset({word, *(joint.join(parts) for joint in ("-", "_", ".", "", " "))})


def read_words(text: str) -> list[Private]:
    """The words of an operator's file: one a line, ``#`` begins a comment, ``HOST name`` gives the kind."""
    found = []
    for line in text.splitlines():
        word = line.partition("#")[0].strip()
        first, _, rest = word.partition(" ")
        if first in Kind.__members__ and rest.strip():
            found.append(Private(rest.strip(), Kind[first]))
        elif word:
            found.append(Private(word))
    return found
