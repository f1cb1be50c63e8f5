"""The fast lane: lines whose text was met before are done again, ungoverned calls are passed over.

Every line that is not told at a glance goes to the interpreter, which alone decides what lines mean. So this
file may be read as a list of reasons why a glance is enough: the process's column is known to the byte, the
columns behind it have the form that they had, and the text is one whose effect is known (replay).
"""

import re

from assistant.trace.glance import LENGTH, Glances
from assistant.trace.interpreter import FORKS, HANDLERS, Interpreter
from assistant.trace.inventory import KEPT_LINES, Collected
from assistant.trace.line import (
    LONGEST_LINE,
    RESUMED,
    SPENT,
    UNFINISHED,
    Call,
    Head,
    Marker,
    Strange,
    Superseded,
    columns,
    parse_call,
)
from assistant.trace.replay import (
    WORKING_DIRECTORY,
    Branch,
    Effect,
    Memo,
    act,
    act_more,
    decide,
    grown,
)
from assistant.trace.shape import split
from assistant.trace.state import Begun, Process
from assistant.trace.stencil import Shapes


MOST_KEPT = 60_000
"""Texts whose effects are kept; then all are forgotten, which bounds memory and costs little time."""
_MOST_FIRSTS = 4_000
_SHORT = 1_000
_COLUMNED = frozenset({"call", "signal", "exit"})
"""Lines without an access that have the same columns as calls."""
_LONGEST_SPENT = 24
_BEFORE_TIMES = b"0123456789[( "
_HANDLED = frozenset(name.encode("ascii") for name in HANDLERS)
_EXITED = b"+++ exited with "
_FORKING = re.compile(rb"(?:%b)\(" % b"|".join(name.encode("ascii") for name in FORKS))
_RUNS_A_PROGRAM = frozenset({"execve", "execveat"})


class _Form:
    """How the columns of a trace's lines look.

    Attributes:
        width: Bytes of the process's column, with all that pads it.
        start: Where calls begin.
        blanks: How many blanks stand between the two.
        spent: Lines end with the time that the call took (-T).
    """

    __slots__ = ("blanks", "spent", "start", "width")

    def __init__(self, width: int = 0, start: int = 0, blanks: int = 0, *, spent: bool = False) -> None:
        self.width = width
        self.start = start
        self.blanks = blanks
        self.spent = spent

    def fits(self, raw: bytes) -> bool:
        """Whether a line has columns of times and the like where this form has them.

        No name of a call begins as such a column does, and a call that a column would have to hide has a
        blank too many or none at its end.
        """
        width, start = self.width, self.start
        if len(raw) <= width or raw[width] not in _BEFORE_TIMES or raw[start - 1 : start] != b" ":
            return False
        return raw.count(b" ", width, start) == self.blanks


def without_spent(text: bytes) -> bytes:
    """The text without the time that the call took."""
    cut = text.rfind(b" <", -_LONGEST_SPENT)
    return text[:cut] if cut > 0 and SPENT.match(text, cut + 1) else text


