"""Collects what the calls of one trace mean. Equal accesses are counted, not repeated.

A long build makes hundreds of thousands of distinct accesses, and all of them stay until the trace ends: so
what many of them have in common is one object here, names included.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

from assistant.domain.access import Kind, Protocol, RemarkKind, TraceSource, Verdict
from assistant.domain.rights import FsRight, NetRight


KEPT_LINES: Final = 4
KEPT_ACTORS: Final = 6
KEPT_RUNS: Final = 8
KEPT_EXAMPLE: Final = 200

_FULL: Final = 2 * (KEPT_LINES - 1)
_NONE: Final = -1


class Tally:
    """How often something was seen, its first lines and the processes in them.

    Most things are seen once, and there are very many: so the first line has no tuple of its own.

    Attributes:
        count: How often.
    """

    __slots__ = ("_line", "_more", "_pid", "count")

    def __init__(self) -> None:
        self.count = 0
        self._line = _NONE
        self._pid = 0
        self._more: tuple[int, ...] = ()

    @property
    def seen(self) -> tuple[int, ...]:
        """A line, its process, the next line, its process: flat."""
        return () if self._line == _NONE else (self._line, self._pid, *self._more)

    @property
    def first(self) -> tuple[int, int]:
        """The first line and its process."""
        return self._line, self._pid

    def add(self, line: int, pid: int) -> None:
        """Once more, on a line, by a process."""
        self.count += 1
        self.saw(line, pid)

    def saw(self, line: int, pid: int) -> None:
        """Keep the line if it is one of the first; whoever calls this counts by other means."""
        if self._line == _NONE:
            self._line, self._pid = line, pid
        elif len(self._more) < _FULL:
            self._more += (line, pid)

    def lines(self) -> list[tuple[int, int]]:
        """The lines that were kept, and the process in each."""
        if self._line == _NONE:
            return []
        more = self._more
        return [self.first, *zip(more[::2], more[1::2], strict=True)] if more else [self.first]

    def join(self, other: "Tally") -> None:
        """Add what was counted elsewhere; the first lines of both stay."""
        lines = sorted([*self.lines(), *other.lines()])[:KEPT_LINES]
        self.holds(self.count + other.count, [number for line in lines for number in line])

    def holds(self, count: int, seen: Sequence[int]) -> None:
        """What another process counted and saw; ``seen`` is flat."""
        self.count = count
        self._line, self._pid = (seen[0], seen[1]) if seen else (_NONE, 0)
        self._more = tuple(seen[2:])


class Observation(NamedTuple):
    """What one call says about one object: a PathAccess without its evidence."""

    path: str
    rights: FsRight
    verdict: Verdict
    outcome: str
    call: str
    kind: Kind = Kind.UNKNOWN
    given: str = ""
    volatile: bool = False
    final: bool = False
    follows: bool = True


class Aspect(NamedTuple):
    """What an Observation says apart from its names, and who was observed: few, for very many names."""

    rights: FsRight
    verdict: Verdict
    outcome: str
    call: str
    kind: Kind
    volatile: bool
    final: bool
    follows: bool
    root: str
    actor: str


Names = str | tuple[str, str]
"""A path alone, or with the name that was given for it."""

PortKey = tuple[int, NetRight, Protocol, Verdict, str, str]
AbstractKey = tuple[str, str, str]
_Key = TypeVar("_Key")


class Collector:
    """Takes what the calls of one trace need, with its evidence.

    ``needs`` is what calls need of paths, and ``known`` the names in it, each once, while it grows.
    ``kinds``, ``moved``, ``links`` and ``roots`` are what the trace told of objects: what they are by path,
    the last new name of each name, what links that were made said, and where processes changed their root to.
    """

    def __init__(self) -> None:
        self.needs: dict[Aspect, dict[Names, Tally]] = {}
        self.known: dict[str, str] = {}
        self.ports: dict[tuple[PortKey, str], Tally] = {}
        self.abstracts: dict[AbstractKey, Tally] = {}
        self.executions: dict[tuple[str, str], Tally] = {}
        self.remarks: dict[RemarkKind, tuple[Tally, str]] = {}
        self.stranges: dict[str, tuple[int, bytes, int]] = {}
        self.served: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.kinds: dict[str, Kind] = {}
        self.moved: dict[str, str] = {}
        self.links: dict[str, list[str]] = {}
        self.roots: set[str] = set()
        self.not_understood = 0

    def need(self, need: Observation, line: int, actor: str, pid: int = 0, root: str = "") -> Tally:
        """A call on a path, by a process whose root is ``root``."""
        return self.count(self.table(need, actor, root), need.path, need.given, line, pid)

    def table(self, need: Observation, actor: str, root: str = "") -> "dict[Names, Tally]":
        """Where names are counted of which the same is said, of the same process."""
        _, rights, verdict, outcome, call, kind, _, volatile, final, follows = need
        aspect = (rights, verdict, outcome, call, kind, volatile, final, follows, root, actor)
        table: dict[Names, Tally] | None = self.needs.get(aspect)  # type: ignore[call-overload]
        if table is None:
            table = self.needs[Aspect(*aspect)] = {}
        return table

    def count(self, table: "dict[Names, Tally]", path: str, given: str, line: int, pid: int) -> Tally:
        """Count a name in its table; ``given`` is empty when it is the path itself."""
        # Each name as one object.
        path = self.known.setdefault(path, path)
        given = given and self.known.setdefault(given, given)
        return _add(table, (path, given) if given else path, line, pid)

    def observations(self) -> Iterator[Observation]:
        """What was observed on paths, each once."""
        for aspect, table in self.needs.items():
            for names in table:
                path, given = (names, "") if isinstance(names, str) else names
                yield Observation(path, *aspect[:5], given, *aspect[5:8])

    def port(self, key: PortKey, line: int, actor: str, pid: int = 0) -> Tally:
        """A bind of, or connect to, a port."""
        return _add(self.ports, (key, actor), line, pid)

    def abstract(self, key: AbstractKey, line: int) -> Tally:
        """A bind of, or connect to, an abstract unix socket: (name, call, outcome)."""
        name, call, outcome = key
        if call == "bind" and outcome == "ok":
            self.served.add(name)
        return _add(self.abstracts, key, line, 0)

    def executed(self, path: str, root: str, line: int) -> Tally:
        """A program was executed, by a process whose root is ``root``."""
        return _add(self.executions, (path, root), line, 0)

    def remark(self, kind: RemarkKind, example: str, line: int) -> Tally:
        """Something that no right expresses."""
        known = self.remarks.get(kind)
        tally, _ = known or (Tally(), "")
        if known is None:
            self.remarks[kind] = (tally, example[:KEPT_EXAMPLE])
        tally.add(line, 0)
        return tally

    def remark_all(self, kind: RemarkKind, example: str, tally: Tally) -> None:
        """The same for what was counted elsewhere."""
        total, _ = self.remarks.setdefault(kind, (Tally(), example[:KEPT_EXAMPLE]))
        total.count += tally.count
        for line, pid in tally.lines():
            total.saw(line, pid)

    def strange(self, kind: str, raw: bytes, line: int) -> None:
        """A line, or an argument in it, that was not understood."""
        self.not_understood += 1
        count, example, first = self.stranges.get(kind, (0, raw[:KEPT_EXAMPLE], line))
        self.stranges[kind] = (count + 1, example, first)


def _add(table: dict[_Key, Tally], key: _Key, line: int, pid: int) -> Tally:
    tally = table.get(key)
    if tally is None:
        tally = table[key] = Tally()
    tally.add(line, pid)
    return tally


class Collected(NamedTuple):
    """One trace that was read, and what it showed."""

    source: TraceSource
    collector: Collector
