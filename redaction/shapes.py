"""What a private value is, by its form alone: no list of names, no presidio.

Only the kind in a placeholder depends on it, never whether something is private.
"""

import ipaddress
import itertools
import re
from typing import NamedTuple

from redaction.placeholders import Kind
from redaction.words import shipped_words


_MAC = r"(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}"
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_EMAIL = r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"
_DATE = (
    r"(?:19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])"
    r"(?:[-_T. ]?\d\d[:.-]?\d\d(?:[:.-]?\d\d)?)?Z?"
    r"|(?:19|20)\d\d-(?:0[1-9]|1[0-2])|(?:19|20)\d\d-?W\d\d"
)
_IPV4 = r"(?:\d{1,3}[.]){3}\d{1,3}"


class Form(NamedTuple):
    """A pattern, and what a text must have at least to be worth a try."""

    kind: Kind
    shortest: int
    mark: str
    pattern: re.Pattern[str]


_WHOLE = (
    Form(Kind.MAC, 14, "", re.compile(_MAC, re.IGNORECASE)),
    Form(Kind.UUID, 36, "-", re.compile(rf"\{{?{_UUID}\}}?", re.IGNORECASE)),
    Form(Kind.EMAIL, 5, "@", re.compile(_EMAIL)),
    Form(Kind.DATE, 7, "", re.compile(_DATE)),
    Form(Kind.NUMBER, 1, "", re.compile(r"[-+]?\d+(?:[.,]\d+)*")),
)
_INSIDE = (
    Form(Kind.EMAIL, 5, "@", re.compile(_EMAIL)),
    Form(Kind.UUID, 36, "-", re.compile(_UUID, re.IGNORECASE)),
    Form(
        Kind.MAC,
        14,
        "",
        re.compile(rf"(?<![0-9a-f]){_MAC.replace(chr(92) + '1', '(?:[:-])')}(?![0-9a-f])", re.IGNORECASE),
    ),
)
_IPV4_INSIDE = re.compile(rf"(?<!\d){_IPV4}(?!\d)|(?<!\d)(?<!\d-)(?:\d{{1,3}}-){{3}}\d{{1,3}}(?![\d-]*\d)")
_ISSUED = re.compile(
    r"(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk[-_]|pk[-_](?:live|test)|rk_|AKIA|ASIA|AIza|ya29\.|eyJ|npm_"
    r"|pypi-|dop_v1_|hvs\.|s\.[A-Za-z0-9]{20}|SG\.|key-|AGE-SECRET)"
)
_TOKEN = re.compile(
    r"(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[A-Za-z0-9_+/=.-]{20,}|[0-9a-fA-F]{12,}|[A-Za-z0-9+/_-]{24,}={0,2}"
)
_SHORTEST_TOKEN = 12
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+([A-Za-z][A-Za-z0-9-]{{1,23}})\.?")
_LABELS_OF_A_HOST = 3
_LONGEST = 300
"""Longer than any name of a file: such text has no form."""
_DOTS_OF_IPV4 = 3


def kind_of(text: str, hint: Kind = Kind.NAME) -> Kind:
    """The kind of a private value.

    Args:
        text: The value, without its suffix.
        hint: What its place says; it wins over what is only likely.
    """
    if len(text) > _LONGEST:
        return hint
    address = address_kind(text)
    if address is not None:
        return address
    formed = _formed(text) or _inside(text)
    if formed is not None:
        return formed
    if _ISSUED.match(text):
        return Kind.TOKEN
    if hint is not Kind.USER and is_host(text):
        return Kind.HOST
    token = len(text) >= _SHORTEST_TOKEN and _TOKEN.fullmatch(text) and _mixed(text)
    return Kind.TOKEN if token else hint


def address_kind(text: str) -> Kind | None:
    """The class of an address, or of a network; None when it is none."""
    if ":" not in text and text.count(".") != _DOTS_OF_IPV4:
        return None
    bare = text.strip("[]").partition("%")[0].partition("/")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None) or address
    if mapped.is_loopback:
        return Kind.IP_LOOPBACK
    if mapped.is_link_local:
        return Kind.IP_LINKLOCAL
    if mapped.is_unspecified or mapped.is_multicast or mapped.is_reserved:
        return Kind.IP_SPECIAL
    return Kind.IP_PUBLIC if mapped.is_global else Kind.IP_PRIVATE


def has_address(text: str) -> bool:
    """Whether four numbers of an address stand together in it."""
    marks = text.count(".") + text.count("-")
    return marks >= _DOTS_OF_IPV4 and _IPV4_INSIDE.search(text) is not None


def is_host(text: str) -> bool:
    """Whether it is a dotted name that ends as names of hosts do."""
    matched = _HOST.fullmatch(text) if "." in text else None
    if not matched:
        return False
    last = matched[1].lower()
    words = shipped_words()
    if last in words.file_ends and text.count(".") < _LABELS_OF_A_HOST:
        return False
    return last in words.local_ends or last in words.domain_ends


def _formed(text: str) -> Kind | None:
    for form in _WHOLE:
        if len(text) >= form.shortest and form.mark in text and form.pattern.fullmatch(text):
            return form.kind
    return None


def _inside(text: str) -> Kind | None:
    for form in _INSIDE:
        if len(text) >= form.shortest and form.mark in text and form.pattern.search(text):
            return form.kind
    found = _IPV4_INSIDE.search(text) if has_address(text) else None
    return address_kind(found[0].replace("-", ".")) if found else None


def _mixed(text: str) -> bool:
    """Letters and digits in turns, as in a token, not words between dashes."""
    changes = sum(one.isdigit() != other.isdigit() for one, other in itertools.pairwise(text))
    vowelless = re.fullmatch(r"[0-9a-fA-F]+", text) is not None
    words = re.fullmatch(r"[A-Za-z0-9]{1,14}(?:[-_.][A-Za-z0-9]{1,14})+", text)
    return vowelless or changes >= 4 or not words  # noqa: PLR2004
