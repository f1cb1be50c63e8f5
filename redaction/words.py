"""The small vocabulary: names that are public wherever they stand, and the kernel's own.

The lists are data (data/words.txt, data/kernel.txt); here is how a name is held against them.
"""

import os
import re
from functools import cache, lru_cache
from typing import NamedTuple

from redaction.errors import VocabularyError
from redaction.spelling import ARCHITECTURES


DATA = os.path.join(os.path.dirname(__file__), "data")
SUFFIXES_KEPT = 3

_DIGITS = re.compile(r"(\d+)")
_WITHOUT_DIGITS = dict.fromkeys(map(ord, "0123456789"))
_FEW_DIGITS = 3
_ROTATED = re.compile(r"\d{1,2}")
_VERSIONED = frozenset({"so", "log", "bak", "gz", "old", "conf", "err"})
_VERSION = re.compile(
    r"(?:python|pip|php|php-fpm|ruby|lua|perl|tomcat|postgresql|pgsql)-?[1-9]\d?(?:\.\d{1,2}){0,2}"
)
"""Not of any service: ``kafka3`` is a host."""
_SMALL_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2})?|v\d{1,2}")
_BUILD = re.compile(
    rf"cpython-3\d{{1,2}}(?:-(?:{ARCHITECTURES})-linux-(?:gnu|musl)(?:eabihf)?)?|opt-[12]|abi3"
    r"|dpkg-(?:old|new|dist|tmp|bak|inst|remove)|ucf-(?:old|new|dist)"
)
"""What a build tool or a package manager writes between a name and its suffix."""
_LOCALE = re.compile(r"([a-z]{2})_([A-Z]{2})(?:\.(?:utf8|UTF-8|iso88591|ISO-8859-1))?")
_DISK = re.compile(
    r"(?:sd[a-z]{1,2}|[vx]v?d[a-z]|nvme\d{1,2}n\d{1,2}p?|md|dm-|loop|ram|sr|sg|hd[a-z]|mmcblk\dp|zram|nbd)\d{0,3}"
)
_ADDRESSED = re.compile(
    r"pci[0-9a-f]{4}:[0-9a-f]{2}|[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]|\d{1,3}:\d{1,7}|\d{1,3}:\d:\d{1,3}:\d{1,3}"
)
"""Places of devices on this machine's buses, and numbers of devices."""
_COUNTED = re.compile(
    r"(?:eth|wlan|eno|ens|docker|virbr|cpu|node|tty|ttyS|ttyUSB|pts|vcs|vcsa|vcsu|event|mouse|js|card|renderD|hidraw"
    r"|video|input|rx-|tx-|irq|index|state|hwmon|rtc|policy|thermal_zone|virtio|host|cooling_device|i2c-|bsg|net|fb|ifb|dummy|sit|gre|erspan|bond|vlan)\d{1,3}|lo"
)
_KNOB = re.compile(
    r"hugepages-\d{1,7}kB|(?:memory|cpu|io|pids|misc|rdma)\.(?:max|min|high|low|stat|current|events)"
)
"""Names that the kernel counts up, and those of control groups."""


class Words(NamedTuple):
    """The sections of data/words.txt."""

    roles: frozenset[str]
    places: frozenset[str]
    services: frozenset[str]
    files: frozenset[str]
    suffixes: frozenset[str]
    prose: frozenset[str]
    works: frozenset[str]
    addresses: frozenset[str]
    hosts: frozenset[str]
    accounts: frozenset[str]
    local_ends: frozenset[str]
    domain_ends: frozenset[str]
    languages: frozenset[str]
    file_ends: frozenset[str]
    trees: frozenset[str]
    users_below: frozenset[str]
    owners_below: frozenset[str]
    counted: frozenset[str]
    owned: frozenset[str]


class Split(NamedTuple):
    """A component in its parts; joined they are the component again."""

    lead: str
    stem: str
    suffix: str


@cache
def shipped_words() -> Words:
    """The lists that ship with this package."""
    sections: dict[str, list[str]] = {}
    words: list[str] = []
    for line in _lines("words.txt"):
        if line.startswith("["):
            words = sections[line[1:-1]] = []
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


