"""What a drafter offers to whoever proposes: numbered places, the rules that may stand there, what was seen.

A proposal picks rules by number. Paths and rights are here and stay here, so a proposal can never name one
that code did not offer.
"""

from dataclasses import dataclass
from enum import StrEnum

from assistant.domain.access import Kind
from assistant.domain.rights import NO_FS, FsRight
from assistant.domain.ruleset import PathGrant, PortGrant


class Relation(StrEnum):
    """How a choice relates to what the drafter would take by itself."""

    DRAFTED = "drafted"
    NARROWER = "narrower"
    WIDER = "wider"


@dataclass(frozen=True, slots=True)
class Opens:
    """Files that a choice opens though the trace never used them so.

    Attributes:
        read: Files of no package that may be read.
        public: Files of packages that may be read.
        write: Files that may be written.
        execute: Programs that may be run.
        names: Of all these, those whose names say key or password.
        known: False when there were too many to count: then the figures are lower bounds.
    """

    read: int = 0
    public: int = 0
    write: int = 0
    execute: int = 0
    names: tuple[str, ...] = ()
    known: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to grant what a place needs.

    Attributes:
        number: Unique over the whole offer, from 1.
        relation: To the draft.
        paths: The grants, as the drafter would write them; empty for a port.
        ports: Likewise.
        directories: Which of the paths are directories.
        opens: What it opens beyond what was used.
        lacks: Rights that another reading of the trace needs and that this choice leaves out.
    """

    number: int
    relation: Relation
    paths: tuple[PathGrant, ...] = ()
    ports: tuple[PortGrant, ...] = ()
    directories: frozenset[str] = frozenset()
    opens: Opens = Opens()
    lacks: FsRight = NO_FS

    @property
    def fragile(self) -> int:
        """How many of its rules die with the file that they are on."""
        return sum(bool(grant.weakness) for grant in self.paths)


@dataclass(frozen=True, slots=True)
class Observed:
    """Objects beneath one place that were used alike: one object, or a family of them.

    Attributes:
        number: Unique over the whole offer, from 1.
        paths: All of them.
        below: The deepest directory that holds all of a family; the object itself when there is only one.
        suffix: What the names of a family end in (".pyc"); "" when they differ or when there is only one.
        rights: What they need.
        possible: What another reading of the trace would need as well.
        kind: What they are.
        volatile: They were made, replaced or removed while the service ran.
        implied: No line shows the access: a program's start implies it.
        calls: How many system calls.
        runs: In how many of the traces.
        programs: Executables that used them.
        outcomes: Ends of calls other than success: names of errors.
    """

    number: int
    paths: tuple[str, ...]
    below: str
    suffix: str
    rights: FsRight
    possible: FsRight
    kind: Kind
    volatile: bool = False
    implied: bool = False
    calls: int = 0
    runs: int = 0
    programs: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A decision: what was seen at one place, and the choices, the drafter's own first.

    Attributes:
        number: Unique over the offer, from 1.
        choices: At least one.
        observed: What was seen there; empty for a port.
        forced: A directory that many programs share, where nothing else can hold the need.
    """

    number: int
    choices: tuple[Choice, ...]
    observed: tuple[Observed, ...] = ()
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Declined:
    """What code refuses whatever is proposed. ``number`` is of the same count as that of Observed."""

    number: int
    path: str
    rights: FsRight
    why: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything that a proposal is about.

    Attributes:
        service: The service's name.
        target_abi: The Landlock ABI that is drafted for.
        runs: How many traces there are.
        spots: In the order of paths, ports behind them.
        declined: Accesses that are refused.
        absent: Names that were looked for and are not there; nothing can be granted for them.
    """

    service: str
    target_abi: int
    runs: int
    spots: tuple[Spot, ...] = ()
    declined: tuple[Declined, ...] = ()
    absent: tuple[str, ...] = ()

    def choices(self) -> dict[int, tuple[Spot, Choice]]:
        """Every choice by its number, with its place."""
        return {choice.number: (spot, choice) for spot in self.spots for choice in spot.choices}

    def observed(self) -> dict[int, Observed]:
        """Everything that was seen, by its number."""
        return {seen.number: seen for spot in self.spots for seen in spot.observed}
