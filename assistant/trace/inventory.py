"""Collects what calls mean into an Inventory. Equal accesses are counted, not repeated."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from assistant.domain.access import (
    AbstractSocket,
    Evidence,
    Execution,
    Inventory,
    Kind,
    NotUnderstood,
    PathAccess,
    PortAccess,
    Protocol,
    Remark,
    RemarkKind,
    Seen,
    TraceSource,
    Verdict,
)
from assistant.domain.rights import FsRight, NetRight


KEPT_LINES = 4
KEPT_ACTORS = 6
KEPT_RUNS = 8
KEPT_EXAMPLE = 200


class Tally:
    """How often something was seen, its first lines and the processes in them."""

    __slots__ = ("count", "seen")

    def __init__(self) -> None:
        self.count = 0
        self.seen: list[tuple[int, int]] = []

    def add(self, line: int, pid: int) -> None:
        """Once more, on a line, by a process."""
        self.count += 1
        self.saw(line, pid)

    def saw(self, line: int, pid: int) -> None:
        """Keep the line if it is one of the first; whoever calls this counts by other means."""
        if len(self.seen) < KEPT_LINES:
            self.seen.append((line, pid))


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


PortKey = tuple[int, NetRight, Protocol, Verdict, str, str]
AbstractKey = tuple[str, str, str]
_Key = TypeVar("_Key")


class Collector:
    """Takes what the calls of one trace need, with its evidence.

    ``kinds`` and ``moved`` are what the trace told of objects: by path, and the last new name of each name.
    """

    def __init__(self) -> None:
        self.needs: dict[tuple[Observation, str], Tally] = {}
        self.ports: dict[tuple[PortKey, str], Tally] = {}
        self.abstracts: dict[AbstractKey, Tally] = {}
        self.executions: dict[str, Tally] = {}
        self.remarks: dict[RemarkKind, tuple[Tally, str]] = {}
        self.stranges: dict[str, tuple[int, bytes, int]] = {}
        self.served: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.kinds: dict[str, Kind] = {}
        self.moved: dict[str, str] = {}
        self.not_understood = 0

    def need(self, need: Observation, line: int, actor: str, pid: int = 0) -> Tally:
        """A call on a path."""
        return _add(self.needs, (need, actor), line, pid)

    def port(self, key: PortKey, line: int, actor: str, pid: int = 0) -> Tally:
        """A bind of, or connect to, a port."""
        return _add(self.ports, (key, actor), line, pid)

    def abstract(self, key: AbstractKey, line: int) -> Tally:
        """A bind of, or connect to, an abstract unix socket: (name, call, outcome)."""
        name, call, outcome = key
        if call == "bind" and outcome == "ok":
            self.served.add(name)
        return _add(self.abstracts, key, line, 0)

    def executed(self, path: str, line: int) -> Tally:
        """A program was executed."""
        return _add(self.executions, path, line, 0)

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
        for line, pid in tally.seen:
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


@dataclass(frozen=True, slots=True)
class Totals:
    """What tallies of one thing come to, over actors and traces."""

    count: int
    evidence: tuple[Evidence, ...]
    actors: tuple[str, ...]
    runs: tuple[tuple[str, int], ...]
    processes: tuple[Seen, ...]


class _Part(NamedTuple):
    """The tally of one actor in one trace."""

    trace: str
    actor: str
    tally: Tally


def _total(trace: str, actor: str, tally: Tally) -> Totals:
    """The same for a single tally, as most are."""
    seen = sorted(tally.seen)
    pids = dict.fromkeys(pid for _, pid in seen)
    return Totals(
        tally.count,
        tuple([Evidence(trace, line) for line, _ in seen]),
        (actor,) if actor else tuple(dict.fromkeys(f"pid {pid}" for _, pid in tally.seen)),
        ((trace, tally.count),),
        tuple([Seen(trace, pid) for pid in pids]),
    )


def _totals(parts: Sequence[_Part]) -> Totals:
    """Add up; the lines kept are the first of each trace, in turn, and listed in the order of the traces."""
    if len(parts) == 1:
        return _total(*parts[0])
    runs: dict[str, int] = {}
    seen: dict[str, list[tuple[int, int]]] = {}
    actors: dict[str, None] = {}
    for trace, actor, tally in sorted(parts, key=lambda part: part.tally.seen[0]) if parts[1:] else parts:
        runs[trace] = runs.get(trace, 0) + tally.count
        seen.setdefault(trace, []).extend(tally.seen)
        for name in [actor] if actor else [f"pid {pid}" for _, pid in tally.seen]:
            if len(actors) < KEPT_ACTORS:
                actors[name] = None
    for lines in seen.values():
        lines.sort()
    share = max(1, KEPT_LINES // len(seen))
    kept = [(trace, *line) for trace, lines in list(seen.items())[:KEPT_RUNS] for line in lines[:share]]
    return Totals(
        sum(runs.values()),
        tuple(Evidence(trace, line) for trace, line, _ in kept),
        tuple(actors),
        tuple(runs.items()),
        tuple(dict.fromkeys(Seen(trace, pid) for trace, _, pid in kept)),
    )


def _grouped(tables: Iterable[tuple[str, Iterable[tuple[_Key, str, Tally]]]]) -> dict[_Key, list[_Part]]:
    groups: dict[_Key, list[_Part]] = {}
    for trace, rows in tables:
        for key, actor, tally in rows:
            groups.setdefault(key, []).append(_Part(trace, actor, tally))
    return groups


def gather(collected: Sequence[Collected]) -> Inventory:
    """All traces as one inventory, in an order that depends on nothing but the traces' contents."""
    named = [(source.name, collector) for source, collector in collected]
    kinds: dict[str, Kind] = {}
    moved: dict[str, str] = {}
    calls: Counter[str] = Counter()
    for _, collector in named:
        kinds.update(collector.kinds)
        moved.update(collector.moved)
        calls.update(collector.calls)
    return Inventory(
        sources=tuple(source for source, _ in collected),
        paths=tuple(sorted(_paths(named), key=order)),
        ports=tuple(_ports(named)),
        abstract=tuple(_abstracts(named)),
        executions=tuple(
            Execution(path, totals.count, totals.evidence)
            for path, totals in _sorted_totals(named, lambda c: ((k, "", t) for k, t in c.executions.items()))
        ),
        remarks=tuple(_remarks(named)),
        not_understood=tuple(
            NotUnderstood(kind, count, example, Evidence(name, line))
            for name, collector in named
            for kind, (count, example, line) in sorted(collector.stranges.items())
        ),
        calls=dict(sorted(calls.items())),
        kinds=kinds,
        moved=moved,
    )


