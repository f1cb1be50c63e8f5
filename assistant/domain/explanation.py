"""Why a path or a port is allowed or denied: rules, lines of traces, and what would go if a rule went."""

from dataclasses import dataclass

from assistant.domain.access import Evidence, Kind, PathAccess, PortAccess
from assistant.domain.rights import NO_FS, FsRight, NetRight
from assistant.domain.ruleset import PathGrant, PortGrant, Refused


Grant = PathGrant | PortGrant


@dataclass(frozen=True, slots=True)
class Asked:
    """What the question is about, as far as it is known.

    Attributes:
        given: As the person wrote it, made absolute.
        path: The object that the kernel checks: without symbolic links where the machine is known.
        kind: What it is; None when it does not exist or nothing is known of it.
        known: Whether the machine's files could be looked at.
        also: Rights that rules give to the object under another name of it: a hard link, a bind mount.
        owners: The packages that hold it, empty when none does; None when that is unknown.
    """

    given: str
    path: str
    kind: Kind | None = None
    known: bool = False
    also: FsRight = NO_FS
    owners: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One right in one place.

    Attributes:
        right: A single right.
        allowed: Whether it is.
        grants: The rules that give it, outermost first.
        handled: False for a right that is newer than the target ABI: it is denied nowhere.
    """

    right: FsRight | NetRight
    allowed: bool
    grants: tuple[Grant, ...] = ()
    handled: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """Calls of one kind in the traces.

    Attributes:
        access: What was seen.
        denied: Rights that it needs and the ruleset denies.
        lines: Its first lines, raw.
    """

    access: PathAccess | PortAccess
    denied: FsRight | NetRight
    lines: tuple[tuple[Evidence, bytes], ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """An access that would fail, and how."""

    access: PathAccess | PortAccess
    rights: FsRight | NetRight
    errno: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """What would be denied in the traced runs without one rule. ``losses``: None when no trace was given."""

    grant: Grant
    losses: tuple[Loss, ...] | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole answer to one question.

    Attributes:
        asked: The path and what is known of it; or the port.
        answers: Rights that are checked on the object itself.
        directory: The directory that holds it; empty for a port and for "/".
        inside: Rights that are checked on that directory: making, removing and moving the object.
        refused: Entries of the document that refuse it on purpose.
        probed: Entries that looked for it in vain.
        shown: What the traces show on it, and then on what lies beneath it; None without a trace.
        dropped: For each rule that gives a right on it, what would go with the rule.
    """

    asked: Asked | int
    answers: tuple[Answer, ...]
    directory: str = ""
    inside: tuple[Answer, ...] = ()
    refused: tuple[Refused, ...] = ()
    probed: tuple[Refused, ...] = ()
    shown: tuple[Shown, ...] | None = None
    dropped: tuple[Dropped, ...] = ()

    @property
    def subject(self) -> str:
        """What it is about, as findings call it. Raw."""
        return f"port {self.asked}" if isinstance(self.asked, int) else self.asked.path
