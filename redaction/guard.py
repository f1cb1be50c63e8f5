"""The last look at the very bytes that are about to leave. It trusts nobody, the Redactor least.

Three checks, each alone enough to refuse:

1. no value of the vault, no seed and no private word stands in the bytes, in any usual encoding;
2. no absolute path in them has a component that is neither public there nor a placeholder;
3. the scanner (presidio) finds nothing in what is left.

What is allowed to stand there is taken out first: this vault's placeholders, and components of paths that
are public at their place. A value that is an everyday word, a short number, has up to three characters, or
occurs in text of our own, counts only as a component of a path: elsewhere it would be found in any
sentence.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from redaction.needles import GRAM, Hit, Needles
from redaction.placeholders import PLACEHOLDER
from redaction.presidio import Finding
from redaction.private import PrivateWords
from redaction.text import Redacted
from redaction.vault import Vault
from redaction.views import View, views
from redaction.vocabulary import NOWHERE, ROOT, Place, Vocabulary
from redaction.words import is_public, is_suffix, numbers_in, shipped_words, split


class Finder(Protocol):
    """Finds private text by its form: redaction.presidio.PresidioScanner."""

    def find(self, text: str) -> list[Finding]:
        """Where private text stands.

        Raises:
            ScannerError: It did not finish.
        """
        ...


class Violation(NamedTuple):
    """Something private in the bytes, without showing it.

    Attributes:
        check: "value", "path" or "scanner".
        what: The value's placeholder, or the kind of what was found.
        where: The encoding it stands in.
        offset: Where in that view of the text it begins, in characters.
    """

    check: str
    what: str
    where: str
    offset: int


MASK = "\x01"
_SHORT_NUMBER = re.compile(r"[\d.,:_-]{1,8}")
_TOKEN = re.compile(r"(?:[^\s\"'\\<>|,;(){}\[\]=`]*)/[^\s\"'\\<>|`]*")
_TOO_LONG_FOR_CHANCE = 6
_MARKS = re.compile(r"[.@:~\[\]]|-(?=\x01)")
_ROTATED = re.compile(r"\d{1,5}")
_PREFIXES = frozenset({"memfd", "socket", "pipe", "anon_inode"})
_TRAILING = ".,;:!?)]}"


class Guard:
    """Checks what leaves.

    Args:
        vault: Of the project.
        private: The seeds and the operator's words.
        vocabulary: What is public.
        scanner: Presidio; None leaves the third check out.
        owned: Text of our own that requests are made of, and what the model itself wrote: prompts, schemas,
            keys.
    """

    def __init__(
        self,
        vault: Vault,
        private: PrivateWords,
        vocabulary: Vocabulary,
        scanner: Finder | None,
        owned: Iterable[Redacted] = (),
    ) -> None:
        self._vault = vault
        self._private = private
        self._vocabulary = vocabulary
        self._scanner = scanner
        self._owned = "\n".join(str(text) for text in owned).lower()
        self._returned = ""
        self._needles = Needles(())
        self._placeholders: dict[str, str] = {}
        self._needs_a_place: frozenset[str] = frozenset()
        self._size = -1

    def returns(self, text: Redacted) -> None:
        """A text that the endpoint wrote itself may go back to it, whatever form it has.

        A value of the vault in it is still refused: it cannot know one.
        """
        self._returned += f"\n{text}".lower()

    def check(self, data: bytes) -> list[Violation]:
        """Everything that must not leave; empty when the bytes may.

        Raises:
            ScannerError: The scanner did not finish: nothing may be sent.
        """
        self._refresh()
        found: dict[tuple[str, str, str], Violation] = {}
        for view in views(data.decode("utf-8", "surrogateescape")):
            for one in self._check_view(view):
                found.setdefault((one.check, one.what, one.where), one)
        return list(found.values())

    def _check_view(self, view: View) -> Iterator[Violation]:
        if view.guessed:
            yield from self._values(view, view.text, guessed=True)
            return
        text = PLACEHOLDER.sub(
            lambda found: MASK if self._vault.value(found[0]) is not None else found[0], view.text
        )
        masked, strangers = self._without_public(text)
        yield from self._values(view, masked, guessed=False)
        yield from (Violation("path", "a component", view.name, offset) for offset in strangers)
        if self._scanner is not None:
            for one in self._scanner.find(masked):
                if not self._is_ours(masked[one.start : one.end]):
                    yield Violation("scanner", str(one.kind), view.name, one.start)

    def _values(self, view: View, text: str, *, guessed: bool) -> Iterator[Violation]:
        low = text.lower()
        for hit in self._needles.find(text):
            if guessed and not _certain(hit, low):
                continue
            if hit.needle in self._needs_a_place and not _is_component(hit, low):
                continue
            yield Violation("value", self._placeholders[hit.needle], view.name, hit.start)

    def _without_public(self, text: str) -> tuple[str, list[int]]:
        """The text without components that are public where they stand, and where others stand."""
        parts: list[str] = []
        strangers: list[int] = []
        end = 0
        for found in _TOKEN.finditer(text):
            parts.append(text[end : found.start()])
            masked, odd = self._without_public_parts(found[0])
            parts.append(masked)
            if odd:
                strangers.append(found.start())
            end = found.end()
        return "".join([*parts, text[end:]]), strangers

    def _without_public_parts(self, token: str) -> tuple[str, bool]:
        lead = "@" if token.startswith("@/") else ""
        path = token[len(lead) :]
        bare = path.rstrip(_TRAILING)
        if path.startswith(f"{bare}]") and "[" in bare.rpartition("/")[2]:
            bare += "]"  # of /proc/[pid]
        place = ROOT if bare.startswith("/") and not bare.startswith("//") else NOWHERE
        absolute, odd, shown = place is ROOT and bare != "/", False, []
        for part in bare.split("/"):
            if part in ("", ".", ".."):
                place = self._vocabulary.back(place) if part == ".." else place
                shown.append(part)
                continue
            before = place
            place, public = self._vocabulary.step(before, part)
            public = public and self._private.kind_in(part) is None
            left = MASK if public else self._without_head(before, part)
            odd = odd or not (public or _is_covered(left) or self._is_ours(part))
            shown.append(left)
        return lead + "/".join(shown) + path[len(bare) :], absolute and odd

    def _without_head(self, place: Place, part: str) -> str:
        """Without a whole public name before a placeholder: ``nginx.pid.`` in ``nginx.pid.<TOKEN_...>``."""
        head, dot, rest = part.partition(f".{MASK}")
        return f"{MASK}.{MASK}{rest}" if dot and self._vocabulary.step(place, head)[1] else part

    def _is_ours(self, text: str) -> bool:
        return text.lower() in self._owned or text.lower() in self._returned

    def _refresh(self) -> None:
        """Take in what the vault learned since the last check."""
        if self._size == len(self._vault):
            return
        self._size = len(self._vault)
        known = {
            value.lower(): self._vault.known(value) or "" for value in self._vault.values() if value.strip()
        }
        self._placeholders = dict.fromkeys(self._private.values(), "a private word") | known
        self._needles = Needles(self._placeholders)
        ours = {hit.needle for hit in self._needles.find(self._owned)}
        everyday = {value for value in known if _everyday(value, self._vocabulary)}
        self._needs_a_place = frozenset(ours | everyday)


def _everyday(value: str, vocabulary: Vocabulary) -> bool:
    """Whether a value would be found in any sentence or list of numbers."""
    public = value in shipped_words().prose or vocabulary.step(NOWHERE, value)[1]
    return len(value) < GRAM or public or _SHORT_NUMBER.fullmatch(value) is not None


def _is_covered(part: str) -> bool:
    """Whether a component is a placeholder with nothing beside it but marks, suffixes and public names."""
    if numbers_in(split(part.replace(MASK, "0")).stem):
        return MASK in part
    pieces = _MARKS.split(part.replace(MASK, "."))
    return MASK in part and all(
        is_suffix(piece) or piece in _PREFIXES or is_public(piece) or _ROTATED.fullmatch(piece)
        for piece in pieces
        if piece
    )


def _is_component(hit: Hit, low: str) -> bool:
    return low[hit.start - 1 : hit.start] == "/" and not low[hit.end : hit.end + 1].isalnum()


def _certain(hit: Hit, low: str) -> bool:
    """Whether chance does not explain a hit in noise: it is long, or its neighbours are readable too."""
    if len(hit.needle) >= _TOO_LONG_FOR_CHANCE:
        return True
    before = low[max(hit.start - GRAM, 0) : hit.start].rpartition("\n")[2]
    around = before + low[hit.end : hit.end + GRAM].partition("\n")[0]
    return len(hit.needle) >= GRAM and around.isascii() and around.isprintable()
