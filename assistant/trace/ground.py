"""Puts an inventory on the ground of a host: links resolved, kinds known, interpreters added.

Rules bind to the object a path leads to, so a rule's path must be the resolved one. What the trace says about
an object (a descriptor's annotation, mkdir, O_DIRECTORY, stat) outranks what the host shows now: the object
may be gone. Reads no file: the host is a value.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from operator import attrgetter

from assistant.domain.access import Evidence, Execution, Inventory, Kind, PathAccess, Verdict
from assistant.domain.host import Host
from assistant.domain.rights import FsRight
from assistant.trace.gathering import order
from assistant.trace.implied import gains, interpreters, read_back, shortened
from assistant.trace.inventory import KEPT_ACTORS, KEPT_LINES
from assistant.trace.loader import inferred_loaders
from assistant.trace.row import WITH_A_SAY, Row
from assistant.trace.settling import Settling, is_pseudo


_SHORTENS = frozenset({"ftruncate", "ftruncate64"})
_PATH = attrgetter("path")
_NO_DEVICES = ("/dev/shm/", "/dev/mqueue/")


def ground(inventory: Inventory, host: Host) -> Inventory:
    """The same inventory with resolved paths, known kinds and what executions imply.

    Args:
        inventory: As read.
        host: The machine that the trace was made on, or NoHost.
    """
    settling = Settling(inventory, host)
    loaders = {} if host.known else inferred_loaders(inventory.paths, inventory.executions)
    loaders = {host.resolve(program): loader for program, loader in loaders.items()}
    accesses = list(reversed(inventory.paths))
    # From here on each access goes as soon as its row is made, if nobody else has the inventory.
    inventory = replace(inventory, paths=())
    rows = [settling.settle(access) for access in _taken(accesses)]
    executions = _resolved_executions(inventory.executions, host)
    rows += gains(rows, inventory.moved, host)
    rows += settling.otherwise
    rows += [row for run in executions for row in interpreters(run, host, loaders.get(run.path, ""))]
    blind = {source.name for source in inventory.sources if not source.calls & _SHORTENS}
    rows += shortened(rows, blind)
    volatile = {row.path for row in rows if row.volatile}
    rows += read_back(rows)
    directories = _directories(rows)
    # A directory at one time and a file at another: both readings of an open stand.
    changed = _files(rows, settling.told) & directories
    rows = [row for row in rows if _finish(row, directories, changed, volatile)]
    return replace(inventory, paths=tuple(_merged(rows)), executions=executions)


def _taken(accesses: list[PathAccess]) -> Iterator[PathAccess]:
    while accesses:
        yield accesses.pop()


def _resolved_executions(executions: Iterable[Execution], host: Host) -> tuple[Execution, ...]:
    merged: dict[str, Execution] = {}
    for run in executions:
        path = run.path if is_pseudo(run.path) else host.resolve(run.path, root=run.root)
        known = merged.get(path)
        if known is None:
            merged[path] = replace(run, path=path)
        else:
            evidence = tuple(sorted({*known.evidence, *run.evidence}))[:KEPT_LINES]
            merged[path] = replace(known, count=known.count + run.count, evidence=evidence)
    return tuple(merged[path] for path in sorted(merged))


def _directories(rows: Iterable[Row]) -> set[str]:
    """Paths that were certainly directories: something was used beneath them."""
    found = {"/"}
    for row in rows:
        if row.verdict not in WITH_A_SAY:
            continue
        if row.kind is Kind.DIRECTORY:
            found.add(row.path)
        directory = row.path.rpartition("/")[0]
        while directory and directory not in found:
            found.add(directory)
            directory = directory.rpartition("/")[0]
    return found


def _files(rows: Iterable[Row], told: Mapping[str, Kind]) -> set[str]:
    """Paths that the traces said were files."""
    found = {path for path, kind in told.items() if kind is Kind.FILE}
    found.update(row.path for row in rows if row.told is Kind.FILE and row.verdict in WITH_A_SAY)
    return found


def _finish(row: Row, directories: set[str], changed: set[str], volatile: set[str]) -> bool:
    """Right names for the kind of object, and volatility of the object; False when nothing is left to say."""
    kind, rights, path = row.kind, row.rights, row.path
    if kind in (Kind.UNKNOWN, Kind.FILE) and path in directories:
        kind = row.kind = Kind.DIRECTORY
    if FsRight.IOCTL_DEV in rights and not _is_device(row):
        rights &= ~FsRight.IOCTL_DEV
    if kind is Kind.DIRECTORY:
        opened = row.call.startswith("open")
        if opened and FsRight.READ_FILE in rights and FsRight.WRITE_FILE not in rights:
            kept = rights if path in changed else rights & ~FsRight.READ_FILE
            rights = kept | FsRight.READ_DIR
    elif kind is not Kind.FILE and kind is not Kind.UNKNOWN:
        rights &= ~FsRight.TRUNCATE
    if not rights and row.rights:
        return False
    row.rights = rights
    if path in volatile:
        row.volatile = True
        if row.verdict is Verdict.PROBED and not row.given:
            # Absent this time, and made later in the same run: the next start will find it.
            row.verdict = Verdict.POSSIBLE
    return True


def _is_device(row: Row) -> bool:
    """What only devices are asked for is no right on anything else. In /dev, names are devices' names."""
    if row.kind is Kind.UNKNOWN:
        return row.path.startswith("/dev/") and not row.path.startswith(_NO_DEVICES)
    return row.kind in (Kind.DEVICE, Kind.BLOCK_DEVICE)