_Named = Sequence[tuple[str, Collector]]
_Rows = Callable[[Collector], Iterable[tuple[_Key, str, Tally]]]


def _sorted_totals(named: _Named, rows: _Rows[_Key]) -> Iterator[tuple[_Key, Totals]]:
    groups = _grouped((name, rows(collector)) for name, collector in named)
    for key in sorted(groups):  # type: ignore[type-var]
        yield key, _totals(groups[key])


def _paths(named: _Named) -> Iterator[PathAccess]:
    groups = _grouped((name, ((k, a, t) for (k, a), t in c.needs.items())) for name, c in named)
    for need, parts in groups.items():
        totals = _totals(parts)
        yield PathAccess(
            path=need.path,
            rights=need.rights,
            kind=need.kind,
            verdict=need.verdict,
            outcome=need.outcome,
            call=need.call,
            given=need.given,
            volatile=need.volatile,
            final=need.final,
            follows=need.follows,
            count=totals.count,
            evidence=totals.evidence,
            actors=totals.actors,
            runs=totals.runs,
            processes=totals.processes,
        )


def _ports(named: _Named) -> Iterator[PortAccess]:
    groups = _grouped((name, ((k, a, t) for (k, a), t in c.ports.items())) for name, c in named)
    for key in sorted(groups, key=lambda key: (key[0], key[1].value, *key[2:])):
        totals = _totals(groups[key])
        yield PortAccess(*key, totals.count, totals.evidence, totals.actors, totals.runs, totals.processes)


def _abstracts(named: _Named) -> Iterator[AbstractSocket]:
    served = {name for _, collector in named for name in collector.served}
    rows = _sorted_totals(named, lambda c: ((k, "", t) for k, t in c.abstracts.items()))
    for key, totals in rows:
        yield AbstractSocket(*key, key[0] in served, totals.count, totals.evidence)


def _remarks(named: _Named) -> Iterator[Remark]:
    examples: dict[RemarkKind, str] = {}
    for _, collector in named:
        for kind, (_, example) in collector.remarks.items():
            examples.setdefault(kind, example)
    rows = _sorted_totals(named, lambda c: ((k, "", t) for k, (t, _) in c.remarks.items()))
    for kind, totals in rows:
        yield Remark(kind, totals.count, examples[kind], totals.evidence)


def order(access: PathAccess) -> tuple[str, int, str, str, str, str]:
    """The order in which accesses are listed: by path, then by what was done."""
    return (access.path, access.rights.value, access.verdict, access.call, access.outcome, access.given)
