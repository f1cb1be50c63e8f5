"""Puts an inventory on the ground of a host: links resolved, kinds known, interpreters added.

Rules bind to the object a path leads to, so a rule's path must be the resolved one. What the trace says about
an object (a descriptor's annotation, mkdir, O_DIRECTORY, stat) outranks what the host shows now: the object
may be gone. Reads no file: the host is a value.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from assistant.domain.access import Evidence, Execution, Inventory, Kind, PathAccess, Verdict
from assistant.domain.host import Host
from assistant.domain.places import is_guarded
from assistant.domain.rights import NO_FS, ON_FILE, FsRight
from assistant.trace.families.naming import MADE
from assistant.trace.inventory import KEPT_ACTORS, KEPT_LINES, order


_OPENS = frozenset({"open", "openat", "openat2", "creat", "open_by_handle_at"})
_OWN_PROC = re.compile(r"/proc/(?:self|thread-self|[0-9]+)(?=/|$)")
_EXEC = FsRight.EXECUTE | FsRight.READ_FILE
_LISTS = FsRight.READ_DIR | FsRight.READ_FILE
_TERMINALS = ("/dev/pts/", "/dev/tty")
_WITH_A_SAY = frozenset({Verdict.NEEDED, Verdict.POSSIBLE})


@dataclass(slots=True)
class _Row:
    """An access on its way to the ground: as read, and what has been found out about it."""

    access: PathAccess
    path: str
    rights: FsRight
    kind: Kind
    verdict: Verdict
    given: str
    volatile: bool

    @property
    def needed(self) -> FsRight:
        return self.rights if self.verdict is Verdict.NEEDED else NO_FS


def ground(inventory: Inventory, host: Host) -> Inventory:
    """The same inventory with resolved paths, known kinds and what executions imply.

    Args:
        inventory: As read.
        host: The machine that the trace was made on, or NoHost.
    """
    told = _told(inventory, host)
    same = _within_one_directory(inventory.moved, host)
    rows = [_settle(access, host, told, same) for access in inventory.paths]
    executions = _resolved_executions(inventory.executions, host)
    rows += _gains(rows, inventory.moved, host)
    rows += [row for run in executions for row in _implied(run, host)]
    if not {"ftruncate", "ftruncate64"} & set(inventory.calls):
        rows += _shortened(rows)
    volatile = {row.path for row in rows if row.volatile}
    rows += _read_back(rows)
    directories = _directories(rows)
    kept = [row for row in rows if _finish(row, directories, volatile)]
    return replace(inventory, paths=tuple(sorted(_merged(kept), key=order)), executions=executions)


def _told(inventory: Inventory, host: Host) -> dict[str, Kind]:
    """What the traces told of objects, by resolved path."""
    told = {
        host.resolve(path, follow=kind is not Kind.SYMLINK): kind
        for path, kind in inventory.kinds.items()
        if not _is_pseudo(path)
    }
    for old, new in inventory.moved.items():
        # Only one of the two names is there now; what it is says what was moved.
        kind = told.get(old) or told.get(new) or host.kind(new, follow=False) or host.kind(old, follow=False)
        if kind is not None:
            told.setdefault(old, kind)
            told.setdefault(new, kind)
    return told


def _shortened(rows: list[_Row]) -> list[_Row]:
    """Where ftruncate was not traced, every file that was opened for writing may have been shortened."""
    return [
        replace(row, rights=FsRight.TRUNCATE, verdict=Verdict.POSSIBLE)
        for row in rows
        if row.needed & FsRight.WRITE_FILE and row.access.call in _OPENS
        if row.kind is not Kind.DIRECTORY and not _has_no_length(row.path)
    ]


def _read_back(rows: list[_Row]) -> list[_Row]:
    """Files that a service writes in a directory of its own that it lists: the next start reads them.

    The first start finds none, so no line reads one. The listing is the evidence; one file stands for all.
    """
    listed = {row.path: row for row in rows if _is_listing(row)}
    found: dict[str, _Row] = {}
    for row in rows if listed else ():
        if row.needed & FsRight.WRITE_FILE and row.access.call in _OPENS:
            listing = listed.get(_holder(row.path))
            if listing is not None and listing.path not in found:
                found[listing.path] = replace(
                    listing,
                    path=row.path,
                    rights=FsRight.READ_FILE,
                    kind=Kind.FILE,
                    verdict=Verdict.POSSIBLE,
                    given="",
                )
    return list(found.values())


def _is_listing(row: _Row) -> bool:
    if row.kind is not Kind.DIRECTORY or row.access.call not in _OPENS:
        return False
    reads = row.needed & _LISTS
    return bool(reads) and row.rights == reads and not is_guarded(row.path)


def _has_no_length(path: str) -> bool:
    return path.startswith(("/proc/", "/sys/", "/dev/")) and not path.startswith(
        ("/dev/shm/", "/dev/mqueue/")
    )


def _gains(rows: list[_Row], moved: Mapping[str, str], host: Host) -> list[_Row]:
    """What a directory must allow so that files may leave it: all that their new place allows.

    The kernel answers EXDEV to a move or link that would gain a right.
    """
    leaving = [
        (row, host.resolve(posixpath.dirname(moved[row.given])))
        for row in rows
        if row.given in moved and FsRight.REFER in row.needed
    ]
    rights = dict.fromkeys((place for row, there in leaving for place in (row.path, there)), NO_FS)
    for row in rows if leaving else ():
        if row.verdict in _WITH_A_SAY:
            for place in (row.path, _holder(row.path)):
                if place in rights:
                    rights[place] |= row.rights & ON_FILE
    return [
        replace(row, rights=gained, kind=Kind.DIRECTORY)
        for row, there in leaving
        if (gained := rights[there] & ~rights[row.path])
    ]


def _within_one_directory(moved: Mapping[str, str], host: Host) -> frozenset[str]:
    """Names that moved within one directory which was spelled in two ways: that asks for no REFER."""
    names: set[str] = set()
    for old, new in moved.items():
        before, after = posixpath.dirname(old), posixpath.dirname(new)
        if before != after and host.resolve(before) == host.resolve(after):
            names |= {old, new}
    return frozenset(names)


def _holder(path: str) -> str:
    return path[: path.rfind("/")] or "/"


def _is_pseudo(path: str) -> bool:
    return path.startswith("/proc/")


def _settle(access: PathAccess, host: Host, told: dict[str, Kind], same: frozenset[str]) -> _Row:
    """Resolve the path and find its kind."""
    path, given = access.path, access.given
    if _is_pseudo(path):
        # The host's own /proc/self would be this very program's.
        path = _OWN_PROC.sub("/proc/self", path, count=1)
        if not access.final:
            path = _lexical(path)
    elif not access.final:
        path = host.resolve(path, follow=access.follows)
        given = given or (access.path if path != access.path else "")
    kind = access.kind
    if kind is Kind.UNKNOWN:
        kind = told.get(path) or host.kind(path) or Kind.UNKNOWN
    if path.startswith("/dev/") and (path == "/dev/null" or path.startswith(_TERMINALS)):
        kind = Kind.DEVICE
    rights = _retyped(access, host, told)
    if access.given in same:
        rights &= ~FsRight.REFER
    return _Row(access, path, rights, kind, access.verdict, given, access.volatile)


def _lexical(path: str) -> str:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part:
            parts.append(part)
    return "/" + "/".join(parts)


def _retyped(access: PathAccess, host: Host, told: dict[str, Kind]) -> FsRight:
    """Rights on a directory's entry depend on what the entry is, which the call alone does not say."""
    rights = access.rights
    if access.kind is not Kind.DIRECTORY or not access.given or access.path == access.given:
        return rights
    entry = told.get(access.given)
    if entry is None:
        entry = host.kind(access.given, follow=False)
    if access.call.startswith("rename") and entry is Kind.DIRECTORY and FsRight.REMOVE_FILE in rights:
        rights = rights & ~FsRight.REMOVE_FILE | FsRight.REMOVE_DIR
        if FsRight.REFER in rights:
            # A directory moves only to where it may be made, and from where it could be made as well.
            rights |= FsRight.MAKE_DIR
    if access.call.startswith(("rename", "link")) and FsRight.MAKE_REG in rights:
        rights = rights & ~FsRight.MAKE_REG | MADE.get(entry or Kind.FILE, FsRight.MAKE_REG)
    if access.verdict is Verdict.POSSIBLE and entry in (Kind.DEVICE, Kind.FIFO):
        # O_CREAT on /dev/null: nobody makes a device by opening it.
        rights &= ~FsRight.MAKE_REG
    return rights


