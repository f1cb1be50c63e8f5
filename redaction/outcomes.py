"""What became of names, and the way back: placeholders in a text become the values they stand for."""

import re
from enum import StrEnum
from typing import NamedTuple

from redaction.placeholders import PLACEHOLDER, almost
from redaction.text import Redacted
from redaction.vault import Vault


class Fate(StrEnum):
    """What became of a component. ``UNDECIDED``: replaced, and nothing is known of it."""

    VERBATIM = "verbatim"
    PSEUDONYMISED = "pseudonymised"
    UNDECIDED = "undecided"
    DROPPED = "dropped"


class Treated(NamedTuple):
    """One distinct component: as it was, as it is shown, and what became of it."""

    raw: str
    shown: Redacted
    fate: Fate

    def __repr__(self) -> str:
        return f"Treated({self.shown!r}, {self.fate})"


class Restored(NamedTuple):
    """A text with its values back, and what in it looks like a placeholder and is none of ours."""

    text: str
    unknown: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Restored({len(self.text)} characters, {len(self.unknown)} unknown)"


def restored(text: str, vault: Vault) -> Restored:
    """Put the values back. What only looks like one of the vault's placeholders stays, and is reported."""
    unknown: list[str] = []

    def value(found: re.Match[str]) -> str:
        known = vault.value(found[0])
        if known is None:
            unknown.append(found[0])
        return found[0] if known is None else known

    rest = PLACEHOLDER.sub(" ", text)
    whole = PLACEHOLDER.sub(value, text)
    return Restored(whole, tuple(dict.fromkeys([*unknown, *almost(rest)])))
