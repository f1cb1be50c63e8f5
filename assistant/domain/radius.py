"""How far a ruleset reaches on one host: the files that it opens, in one figure and grant by grant."""

from dataclasses import dataclass
from enum import StrEnum


class Use(StrEnum):
    """What may be done with a file."""

    READ = "read"
    WRITE = "write"
    EXECUTE = "execute"


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A file that matters more than others, and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What the grants on one path open for one use.

    Attributes:
        path: The grants' path.
        use: What for.
        opened: How many files; a lower bound when ``complete`` is False.
        counted: Those of them that the figure counts: all, but to read only what is not the same everywhere.
        used: How many of them the traces used so; None without traces.
        sensitive: The ones to know by name.
        complete: False when there were too many to look at, or what lies there cannot be counted.
    """

    path: str
    use: Use
    opened: int
    counted: int
    used: int | None
    sensitive: tuple[Sensitive, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """What the whole ruleset opens for one use; a file beneath two grants counts once."""

    use: Use
    counted: int
    used: int | None


@dataclass(frozen=True, slots=True)
class Radius:
    """The whole ruleset.

    Attributes:
        reached: For each use.
        openings: What counts most comes first.
        complete: False when something could not be counted: the figure is a lower bound.
    """

    reached: tuple[Reached, ...]
    openings: tuple[Opening, ...]
    complete: bool

    @property
    def figure(self) -> int:
        """One number: private files that may be read, files that may be changed, programs that may be run."""
        return sum(one.counted for one in self.reached)