def _resolved_executions(executions: Iterable[Execution], host: Host) -> tuple[Execution, ...]:
    merged: dict[str, Execution] = {}
    for run in executions:
        path = run.path if _is_pseudo(run.path) else host.resolve(run.path)
        known = merged.get(path)
        if known is None:
            merged[path] = replace(run, path=path)
        else:
            evidence = tuple(sorted({*known.evidence, *run.evidence}))[:KEPT_LINES]
            merged[path] = replace(known, count=known.count + run.count, evidence=evidence)
    return tuple(merged[path] for path in sorted(merged))


def _implied(run: Execution, host: Host) -> Iterator[_Row]:
    """The kernel opens the interpreters of a program itself; strace never shows it."""
    for interpreter in host.interpreters(run.path):
        access = PathAccess(
            path=interpreter,
            rights=_EXEC,
            kind=Kind.FILE,
            verdict=Verdict.NEEDED,
            outcome="ok",
            call="execve",
            implied_by=run.path,
            count=run.count,
            evidence=run.evidence,
            actors=(run.path,),
        )
        yield _Row(access, interpreter, _EXEC, Kind.FILE, Verdict.NEEDED, "", volatile=False)


def _directories(rows: Iterable[_Row]) -> set[str]:
    """Paths that were certainly directories: something was used beneath them."""
    found = {"/"}
    for row in rows:
        if row.verdict not in _WITH_A_SAY:
            continue
        if row.kind is Kind.DIRECTORY:
            found.add(row.path)
        directory = row.path.rpartition("/")[0]
        while directory and directory not in found:
            found.add(directory)
            directory = directory.rpartition("/")[0]
    return found