def _merged(rows: list[Row]) -> Iterator[PathAccess]:
    """Accesses that became equal as one, apart from how often and where they were seen; all in order.

    The rows are used up.
    """
    rows.sort(key=_PATH)
    rows.reverse()
    while rows:
        same = [rows.pop()]
        while rows and rows[-1].path == same[0].path:
            same.append(rows.pop())
        if len(same) == 1:
            yield _joined(same)
        else:
            yield from sorted(map(_joined, _groups(same)), key=order)


def _groups(rows: Iterable[Row]) -> Iterable[list[Row]]:
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        key = (
            row.rights,
            row.verdict,
            row.kind,
            row.given,
            row.volatile,
            row.outcome,
            row.call,
            row.implied_by,
        )
        groups.setdefault(key, []).append(row)
    return groups.values()


def _joined(group: list[Row]) -> PathAccess:
    row = group[0]
    lines, actors, count = row.evidence, row.actors, row.count
    if len(lines) > 1 and not _rise(lines):
        lines = tuple(sorted(set(lines)))
    runs, processes = row.runs, row.processes
    if len(group) > 1:
        count = sum(one.count for one in group)
        lines = _first({line for one in group for line in one.evidence})
        actors = tuple(dict.fromkeys(actor for one in group for actor in one.actors))[:KEPT_ACTORS]
        processes = tuple(dict.fromkeys(seen for one in group for seen in one.processes))
        total = Counter[str]()
        for one in group:
            total.update(dict(one.runs))
        runs = tuple(total.items())
    return PathAccess(
        row.path,
        row.rights,
        row.kind,
        row.verdict,
        row.outcome,
        row.call,
        row.given,
        row.volatile,
        True,
        row.implied_by,
        True,
        "",
        count,
        lines,
        actors,
        runs,
        processes,
    )


def _rise(lines: tuple[Evidence, ...]) -> bool:
    """Whether lines stand in order, each once."""
    before = lines[0]
    for line in lines[1:]:
        if line <= before:
            return False
        before = line
    return True


def _first(lines: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The first lines of each trace, in turn, so that each is heard."""
    by_trace: dict[str, list[Evidence]] = {}
    for line in sorted(lines):
        by_trace.setdefault(line.trace, []).append(line)
    share = max(1, KEPT_LINES // len(by_trace)) if by_trace else 0
    return tuple(line for some in by_trace.values() for line in some[:share])
