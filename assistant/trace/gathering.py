"""Makes one inventory of what was collected from several traces: added up, in one order, with evidence."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
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
    Remark,
    RemarkKind,
    Seen,
)
from assistant.trace.inventory import (
    KEPT_ACTORS,
    KEPT_LINES,
    KEPT_RUNS,
    Aspect,
    Collected,
    Collector,
    Names,
    Tally,
)


_PATH = attrgetter("path")
_ONCE = 2
"""Numbers in a tally's lines when there is one: the line, and its process."""
_Key = TypeVar("_Key")
_Table = tuple[str, Aspect, dict[Names, Tally]]
_Lines = tuple[tuple[Evidence, ...], tuple[Seen, ...]]


class Totals(NamedTuple):
    """What tallies of one thing come to, over actors and traces."""

    calls: int
    evidence: tuple[Evidence, ...]
    actors: tuple[str, ...]
    runs: tuple[tuple[str, int], ...]
    processes: tuple[Seen, ...]


class _Part(NamedTuple):
    """The tally of one actor in one trace."""

    trace: str
    actor: str
    tally: Tally


class _Adding:
    """Adds up tallies. Of a call that needs several things the evidence is the same, and is made once."""

    def __init__(self) -> None:
        self._call = ""
        self._lines: dict[tuple[tuple[str, tuple[int, ...]], ...], _Lines] = {}
        self._same: dict[object, object] = {}
        # Apart: a process and its number equal, as tuples, a trace and how often.
        self._processes: dict[tuple[Seen, ...], tuple[Seen, ...]] = {}

    def totals(self, parts: Sequence[_Part]) -> Totals:
        """Add up; the lines kept are the first of each trace, in turn, in the order of the traces."""
        return self._single(*parts[0]) if len(parts) == 1 else self._several(parts)

    def turns_to(self, call: str) -> None:
        """From now on tallies are of this call: what was kept for another one has no use any more."""
        if call != self._call:
            self._call = call
            self._lines.clear()

    def _one(self, value: _Key) -> _Key:
        return self._same.setdefault(value, value)  # type: ignore[return-value]

    def _single(self, trace: str, actor: str, tally: Tally) -> Totals:
        """The same for a single tally, as most are."""
        seen = tally.seen
        key = ((trace, seen),)
        known = self._lines.get(key)
        if known is None:
            if len(seen) == _ONCE:
                processes = (Seen(trace, seen[1]),)
                known = (Evidence(trace, seen[0]),), self._processes.setdefault(processes, processes)
            else:
                known = self._first_of_each([_Part(trace, actor, tally)])
            self._lines[key] = known
        actors = (actor,) if actor else tuple(dict.fromkeys(f"pid {pid}" for pid in seen[1::2]))
        return Totals(tally.count, known[0], self._one(actors), self._one(((trace, tally.count),)), known[1])

    def _several(self, parts: Sequence[_Part]) -> Totals:
        ordered = sorted(parts, key=_first_seen)
        count, runs, actors = 0, dict[str, int](), list[str]()
        for trace, actor, tally in ordered:
            count += tally.count
            runs[trace] = runs.get(trace, 0) + tally.count
            for name in [actor] if actor else [f"pid {pid}" for pid in tally.seen[1::2]]:
                if name not in actors and len(actors) < KEPT_ACTORS:
                    actors.append(name)
        key = tuple([(trace, tally.seen) for trace, _, tally in ordered])
        known = self._lines.get(key)
        if known is None:
            known = self._lines[key] = self._first_of_each(ordered)
        return Totals(count, known[0], self._one(tuple(actors)), self._one(tuple(runs.items())), known[1])

    def _first_of_each(self, parts: Iterable[_Part]) -> _Lines:
        seen: dict[str, list[tuple[int, int]]] = {}
        for trace, _, tally in parts:
            seen.setdefault(trace, []).extend(tally.lines())
        share = max(1, KEPT_LINES // len(seen))
        kept = [(trace, line) for trace in list(seen)[:KEPT_RUNS] for line in sorted(seen[trace])[:share]]
        processes = tuple(dict.fromkeys([Seen(trace, pid) for trace, (_, pid) in kept]))
        evidence = tuple([Evidence(trace, line) for trace, (line, _) in kept])
        return evidence, self._processes.setdefault(processes, processes)


def _first_seen(part: _Part) -> tuple[int, int]:
    return part.tally.first


def gather(collected: Sequence[Collected]) -> Inventory:
    """All traces as one inventory, in an order that depends on nothing but the traces' contents.

    Takes the collectors' accesses of paths out of them: both at once would be twice the memory.
    """
    named = [(source.name, collector) for source, collector in collected]
    adding = _Adding()
    kinds: dict[str, Kind] = {}
    moved: dict[str, str] = {}
    links: dict[str, tuple[str, ...]] = {}
    roots: set[str] = set()
    calls: Counter[str] = Counter()
    for _, collector in named:
        kinds.update(collector.kinds)
        moved.update(collector.moved)
        roots |= collector.roots
        for link, targets in collector.links.items():
            links[link] = tuple(dict.fromkeys((*links.get(link, ()), *targets)))
        calls.update(collector.calls)
    return Inventory(
        sources=tuple(source for source, _ in collected),
        paths=_in_order(_paths(named, adding), [name for name, _ in named]),
        ports=tuple(_ports(named, adding)),
        abstract=tuple(_abstracts(named, adding)),
        executions=tuple(
            Execution(path, totals.calls, totals.evidence, root)
            for (path, root), totals in _sorted_totals(
                named, adding, lambda c: ((k, "", t) for k, t in c.executions.items())
            )
        ),
        remarks=tuple(_remarks(named, adding)),
        not_understood=tuple(
            NotUnderstood(kind, count, example, Evidence(name, line))
            for name, collector in named
            for kind, (count, example, line) in sorted(collector.stranges.items())
        ),
        calls=dict(sorted(calls.items())),
        kinds=kinds,
        moved=moved,
        links=links,
        roots=tuple(sorted(roots)),
    )


_Named = Sequence[tuple[str, Collector]]
_Rows = Callable[[Collector], Iterable[tuple[_Key, str, Tally]]]


def _grouped(named: _Named, rows: _Rows[_Key]) -> dict[_Key, list[_Part]]:
    groups: dict[_Key, list[_Part]] = {}
    for trace, collector in named:
        for key, actor, tally in rows(collector):
            groups.setdefault(key, []).append(_Part(trace, actor, tally))
    return groups


def _sorted_totals(named: _Named, adding: _Adding, rows: _Rows[_Key]) -> Iterator[tuple[_Key, Totals]]:
    groups = _grouped(named, rows)
    for key in sorted(groups):  # type: ignore[type-var]
        yield key, adding.totals(groups[key])


def _paths(named: _Named, adding: _Adding) -> Iterator[PathAccess]:
    """Every access once, in no order."""
    groups: dict[Aspect, list[_Table]] = {}
    sizes = Counter[str]()
    for trace, collector in named:
        for aspect, table in collector.needs.items():
            groups.setdefault(aspect._replace(actor=""), []).append((trace, aspect, table))
            sizes[aspect.call] += len(table)
        collector.needs = {}
    # The largest call first, while little has been made yet.
    for aspect in sorted(groups, key=lambda of: (-sizes[of.call], of.call)):
        adding.turns_to(aspect.call)
        for names, parts in _by_names(groups.pop(aspect)):
            path, given = (names, "") if isinstance(names, str) else names
            yield PathAccess(
                path,
                aspect.rights,
                aspect.kind,
                aspect.verdict,
                aspect.outcome,
                aspect.call,
                given,
                aspect.volatile,
                aspect.final,
                "",
                aspect.follows,
                aspect.root,
                *adding.totals(parts),
            )


def _by_names(tables: list[_Table]) -> Iterator[tuple[Names, list[_Part]]]:
    """The parts of each access; the tables are empty afterwards."""
    several = _in_several([table for _, _, table in tables])
    merged: dict[Names, list[_Part]] = {}
    for trace, aspect, table in tables:
        while table:
            names, tally = table.popitem()
            part = _Part(trace, aspect.actor, tally)
            if names in several:
                merged.setdefault(names, []).append(part)
            else:
                yield names, [part]
    yield from merged.items()


def _in_several(tables: list[dict[Names, Tally]]) -> set[Names]:
    """Names that more than one table has."""
    known: set[Names] = set()
    several: set[Names] = set()
    for table in tables[:-1]:
        several.update(known.intersection(table))
        known.update(table)
    several.update(known.intersection(tables[-1]))
    return several


def _ports(named: _Named, adding: _Adding) -> Iterator[PortAccess]:
    groups = _grouped(named, lambda c: ((k, a, t) for (k, a), t in c.ports.items()))
    for key in sorted(groups, key=lambda key: (key[0], key[1].value, *key[2:])):
        yield PortAccess(*key, *adding.totals(groups[key]))


def _abstracts(named: _Named, adding: _Adding) -> Iterator[AbstractSocket]:
    served = {name for _, collector in named for name in collector.served}
    rows = _sorted_totals(named, adding, lambda c: ((k, "", t) for k, t in c.abstracts.items()))
    for key, totals in rows:
        yield AbstractSocket(*key, key[0] in served, totals.calls, totals.evidence)


def _remarks(named: _Named, adding: _Adding) -> Iterator[Remark]:
    examples: dict[RemarkKind, str] = {}
    for _, collector in named:
        for kind, (_, example) in collector.remarks.items():
            examples.setdefault(kind, example)
    rows = _sorted_totals(named, adding, lambda c: ((k, "", t) for k, (t, _) in c.remarks.items()))
    for kind, totals in rows:
        yield Remark(kind, totals.calls, examples[kind], totals.evidence)


def _in_order(paths: Iterable[PathAccess], traces: Sequence[str]) -> tuple[PathAccess, ...]:
    """By path, then by what was done, then as it was seen."""
    places = {name: place for place, name in enumerate(traces)}

    def seen(access: PathAccess) -> tuple[int, int]:
        trace, line = access.evidence[0]
        return places[trace], line

    found = sorted(paths, key=_PATH)
    # Most paths have few accesses: what tells those apart is made for each path in turn, never for all.
    start = 0
    while start < len(found):
        path, end = found[start].path, start + 1
        while end < len(found) and found[end].path == path:
            end += 1
        if end - start > 1:
            found[start:end] = sorted(found[start:end], key=lambda access: (order(access), seen(access)))
        start = end
    return tuple(found)


def order(access: PathAccess) -> tuple[int, str, str, str, str]:
    """The order in which the accesses of one path are listed: by what was done."""
    return (access.rights.value, access.verdict, access.call, access.outcome, access.given)
