"""One access held against the host: its path resolved, its kind known, its rights those of what is there."""

import posixpath
from collections.abc import Collection, Mapping
from dataclasses import replace

from assistant.domain.access import Inventory, Kind, PathAccess, Verdict
from assistant.domain.host import Host
from assistant.domain.processes import FIRST, OTHER
from assistant.domain.rights import FsRight
from assistant.trace.families.naming import MADE
from assistant.trace.owners import first_processes, spelled
from assistant.trace.row import OPENS, Row, holder


_TERMINALS = ("/dev/pts/", "/dev/tty")
_NEVER_MADE = (Kind.DEVICE, Kind.BLOCK_DEVICE, Kind.FIFO)
_EXECUTES = frozenset({"execve", "execveat"})
_MOVES = frozenset({"rename", "renameat", "renameat2", "link", "linkat"})
_REMOVES = FsRight.REMOVE_FILE | FsRight.REMOVE_DIR


class Settling:
    """Turns accesses into rows.

    Args:
        inventory: As read.
        host: The machine that the trace was made on, or NoHost.

    Attributes:
        told: What the traces told of objects, by resolved path.
        otherwise: What accesses may come to in the next run, which finds names as this one left them.
    """

    def __init__(self, inventory: Inventory, host: Host) -> None:
        self._host = host
        self._asked, self._resolved = ("", False, ""), ""
        self._moved = inventory.moved
        self._linked = frozenset(a.path for a in inventory.paths if links_what_is_behind(a))
        self.told = self._what_was_told(inventory.kinds)
        self.otherwise: list[Row] = []
        self._same = self._within_one_directory()
        self._first = first_processes(inventory.sources, inventory.paths)

    def _what_was_told(self, kinds: Mapping[str, Kind]) -> dict[str, Kind]:
        host = self._host
        told = {
            host.resolve(path, follow=kind is not Kind.SYMLINK): kind
            for path, kind in kinds.items()
            if not is_pseudo(path)
        }
        for old, new in self._moved.items():
            if self._is_exchange(old):
                continue
            before = self._source(old)
            # Only one of the two names is there now; what it is says what was moved.
            now = told.get(before) or told.get(new)
            kind = now or host.kind(new, follow=False) or host.kind(before, follow=False)
            if kind is not None:
                told.setdefault(before, kind)
                told.setdefault(new, kind)
        return told

    def _source(self, name: str) -> str:
        """What was moved or linked under a name: what is behind it, when linkat was to follow it."""
        return self._host.resolve(name) if name in self._linked else name

    def _is_exchange(self, name: str) -> bool:
        """Whether two names changed places, so that both are there."""
        other = self._moved.get(name, name)
        return other != name and self._moved.get(other) == name

    def _within_one_directory(self) -> frozenset[str]:
        """Names that moved within one directory, which was spelled in two ways: that asks for no REFER."""
        names: set[str] = set()
        for old, new in self._moved.items():
            before, after = posixpath.dirname(self._source(old)), posixpath.dirname(new)
            spelled_alike = before == after and old not in self._linked
            if not spelled_alike and self._host.resolve(before) == self._host.resolve(after):
                names |= {old, new}
        return frozenset(names)

    def settle(self, access: PathAccess) -> Row:
        """Resolve the path, find its kind, and say what that makes of the rights."""
        path, given = self._place(access)
        kind, host = access.kind, self._host
        if kind is Kind.UNKNOWN:
            # Every process has the same files in /proc.
            kind = self.told.get(path) or host.kind(path.replace(OTHER, FIRST, 1)) or Kind.UNKNOWN
        if path.startswith("/dev/") and (path == "/dev/null" or path.startswith(_TERMINALS)):
            kind = Kind.DEVICE
        row = Row(
            path,
            access.rights,
            kind,
            access.kind,
            access.verdict,
            access.outcome,
            access.call,
            given,
            access.volatile,
            access.implied_by,
            access.count,
            access.evidence,
            access.actors,
            access.runs,
            access.processes,
        )
        if access.call in OPENS:
            self._opened(row, access)
        elif access.call in _MOVES:
            self._moved_or_linked(row, access)
        elif access.verdict is Verdict.PROBED and access.call in _EXECUTES:
            self._executed(row, access)
        return row

    def _place(self, access: PathAccess) -> tuple[str, str]:
        """The path without links, and the name that was given for it."""
        path, given, host = access.path, access.given, self._host
        if is_pseudo(path):
            # The host's own /proc/self would be this very program's.
            return spelled(access, self._first), given
        if access.final:
            return path, given
        asked = path, access.follows, access.root
        if asked != self._asked:
            # The accesses of one path come one after the other.
            self._asked, self._resolved = asked, host.resolve(path, follow=access.follows, root=access.root)
        path = self._resolved
        if not given:
            return path, access.path if path != access.path else ""
        if access.call in OPENS and holder(given) == access.path and self._is_link(given):
            # What O_CREAT makes through a link that leads nowhere is made where the link leads.
            given = host.resolve(given, root=access.root)
            path = holder(given)
        return path, given

    def _is_link(self, path: str) -> bool:
        return self._host.kind(path, follow=False) is Kind.SYMLINK

    def _opened(self, row: Row, access: PathAccess) -> None:
        if access.verdict is Verdict.POSSIBLE and access.given and self._now(access.given) in _NEVER_MADE:
            # O_CREAT on /dev/null: nobody makes a device by opening it.
            row.rights &= ~FsRight.MAKE_REG

    def _executed(self, row: Row, access: PathAccess) -> None:
        """ENOENT: the program is absent, or its interpreter is. The latter is found out behind the check."""
        host = self._host
        if host.kind(row.path) is Kind.FILE:
            opened = host.interpreters(row.path, root=access.root)
            if any(host.kind(interpreter) is None for interpreter in opened):
                row.verdict = Verdict.POSSIBLE

    def _moved_or_linked(self, row: Row, access: PathAccess) -> None:
        if links_what_is_behind(access):
            # The right is asked on the directory in which the link ends.
            row.path, row.given = holder(row.path), access.path
            row.kind = row.told = Kind.DIRECTORY
        if row.given in self._same:
            row.rights &= ~FsRight.REFER
        if access.kind is Kind.UNKNOWN and access.given:
            row.kind = row.told = Kind.DIRECTORY
            self._retype(row, access)

    def _retype(self, row: Row, access: PathAccess) -> None:
        """Rights on a directory's entry depend on what the entry is, which the trace did not tell in time."""
        name, rights = access.given, row.rights
        kinds = {self._now(name)}
        if access.call == "renameat2" and self._is_exchange(name):
            here, there = self._now(name), self._now(self._moved[name])
            then, now = (
                (there or here, here or there) if rights & _REMOVES else (here or there, there or here)
            )
            kinds = {then}
            if access.count > 1:
                kinds = {then, now}
            elif then is not now:
                # The next run finds the two as this one left them.
                other = replace(row, rights=_retyped(rights, {now}), verdict=Verdict.POSSIBLE)
                self.otherwise.append(other)
        row.rights = _retyped(rights, kinds)

    def _now(self, name: str) -> Kind | None:
        return self.told.get(name) or self._host.kind(name, follow=False)


def links_what_is_behind(access: PathAccess) -> bool:
    """Whether linkat was to follow the name: then the access is of what is linked, not of its directory."""
    return access.call == "linkat" and access.kind is Kind.FILE


def is_pseudo(path: str) -> bool:
    """Whether a path lies in /proc, which is another for each process."""
    return path.startswith("/proc/")


def _retyped(rights: FsRight, entries: Collection[Kind | None]) -> FsRight:
    """What a call asks for when it moves or links entries of these kinds; None is taken for a file."""
    if Kind.DIRECTORY in entries and FsRight.REMOVE_FILE in rights:
        rights |= FsRight.REMOVE_DIR
        if len(entries) == 1:
            rights &= ~FsRight.REMOVE_FILE
        if FsRight.REFER in rights:
            # A directory moves only to where it may be made, and from where it could be made as well.
            rights |= FsRight.MAKE_DIR
    if FsRight.MAKE_REG in rights:
        rights &= ~FsRight.MAKE_REG
        for entry in entries:
            rights |= MADE.get(entry, FsRight.MAKE_REG) if entry else FsRight.MAKE_REG
    return rights
