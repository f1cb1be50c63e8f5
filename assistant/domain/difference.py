"""What one ruleset allows and another does not: changes of effective access, not of text."""

from dataclasses import dataclass
from enum import StrEnum

from assistant.domain.classes import AccessClass, classes
from assistant.domain.rights import FsRight, NetRight, Scope


class Way(StrEnum):
    """Which way access changed.

    ADDED: nothing was granted there before. WIDENED: more is allowed than before.
    NARROWED: less is allowed than before. REMOVED: nothing is granted there any more.
    """

    ADDED = "added"
    WIDENED = "widened"
    NARROWED = "narrowed"
    REMOVED = "removed"

    @property
    def wider(self) -> bool:
        """Whether the new ruleset allows what the old one denied."""
        return self in (Way.ADDED, Way.WIDENED)


EVERY_OTHER_PORT = -1
"""Stands in a change for all ports that no rule names."""


@dataclass(frozen=True, slots=True)
class Change:
    """Rights that were gained, or lost, in one place.

    Attributes:
        way: Gained (added, widened) or lost (narrowed, removed).
        place: A path, for it and all that lies beneath it; a port or EVERY_OTHER_PORT; a scope. A path is
            raw: escape it before showing.
        rights: The rights that were gained or lost there. Of a scope: the scope that is off now, or on now.
        kept: What both allow there.
        apart: Paths beneath where it is no change, the first few: gained rights were there before, lost
            rights are still there.
        apart_count: How many such paths the rulesets name.
    """

    way: Way
    place: str | int | Scope
    rights: FsRight | NetRight | Scope
    kept: FsRight | NetRight | Scope
    apart: tuple[str, ...] = ()
    apart_count: int = 0

    @property
    def classes(self) -> tuple[AccessClass, ...]:
        """What kinds of rights they are, the gravest first."""
        return classes(self.rights)


@dataclass(frozen=True, slots=True)
class Remade:
    """A missing directory that the launcher makes otherwise: mode and owner, "" where it makes none."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes between two rulesets: wider ones first, and of these the gravest.

    Attributes:
        changes: Empty exactly when both allow the same everywhere.
        remade: Directories that the launcher makes otherwise.
        equal: How many paths and ports that either names are allowed the same in both.
        same_digest: Whether an approval of the one would hold for the other. Two rulesets can allow the same
            and differ in it: one names what another rule of it allows already.
        target_abi: Of the old one and the new one.
        without_effect: Paths of files on this machine on which either grants rights that only directories
            have; they are left out, as the launcher leaves them out.
    """

    changes: tuple[Change, ...]
    remade: tuple[Remade, ...]
    equal: int
    same_digest: bool
    target_abi: tuple[int, int]
    without_effect: tuple[str, ...] = ()

    @property
    def none(self) -> bool:
        """Whether both allow the same, and the launcher prepares the same."""
        return not self.changes and not self.remade

    @property
    def wider(self) -> tuple[Change, ...]:
        """The changes by which the new ruleset allows more."""
        return tuple(change for change in self.changes if change.way.wider)

    @property
    def narrower(self) -> tuple[Change, ...]:
        """The changes by which the new ruleset allows less."""
        return tuple(change for change in self.changes if not change.way.wider)
