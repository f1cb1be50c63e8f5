"""Interprets a trace line by line: joins interrupted calls, follows processes, accounts for every line."""

import re
from dataclasses import dataclass

from assistant.domain.access import RemarkKind, TraceSource
from assistant.trace.families import descriptors, looking, naming, network, opening, running, signalling
from assistant.trace.inventory import Collected, Collector
from assistant.trace.line import (
    Body,
    Call,
    Head,
    Marker,
    Result,
    Strange,
    Superseded,
    Tail,
    body,
    parse_call,
)
from assistant.trace.replay import Effect
from assistant.trace.scene import Handler, Scene
from assistant.trace.state import Begun, Process, State


HANDLERS: dict[str, Handler] = {
    **opening.CALLS,
    **naming.CALLS,
    **running.CALLS,
    **looking.CALLS,
    **descriptors.CALLS,
    **network.CALLS,
    **signalling.CALLS,
}
"""What each system call means. A name is either here, or ungoverned, or not understood."""
UNKNOWN_CALL = "a system call that is not known here"
FORKS = frozenset({"fork", "vfork", "clone", "clone2", "clone3"})
_NAME = re.compile(rb"([a-z_][a-zA-Z0-9_]*)\(")


@dataclass(slots=True)
class Counts:
    """What became of the lines so far; the parts add up to the lines."""

    lines: int = 0
    understood: int = 0
    ignored: int = 0
    strange: int = 0


