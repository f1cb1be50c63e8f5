"""The small vocabulary: names that are public wherever they stand, and the kernel's own below /proc, /sys and /dev.

The lists are data (data/words.txt, data/kernel.txt); here is how a name is held against them.
"""

import os
import re
from functools import cache
from typing import NamedTuple

from redaction.errors import VocabularyError


DATA = os.path.join(os.path.dirname(__file__), "data")
SUFFIXES_KEPT = 3

_ROTATED = re.compile(r"\d{1,2}")
_VERSIONED = frozenset({"so", "log", "bak", "gz", "old", "conf", "err"})
_SERVICE_VERSION = re.compile(r"([a-z][a-z_+]*?)-?\d{1,2}(?:\.\d{1,2}){0,2}")
_SMALL_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,2}|v\d{1,2}")
_LOCALE = re.compile(r"[a-z]{2}_[A-Z]{2}(?:\.(?:utf8|UTF-8|iso88591|ISO-8859-1))?")
_DEVICE = re.compile(
    r"(?:sd[a-z]{1,2}|[vx]v?d[a-z]|nvme\d{1,2}n\d{1,2}p?|md|dm-|loop|ram|sr|sg|hd[a-z]|mmcblk\dp|zram|nbd)\d{0,3}"
    r"|(?:eth|wlan|eno|ens|docker|virbr|cpu|node|tty|ttyS|ttyUSB|pts|vcs|vcsa|vcsu|event|mouse|js|card|renderD|hidraw|video"
    r"|input|rx-|tx-|irq|index|state|hwmon|rtc|policy|thermal_zone|cooling_device|i2c-|hpet|bsg|net|fb)\d{1,3}|lo"
    r"|\.X11-unix|hugepages-\d{1,7}kB|[a-z_]{2,16}\.(?:max|min|high|low|stat|current|events)"
)
"""Names that the kernel counts up."""


class Words(NamedTuple):
    """The sections of data/words.txt."""

    roles: frozenset[str]
    places: frozenset[str]
    services: frozenset[str]
    files: frozenset[str]
    suffixes: frozenset[str]
    prose: frozenset[str]


class Split(NamedTuple):
    """A component in its parts; joined they are the component again."""

    lead: str
    stem: str
    suffix: str


@cache
def shipped_words() -> Words:
    """The lists that ship with this package."""
    sections: dict[str, list[str]] = {}
    for line in _lines("words.txt"):
        if line.startswith("["):
            sections[line[1:-1]] = words = []
        elif line and not line.startswith("#"):
            words += line.split()
    try:
        return Words(**{name: frozenset(sections[name]) for name in Words._fields})
    except KeyError as error:
        raise VocabularyError(f"data/words.txt has no section {error}") from None


@cache
def kernel_words() -> frozenset[str]:
    """The kernel's names."""
    return frozenset(line for line in _lines("kernel.txt") if not line.startswith("#"))


def _lines(name: str) -> list[str]:
    with open(os.path.join(DATA, name), encoding="ascii") as file:
        return file.read().splitlines()


def split(component: str) -> Split:
    """Leading dot, stem and the public suffixes: ``.acme.log.1`` is ``.``, ``acme``, ``.log.1``."""
    lead = "." if component.startswith(".") and component.strip(".") else ""
    rest, tail = component[len(lead) :], ""
    if rest.endswith("~") and len(rest) > 1:
        rest, tail = rest[:-1], "~"
    kept: list[str] = []
    stem, numbers = rest, 0
    while len(kept) < SUFFIXES_KEPT + numbers:
        head, dot, last = stem.rpartition(".")
        if not dot or not head:
            break
        if _ROTATED.fullmatch(last) and _numbered(head) and numbers < SUFFIXES_KEPT:
            numbers += 1
        elif last not in shipped_words().suffixes:
            break
        kept.append(last)
        stem = head
    suffix = "".join(f".{part}" for part in reversed(kept))
    return Split(lead, stem, suffix + tail)


def _numbered(head: str) -> bool:
    """Whether a number after ``head`` is one of a version or a rotation: not the last part of an address."""
    parts = head.split(".")
    while parts and _ROTATED.fullmatch(parts[-1]):
        parts.pop()
    return len(parts) > 1 and parts[-1] in _VERSIONED


def is_public(component: str) -> bool:
    """Whether a name says nothing about whose it is, wherever it stands."""
    words = shipped_words()
    if component in words.files or component in words.roles or component in words.services:
        return True
    parts = split(component)
    stem = parts.stem
    if stem in words.roles or stem in words.services or _LOCALE.fullmatch(stem):
        return True
    version = _SERVICE_VERSION.fullmatch(stem)
    if version and version[1] in words.services:
        return True
    pieces = re.split(r"[-_.]", stem)
    return len(pieces) == 2 and all(piece in words.roles or piece in words.services for piece in pieces)  # noqa: PLR2004


def is_kernel(component: str) -> bool:
    """Whether the kernel itself names things so, below /proc, /sys and /dev."""
    return component in kernel_words() or _DEVICE.fullmatch(component) is not None


def is_small_number(component: str) -> bool:
    """Whether it is a version, or a number that counts a few things."""
    return _SMALL_NUMBER.fullmatch(component) is not None
