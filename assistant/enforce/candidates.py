"""Where probes come from: grants and refusals, secrets and programs of the machine, a scratch."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from assistant.domain.access import Kind, is_beneath, parent
from assistant.domain.host import Host
from assistant.domain.places import CREDENTIALS
from assistant.domain.rights import NEWEST_ABI, FsRight, NetRight
from assistant.domain.ruleset import Refused, Ruleset
from assistant.enforce.probes import Action, Answers, Ground, Group, Probe, choose
from assistant.enforce.scratch import Planted, Scratch


_KEYS = ("/etc/ssh/ssh_host_*_key", "/etc/ssl/private/*", "/etc/*/*.key", "/var/lib/*/.ssh/id_*")
_PROGRAMS = ("sh", "bash", "python3", "perl", "curl", "wget", "nc", "ssh", "su", "sudo", "mount", "gcc")
# Opening files there can have effects (tracing stops, drivers wake), and devices are never opened.
_PSEUDO = ("/proc", "/sys", "/dev")
_WRITES = ~(FsRight.READ_FILE | FsRight.READ_DIR | FsRight.EXECUTE)
_LISTED, _REFUSED, _GRANTS, _SECRETS, _PER_STORE = 200, 16, 40, 8, 4
_CANDIDATES = 6
_T = TypeVar("_T")


def derive(
    ruleset: Ruleset,
    host: Host,
    scratch: Scratch,
    answers: Answers | None = None,
    *,
    abi: int = NEWEST_ABI,
) -> list[Probe]:
    """Probes, always the same for the same ruleset, host and scratch.

    Args:
        ruleset: What is allowed.
        host: The machine to be probed.
        scratch: What the harness made to be run into.
        answers: Tries candidates without a sandbox; None: all count as open.
        abi: The running kernel's; probes of rights that it does not know are marked to be skipped.
    """
    ground = Ground(ruleset, host)
    return choose(_groups(ruleset, host, scratch, ground), ground, answers, abi=abi)


def _groups(ruleset: Ruleset, host: Host, scratch: Scratch, ground: Ground) -> list[Group]:
    refused = [probe for entry in ruleset.refused for probe in _refused(entry, host)]
    return [
        Group(10, list(_scratched(scratch))),
        *(Group(6, list(_writable(planted))) for planted in scratch.planted),
        Group(8, list(_beyond_files(ruleset, scratch))),
        Group(_REFUSED + 1, _at_most(_REFUSED, refused)),
        Group(_SECRETS, list(_secrets(host))),
        Group(6, list(_programs(host))),
        *_per_grant(ground, _siblings),
        *_per_grant(ground, _unwritten),
        *_per_grant(ground, _directories),
    ]


def _per_grant(ground: Ground, source: Callable[[Ground, str], Iterator[Probe]]) -> list[Group]:
    """A group for each grant that something comes from, spread over the ruleset when they are too many."""
    found = [list(islice(source(ground, grant), _CANDIDATES)) for grant in ground.grants]
    return _spread([Group(1, probes) for probes in found if probes], _GRANTS)


def _spread(values: Sequence[_T], most: int) -> list[_T]:
    if len(values) <= most:
        return list(values)
    return [values[index * len(values) // most] for index in range(most)]


def _at_most(most: int, probes: list[Probe]) -> list[Probe]:
    """The first ones; the others are not silently forgotten."""
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
    """Credential stores that exist, a few files of each."""
    for pattern in (*(place.where for place in CREDENTIALS.rows), *_KEYS):
        for name in _glob(pattern)[:_PER_STORE]:
            path = host.resolve(name)
            kind = host.kind(path)
            inside = _files_in(path) if kind is Kind.DIRECTORY else [path]
            for file in list(inside)[:_PER_STORE]:
                if host.kind(file) is Kind.FILE and not _is_pseudo(file):
                    yield Probe("read", file, "it holds credentials")


def _glob(pattern: str) -> list[str]:
    try:
        return sorted(str(path) for path in Path("/").glob(pattern.lstrip("/")))
    except OSError:
        return []


def _scratched(scratch: Scratch) -> Iterator[Probe]:
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
        ("socket", "socket"),
    )
    yield from (Probe(action, f"{scratch.directory}/{name}", why) for action, name in inside)


def _writable(planted: Planted) -> Iterator[Probe]:
    """What must not be done even where files may be made."""
    why = "the harness made it where the service may write"
    yield Probe("run", f"{planted.within}/program", why)
    if planted.beside:
        yield Probe("move", f"{planted.within}/file", why, to=f"{planted.beside}/file")
    yield Probe("mkdir", f"{planted.within}/empty/made", why)
    yield Probe("symlink", f"{planted.within}/empty/made", why)


def _siblings(ground: Ground, grant: str) -> Iterator[Probe]:
    """Files beside the grant that may not be read."""
    for path in _files_in(parent(grant)):
        if ground.lacks(path, FsRight.READ_FILE):
            yield Probe("read", path, "it lies beside a grant")


def _unwritten(ground: Ground, grant: str) -> Iterator[Probe]:
    """Files in or beside the grant that may be read and not written."""
    within = _files_in(grant) if ground.kind(grant) is Kind.DIRECTORY else [grant]
    for path in (*within, *_files_in(parent(grant))):
        if (
            stat.S_ISREG(_mode(path))
            and not (_is_program(path) or _is_pseudo(path))
            and ground.lacks(path, FsRight.WRITE_FILE)
            and not ground.lacks(path, FsRight.READ_FILE)
        ):
            yield Probe("write", path, "it may be read and not written")
            if ground.lacks(path, FsRight.REMOVE_FILE):
                yield Probe("rename", path, "its directory may not be changed")


def _directories(ground: Ground, grant: str) -> Iterator[Probe]:
    if _is_pseudo(grant):
        return
    if ground.kind(grant) is Kind.DIRECTORY and ground.lacks(grant, FsRight.WRITE_FILE):
        yield Probe("tmpfile", grant, "a directory that may not be written")
    above = parent(grant)
    if ground.lacks(above, FsRight.READ_DIR):
        yield Probe("list", above, "it holds a grant")


def _programs(host: Host) -> Iterator[Probe]:
    for name in _PROGRAMS:
        found = shutil.which(name)
        path = host.resolve(found) if found else ""
        if path and host.kind(path) is Kind.FILE:
            yield Probe("execute", path, "a program that the ruleset does not name")


def _beyond_files(ruleset: Ruleset, scratch: Scratch) -> Iterator[Probe]:
    no_port = "no port to try: 127.0.0.1 cannot be used, or all ports are granted"
    ports: tuple[tuple[Action, int], ...] = (
        ("connect", scratch.connect_port),
        ("bind", scratch.bind_port),
        ("send-udp", scratch.connect_port),
        ("bind-udp", scratch.bind_port),
    )
    for action, port in ports:
        yield Probe(action, str(port), "the port is not granted", "" if port else no_port)
    if ruleset.scope.signal:
        yield Probe("signal", str(scratch.pid), "the harness runs outside the sandbox")
    if ruleset.scope.abstract_unix_socket:
        yield Probe("abstract", scratch.abstract, "the harness listens outside the sandbox")
    yield from _next_ports(ruleset.ports())


def _next_ports(granted: "dict[int, NetRight]") -> Iterator[Probe]:
    """Ports beside those that may be bound."""
    bound = {port for port, rights in granted.items() if rights & NetRight.BIND_TCP}
    for port in sorted(bound):
        if port + 1 < 1 << 16 and port + 1 not in bound:
            yield Probe("bind", str(port + 1), "it lies beside a port that is granted")
