"""The launch context of a service: which layer denies which kind of access, and where none does."""

from dataclasses import dataclass
from enum import StrEnum


class Layer(StrEnum):
    """What can deny an access, apart from the service itself.

    USER: file permissions. CAPABILITIES: the kernel's privileges, and whether new ones can be gained.
    SECCOMP: filters of system calls and socket families. MOUNTS: what the service sees of the file system.
    NAMESPACES: its own network, users, host name. CGROUP: devices, addresses, ports. LANDLOCK: the ruleset.
    """

    USER = "user"
    CAPABILITIES = "capabilities"
    SECCOMP = "seccomp"
    MOUNTS = "mounts"
    NAMESPACES = "namespaces"
    CGROUP = "cgroup"
    LANDLOCK = "landlock"


class State(StrEnum):
    """What one layer says. NONE: it does not govern this kind of access."""

    DENY = "deny"
    ALLOW = "allow"
    UNKNOWN = "unknown"
    NONE = "-"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one layer says, and why: the directive, the rule. ``why`` is raw: escape it before showing."""

    state: State
    why: str = ""


NO_CELL = Cell(State.NONE)


class Verdict(StrEnum):
    """How well a kind of access is denied.

    GAP: by no layer. UNKNOWN: by no layer for sure, but by one that could not be judged. SINGLE: by one, so
    that its failure opens it. REDUNDANT: by two or more.
    """

    GAP = "gap"
    UNKNOWN = "unknown"
    SINGLE = "single point"
    REDUNDANT = "redundant"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Directives that would close a gap.

    Attributes:
        lines: "ProtectHome=yes", for a drop-in's [Service]. Raw.
        mind: What to know before using them.
    """

    lines: tuple[str, ...]
    mind: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of access and what each layer says of it.

    Attributes:
        id: A short name that stays.
        title: In words, as what a taken-over service would do.
        cells: One for each layer.
        suggestion: For a gap, where there is one.
    """

    id: str
    title: str
    cells: dict[Layer, Cell]
    suggestion: Suggestion | None = None

    @property
    def verdict(self) -> Verdict:
        """From the cells alone."""
        states = [cell.state for cell in self.cells.values()]
        denied = states.count(State.DENY)
        if denied:
            return Verdict.SINGLE if denied == 1 else Verdict.REDUNDANT
        return Verdict.UNKNOWN if State.UNKNOWN in states else Verdict.GAP


@dataclass(frozen=True, slots=True)
class Trap:
    """Something about this launch that makes a sandbox fail, or hold less than it seems.

    Attributes:
        id: A short name that stays.
        subject: The directive, as far as it is one. Raw.
        what: What happens, in a sentence. Raw.
        next: What to do.
    """

    id: str
    subject: str
    what: str
    next: str


@dataclass(frozen=True, slots=True)
class Score:
    """What ``systemd-analyze security`` says: before, and with all suggestions; None where it did not say."""

    before: str | None
    after: str | None
    version: str = ""


@dataclass(frozen=True, slots=True)
class ContextReview:
    """The review of one launch context.

    Attributes:
        name: The unit, or the command. Raw.
        facts: What was read, a line each: user, groups, capabilities. Raw.
        rows: All kinds of access, gaps first.
        traps: What is dangerous to overlook.
        unread: What could not be read or judged, a sentence each: directives, specifiers, lines. Raw.
        score: systemd's own opinion; it knows nothing of Landlock.
    """

    name: str
    facts: tuple[str, ...]
    rows: tuple[Row, ...]
    traps: tuple[Trap, ...] = ()
    unread: tuple[str, ...] = ()
    score: Score | None = None

    @property
    def suggestions(self) -> tuple[str, ...]:
        """The lines of a drop-in that closes every gap for which there is a suggestion, each once."""
        lines = [line for row in self.rows if row.suggestion for line in row.suggestion.lines]
        return tuple(dict.fromkeys(lines))
