"""The fast lane: lines whose text was met before are done again, ungoverned calls are passed over.

Every line that is not told at a glance goes to the interpreter, which alone decides what lines mean. So this
file may be read as a list of reasons why a glance is enough: the process's column is known to the byte, the
columns behind it have the form that they had, and the text is one whose effect is known (replay).
"""

import re
from typing import NamedTuple

from assistant.trace.families import looking, network
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
    Begun,
    Branch,
    Effect,
    Ends,
    Memo,
    Step,
    act,
    act_more,
    decide,
    grown,
)
from assistant.trace.shape import end_without_address, split, without_address
from assistant.trace.state import Process
from assistant.trace.stencil import Shapes


MOST_KEPT = 100_000
"""Texts whose effects are kept; then all are forgotten, which bounds memory and costs little time."""
_GLANCE = 6
"""Bytes of a call's name by which those to pass over are found."""
_MOST_PASSED = 4_000
_SHORT = 1_000
_COLUMNED = frozenset({"call", "signal", "exit"})
"""Lines without an access that have the same columns as calls."""
_LONGEST_SPENT = 24
_BEFORE_TIMES = b"0123456789[( "
_HANDLED = frozenset(name.encode("ascii") for name in HANDLERS)
_EXITED = b"+++ exited with "
_SENDTO = b"sendto"
_LOOKING = frozenset(name.encode("ascii") for name in looking.CALLS)
_FORKING = re.compile(rb"(?:%b)\(" % b"|".join(name.encode("ascii") for name in FORKS))
_RUNS_A_PROGRAM = frozenset({"execve", "execveat"})


