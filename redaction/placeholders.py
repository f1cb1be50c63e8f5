"""The words that stand for private values: their kinds and their grammar, ``<USER_k7f3qd>``.

A placeholder is all ASCII and the only thing in redacted text that holds ``<`` or ``>``.
"""

import hmac
import re
from collections.abc import Iterator
from enum import StrEnum


class Kind(StrEnum):
    """What a private value is. The IP classes are those of the registries, whatever the version."""

    HOST = "HOST"
    USER = "USER"
    ORG = "ORG"
    EMAIL = "EMAIL"
    IP_PRIVATE = "IP_PRIVATE"
    IP_PUBLIC = "IP_PUBLIC"
    IP_LOOPBACK = "IP_LOOPBACK"
    IP_LINKLOCAL = "IP_LINKLOCAL"
    IP_SPECIAL = "IP_SPECIAL"
    MAC = "MAC"
    UUID = "UUID"
    TOKEN = "TOKEN"  # noqa: S105 - the name of a kind
    DATE = "DATE"
    NUMBER = "NUMBER"
    NAME = "NAME"


SHORTEST_TAG = 6
_LETTERS = b"0123456789abcdefghjkmnpqrstvwxyz"
_ALPHABET = bytes(_LETTERS[byte % 32] for byte in range(256))
_KINDS = "|".join(sorted(Kind, key=len, reverse=True))
PLACEHOLDER = re.compile(rf"<(?:{_KINDS})_[0-9a-z]{{{SHORTEST_TAG},32}}>")
_ALMOST = re.compile(rf"<?\b(?:{_KINDS})_[0-9a-z]{{{SHORTEST_TAG},32}}\b>?", re.IGNORECASE)


def keyed(key: bytes) -> hmac.HMAC:
    """What ``full_tag`` begins with: the project's key, taken in once for all values."""
    return hmac.new(key, digestmod="sha256")


def full_tag(begun: hmac.HMAC, value: str) -> str:
    """32 characters that depend on the project's key and the value alone; no ``i``, ``l`` or ``o``."""
    one = begun.copy()
    one.update(value.encode("utf-8", "surrogatepass"))
    return one.digest().translate(_ALPHABET).decode("ascii")


def written(kind: Kind, tag: str) -> str:
    """The placeholder as it stands in a text."""
    return f"<{kind.value}_{tag}>"


def tag_of(placeholder: str) -> str:
    """The tag of a well-formed placeholder."""
    return placeholder[:-1].rpartition("_")[2]


def almost(text: str) -> Iterator[str]:
    """What somebody wrote who meant a placeholder: also without its marks, or in the wrong case."""
    for found in _ALMOST.finditer(text):
        yield found.group()
