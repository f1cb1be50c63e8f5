"""What a service was seen to do: accesses with the rights they need and the trace lines that show them."""

import posixpath
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from assistant.domain.rights import NO_FS, NO_NET, FsRight, NetRight


class Evidence(NamedTuple):
    """One line of one trace."""

    trace: str
    line: int

    def __str__(self) -> str:
        return f"{self.trace}:{self.line}"


class Seen(NamedTuple):
    """One process of one trace. ``pid`` is 0 when the trace's lines name none."""

    trace: str
    pid: int


class Kind(StrEnum):
    """What kind of object a path names, as far as it is known."""

    FILE = "file"
    DIRECTORY = "directory"
    DEVICE = "device"
    BLOCK_DEVICE = "block device"
    SOCKET = "socket"
    FIFO = "fifo"
    SYMLINK = "symlink"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What an observed call says about the rights it names.

    NEEDED: the call succeeded, or failed after Landlock's check, so without the right it would answer EACCES.
    POSSIBLE: the trace allows two readings and one of them needs the right (O_CREAT on a name that may have
        existed; mkdir that found its directory; unlink of a name that was absent this time).
    PROBED: the object was absent; nothing was needed, and nothing can be granted for it by name.
    REFUSED: another layer said no before Landlock's check would have been reached.
    """

    NEEDED = "needed"
    POSSIBLE = "possible"
    PROBED = "probed"
    REFUSED = "refused"


class PathAccess(NamedTuple):
    """All calls of one kind on one object.

    Attributes:
        path: Absolute path of the object that the rights are checked on. Undecodable bytes are surrogate
            escapes (UTF-8), as os.fsdecode makes them.
        rights: The rights that the calls need on this object under ``verdict``.
        kind: What the path names, from the trace or the host.
        verdict: What the calls say about the rights.
        outcome: "ok" or the errno's name.
        call: The system call's name.
        given: The name that the call was about, made absolute, when it is not ``path`` itself: the name
            before symbolic links were followed, or the entry that was made in or removed from ``path``.
        volatile: The object was created, replaced or removed in the traced run, so a rule cannot be bound to
            it: it needs a directory above it.
        final: True when the kernel itself named ``path`` (a descriptor's annotation): no link is left in it.
        implied_by: The program whose execution implies this access although no line shows it (interpreters).
        follows: False when the call acts on the last component itself, were it a link.
        root: Where absolute links in ``path`` lead to; "" for "/", and once grounded.
        count: How many calls.
        evidence: The first lines, oldest first.
        actors: Executables (or "pid N" when unknown) that made the calls.
        runs: How many calls in each trace.
        processes: The first processes that made them.
    """

    path: str
    rights: FsRight
    kind: Kind
    verdict: Verdict
    outcome: str
    call: str
    given: str = ""
    volatile: bool = False
    final: bool = False
    implied_by: str = ""
    follows: bool = True
    root: str = ""
    count: int = 1  # type: ignore[assignment] # tuples have a method of this name, which nothing uses
    evidence: tuple[Evidence, ...] = ()
    actors: tuple[str, ...] = ()
    runs: tuple[tuple[str, int], ...] = ()
    processes: tuple[Seen, ...] = ()

    @property
    def needed(self) -> FsRight:
        """The rights without which the traced run would have gone differently."""
        return self.rights if self.verdict is Verdict.NEEDED else NO_FS


class Protocol(StrEnum):
    """The transport of a socket. UNKNOWN when the trace did not show its type."""

    TCP = "tcp"
    UDP = "udp"
    MPTCP = "mptcp"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PortAccess:
    """All binds of, or connects to, one port."""

    port: int
    rights: NetRight
    protocol: Protocol
    verdict: Verdict
    outcome: str
    call: str
    count: int = 1
    evidence: tuple[Evidence, ...] = ()
    actors: tuple[str, ...] = ()
    runs: tuple[tuple[str, int], ...] = ()
    processes: tuple[Seen, ...] = ()

    @property
    def needed(self) -> NetRight:
        """The rights without which the traced run would have gone differently."""
        return self.rights if self.verdict is Verdict.NEEDED else NO_NET


@dataclass(frozen=True, slots=True)
class AbstractSocket:
    """Binds of, or connects to, one abstract unix socket. ``inside``: its server was seen in the trace."""

    name: str
    call: str
    outcome: str
    inside: bool
    count: int = 1
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Execution:
    """All successful execve calls of one program.

    ``path`` is absolute and, once grounded, resolved; interpreters are not included: the kernel opens them
    itself and strace never shows it. It looks for them beneath ``root``, "" for "/".
    """

    path: str
    count: int = 1
    evidence: tuple[Evidence, ...] = ()
    root: str = ""


class RemarkKind(StrEnum):
    """Things a trace shows that no right can express, or that weaken it as evidence."""

    UNRESOLVED = "unresolved"
    SIGNAL_OUTSIDE = "signal-outside"
    MOUNT = "mount"
    CHROOT = "chroot"
    NAMESPACE = "namespace"
    IO_URING = "io-uring"
    MEMORY_EXEC = "memory-exec"
    LISTEN_UNBOUND = "listen-unbound"
    OWN_LANDLOCK = "own-landlock"
    OWN_SECCOMP = "own-seccomp"
    UNTRACKED = "untracked"
    UNTRACKED_DIRECTORY = "untracked-directory"
    LOOKS_INTO = "looks-into"


@dataclass(frozen=True, slots=True)
class Remark:
    """One kind of remark, how often, the first lines and an example that is safe to print."""

    kind: RemarkKind
    count: int
    example: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Lines that were read but not understood, by kind. ``example`` is raw, bounded and undecoded."""

    kind: str
    count: int
    example: bytes
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class TraceSource:
    """One trace that was read.

    ``understood + ignored + not_understood == lines``. ``ignored`` are lines that by rule carry no access
    (signals, exits, system calls that Landlock does not govern). ``complete``: the last line has an end.
    ``begins``: the first call is the start of a program, as it is when strace started it. ``calls`` are the
    names of the system calls in it: one that is absent was either never made or not traced. ``damage`` says
    why the trace, an archive, breaks off; "" when it does not.
    """

    name: str
    sha256: str
    lines: int
    understood: int
    ignored: int
    not_understood: int
    complete: bool
    begins: bool = True
    calls: frozenset[str] = frozenset()
    damage: str = ""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything that was read from one or more traces of one service.

    ``calls`` counts the calls that may touch a file, a process or a socket, by name.
    ``kinds`` is what the traces themselves told of objects (mkdir, stat, O_DIRECTORY), by the path as given.
    ``moved`` is the last new name of each name that was renamed.
    ``links`` is what the symbolic links said that the traces show being made, by their names.
    ``roots`` are the directories that processes changed their root to.
    """

    sources: tuple[TraceSource, ...]
    paths: tuple[PathAccess, ...] = ()
    ports: tuple[PortAccess, ...] = ()
    abstract: tuple[AbstractSocket, ...] = ()
    executions: tuple[Execution, ...] = ()
    remarks: tuple[Remark, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()
    calls: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    links: dict[str, tuple[str, ...]] = field(default_factory=dict)
    roots: tuple[str, ...] = ()


def is_beneath(path: str, directory: str) -> bool:
    """Whether ``path`` is ``directory`` or lies beneath it. Both are absolute and normalised."""
    return directory in (path, "/") or path.startswith(directory + "/")


def parent(path: str) -> str:
    """The directory that holds the last component of an absolute path; "/" for "/"."""
    return posixpath.dirname(path)
