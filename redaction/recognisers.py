"""The patterns that the scanner looks for, as plain data: presidio's adapter turns them into recognisers.

Presidio compiles with IGNORECASE, DOTALL and MULTILINE, so what hangs on case stands in ``(?-i:...)``. No
pattern crosses a line, for names are joined by newlines; none repeats a repetition, for time is limited.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from redaction.placeholders import Kind


class Pattern(NamedTuple):
    """One kind of private text, in the ``regex`` module's language."""

    name: str
    kind: Kind
    regex: str


SHORT = 3
"""Words of up to so many characters are found only between characters that are no letters or digits."""

_START, _END = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "email",
        Kind.EMAIL,
        r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])",
    ),
    Pattern(
        "ipv4",
        Kind.IP_PRIVATE,
        r"(?<!\d)(?<!\d\.)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]*\d)",
    ),
    Pattern(
        "ipv6", Kind.IP_PRIVATE, r"(?<![0-9A-Za-z:])(?:[0-9a-f]{1,4}:){3,7}(?::|[0-9a-f]{1,4})(?![0-9A-Za-z])"
    ),
    Pattern(
        "ipv6-short",
        Kind.IP_PRIVATE,
        r"(?<![0-9A-Za-z:])(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}:){0,5}[0-9a-f]{1,4}(?![0-9A-Za-z:])",
    ),
    Pattern(
        "issued-token",
        Kind.TOKEN,
        _START
        + r"(?-i:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{15,}|xox[abeoprs]-[\w-]{10,}"
        r"|sk-[\w-]{16,}|[sr]k_(?:live|test)_\w{10,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|AIza[\w-]{20,}|npm_[A-Za-z0-9]{20,}"
        r"|pypi-[\w-]{16,}|eyJ[\w-]{8,}\.[\w-]{4,}|hvs\.[\w-]{12,}|SG\.[\w-]{12,}|dop_v1_[0-9a-f]{20,})",
    ),
    Pattern(
        "long-hex",
        Kind.TOKEN,
        r"(?<![A-Za-z0-9])(?=[0-9a-f]{0,40}\d)(?=[0-9a-f]{0,40}[a-f])[0-9a-f]{24,128}(?![A-Za-z0-9])",
    ),
    Pattern(
        "local-host",
        Kind.HOST,
        r"(?<![\w.-])(?:[a-z0-9][a-z0-9-]{0,62}\.){1,8}(?:internal|corp|intra|intranet|localdomain|lan)(?![\w.-])",
    ),
    Pattern(
        "url",
        Kind.HOST,
        r"(?<![A-Za-z])(?:https?|ftp|ssh|ldaps?|amqps?|redis|postgres(?:ql)?|mysql|mongodb)://[^\s<>\"'\\]{1,200}",
    ),
    Pattern("phone", Kind.NUMBER, r"(?<![\w+])\+\d{2}[ -]?\d{2,4}[ -]?\d{3,4}[ -]?\d{3,5}(?!\d)"),
)
"""Beside presidio's own that check digits: IBAN, credit card, MAC and UUID."""


def of_words(words: Iterable[str]) -> str:
    """One pattern for an operator's words: presidio's own list would miss them beside an underscore."""
    longest_first = sorted(words, key=len, reverse=True)
    long = [re.escape(word) for word in longest_first if len(word) > SHORT]
    # A short word is found only by itself, a longer one also in the middle of another.
    short = [f"{_START}{re.escape(word)}{_END}" for word in longest_first if len(word) <= SHORT]
    return "|".join([*long, *short])
