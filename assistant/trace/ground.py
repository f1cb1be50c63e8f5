"""Puts an inventory on the ground of a host: links resolved, kinds known, interpreters added.

Rules bind to the object a path leads to, so a rule's path must be the resolved one. What the trace says about
an object (a descriptor's annotation, mkdir, O_DIRECTORY, stat) outranks what the host shows now: the object
may be gone. Reads no file: the host is a value.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from assistant.domain.access import Execution, Inventory, Kind, PathAccess, Verdict
from assistant.domain.host import Host
from assistant.domain.places import is_guarded
from assistant.domain.rights import ON_FILE, FsRight
from assistant.trace.families.naming import MADE
from assistant.trace.inventory import KEPT_ACTORS, KEPT_LINES, order


_OPENS = frozenset({"open", "openat", "openat2", "creat", "open_by_handle_at"})
_OWN_PROC = re.compile(r"/proc/(?:self|thread-self|[0-9]+)(?=/|$)")
_EXEC = FsRight.EXECUTE | FsRight.READ_FILE


def ground(inventory: Inventory, host: Host) -> Inventory:
    """The same inventory with resolved paths, known kinds and what executions imply.

    Args:
        inventory: As read.
        host: The machine that the trace was made on, or NoHost.
    """
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
    same = _within_one_directory(inventory.moved, host)
    settled = [_settle(access, host, told, same) for access in inventory.paths]
    executions = _resolved_executions(inventory.executions, host)
    settled += _gains(settled, inventory.moved, host)
    settled += [implied for run in executions for implied in _implied(run, host)]
    if not {"ftruncate", "ftruncate64"} & set(inventory.calls):
        settled += _shortened(settled)
    volatile = {access.path for access in settled if access.volatile}
    settled += _read_back(settled)
    directories = _directories(settled)
    finished = (_finish(access, directories, volatile) for access in settled)
    return replace(
        inventory, paths=tuple(sorted(_merged(a for a in finished if a), key=order)), executions=executions
    )


def _shortened(accesses: list[PathAccess]) -> list[PathAccess]:
    """Where ftruncate was not traced, every file that was opened for writing may have been shortened."""
    return [
        replace(access, rights=FsRight.TRUNCATE, verdict=Verdict.POSSIBLE)
        for access in accesses
        if access.needed & FsRight.WRITE_FILE and access.call in _OPENS
        if access.kind is not Kind.DIRECTORY and not _has_no_length(access.path)
    ]


def _read_back(accesses: list[PathAccess]) -> list[PathAccess]:
    """Files that a service writes in a directory of its own that it lists: the next start reads them.

    The first start finds none, so no line reads one. The listing is the evidence; one file stands for all.
    """
    listed = {access.path: access for access in accesses if _is_listing(access)}
    found: dict[str, PathAccess] = {}
    for access in accesses:
        if access.needed & FsRight.WRITE_FILE and access.call in _OPENS:
            listing = listed.get(posixpath.dirname(access.path))
            if listing is not None and listing.path not in found:
                found[listing.path] = replace(
                    listing,
                    path=access.path,
                    rights=FsRight.READ_FILE,
                    kind=Kind.FILE,
                    verdict=Verdict.POSSIBLE,
                    given="",
                )
    return list(found.values())


def _is_listing(access: PathAccess) -> bool:
    reads = access.needed & (FsRight.READ_DIR | FsRight.READ_FILE)
    opened = access.kind is Kind.DIRECTORY and access.call in _OPENS and access.rights == reads
    return opened and bool(reads) and not is_guarded(access.path)


def _has_no_length(path: str) -> bool:
    return path.startswith(("/proc/", "/sys/", "/dev/")) and not path.startswith(
        ("/dev/shm/", "/dev/mqueue/")
    )


def _gains(accesses: list[PathAccess], moved: Mapping[str, str], host: Host) -> list[PathAccess]:
    """What a directory must allow so that files may leave it: all that their new place allows.

    The kernel answers EXDEV to a move or link that would gain a right.
    """
    rights: dict[str, FsRight] = {}
    for access in accesses:
        if access.verdict in (Verdict.NEEDED, Verdict.POSSIBLE):
            for place in (access.path, posixpath.dirname(access.path)):
                rights[place] = rights.get(place, FsRight(0)) | access.rights & ON_FILE
    found = []
    for access in accesses:
        new = moved.get(access.given, "")
        if not (new and FsRight.REFER in access.rights and access.needed):
            continue
        there, here = rights.get(host.resolve(posixpath.dirname(new)), FsRight(0)), rights.get(access.path)
        gained = there & ~(here or FsRight(0))
        if gained:
            found.append(replace(access, rights=gained, kind=Kind.DIRECTORY, final=True))
    return found


def _within_one_directory(moved: Mapping[str, str], host: Host) -> frozenset[str]:
    """Names that moved within one directory which was spelled in two ways: that asks for no REFER."""
    names: set[str] = set()
    for old, new in moved.items():
        before, after = posixpath.dirname(old), posixpath.dirname(new)
        if before != after and host.resolve(before) == host.resolve(after):
            names |= {old, new}
    return frozenset(names)


def _is_pseudo(path: str) -> bool:
    return path.startswith("/proc/")


def _settle(access: PathAccess, host: Host, told: dict[str, Kind], same: frozenset[str]) -> PathAccess:
    """Resolve the path and find its kind."""
    path = access.path
    if _is_pseudo(path):
        # The host's own /proc/self would be this very program's.
        path = _OWN_PROC.sub("/proc/self", path, count=1)
        if not access.final:
            path = _lexical(path)
    elif not access.final:
        path = host.resolve(path, follow=access.follows)
    given = access.given
    if not given and path != access.path and not access.path.startswith("/proc/"):
        given = access.path
    kind = access.kind
    if kind is Kind.UNKNOWN:
        kind = told.get(path) or host.kind(path) or Kind.UNKNOWN
    if path == "/dev/null" or path.startswith(("/dev/pts/", "/dev/tty")):
        kind = Kind.DEVICE
    rights = _retyped(access, host, told)
    if access.given in same:
        rights &= ~FsRight.REFER
    return replace(access, path=path, given=given, kind=kind, rights=rights)


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


def _implied(run: Execution, host: Host) -> list[PathAccess]:
    """The kernel opens the interpreters of a program itself; strace never shows it."""
    return [
        PathAccess(
            path=interpreter,
            rights=_EXEC,
            kind=Kind.FILE,
            verdict=Verdict.NEEDED,
            outcome="ok",
            call="execve",
            final=True,
            implied_by=run.path,
            count=run.count,
            evidence=run.evidence,
            actors=(run.path,),
        )
        for interpreter in host.interpreters(run.path)
    ]


def _directories(accesses: Iterable[PathAccess]) -> frozenset[str]:
    """Paths that were certainly directories: something was used beneath them."""
    found: set[str] = set()
    for access in accesses:
        if access.verdict in (Verdict.PROBED, Verdict.REFUSED):
            continue
        if access.kind is Kind.DIRECTORY:
            found.add(access.path)
        directory = access.path.rpartition("/")[0]
        while directory and directory not in found:
            found.add(directory)
            directory = directory.rpartition("/")[0]
    return frozenset(found | {"/"})


def _finish(access: PathAccess, directories: frozenset[str], volatile: set[str]) -> PathAccess | None:
    """Right names for the kind of object, and volatility of the object; None when nothing is left to say."""
    kind, rights = access.kind, access.rights
    if kind in (Kind.UNKNOWN, Kind.FILE) and access.path in directories:
        kind = Kind.DIRECTORY
    opened = access.call.startswith("open")
    if kind is Kind.DIRECTORY and opened and FsRight.WRITE_FILE not in rights and FsRight.READ_FILE in rights:
        rights = rights & ~FsRight.READ_FILE | FsRight.READ_DIR
    if kind not in (Kind.FILE, Kind.UNKNOWN, Kind.DIRECTORY):
        rights &= ~FsRight.TRUNCATE
    if not rights and access.rights:
        return None
    verdict = access.verdict
    if verdict is Verdict.PROBED and access.path in volatile and access.given == "":
        # Absent this time, and made later in the same run: the next start will find it.
        verdict = Verdict.POSSIBLE
    return replace(
        access, kind=kind, rights=rights, verdict=verdict, volatile=access.volatile or access.path in volatile
    )


def _merged(accesses: Iterable[PathAccess]) -> list[PathAccess]:
    """Accesses that became equal, apart from how often and where they were seen."""
    groups: dict[PathAccess, list[PathAccess]] = {}
    for access in accesses:
        key = replace(access, count=0, evidence=(), actors=(), final=True, follows=True)
        groups.setdefault(key, []).append(access)
    return [_joined(key, group) for key, group in groups.items()]


def _joined(key: PathAccess, group: list[PathAccess]) -> PathAccess:
    evidence = dict.fromkeys(line for access in group for line in access.evidence)
    actors = dict.fromkeys(actor for access in group for actor in access.actors)
    return replace(
        key,
        count=sum(access.count for access in group),
        evidence=tuple(sorted(evidence)[:KEPT_LINES]),
        actors=tuple(actors)[:KEPT_ACTORS],
    )
