"""Reads whole traces: joins interrupted calls, keeps the state of processes, accounts for every line."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.domain.access import Evidence, Inventory, RemarkKind, TraceSource
from assistant.trace.families import Scene, naming, network, opening, running
from assistant.trace.inventory import Collector
from assistant.trace.line import (
    Body,
    Call,
    Head,
    Marker,
    Strange,
    Superseded,
    Tail,
    parse,
    parse_call,
)
from assistant.trace.state import State


HANDLERS = {**opening.CALLS, **naming.CALLS, **running.CALLS, **network.CALLS}
_FORKS = frozenset({b"fork", b"vfork", b"clone", b"clone3"})
_NAME = re.compile(rb"([a-z_][a-zA-Z0-9_]*)\(")
_SIGNALS = frozenset({"kill", "tkill", "tgkill", "rt_sigqueueinfo"})
_LONGEST_PID = 10


@dataclass(frozen=True, slots=True)
class _Pending:
    """The first half of a call, and where it stood."""

    text: bytes
    line: int


@dataclass(slots=True)
class _Counts:
    lines: int = 0
    understood: int = 0
    ignored: int = 0
    strange: int = 0


class Reader:
    """Reads traces of one service, one after the other, into one inventory.

    Args:
        cwd: The directory in which the service was started, if a person says so.
    """

    def __init__(self, cwd: str | None = None) -> None:
        self._cwd = cwd
        self.collector = Collector()

    def read(self, name: str, lines: Iterable[bytes]) -> TraceSource:
        """Read one trace.

        Args:
            name: What evidence calls it.
            lines: Its lines with their ends; a last line without an end was cut off.
        """
        trace = _Trace(name, State(self._cwd, self.collector.kinds), self.collector)
        digest = hashlib.sha256()
        for raw in lines:
            digest.update(raw)
            trace.line(raw)
        source = trace.finish(digest.hexdigest())
        self.collector.sources.append(source)
        return source

    def inventory(self) -> Inventory:
        """All that was read so far."""
        return self.collector.inventory()


class _Trace:
    """The pass over one trace."""

    def __init__(self, name: str, state: State, collector: Collector) -> None:
        self.name = name
        self.state = state
        self.collector = collector
        self.pending: dict[int, _Pending] = {}
        self.waiting: dict[int, list[tuple[Body, bytes, Evidence]]] = {}
        self.pids: set[int] = set()
        self.signals: list[tuple[int, Evidence]] = []
        self.counts = _Counts()
        self.complete = True
        self.first = ""

    def line(self, raw: bytes) -> None:
        self.counts.lines += 1
        self.complete = raw.endswith(b"\n")
        pid, body = parse(raw)
        here = Evidence(self.name, self.counts.lines)
        if isinstance(body, Strange) and not self.complete:
            body = Strange("cut last line")
        if self.state.waits(pid) and not isinstance(body, Strange):
            self.waiting.setdefault(pid, []).append((body, raw, here))
        else:
            self.take(pid, body, raw, here)

    def take(self, pid: int, body: Body, raw: bytes, here: Evidence) -> None:
        """One line of a process that is known by now."""
        match body:
            case Strange():
                self.strange(body.kind, raw, here)
            case Marker(kind):
                self.counts.ignored += 1
                if kind == "exit":
                    self.state.gone(pid)
            case Superseded(by):
                self.counts.ignored += 1
                self.state.superseded(pid, by)
                if by in self.pending:
                    self.pending[pid] = self.pending.pop(by)
            case Head(text):
                self.begin(pid, text, here)
            case Tail(name, text):
                self.resume(pid, name, text, raw, here)
            case Call():
                self.pids.add(pid)
                self.understand(pid, body, here)

    def release(self) -> None:
        """Read the lines of processes that waited for the fork that made them."""
        ready = [pid for pid in self.waiting if not self.state.waits(pid)]
        for pid in ready:
            for body, raw, here in self.waiting.pop(pid, []):
                self.take(pid, body, raw, here)

    def begin(self, pid: int, text: bytes, here: Evidence) -> None:
        self.pids.add(pid)
        self.pending[pid] = _Pending(text, here.line)
        name = _NAME.match(text)
        word = name[1] if name else b""
        self.state.process(pid)
        if word in _FORKS:
            self.state.fork_begins(pid, running.fork_flags(word.decode("ascii"), text))
        if word.decode("ascii") in HANDLERS:
            self.counts.understood += 1
        else:
            self.counts.ignored += 1

    def resume(self, pid: int, name: bytes, text: bytes, raw: bytes, here: Evidence) -> None:
        head = self.pending.pop(pid, None)
        if head is None or not head.text.startswith(name + b"("):
            self.strange("second half of a call without its first", raw, here)
            return
        call = parse_call(head.text + text)
        if isinstance(call, Strange):
            self.strange(call.kind, raw, here)
            return
        self.understand(pid, call, Evidence(self.name, head.line))

    def understand(self, pid: int, call: Call, here: Evidence) -> None:
        """One whole call; its line counts as what became of it."""
        before = self.collector.not_understood
        self.call(pid, call, here)
        if self.collector.not_understood > before:
            self.counts.strange += 1
        elif call.name in HANDLERS or call.name in _SIGNALS:
            self.counts.understood += 1
        else:
            self.counts.ignored += 1

    def call(self, pid: int, call: Call, here: Evidence) -> None:
        self.collector.calls[call.name] += 1
        self.first = self.first or call.name
        process = self.state.process(pid)
        handler = HANDLERS.get(call.name)
        if handler is not None:
            handler(Scene(call, process, self.state, self.collector, here))
            if self.waiting and call.name.encode("ascii") in _FORKS:
                self.release()
        elif call.name in _SIGNALS:
            self.signal(call, here)

    def signal(self, call: Call, here: Evidence) -> None:
        target = call.arguments[0].partition(b"<")[0] if call.arguments else b""
        if call.result.ok and target.isdigit() and len(target) <= _LONGEST_PID and int(target) > 0:
            self.signals.append((int(target), here))

    def strange(self, kind: str, raw: bytes, here: Evidence) -> None:
        self.counts.strange += 1
        self.collector.strange(kind, raw, here)

    def finish(self, sha256: str) -> TraceSource:
        self.state.forks_are_over()
        self.release()
        for pid, head in sorted(self.pending.items()):
            self.unfinished(pid, head)
        known = self.pids | self.state.children
        for target, here in self.signals:
            # Without pids on the lines (no -f) a process cannot be told from its children.
            if target not in known and self.pids != {0}:
                self.collector.remark(RemarkKind.SIGNAL_OUTSIDE, f"signal to process {target}", here)
        counts = self.counts
        return TraceSource(
            self.name,
            sha256,
            counts.lines,
            counts.understood,
            counts.ignored,
            counts.strange,
            self.complete,
            begins=self.first in ("execve", "execveat"),
        )

    def unfinished(self, pid: int, head: _Pending) -> None:
        """A call that never returned in the trace: what it asked for is known, what it got is not."""
        call = parse_call(head.text + b") = ?")
        if isinstance(call, Call) and call.name in HANDLERS:
            self.call(pid, call, Evidence(self.name, head.line))