@lru_cache(maxsize=1024)  # asked for again at once
def split(component: str) -> Split:
    """Leading dot, stem and the public suffixes: ``.acme.log.1`` is ``.``, ``acme``, ``.log.1``."""
    stem, dot, last = component.rpartition(".")
    if "." not in stem and not component.endswith("~") and (stem or not dot):
        # At most one dot, as nearly all names.
        return Split("", stem, f".{last}") if dot and is_suffix(last) else Split("", component, "")
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
        elif not is_suffix(last):
            break
        kept.append(last)
        stem = head
    suffix = "".join(f".{part}" for part in reversed(kept))
    return Split(lead, stem, suffix + tail)


def is_suffix(part: str) -> bool:
    """Whether a part of a name after a dot says what kind of file it is."""
    return part in shipped_words().suffixes or _BUILD.fullmatch(part) is not None


def _numbered(head: str) -> bool:
    """Whether a number after ``head`` is one of a version or a rotation: not the last part of an address."""
    parts = head.split(".")
    given = len(parts)
    while parts and _ROTATED.fullmatch(parts[-1]):
        parts.pop()
    if len(parts) < 2 or parts[-1] not in _VERSIONED:  # noqa: PLR2004
        return False
    # Nobody counts logs with three numbers: that is a network, as in ``named.conf.10.1.2``.
    return parts[-1] == "so" or given - len(parts) < 2  # noqa: PLR2004


def is_public(component: str) -> bool:
    """Whether a name says nothing about whose it is, wherever it stands."""
    if component in _whole_names():
        return True
    parts = split(component)
    stem = parts.stem.removesuffix("@") if parts.suffix else parts.stem  # a unit's template: app@.service
    if stem in _stems() or (parts.suffix and stem in _heads() and _is_file(parts)):
        return True
    if stem.isalpha() or not stem:
        return False
    return _is_locale(stem) or _is_versioned(stem) or _is_of_service(stem)


@cache
def _whole_names() -> frozenset[str]:
    return shipped_words().files | shipped_words().roles | shipped_words().services


@cache
def _stems() -> frozenset[str]:
    return shipped_words().addresses | shipped_words().roles | shipped_words().services


@cache
def _heads() -> frozenset[str]:
    return frozenset(split(file).stem for file in shipped_words().files)


def _is_file(parts: Split) -> bool:
    """Whether it is the name of a file with more suffixes: a copy, a compiled form, one that is packed."""
    name = parts.lead + parts.stem
    for suffix in ("", *parts.suffix.split(".")[1:]):
        name = f"{name}.{suffix}" if suffix else name
        if name in shipped_words().files:
            return True
    return False


def _is_locale(stem: str) -> bool:
    found = _LOCALE.fullmatch(stem) if stem[2:3] == "_" else None
    words = shipped_words()
    return found is not None and found[1] in words.languages and found[2].lower() in words.domain_ends


def _is_versioned(stem: str) -> bool:
    """Whether it is a language's or a server's name with its version, or one that counts a few things."""
    if stem[-1].isdigit() and _VERSION.fullmatch(stem):
        return True
    parts = numbers_in(stem)
    return bool(parts) and all(len(number) <= _FEW_DIGITS for number in parts[1::2])


def _is_of_service(stem: str) -> bool:
    first, mark, last = stem.replace("_", "-").partition("-")
    words = shipped_words()
    return bool(mark) and last in words.works and (first in words.roles or first in words.services)


def is_kernel(component: str, *, counted: bool = True) -> bool:
    """Whether the kernel itself names things so, below /proc, /sys and /dev.

    Args:
        component: The name.
        counted: Also names with a number, as ``node3``: where people name things that is a host.
    """
    patterns = (_DISK, _COUNTED, _ADDRESSED, _KNOB) if counted else (_KNOB,)
    return component in kernel_words() or any(pattern.fullmatch(component) for pattern in patterns)


@lru_cache(maxsize=1024)  # as above
def numbers_in(stem: str) -> tuple[str, ...]:
    """The stem in turns of text and number, when programs count names like it up; else empty."""
    if stem.translate(_WITHOUT_DIGITS) not in _counted_letters():
        return ()
    parts = tuple(_DIGITS.split(stem))
    known = len(parts) > 1 and "#".join(parts[::2]) in shipped_words().counted
    return parts if known else ()


@cache
def _counted_letters() -> frozenset[str]:
    return frozenset(name.replace("#", "") for name in shipped_words().counted)


def is_small_number(component: str) -> bool:
    """Whether it is a version, or a number that counts a few things."""
    return _SMALL_NUMBER.fullmatch(component) is not None
