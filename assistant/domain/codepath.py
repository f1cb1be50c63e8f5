"""Code paths that a service legitimately takes, and whether the recorded runs took them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from assistant.domain.access import Evidence


class Exercised(StrEnum):
    """Whether a recorded run took a code path. UNKNOWN: a trace cannot tell, or none was given."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CodePath:
    """One code path.

    Attributes:
        id: A short name that stays: "reload", "rotate-nginx".
        title: What the service does, in words. Raw.
        source: Where it is known from: a directive, a file. Raw.
        exercised: Whether a run took it.
        why: What shows that, or why nothing can. Raw.
        evidence: Lines that show it.
        record: A shell command that records it. Raw.
        meanwhile: What to do while that runs; empty when nothing. Raw.
    """

    id: str
    title: str
    source: str
    exercised: Exercised
    why: str
    evidence: tuple[Evidence, ...] = ()
    record: str = ""
    meanwhile: str = ""


@dataclass(frozen=True, slots=True)
class CodePaths:
    """All code paths that were found for one service.

    Attributes:
        service: Its name. Raw.
        paths: In the order of a service's life.
        unread: What could not be looked at, a sentence each. Raw.
    """

    service: str
    paths: tuple[CodePath, ...]
    unread: tuple[str, ...] = ()

    def count(self, exercised: Exercised) -> int:
        """How many of them were, were not, or may have been taken."""
        return sum(1 for path in self.paths if path.exercised is exercised)


@dataclass(frozen=True, slots=True)
class Signals:
    """Signals that processes of the traces received.

    Attributes:
        first: The first line of each, by name ("SIGHUP").
        shown: Whether these traces show signals at all, so that one that is absent did not come.
    """

    first: Mapping[str, Evidence] = field(default_factory=dict)
    shown: bool = False


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file of a package. ``text`` is None when it could not be read."""

    path: str
    text: str | None