def _finish(row: _Row, directories: set[str], volatile: set[str]) -> bool:
    """Right names for the kind of object, and volatility of the object; False when nothing is left to say."""
    kind, rights, path = row.kind, row.rights, row.path
    if kind in (Kind.UNKNOWN, Kind.FILE) and path in directories:
        kind = row.kind = Kind.DIRECTORY
    if kind is Kind.DIRECTORY:
        opened = row.access.call.startswith("open")
        if opened and FsRight.READ_FILE in rights and FsRight.WRITE_FILE not in rights:
            row.rights = rights & ~FsRight.READ_FILE | FsRight.READ_DIR
    elif kind is not Kind.FILE and kind is not Kind.UNKNOWN and FsRight.TRUNCATE in rights:
        row.rights = rights & ~FsRight.TRUNCATE
        if not row.rights:
            return False
    if path in volatile:
        row.volatile = True
        if row.verdict is Verdict.PROBED and not row.given:
            # Absent this time, and made later in the same run: the next start will find it.
            row.verdict = Verdict.POSSIBLE
    return True


def _merged(rows: Iterable[_Row]) -> Iterator[PathAccess]:
    """Accesses that became equal, apart from how often and where they were seen."""
    groups: dict[tuple[object, ...], list[_Row]] = {}
    for row in rows:
        access = row.access
        what = (row.path, row.rights, row.verdict, row.kind, row.given, row.volatile)
        key = (what, access.outcome, access.call, access.implied_by)
        group = groups.get(key)
        if group is None:
            groups[key] = [row]
        else:
            group.append(row)
    return map(_joined, groups.values())


def _joined(group: list[_Row]) -> PathAccess:
    row = group[0]
    access = row.access
    lines, actors, count = access.evidence, access.actors, access.count
    if len(lines) > 1:
        lines = tuple(sorted(set(lines)))
    runs, processes = access.runs, access.processes
    if len(group) > 1:
        accesses = [one.access for one in group]
        count = sum(one.count for one in accesses)
        lines = _first({line for one in accesses for line in one.evidence})
        actors = tuple(dict.fromkeys(actor for one in accesses for actor in one.actors))[:KEPT_ACTORS]
        processes = tuple(dict.fromkeys(seen for one in accesses for seen in one.processes))
        total = Counter[str]()
        for one in accesses:
            total.update(dict(one.runs))
        runs = tuple(total.items())
    return PathAccess(
        path=row.path,
        rights=row.rights,
        kind=row.kind,
        verdict=row.verdict,
        outcome=access.outcome,
        call=access.call,
        given=row.given,
        volatile=row.volatile,
        final=True,
        implied_by=access.implied_by,
        count=count,
        evidence=lines,
        actors=actors,
        runs=runs,
        processes=processes,
    )


def _first(lines: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The first lines of each trace, in turn, so that each is heard."""
    by_trace: dict[str, list[Evidence]] = {}
    for line in sorted(lines):
        by_trace.setdefault(line.trace, []).append(line)
    share = max(1, KEPT_LINES // len(by_trace)) if by_trace else 0
    return tuple(line for some in by_trace.values() for line in some[:share])
