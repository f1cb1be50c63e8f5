"""Accesses that a ruleset must deny, derived from it and from what exists on this host. Tries none of them.

Every probe is outside the ruleset and about something that exists, so that EACCES can only be the sandbox's
word. None would change anything but what the harness made: found files are opened and closed, found programs
are asked about and never started, pseudo file systems are left alone.
"""

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar

from assistant.domain.access import Kind, is_beneath, parent
from assistant.domain.host import Host
from assistant.domain.rights import NEWEST_ABI, SINCE, FsRight, NetRight, Scope
from assistant.domain.ruleset import Refused, Ruleset
from assistant.enforce.reach import InodeReach
from assistant.enforce.scratch import Scratch


Action = Literal[
    "read",
    "list",
    "write",
    "truncate",
    "tmpfile",
    "create",
    "mkdir",
    "symlink",
    "rename",
    "execute",
    "run",
    "connect",
    "bind",
    "signal",
    "abstract",
]

RIGHT: dict[Action, FsRight | NetRight | Scope] = {
    "read": FsRight.READ_FILE,
    "list": FsRight.READ_DIR,
    "write": FsRight.WRITE_FILE,
    "truncate": FsRight.TRUNCATE,
    "tmpfile": FsRight.WRITE_FILE,
    "create": FsRight.MAKE_REG,
    "mkdir": FsRight.MAKE_DIR,
    "symlink": FsRight.MAKE_SYM,
    "rename": FsRight.REMOVE_FILE,
    "execute": FsRight.EXECUTE,
    "run": FsRight.EXECUTE,
    "connect": NetRight.CONNECT_TCP,
    "bind": NetRight.BIND_TCP,
    "signal": Scope.SIGNAL,
    "abstract": Scope.ABSTRACT_UNIX_SOCKET,
}
"""The right without which the kernel must refuse the action."""

_SECRETS = ("/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/krb5.keytab")
_SECRET_PATTERNS = (("/etc/ssh", "ssh_host_*_key"), ("/root/.ssh", "*"), ("/etc/ssl/private", "*"))
_PROGRAMS = ("sh", "bash", "python3", "perl", "curl", "wget", "nc", "ssh", "su", "sudo", "mount", "gcc")
# Opening files there can have effects (tracing stops, drivers wake), and devices are never opened.
_PSEUDO = ("/proc", "/sys", "/dev")
_WRITES = ~(FsRight.READ_FILE | FsRight.READ_DIR | FsRight.EXECUTE)
_LISTED = 200
_REFUSED = 16
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Probe:
    """One access that must be denied.

    Attributes:
        action: What to try.
        subject: A path without symbolic links, a port on 127.0.0.1, a pid or an abstract socket's name. Raw:
            escape before showing.
        why: Where the probe comes from.
        skip: Why it cannot be tried, if it cannot.
    """

    action: Action
    subject: str
    why: str
    skip: str = ""


def derive(ruleset: Ruleset, host: Host, scratch: Scratch, *, abi: int = NEWEST_ABI) -> list[Probe]:
    """At most sixty probes, always the same for the same ruleset, host and scratch.

    Args:
        ruleset: What is allowed.
        host: The machine to be probed.
        scratch: What the harness made to be run into.
        abi: The running kernel's; probes of rights that it does not know are marked to be skipped.
    """
    ground = _Ground(ruleset, host)
    groups: tuple[tuple[int, Iterable[Probe]], ...] = (
        (9, _planted(scratch)),
        (4, _beyond_files(ruleset, scratch)),
        (
            _REFUSED + 1,
            _at_most(_REFUSED, [p for refused in ruleset.refused for p in _refused(refused, host)]),
        ),
        (8, _secrets(host)),
        (6, _programs(host)),
        (10, ground.per_grant(_siblings, 5)),
        (6, ground.per_grant(_directories, 3)),
    )
    chosen: dict[tuple[Action, str], Probe] = {}
    for most, group in groups:
        fresh = [
            probe for probe in group if (probe.action, probe.subject) not in chosen and ground.outside(probe)
        ]
        chosen.update(((probe.action, probe.subject), probe) for probe in fresh[:most])
    return [_known(probe, abi) for probe in chosen.values()]


def _known(probe: Probe, abi: int) -> Probe:
    since = SINCE[RIGHT[probe.action]]
    if probe.skip or since <= abi:
        return probe
    return replace(probe, skip=f"the right came with Landlock ABI {since}, this kernel has {abi}")


class _Ground:
    """What is granted here, by resolved path, and what is outside it."""

    def __init__(self, ruleset: Ruleset, host: Host) -> None:
        self._target = ruleset.target_abi
        self._reach = InodeReach(ruleset)
        self.grants = sorted({host.resolve(path) for path in ruleset.paths()})
        self.kind = host.kind

    def outside(self, probe: Probe) -> bool:
        """Whether the ruleset denies it. Ports and scopes are derived outside to begin with."""
        right = RIGHT[probe.action]
        if SINCE[RIGHT[probe.action]] > self._target:
            return False
        return not isinstance(right, FsRight) or bool(probe.skip) or self.lacks(probe.subject, right)

    def lacks(self, path: str, right: FsRight) -> bool:
        """Whether a right is missing on an existing path."""
        return not self._reach.rights(path) & right

    def per_grant(self, source: "Callable[[_Ground, str], Iterator[Probe]]", most: int) -> list[Probe]:
        """What ``source`` derives from grants spread evenly over the ruleset."""
        lists = [probes for grant in self.grants if (probes := list(source(self, grant)))]
        return [probe for probes in _spread(lists, most) for probe in probes]