class Scanner:
    """Reads the bytes of one trace.

    Args:
        interpreter: What decides on lines that are not known at a glance.
    """

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._carry = bytearray()
        self._form = _Form()
        self._seen: dict[bytes, Process] = {}
        self._glances = Glances()
        self._memos: dict[tuple[str, str], Memo] = {}
        self._effects: list[Effect] = []
        self._kept = 0
        self._shapes = Shapes()
        self._roots_moved = 0
        self._links_changed = 0
        self._firsts: set[bytes] = set()

    def feed(self, chunk: bytes) -> None:
        """The next bytes, any number of them."""
        lines = chunk.split(b"\n")
        if self._carry or len(lines) == 1:
            self._carry += lines[0]
            # A line beyond the limit is not kept whole: that it is too long is all that will be said of it.
            del self._carry[LONGEST_LINE + 1 :]
            if len(lines) == 1:
                return
            lines[0] = bytes(self._carry)
        self._carry = bytearray(lines.pop())
        self._scan(lines)

    def finish(self, sha256: str) -> Collected:
        """The trace ended."""
        cut = bool(self._carry)
        if cut:
            counts = self._interpreter.counts
            counts.lines += 1
            self._ponder(bytes(self._carry[: LONGEST_LINE + 1]), counts.lines, ended=False)
        self._settle()
        return self._interpreter.finish(sha256, complete=not cut)

    def _scan(self, lines: list[bytes]) -> None:  # noqa: C901, PLR0912, PLR0915 - the hot loop: calls are dear
        state, counts = self._interpreter.state, self._interpreter.counts
        exists, seen, glances = state.exists, self._seen, self._glances.known
        form = self._form
        width, start, spent = form.width, form.start, form.spent
        timed = start > width
        ignored = slow = 0
        number = counts.lines
        for raw in lines:
            number += 1
            process = seen.get(raw[:width]) or self._newcomer(raw)
            if process is not None and (not timed or form.fits(raw)):
                text = raw[start:]
                if spent and text[-1:] == b">":
                    text = without_spent(text)
                step = process.table.get(text)
                if step is None:
                    glance = glances.get(text[:LENGTH])
                    if glance is not None:
                        if glance.passes(text):
                            ignored += 1
                            continue
                        step = process.table.get(glance.bare(text, process.table))
                if isinstance(step, Branch):
                    if step.what == WORKING_DIRECTORY:
                        step = step.cases.get(process.cwd.path)
                    if isinstance(step, Branch):
                        step = decide(step, process, state)
                if isinstance(step, Effect):
                    line = number
                    if step.ends:
                        line, process.table = process.since, process.memo
                    step.count += 1
                    if step.count < KEPT_LINES:
                        for tally in step.tallies:
                            tally.saw(line, process.pid)
                    if step.number >= 0:
                        process.descriptors[step.number] = step.opened  # type: ignore[assignment]
                    if step.name is not None:
                        exists[step.name] = step.there
                    if step.more is not None:
                        act_more(step.more, process, state)
                    continue
                if isinstance(step, Begun):
                    process.table, process.since = step, number
                    continue
                counts.lines = number
                if len(raw) <= LONGEST_LINE and self._meet(process, text, raw[:width]):
                    slow += 1
                    continue
            slow += 1
            counts.lines = number
            self._ponder(raw, number)
            form = self._form
            width, start, spent = form.width, form.start, form.spent
            timed = start > width
        counts.lines = number
        counts.ignored += ignored
        counts.understood += len(lines) - ignored - slow

    def _newcomer(self, raw: bytes) -> Process | None:
        """The process of a line that is its first, when the line's text is one that was met before."""
        where, form, state = columns(raw), self._form, self._interpreter.state
        if not where.pid or (where.width, where.start) != (form.width, form.start):
            return None
        text = raw[where.start :]
        known = text in self._firsts or (where.pid in state.processes and self._glances.passes(text))
        if not known or state.waits(where.pid):
            return None
        if where.pid not in state.processes:
            state.process(where.pid)
        return self._notice(where.pid, raw[: where.width])

    def _meet(self, process: Process, text: bytes, column: bytes) -> bool:
        """A text that does not tell what to do, of a known process; False when the line needs pondering."""
        if text.startswith(_EXITED):
            del self._seen[column]
            self._interpreter.exited(process.pid)
            return True
        key = self._glances.bare(text, process.table)
        if text.startswith(b"<... "):
            return self._resume(process, key)
        if key[: key.find(b"(")] not in _HANDLED:
            return False
        line = self._interpreter.counts.lines
        if key.endswith(UNFINISHED):
            self._begin(process, key, line)
            return True
        effect = self._understand(process, key, line)
        if effect is not None:
            self._keep(process.memo, key, effect, process)
        return effect is not None

    def _begin(self, process: Process, text: bytes, line: int) -> None:
        """The first half of a call, met for the first time."""
        begun = text[: -len(UNFINISHED)].rstrip()
        self._interpreter.begin(process, begun, line)
        if not _FORKING.match(begun):
            process.memo[text] = process.table  # type: ignore[assignment] # it has just begun
            self._bound()

    def _resume(self, process: Process, text: bytes) -> bool:
        """The second half of a call of a known process; False when the line needs pondering."""
        begun, match = process.pending, RESUMED.match(text)
        if match is None or match[1] not in _HANDLED or begun is None:
            return False
        if not begun.text.startswith(match[1] + b"("):
            return False
        effect = self._understand(process, begun.text + match[2], process.since)
        if effect is None:
            return False
        process.returns()
        effect.ends = True
        self._keep(begun, text, effect, process)
        return True

    def _keep(self, known: Memo, text: bytes, effect: Effect, process: Process) -> None:
        """Keep what a text did, if that will hold again."""
        if effect.ordered:
            if effect.call in _RUNS_A_PROGRAM:
                self._remember(process)
            self._check_roots()
            return
        known[text] = grown(known.get(text), effect)
        self._effects.append(effect)
        self._bound()

    def _understand(self, process: Process, text: bytes, line: int) -> Effect | None:
        """What a whole call does, after it was done; None when the text is no call."""
        interpreter = self._interpreter
        parts = split(text)
        known = self._shapes.find(parts) if parts is not None else None
        if parts is None or known is None:
            call = parse_call(text)
            return None if isinstance(call, Strange) else interpreter.understand(process, call, line)
        effect = known.effect(parts, process, interpreter.state, interpreter.collector, line)
        if effect is None:
            return interpreter.understand(process, known.shape.call(parts), line)
        # That the call occurs was said when its shape was met first.
        interpreter.collector.calls[effect.call] += 1
        interpreter.counts.understood += 1
        act(effect, process, interpreter.state)
        return effect

    def _check_roots(self) -> None:
        state = self._interpreter.state
        if state.links.changed != self._links_changed:
            self._links_changed = state.links.changed
            self._settle()
        if state.roots_moved != self._roots_moved:
            self._roots_moved = state.roots_moved
            self._seen.clear()

    def _ponder(self, raw: bytes, number: int, *, ended: bool = True) -> None:
        """A line that a glance does not tell: the interpreter decides, and its columns are learned."""
        interpreter = self._interpreter
        if len(raw) > LONGEST_LINE:
            interpreter.strange("line too long", raw, number)
            return
        text = raw.rstrip(b"\r\n")
        where = columns(text)
        rest = text[where.start :]
        process = interpreter.state.processes.get(where.pid)
        found = interpreter.line(number, where.pid, rest, raw, ended=ended)
        if process is not None and interpreter.state.processes.get(where.pid) is not process:
            # It ended. Its lines may have begun in another way than this one.
            self._seen.pop(process.column, None)
        self._check_roots()
        if isinstance(found, Strange) or (isinstance(found, Marker) and found.kind not in _COLUMNED):
            return
        spent = self._form.spent or SPENT.search(text[-_LONGEST_SPENT:]) is not None
        blanks = text.count(b" ", where.width, where.start)
        self._form = _Form(where.width, where.start, blanks, spent=spent)
        if isinstance(found, Superseded):
            self._seen.clear()
        if isinstance(found, Call | Head) and len(self._firsts) < _MOST_FIRSTS and len(rest) < _SHORT:
            self._firsts.add(rest)
        self._notice(where.pid, text[: where.width])
        if isinstance(found, Marker):
            self._glances.learn(rest, found)

    def _notice(self, pid: int, column: bytes) -> Process | None:
        """Know the process by its column from now on, while it lives and names mean something to it."""
        state = self._interpreter.state
        if pid not in state.processes or state.processes[pid].cwd.lost:
            self._seen.pop(column, None)
            return None
        process = state.process(pid)
        self._remember(process)
        if process.column != column:
            self._seen.pop(process.column, None)
            process.column = column
        self._seen[column] = process
        return process

    def _remember(self, process: Process) -> None:
        """Give a process what is known of calls with its program and root, if it has not got that."""
        memo = self._memos.setdefault((process.program, process.cwd.root), {})
        if memo is not process.memo:
            process.learns(memo)

    def _bound(self) -> None:
        self._kept += 1
        if self._kept > MOST_KEPT:
            self._settle()

    def _settle(self) -> None:
        """Add up what was done again, and forget how."""
        calls = self._interpreter.collector.calls
        for effect in self._effects:
            calls[effect.call] += effect.count
            for tally in effect.tallies:
                tally.count += effect.count
        self._effects.clear()
        for memo in self._memos.values():
            # A process that does nothing for long would keep it.
            memo.clear()
        self._memos.clear()
        self._seen.clear()
        self._interpreter.state.links.forget_passes()
        self._kept = 0
