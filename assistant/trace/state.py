"""What strace does not repeat on each line: working directories and descriptors of each process."""

from dataclasses import dataclass, field, replace

from assistant.domain.access import Kind, Protocol
from assistant.trace.text import AT_FDCWD, LONGEST_PATH, MAGIC, Descriptor, encoded


@dataclass(slots=True)
class Opened:
    """What a descriptor refers to, as far as the trace told.

    Attributes:
        path: The object; for a nameless file the directory that it was made in.
        final: The kernel named the path itself.
        nameless: Made with O_TMPFILE.
        protocol: The transport of a socket.
        bound: The socket was bound.
    """

    path: str | None = None
    final: bool = False
    nameless: bool = False
    protocol: Protocol = Protocol.UNKNOWN
    bound: bool = False


@dataclass(slots=True)
class Directory:
    """Where names start, as threads may share it.

    Attributes:
        path: The working directory; None when it is not known.
        root: Where absolute names start, after chroot.
        lost: Mounts changed after the process left its mount namespace: names mean nothing any more, only
            what the kernel itself says of descriptors does.
    """

    path: str | None = None
    root: str = ""
    lost: bool = False


@dataclass(slots=True)
class Process:
    """One process or thread."""

    pid: int
    cwd: Directory = field(default_factory=Directory)
    descriptors: dict[int, Opened] = field(default_factory=dict)
    program: str = ""

    @property
    def actor(self) -> str:
        """What to call it in evidence."""
        return self.program or f"pid {self.pid}"


class Unresolved(Exception):  # noqa: N818 - not an error: a fact about the trace
    """A relative name whose directory is not known."""


class State:
    """All processes of one trace.

    Args:
        cwd: The directory in which the first process started, when a person gave it.
        kinds: Where to note what objects are, by path as given.
    """

    def __init__(self, cwd: str | None = None, kinds: dict[str, Kind] | None = None) -> None:
        self._start = cwd
        self.processes: dict[int, Process] = {}
        self.children: set[int] = set()
        self.kinds: dict[str, Kind] = {} if kinds is None else kinds
        self.exists: dict[str, bool] = {}
        self.protocols: dict[bytes, Protocol] = {}
        self.bound: set[bytes] = set()
        self._forking: dict[int, Process] = {}
        self._forks_seen = False

    def process(self, pid: int) -> Process:
        """The process, made on first sight.

        Only the first process of a trace starts where a person said, or any when no fork is ever shown; of
        another whose parent is not known the directory is not known either.
        """
        known = self.processes.get(pid)
        if known is None:
            first = not self.processes or not self._forks_seen
            known = self.processes[pid] = Process(pid, Directory(self._start if first else None))
        return known

    def waits(self, pid: int) -> bool:
        """Whether a new process may turn out to be the child of a fork that has not returned yet."""
        return bool(self._forking) and pid not in self.processes

    def fork_begins(self, pid: int, flags: frozenset[str]) -> None:
        """A clone, fork or vfork of ``pid`` is under way: what the child gets is what holds now."""
        self._forks_seen = True
        self._forking[pid] = self._child(self.process(pid), 0, flags)

    def fork_ends(self, pid: int, child: int | None, flags: frozenset[str]) -> None:
        """It returned; ``child`` is None when it failed."""
        self._forks_seen = True
        begun = self._forking.pop(pid, None)
        if child is None:
            return
        self.children.add(child)
        if child not in self.processes:
            self.processes[child] = replace(begun or self._child(self.process(pid), child, flags), pid=child)

    def forks_are_over(self) -> None:
        """The trace ended: no fork will return any more."""
        self._forking.clear()

    def superseded(self, pid: int, by: int) -> None:
        """A thread executed a program and goes on under its process's number."""
        if by in self.processes:
            self.processes[pid] = replace(self.processes.pop(by), pid=pid)

    def gone(self, pid: int) -> None:
        """The process ended; its number may come again."""
        self.processes.pop(pid, None)
        self._forking.pop(pid, None)

    @staticmethod
    def _child(of: Process, pid: int, flags: frozenset[str]) -> Process:
        cwd = of.cwd if "CLONE_FS" in flags else replace(of.cwd)
        table = of.descriptors if "CLONE_FILES" in flags else dict(of.descriptors)
        return Process(pid, cwd, table, of.program)

    def absolute(self, process: Process, base: Descriptor | None, name: str) -> str:
        """A name as an absolute path; "." and empty components go, ".." stays: a link may stand before it.

        Names through /proc's own links (/proc/self/root/etc/x, /dev/fd/3) are turned into what they mean.

        Args:
            process: Who used the name.
            base: The directory descriptor of an *at call, or None for the working directory.
            name: The name as given.

        Raises:
            Unresolved: it is relative to something that is not known, or no name that a call can use.
        """
        if process.cwd.lost or "\0" in name:
            raise Unresolved(name)
        if name.startswith("/"):
            path = tidy(process.cwd.root + name)
        else:
            directory = self.directory(process, base)
            if directory is None:
                raise Unresolved(name)
            path = tidy(f"{directory}/{name}")
        if path.startswith("/dev/fd/"):
            path = "/proc/self/fd/" + path.removeprefix("/dev/fd/")
        path = self._without_magic(process, _STREAMS.get(path, path))
        if len(encoded(path)) > LONGEST_PATH:
            raise Unresolved(name)
        return path

    def _without_magic(self, process: Process, path: str) -> str:
        match = MAGIC.match(path)
        if match is None:
            return path
        who, link, rest = match.groups()
        owner = process if who in ("self", "thread-self") else self.processes.get(int(who[:10]))
        target = _behind(owner, link) if owner else None
        if target is None:
            raise Unresolved(path)
        whole = tidy(target + (rest or ""))
        if MAGIC.match(whole):
            raise Unresolved(path)
        return whole

    def directory(self, process: Process, base: Descriptor | None) -> str | None:
        """The directory that an *at call starts from, or None. Learns the working directory on the way."""
        if base is not None and base.path is not None:
            if base.number == AT_FDCWD:
                process.cwd.path = base.path
            return base.path
        if base is None or base.number == AT_FDCWD:
            return process.cwd.path
        opened = process.descriptors.get(base.number)
        return opened.path if opened else None


def _behind(process: Process, link: str) -> str | None:
    """What one of a process's links in /proc leads to, if the trace told."""
    if link == "root":
        return process.cwd.root or "/"
    if link == "cwd":
        return process.cwd.path
    if link == "exe":
        return process.program or None
    number = link.removeprefix("fd/")
    opened = process.descriptors.get(int(number[:10])) if number.isdigit() else None
    return opened.path if opened else None


_STREAMS = {f"/dev/std{name}": f"/proc/self/fd/{number}" for number, name in enumerate(("in", "out", "err"))}


def tidy(path: str) -> str:
    """Without "." and empty components and trailing slashes. ".." is kept."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return "/" + "/".join(parts)