def _spread(values: Sequence[_T], most: int) -> list[_T]:
    if len(values) <= most:
        return list(values)
    return [values[index * len(values) // most] for index in range(most)]


def _at_most(most: int, probes: list[Probe]) -> list[Probe]:
    """The first ones; the others are not silently only_the_launcher."""
    left = len(probes) - most
    skip = f"{left} more of what the ruleset refuses are left out: {most} are tried"
    return [*probes[:most], *([Probe("read", "", "the ruleset refuses it", skip)] if left > 0 else [])]


def _is_pseudo(path: str) -> bool:
    return any(is_beneath(path, tree) for tree in _PSEUDO) and not is_beneath(path, "/dev/shm")


def _files_in(directory: str) -> Iterator[str]:
    """The first regular files of a directory by name; none of a pseudo file system."""
    try:
        names = sorted(os.listdir(directory))[:_LISTED]
    except OSError:
        return
    for name in names:
        path = f"{directory.rstrip('/')}/{name}"
        if not _is_pseudo(path) and stat.S_ISREG(_mode(path)):
            yield path


def _mode(path: str) -> int:
    try:
        return Path(path).lstat().st_mode
    except OSError:
        return 0


def _is_program(path: str) -> bool:
    """Opening a program for writing, however briefly, makes it fail to start for everyone (ETXTBSY)."""
    return bool(_mode(path) & 0o111)


def _refused(refused: Refused, host: Host) -> Iterator[Probe]:
    path, rights, why = host.resolve(refused.path), refused.rights, "the ruleset refuses it"
    kind = host.kind(path)
    if _is_pseudo(path) or kind not in (Kind.FILE, Kind.DIRECTORY):
        skip = "it does not exist" if kind is None else "only regular files and directories are opened"
        yield Probe("read", path, why, skip)
    elif kind is Kind.DIRECTORY:
        yield from [Probe("list", path, why)] if rights & FsRight.READ_DIR or not rights else []
        yield from [Probe("tmpfile", path, why)] if rights & _WRITES else []
    else:
        yield from [Probe("read", path, why)] if rights & FsRight.READ_FILE or not rights else []
        yield from [Probe("write", path, why)] if rights & _WRITES and not _is_program(path) else []
        yield from [Probe("execute", path, why)] if rights & FsRight.EXECUTE else []


def _secrets(host: Host) -> Iterator[Probe]:
    found = [str(path) for directory, pattern in _SECRET_PATTERNS for path in _glob(directory, pattern)]
    for name in (*_SECRETS, *found):
        path = host.resolve(name)
        if host.kind(path) is Kind.FILE and not _is_pseudo(path):
            yield Probe("read", path, "it holds credentials")


def _glob(directory: str, pattern: str) -> list[Path]:
    try:
        return sorted(Path(directory).glob(pattern))
    except OSError:
        return []


def _planted(scratch: Scratch) -> Iterator[Probe]:
    why = "the harness made it outside the ruleset"
    if not scratch.directory:
        yield Probe("create", "", why, scratch.reason)
        return
    inside: tuple[tuple[Action, str], ...] = (
        ("read", "file"),
        ("write", "file"),
        ("truncate", "file"),
        ("rename", "file"),
        ("list", "empty"),
        ("create", "empty/made"),
        ("mkdir", "empty/made"),
        ("symlink", "empty/made"),
        ("run", "program"),
    )
    yield from (Probe(action, f"{scratch.directory}/{name}", why) for action, name in inside)


def _siblings(ground: _Ground, grant: str) -> Iterator[Probe]:
    """A file beside the grant that may not be read; one in or beside it that may be read and not written."""
    beside = list(_files_in(parent(grant)))
    within = list(_files_in(grant)) if ground.kind(grant) is Kind.DIRECTORY else [grant]
    unread = [path for path in beside if ground.lacks(path, FsRight.READ_FILE)]
    yield from (Probe("read", path, "it lies beside a grant") for path in unread[:1])
    unwritten = (
        path
        for path in (*within, *beside)
        if stat.S_ISREG(_mode(path))
        and not (_is_program(path) or _is_pseudo(path))
        and ground.lacks(path, FsRight.WRITE_FILE)
        and not ground.lacks(path, FsRight.READ_FILE)
    )
    yield from (Probe("write", path, "it may be read and not written") for path in list(unwritten)[:1])


def _directories(ground: _Ground, grant: str) -> Iterator[Probe]:
    if _is_pseudo(grant):
        return
    above = parent(grant)
    if ground.lacks(above, FsRight.READ_DIR):
        yield Probe("list", above, "it holds a grant")
    if ground.kind(grant) is Kind.DIRECTORY and ground.lacks(grant, FsRight.WRITE_FILE):
        yield Probe("tmpfile", grant, "a directory that may not be written")


def _programs(host: Host) -> Iterator[Probe]:
    for name in _PROGRAMS:
        found = shutil.which(name)
        path = host.resolve(found) if found else ""
        if path and host.kind(path) is Kind.FILE:
            yield Probe("execute", path, "a program that the ruleset does not name")


def _beyond_files(ruleset: Ruleset, scratch: Scratch) -> Iterator[Probe]:
    for action, port in (("connect", scratch.connect_port), ("bind", scratch.bind_port)):
        skip = "" if port else "no port to try: 127.0.0.1 cannot be used, or all ports are granted"
        yield Probe("connect" if action == "connect" else "bind", str(port), "the port is not granted", skip)
    if ruleset.scope.signal:
        yield Probe("signal", str(scratch.pid), "the harness runs outside the sandbox")
    if ruleset.scope.abstract_unix_socket:
        yield Probe("abstract", scratch.abstract, "the harness listens outside the sandbox")