class Interpreter:
    """The pass over one trace, line by line: slow, and the only place where a line's meaning is decided.

    Args:
        name: What evidence calls the trace.
        cwd: The directory in which the service was started, when a person said so.
    """

    def __init__(self, name: str, cwd: str | None = None) -> None:
        self.name = name
        self.state = State(cwd)
        self.collector = Collector()
        self.counts = Counts()
        self.calls: set[str] = set()
        self.first = ""
        self._waiting: dict[int, list[tuple[Body, bytes, int]]] = {}

    def line(self, number: int, pid: int, text: bytes, raw: bytes, *, ended: bool = True) -> Body:
        """One line.

        Args:
            number: Its number, from one.
            pid: The process that its columns name, 0 for none.
            text: What stands behind the columns.
            raw: The line whole, for an example.
            ended: It has an end; only a trace's last line may have none.

        Returns:
            What the line holds.
        """
        found = body(text)
        if isinstance(found, Strange) and not ended:
            found = Strange("cut last line")
        if pid and not isinstance(found, Strange) and self.state.waits(pid):
            self._waiting.setdefault(pid, []).append((found, raw, number))
        else:
            self._take(pid, found, raw, number)
        return found

    def _take(self, pid: int, found: Body, raw: bytes, line: int) -> None:
        """One line of a process that is known by now."""
        match found:
            case Strange():
                self.strange(found.kind, raw, line)
            case Marker(kind):
                self.counts.ignored += 1
                if found.name:
                    self.calls.add(found.name)
                    self.first = self.first or found.name
                if kind == "exit":
                    self._gone(pid)
            case Superseded(by):
                self.counts.ignored += 1
                self.state.superseded(pid, by)
            case Head(text):
                self.begin(self.state.process(pid), text, line)
            case Tail(name, text):
                self._resume(pid, name, text, raw, line)
            case Call():
                self.understand(self.state.process(pid), found, line)

    def _release(self) -> None:
        """Read the lines of processes that waited for the fork that made them."""
        ready = [pid for pid in self._waiting if not self.state.waits(pid)]
        for pid in ready:
            for found, raw, line in self._waiting.pop(pid, []):
                self._take(pid, found, raw, line)
        if ready:
            # A process that ended among them is not the one that a later line with its number is of.
            self.state.roots_moved += 1

    def exited(self, pid: int) -> None:
        """A line that says so, of a process that is known."""
        self.counts.ignored += 1
        self._gone(pid)

    def _gone(self, pid: int) -> None:
        process = self.state.processes.get(pid)
        if process is not None:
            self._unfinished(process)
        self.state.gone(pid)

    def begin(self, process: Process, text: bytes, line: int) -> None:
        """The first half of a call."""
        name = _NAME.match(text)
        word = name[1].decode("ascii") if name else ""
        process.begins(Begun(text, f"<... {word} resumed>".encode() if word in looking.CALLS else b""), line)
        self.calls.add(word)
        self.first = self.first or word
        if word in FORKS:
            self.state.fork_begins(process.pid, running.fork_flags(word, text))
        if word in HANDLERS:
            self.counts.understood += 1
        else:
            self.strange(UNKNOWN_CALL, text, line)

    def _resume(self, pid: int, name: bytes, text: bytes, raw: bytes, line: int) -> None:
        process = self.state.process(pid)
        head = process.pending
        process.returns()
        if head is None or not head.text.startswith(name + b"("):
            if name in (b"execve", b"execveat"):
                # With -z strace drops the first half: it runs something else now, and nobody knows what.
                process.program = ""
            self.strange("second half of a call without its first", raw, line)
            return
        call = parse_call(head.text + text)
        if isinstance(call, Strange):
            self.strange(call.kind, raw, line)
            return
        self.understand(process, call, process.since)

    def counted(self, call: str) -> None:
        """A whole call was seen."""
        self.calls.add(call)
        if not self.first:
            self.first = call
            self.state.from_the_start = call in ("execve", "execveat")
        self.collector.calls[call] += 1

    def understand(self, process: Process, call: Call, line: int) -> Effect:
        """One whole call; its line counts as what became of it.

        Args:
            process: Who made it.
            call: The call.
            line: Its number.

        Returns:
            What it did.
        """
        self.counted(call.name)
        if process.pid in self.state.executing and call.name in ("execve", "execveat"):
            # A thread's execve went well, or it would not have got its process's number. strace 6.1 shows it
            # as a failure with an errno that there is not.
            self.state.executing.discard(process.pid)
            call = Call(call.name, call.arguments, Result(0))
        scene = Scene(call, process, self.state, self.collector, line)
        handler = HANDLERS.get(call.name)
        if handler is None:
            scene.strange(UNKNOWN_CALL)
        else:
            handler(scene)
        if scene.failed:
            self.counts.strange += 1
        else:
            self.counts.understood += 1
        if self._waiting and call.name in FORKS:
            self._release()
        return scene.effect

    def strange(self, kind: str, raw: bytes, line: int) -> None:
        """A line that is not understood."""
        self.counts.strange += 1
        self.collector.strange(kind, raw, line)

    def finish(self, sha256: str, *, complete: bool) -> Collected:
        """The trace ended."""
        self.state.forks_are_over()
        self._release()
        for pid in sorted(self.state.processes):
            self._unfinished(self.state.processes[pid])
        self._judge_targets()
        self._judge_tracking()
        self.collector.known = {}
        self.collector.kinds = self.state.kinds
        self.collector.moved = self.state.moved
        self.collector.links = self.state.links.ever
        self.collector.roots = self.state.roots
        counts = self.counts
        source = TraceSource(
            self.name,
            sha256,
            counts.lines,
            counts.understood,
            counts.ignored,
            counts.strange,
            complete,
            begins=self.first in ("execve", "execveat"),
            calls=frozenset(self.calls),
        )
        return Collected(source, self.collector)

    def _unfinished(self, process: Process) -> None:
        """A call that never returned in the trace: what it asked for is known, what it got is not."""
        head = process.pending
        process.returns()
        if head is None:
            return
        call = parse_call(head.text + b") = ?")
        handler = HANDLERS.get(call.name) if isinstance(call, Call) else None
        if handler is not None and isinstance(call, Call):
            self.counted(call.name)
            handler(Scene(call, process, self.state, self.collector, process.since))

    def _judge_tracking(self) -> None:
        """Descriptors and directories were followed well where copying, closing and fchdir were traced."""
        if "close" in self.calls:
            self.collector.remarks.pop(RemarkKind.UNTRACKED, None)
        if self.calls & {"close", "fchdir", "dup", "dup2", "dup3"}:
            self.collector.remarks.pop(RemarkKind.UNTRACKED_DIRECTORY, None)

    def _judge_targets(self) -> None:
        """Signals to, and looks into, processes that are none of the traced ones."""
        known = self.state.pids
        if known == {0}:
            # Without pids on the lines (no -f) a process cannot be told from its children.
            return
        for kind, aimed in (
            (RemarkKind.SIGNAL_OUTSIDE, self.state.signalled),
            (RemarkKind.LOOKS_INTO, self.state.inspected),
        ):
            for target, tally in aimed.items():
                if target not in known:
                    example = "every process" if target < 0 else f"process {target}"
                    self.collector.remark_all(kind, example, tally)