class _Form(NamedTuple):
    """How the columns of a trace's lines look.

    Attributes:
        width: Bytes of the process's column, with all that pads it.
        start: Where calls begin.
        blanks: How many blanks stand between the two.
        spent: Lines end with the time that the call took (-T).
    """

    width: int = 0
    start: int = 0
    blanks: int = 0
    spent: bool = False

    def fits(self, raw: bytes) -> bool:
        """Whether a line has columns of times and the like where this form has them.

        No name of a call begins as such a column does, and a call that a column would have to hide has a
        blank too many or none at its end.
        """
        first, last = raw[self.width : self.width + 1], raw[self.start - 1 : self.start]
        if not first or first not in _BEFORE_TIMES or last != b" ":
            return False
        return raw.count(b" ", self.width, self.start) == self.blanks


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
        self._passed: dict[bytes, tuple[bytes, ...]] = {}
        self._memos: dict[tuple[str, str], Memo] = {}
        self._effects: list[Effect] = []
        self._kept = 0
        self._shapes = Shapes()
        self._roots_moved = 0
        self._links_changed = 0
        self._unaddressed: Ends = {}
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
        interpreter = self._interpreter
        state, counts = interpreter.state, interpreter.counts
        exists, seen, passed = state.exists, self._seen, self._passed
        form = self._form
        width, start, spent = form.width, form.start, form.spent
        timed = start > width
        number, ignored, understood = counts.lines, 0, 0
        for raw in lines:
            number += 1
            process = seen.get(raw[:width]) or self._newcomer(raw)
            if process is not None and (not timed or form.fits(raw)):
                text = raw[start:]
                if spent and text[-1:] == b">":
                    text = without_spent(text)
                step: Step | None = None
                begun = process.pending
                if begun is not None:
                    step = begun.ends.get(text)
                    if step is None and begun.looks:
                        step = begun.ends.get(end_without_address(text))
                if step is None:
                    begun = None
                    names = passed.get(text[:_GLANCE])
                    if names is not None and text.startswith(names):
                        ignored += 1
                        continue
                    step = process.memo.get(text)  # type: ignore[union-attr]
                    if step.__class__ is Begun:
                        process.pending, process.since = step, number
                        understood += 1
                        continue
                if step.__class__ is Branch:
                    if step.what == WORKING_DIRECTORY:
                        step = step.cases.get(process.cwd.path)
                    if step.__class__ is Branch:
                        step = decide(step, process, state)
                if step.__class__ is Effect:
                    understood += 1
                    count = step.count = step.count + 1
                    if count < KEPT_LINES:
                        for tally in step.tallies:
                            tally.saw(number if begun is None else process.since, process.pid)
                    if begun is not None:
                        process.pending = None
                    if step.number >= 0:
                        process.descriptors[step.number] = step.opened  # type: ignore[assignment]
                    if step.name is not None:
                        exists[step.name] = step.there
                    if step.more:
                        act_more(step, process, state)
                    continue
                if text.startswith(_EXITED):
                    del seen[raw[:width]]
                    interpreter.exited(process.pid)
                    continue
                counts.lines = number
                if len(raw) <= LONGEST_LINE and self._meet(process, text, number):
                    continue
            counts.lines = number
            self._ponder(raw, number)
            form = self._form
            width, start, spent = form.width, form.start, form.spent
            timed = start > width
        counts.lines = number
        counts.ignored += ignored
        counts.understood += understood

    def _newcomer(self, raw: bytes) -> Process | None:
        """The process of a line that is its first, when the line's text is one that was met before."""
        where, form, state = columns(raw), self._form, self._interpreter.state
        if not where.pid or (where.width, where.start) != (form.width, form.start):
            return None
        text = raw[where.start :]
        met = text in self._firsts
        if not met and where.pid in state.processes:
            met = text.startswith(self._passed.get(text[:_GLANCE], ()))
        if not met or state.waits(where.pid):
            return None
        if where.pid not in state.processes:
            state.process(where.pid)
        return self._notice(where.pid, raw[: where.width])

    def _meet(self, process: Process, text: bytes, number: int) -> bool:
        """A text that does not tell what to do, of a known process; False when the line needs pondering."""
        if text[:5] == b"<... ":
            return self._resume(process, text)
        name, memo = text[: text.find(b"(")], process.memo
        if name not in _HANDLED or memo is None:
            return False
        if text.endswith(UNFINISHED):
            return self._begin(process, memo, text, number)
        if name in _LOOKING:
            text = without_address(text)
            step = memo.get(text)
            if isinstance(step, Branch):
                step = decide(step, process, self._interpreter.state)
            if isinstance(step, Effect):
                self._again(step, process, number)
                return True
        elif name == _SENDTO and network.names_nobody(text):
            return self._pass_over("sendto")
        effect = self._understand(process, text, number)
        if effect is not None:
            self._keep(memo, text, effect, process)
        return effect is not None

    def _begin(self, process: Process, memo: Memo, text: bytes, number: int) -> bool:
        """The first half of a call, met for the first time."""
        begun = text[: -len(UNFINISHED)].rstrip()
        self._interpreter.begin(process, begun, number)
        if process.pending is not None and not _FORKING.match(begun):
            if begun.startswith(b"sendto(") and network.ends_without_name(begun):
                process.pending.ends = self._unaddressed
            memo[text] = process.pending
            self._bound()
        return True

    def _resume(self, process: Process, text: bytes) -> bool:
        """The second half of a call of a known process; False when the line needs pondering."""
        begun = process.pending
        match = RESUMED.match(text)
        if match is None or match[1] not in _HANDLED or begun is None:
            return False
        if not begun.text.startswith(match[1] + b"("):
            return False
        whole = begun.text + match[2]
        effect: Effect | None
        if match[1] == _SENDTO and network.names_nobody(whole):
            self._pass_over("sendto")
            effect = Effect("sendto")
        else:
            if begun.ends is self._unaddressed:
                begun.ends = {}
            whole = without_address(whole) if begun.looks else whole
            effect = self._understand(process, whole, process.since)
        if effect is None:
            return False
        process.pending = None
        self._keep(begun.ends, end_without_address(text) if begun.looks else text, effect, process)
        return True

    def _keep(self, known: Memo | Ends, text: bytes, effect: Effect, process: Process) -> None:
        """Keep what a text did, if that will hold again."""
        if effect.ordered:
            if effect.call in _RUNS_A_PROGRAM:
                process.memo = self._memo(process)
            self._check_roots()
            return
        known[text] = grown(known.get(text), effect.reads, effect)
        self._bound(effect)

    def _pass_over(self, call: str) -> bool:
        """A call that is governed, but not as this one was made: its texts are too many to keep."""
        self._interpreter.counted(call)
        self._interpreter.counts.understood += 1
        return True

    def _again(self, effect: Effect, process: Process, line: int) -> None:
        """What the loop does with a text that it knows."""
        effect.count += 1
        if effect.count < KEPT_LINES:
            for tally in effect.tallies:
                tally.saw(line, process.pid)
        self._interpreter.counts.understood += 1
        act(effect, process, self._interpreter.state)

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
            self._unsee()

    def _unsee(self) -> None:
        """Know no process by its column any more; what is under way in it may mean something else by now."""
        for process in self._seen.values():
            begun = process.pending
            if begun is not None:
                process.pending = Begun(begun.text, looks=begun.looks)
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
        found = interpreter.line(number, where.pid, rest, raw, ended=ended)
        self._check_roots()
        if isinstance(found, Strange) or (isinstance(found, Marker) and found.kind not in _COLUMNED):
            return
        spent = self._form.spent or SPENT.search(text[-_LONGEST_SPENT:]) is not None
        blanks = text.count(b" ", where.width, where.start)
        self._form = _Form(where.width, where.start, blanks, spent)
        if isinstance(found, Superseded):
            self._unsee()
        if isinstance(found, Call | Head) and len(self._firsts) < _MOST_PASSED and len(rest) < _SHORT:
            self._firsts.add(rest)
        self._notice(where.pid, text[: where.width])
        if isinstance(found, Marker) and found.kind in ("call", "signal"):
            self._pass(rest, found)

    def _notice(self, pid: int, column: bytes) -> Process | None:
        """Know the process by its column from now on, while it lives and names mean something to it."""
        state = self._interpreter.state
        if pid not in state.processes or state.processes[pid].cwd.lost:
            self._seen.pop(column, None)
            return None
        process = state.process(pid)
        process.memo = self._memo(process)
        self._seen[column] = process
        return process

    def _pass(self, rest: bytes, found: Marker) -> None:
        """Lines that begin like this one are passed over from now on."""
        name = found.name.encode("ascii")
        if found.kind == "signal":
            begins = b"--- "
        else:
            begins = b"<... " + name + b" resumed>" if rest.startswith(b"<") else name + b"("
        names = self._passed.get(rest[:_GLANCE], ())
        if begins not in names and len(self._passed) < _MOST_PASSED:
            self._passed[rest[:_GLANCE]] = (*names, begins)

    def _memo(self, process: Process) -> Memo:
        return self._memos.setdefault((process.program, process.cwd.root), {})

    def _bound(self, effect: Effect | None = None) -> None:
        if effect is not None:
            self._effects.append(effect)
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
        self._unaddressed.clear()
        for memo in self._memos.values():
            # A process that does nothing for long would keep it.
            memo.clear()
        self._memos.clear()
        self._unsee()
        self._interpreter.state.links.forget_passes()
        self._kept = 0
