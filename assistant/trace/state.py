"""What strace does not repeat on each line: working directories and descriptors of each process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from assistant.domain.access import Kind, Protocol
from assistant.trace.inventory import Tally
from assistant.trace.links import Links


if TYPE_CHECKING:
    from assistant.trace.replay import Step


class Opened(NamedTuple):
    """What a descriptor refers to, as far as the trace told.

    Attributes:
        path: The object; for a nameless file the directory that it was made in.
        final: The kernel named the path itself.
        nameless: Made with O_TMPFILE.
        protocol: The transport of a socket.
        bound: The socket was bound.
        closes: It is closed when the process executes a program.
        inside: Opened by a traced call, so that the sandbox would have seen it being opened.
        memory: Made by memfd_create.
        stream: It has no path: a socket, a pipe, memory.
        connected: The socket was connected, so that what it sends needs no address.
        origin: The path under which it was opened: the rights were taken then, whatever it is called now.
        process: The process that a pidfd stands for.
    """

    path: str | None = None
    final: bool = False
    nameless: bool = False
    protocol: Protocol = Protocol.UNKNOWN
    bound: bool = False
    closes: bool = False
    inside: bool = False
    memory: bool = False
    stream: bool = False
    connected: bool = False
    origin: str = ""
    process: int = 0


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


class Begun(dict[bytes, "Step"]):
    """The first half of a call, and what each second half that was met made of it.

    ``resumed``: how second halves begin, when the call only looks at files: what follows may be the address
    of a buffer, which says nothing. Empty for other calls.
    """

    __slots__ = ("resumed", "text")

    def __init__(self, text: bytes, resumed: bytes = b"") -> None:
        super().__init__()
        self.text = text
        self.resumed = resumed


@dataclass(slots=True)
class Process:
    """One process or thread.

    Attributes:
        pid: Its number.
        cwd: Where names start.
        descriptors: What its descriptors refer to.
        program: The executable, "" when its start was not seen.
        memo: What is known of the calls of all processes that run the same program in the same root.
        table: Where the next text is looked up: the memo, or the first half of a call that has not returned.
        since: The line where that stood.
        column: How its lines begin, once that is known.
    """

    pid: int
    cwd: Directory = field(default_factory=Directory)
    descriptors: dict[int, Opened] = field(default_factory=dict)
    program: str = ""
    memo: dict[bytes, Step] = field(default_factory=dict)
    table: dict[bytes, Step] = field(default_factory=dict)
    since: int = 0
    column: bytes = b""

    @property
    def pending(self) -> Begun | None:
        """The first half of a call that has not returned yet."""
        return self.table if isinstance(self.table, Begun) else None

    def begins(self, call: Begun, line: int) -> None:
        """The first half of a call was met."""
        self.table, self.since = call, line

    def returns(self) -> None:
        """Its second half was met, or never will be."""
        self.table = self.memo

    def learns(self, memo: dict[bytes, Step]) -> None:
        """What is known of its calls; of second halves it was said of another program, or before a change."""
        begun = self.pending
        self.memo = memo
        self.table = memo if begun is None else Begun(begun.text, begun.resumed)


class State:
    """All processes of one trace.

    Args:
        cwd: The directory in which the first process started, when a person gave it.
    """

    def __init__(self, cwd: str | None = None) -> None:
        self._start = cwd
        self.processes: dict[int, Process] = {}
        self.pids: set[int] = set()
        self.kinds: dict[str, Kind] = {}
        self.entries: dict[str, Kind] = {}
        self.served: set[str] = set()
        self.hands_over = False
        self.sent: dict[str, Opened] = {}
        self.from_the_start = False
        self.exists: dict[str, bool] = {}
        self.moved: dict[str, str] = {}
        self.links = Links()
        self.roots: set[str] = set()
        self.protocols: dict[bytes, Protocol] = {}
        self.bound: set[bytes] = set()
        self.sockets_seen = False
        self.roots_moved = 0
        self.executing: set[int] = set()
        self.signalled: dict[int, Tally] = {}
        self.inspected: dict[int, Tally] = {}
        self.numbered_elsewhere = False
        self._forking: dict[int, Process] = {}
        self._adopted: set[int] = set()
        self._unseen: set[int] = set()
        self._forks_seen = False
        self._moves = 0

    def process(self, pid: int) -> Process:
        """The process, made on first sight.

        Only the first process of a trace starts where a person said, or any when no fork is ever shown; of
        another whose parent is not known the directory is not known either.
        """
        self._unseen.discard(pid)
        known = self.processes.get(pid)
        if known is None:
            known = self._renumbered(pid)
        if known is None:
            first = not self.processes or not self._forks_seen
            known = Process(pid, Directory(self._start if first else None))
        self.processes[pid] = known
        self.pids.add(pid)
        return known

    def _renumbered(self, pid: int) -> Process | None:
        """The one child that no line named yet, when fork returned the number of another PID namespace."""
        if not self.numbered_elsewhere or len(self._unseen) != 1:
            return None
        known = self.processes.pop(self._unseen.pop())
        return replace(known, pid=pid)

    def waits(self, pid: int) -> bool:
        """Whether a new process may turn out to be the child of a fork that has not returned yet.

        When there is but one such fork, and strace was there from the start, it is its child: nothing else
        could bring a new process into the trace.
        """
        if not self._forking or pid in self.processes:
            return False
        under_way = self._forking.keys() - self._adopted
        if self.from_the_start and len(under_way) <= 1:
            for parent in under_way:
                self._adopted.add(parent)
                self.processes[pid] = replace(self._forking[parent], pid=pid)
            return False
        return True

    def fork_begins(self, pid: int, flags: frozenset[str]) -> None:
        """A clone, fork or vfork of ``pid`` is under way: what the child gets is what holds now."""
        self._forks_seen = True
        self._forking[pid] = self._child(self.process(pid), 0, flags)

    def fork_ends(self, pid: int, child: int | None, flags: frozenset[str]) -> None:
        """It returned; ``child`` is None when it failed."""
        self._forks_seen = True
        begun = self._forking.pop(pid, None)
        self._adopted.discard(pid)
        if child is None:
            return
        self.pids.add(child)
        if child not in self.processes:
            self.processes[child] = replace(begun or self._child(self.process(pid), child, flags), pid=child)
            self._unseen.add(child)

    def forks_are_over(self) -> None:
        """The trace ended: no fork will return any more."""
        self._forking.clear()

    def superseded(self, pid: int, by: int) -> None:
        """A thread executed a program and goes on under its process's number."""
        if by in self.processes:
            self.processes[pid] = replace(self.processes.pop(by), pid=pid)
            self.executing.add(pid)

    def gone(self, pid: int) -> None:
        """The process ended; its number may come again."""
        self.processes.pop(pid, None)
        self._forking.pop(pid, None)
        self._adopted.discard(pid)
        self._unseen.discard(pid)

    @staticmethod
    def _child(of: Process, pid: int, flags: frozenset[str]) -> Process:
        cwd = of.cwd if "CLONE_FS" in flags else replace(of.cwd)
        table = of.descriptors if "CLONE_FILES" in flags else dict(of.descriptors)
        return Process(pid, cwd, table, of.program)

    def renamed(self, old: str, new: str, kind: Kind | None) -> None:
        """A name moved: what was known of names beneath a directory holds of the new names.

        When it is not known what moved, a directory or a link to one, nothing is known any more of what
        started from it.
        """
        if kind not in (None, Kind.DIRECTORY):
            return
        beneath = old + "/"
        for process in (*self.processes.values(), *self._forking.values()):
            _move_in(process, old, beneath, None if kind is None else new)
        if kind is None:
            return
        self._moves += 1
        if self._moves > _MOST_MOVES:
            # A trace full of moved directories must not cost their product with all names: forget instead.
            self.exists.clear()
            return
        _rekey(self.exists, beneath, new)
        for path in [path for path in self.entries if path.startswith(beneath)]:
            self.entries[f"{new}/{path[len(beneath) :]}"] = self.entries.pop(path)
        # Kinds stay with the old names as well: what was done under them was done to that kind.
        for path in [path for path in self.kinds if path.startswith(beneath)]:
            self.kinds[f"{new}/{path[len(beneath) :]}"] = self.kinds[path]


_MOST_MOVES = 200


def _move_in(process: Process, old: str, beneath: str, new: str | None) -> None:
    here = process.cwd.path
    if here is not None and (here == old or here.startswith(beneath)):
        process.cwd.path = None if new is None else new + here[len(old) :]
    for number, opened in process.descriptors.items():
        if opened.path is not None and (opened.path == old or opened.path.startswith(beneath)):
            moved = None if new is None else new + opened.path[len(old) :]
            process.descriptors[number] = opened._replace(path=moved, final=False)


def _rekey(known: dict[str, bool], beneath: str, new: str) -> None:
    # Directories that are moved mostly hold no name that was met: one search tells, and costs a tenth.
    if "\n" + beneath not in "\n" + "\n".join(known):
        return
    for path in [path for path in known if path.startswith(beneath)]:
        known[f"{new}/{path[len(beneath) :]}"] = known.pop(path)
