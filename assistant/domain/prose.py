"""Sentences that a stranger wrote, made harmless: one line, nothing invisible, nothing that a page obeys."""

import unicodedata


_MARKUP = str.maketrans({"<": " ", ">": " ", "`": "'", "[": "(", "]": ")", "{": "(", "}": ")", "|": "/"})
_SEEN_AS_NOTHING = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_CUT = " ..."


def one_line(text: str, limit: int) -> str:
    """The text without control, direction and other invisible characters, on one line.

    Args:
        text: Any string.
        limit: At most so many characters; the rest is cut off, which shows.
    """
    # What is normalised last could turn into what was looked for first.
    composed = unicodedata.normalize("NFKC", text[: 4 * limit])
    kept = "".join(char if _shows(char) else " " for char in composed)
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - len(_CUT)].rstrip() + _CUT


def _shows(char: str) -> bool:
    return unicodedata.category(char)[0] not in "CZ" and char not in _SEEN_AS_NOTHING


def without_markup(text: str) -> str:
    """The text without what Markdown, HTML or a template could take for its own."""
    return " ".join(text.translate(_MARKUP).split())
