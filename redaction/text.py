"""``Redacted``: text that may leave. Only the Redactor makes it from names; code adds its own words.

``sealed`` is for redaction/redactor.py alone: an architecture test holds that. ``literal`` is for words
that stand in our code and prompts, never for anything that was read from a trace or a host.
"""

import json
from collections.abc import Iterable
from typing import Final, LiteralString, NoReturn, final


_SEAL: Final = object()

Tree = "Redacted | int | bool | None | list[Tree] | tuple[Tree, ...] | dict[Redacted | str, Tree] | str"
"""What ``as_json`` writes."""


@final
class Redacted:
    """Immutable text without a private value in it; not a ``str``, so that joining it with one is an error.

    ``str(redacted)`` and ``redacted.encode()`` give the text away for sending; the way back is closed.
    """

    __slots__ = ("_text",)
    _text: str

    def __init__(self, text: str, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError(
                "Redacted text is made by the Redactor; words of our own by redaction.text.literal"
            )
        object.__setattr__(self, "_text", text)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("Redacted text does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("Redacted text does not change")

    def __reduce__(self) -> NoReturn:
        raise TypeError("Redacted text is not pickled: whoever unpickles it could make it")

    def __copy__(self) -> "Redacted":
        return self

    def __deepcopy__(self, memo: object) -> "Redacted":
        return self

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"Redacted({self._text!r})"

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Redacted) else NotImplemented

    def __hash__(self) -> int:
        return hash((Redacted, self._text))

    def __lt__(self, other: "Redacted") -> bool:
        return self._text < other._text

    def __len__(self) -> int:
        return len(self._text)

    def __contains__(self, part: str) -> bool:
        return part in self._text

    def __add__(self, other: "Redacted") -> "Redacted":
        return Redacted(self._text + _text_of(other), _SEAL)

    def join(self, parts: Iterable["Redacted"]) -> "Redacted":
        """As ``str.join``; every part is Redacted."""
        return Redacted(self._text.join(map(_text_of, parts)), _SEAL)

    def removeprefix(self, prefix: "Redacted") -> "Redacted":
        """As ``str.removeprefix``."""
        return Redacted(self._text.removeprefix(str(prefix)), _SEAL)

    def encode(self) -> bytes:
        """The bytes that are sent: ASCII, or UTF-8 where our own words need it."""
        return self._text.encode("utf-8")


def sealed(text: str) -> Redacted:
    """Declare a text free of private values. For the Redactor only."""
    return Redacted(text, _SEAL)


def literal(text: LiteralString) -> Redacted:
    """Words of our own: a literal in the code, or a prompt file that ships with it."""
    return Redacted(text, _SEAL)


def shipped(text: str) -> Redacted:
    """Words of a file that ships with us. For whoever reads such files only: assistant/author/library.py."""
    return Redacted(text, _SEAL)


def returned(text: str) -> Redacted:
    """What an endpoint wrote itself, when it goes back to it. For whoever keeps up a conversation only."""
    return Redacted(text, _SEAL)


def compose(template: LiteralString, **parts: Redacted | int) -> Redacted:
    """Fill ``{name}`` in words of our own with redacted values and numbers.

    Raises:
        TypeError: A part is raw text.
        KeyError: The template names a part that is not given.
    """
    filled = {name: _number_or_text(part) for name, part in parts.items()}
    return Redacted(template.format_map(filled), _SEAL)


def as_json(data: object, words: frozenset[str] = frozenset(), *, indent: int | None = None) -> Redacted:
    """JSON, in ASCII, of dicts, lists and tuples of Redacted, integers, booleans, None and declared words.

    Args:
        data: The tree. Keys are Redacted or declared words too.
        words: Plain strings of our own that may occur in it: field names, rights, outcomes.
        indent: As ``json.dumps``.

    Raises:
        TypeError: Anything else is in it, above all a ``str`` that was not declared.
    """
    return Redacted(json.dumps(_plain(data, words), ensure_ascii=True, indent=indent), _SEAL)


def _plain(data: object, words: frozenset[str]) -> object:
    if isinstance(data, Redacted):
        return str(data)
    if data is None or type(data) in (int, bool):
        return data
    if isinstance(data, dict):
        pairs = [(_key(key, words), _plain(value, words)) for key, value in data.items()]
        if len(dict(pairs)) != len(pairs):
            raise TypeError("two keys of a request are the same text")
        return dict(pairs)
    if isinstance(data, list | tuple):
        return [_plain(item, words) for item in data]
    return _declared(data, words)


def _key(key: object, words: frozenset[str]) -> str:
    return str(key) if isinstance(key, Redacted) else _declared(key, words)


def _declared(data: object, words: frozenset[str]) -> str:
    if isinstance(data, str) and data in words:
        return str(data)
    raise TypeError(f"a {type(data).__name__} that is neither redacted nor a declared word is not sent")


def _text_of(part: object) -> str:
    if not isinstance(part, Redacted):
        raise TypeError(f"a {type(part).__name__} is not redacted text")
    return str(part)


def _number_or_text(part: object) -> str:
    return str(part) if type(part) is int else _text_of(part)
