"""What a call's text did once, ready to be done again: most lines of a trace have been seen before.

A handler is a function of the call's text, of the program and root of its process, and of what it reads from
the state. So its effect holds again when the text comes again, in a process with the same program and root,
and every read gives the same value as before. Whatever else a handler does makes its call one of those whose
order matters: they are handled anew each time.
"""

from __future__ import annotations

from collections.abc import Hashable
from itertools import pairwise
from typing import Final

from assistant.domain.access import Kind
from assistant.trace.inventory import Tally
from assistant.trace.state import Begun, Opened, Process, State


# What a handler may read from the state and still be replayed.
OPENED: Final = 0
WORKING_DIRECTORY: Final = 1
EXISTS: Final = 2
PROTOCOL: Final = 3
SERVED: Final = 4
LINK: Final = 5

Read = tuple[int, Hashable, Hashable]
"""What was read, of which key, and the value."""


class Effect:
    """What one text does under one set of values read. Filled while the call is handled for the first time.

    Attributes:
        call: The system call's name.
        count: How often it was done again, since the last time that this was added up.
        tallies: What to count.
        number: A descriptor, and ``opened``: what it refers to from then on; -1 for none.
        name: A name, and ``there``: whether it is shown to exist; None for none.
        more: What else there is to do.
        reads: What was read, in order; only while the call is handled.
        ordered: The call must be handled each time.
        ends: The text is the second half of the call.
    """

    __slots__ = (
        "call",
        "count",
        "ends",
        "more",
        "name",
        "number",
        "opened",
        "ordered",
        "reads",
        "tallies",
        "there",
    )

    def __init__(self, call: str) -> None:
        self.call = call
        self.count = 0
        self.tallies: list[Tally] = []
        self.reads: list[Read] = []
        self.number = -1
        self.opened: Opened | None = None
        self.name: str | None = None
        self.there = False
        self.more: More | None = None
        self.ordered = False
        self.ends = False

    def opens(self, number: int, opened: Opened | None) -> None:
        """Note what a descriptor refers to."""
        if self.number < 0 and opened is not None:
            self.number, self.opened = number, opened
        else:
            self._besides().descriptors.append((number, opened))

    def knows(self, path: str, *, there: bool) -> None:
        """Note that a name exists, or does not."""
        if self.name is None or self.name == path:
            self.name, self.there = path, there
        else:
            self._besides().names.append((path, there))

    def tells(self, path: str, kind: Kind, *, entry: bool) -> None:
        """Note what an object is, and whether the name is its own."""
        self._besides().kinds.append((path, kind, entry))

    def starts_in(self, path: str) -> None:
        """Note the working directory."""
        self._besides().cwd = path

    def _besides(self) -> More:
        self.more = self.more or More()
        return self.more


class More:
    """What few texts do besides.

    Attributes:
        descriptors: More of them, None for one that is closed; ``names``: more of those.
        kinds: What objects are shown to be, and whether the name is the object's own.
        cwd: The working directory that the call shows.
    """

    __slots__ = ("cwd", "descriptors", "kinds", "names")

    def __init__(self) -> None:
        self.descriptors: list[tuple[int, Opened | None]] = []
        self.names: list[tuple[str, bool]] = []
        self.kinds: list[tuple[str, Kind, bool]] = []
        self.cwd: str | None = None


class Branch:
    """The next value to read, and what to do for each that was met."""

    __slots__ = ("cases", "key", "what")

    def __init__(self, what: int, key: Hashable) -> None:
        self.what = what
        self.key = key
        self.cases: Cases = {}


Cases = dict[Hashable, Effect | Branch]
Step = Effect | Branch | Begun
Memo = dict[bytes, Step]
"""What is known of texts. A first half is one itself, of second halves."""


def grown(step: Step | None, effect: Effect) -> Effect | Branch:
    """What to keep for a text: its effect alone, or with those under other values that were read."""
    reads, effect.reads = effect.reads, []
    if not reads:
        return effect
    root = branch = _branch(step, reads[0])
    for (_, _, value), read in pairwise(reads):
        branch.cases[value] = branch = _branch(branch.cases.get(value), read)
    branch.cases[reads[-1][2]] = effect
    return root


def _branch(step: Step | None, read: Read) -> Branch:
    """The branch for a read: the one that is there, if it is for the same."""
    what, key, _ = read
    same = isinstance(step, Branch) and step.what == what and step.key == key
    return step if same else Branch(what, key)  # type: ignore[return-value] # it is one when it is the same


def decide(branch: Branch, process: Process, state: State) -> Effect | None:
    """The effect that holds for the values as they are now, or None when they are new."""
    step: Effect | Branch | None = branch
    while isinstance(step, Branch):
        what = step.what
        value: Hashable
        if what == WORKING_DIRECTORY:
            value = process.cwd.path
        elif what == OPENED:
            value = process.descriptors.get(step.key)  # type: ignore[call-overload]
        elif what == EXISTS:
            value = state.exists.get(step.key)  # type: ignore[call-overload]
        elif what == PROTOCOL:
            value = state.protocols.get(step.key)  # type: ignore[call-overload]
        elif what == LINK:
            value = state.links.targets.get(step.key)  # type: ignore[call-overload]
        else:
            value = step.key in state.served
        step = step.cases.get(value)
    return step


def act(effect: Effect, process: Process, state: State) -> None:
    """Change the state as the call did."""
    if effect.number >= 0 and effect.opened is not None:
        process.descriptors[effect.number] = effect.opened
    if effect.name is not None:
        state.exists[effect.name] = effect.there
    if effect.more is not None:
        act_more(effect.more, process, state)


def act_more(more: More, process: Process, state: State) -> None:
    """The less usual half of ``act``."""
    for number, opened in more.descriptors:
        if opened is None:
            process.descriptors.pop(number, None)
        else:
            process.descriptors[number] = opened
    for name, there in more.names:
        state.exists[name] = there
    for path, kind, entry in more.kinds:
        state.kinds[path] = kind
        if entry:
            state.entries[path] = kind
    if more.cwd is not None:
        process.cwd.path = more.cwd
