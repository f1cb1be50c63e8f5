"""What a shape of call does to any plain name: found once by its handler, then filled in with each name.

A handler treats all plain names alike, so what it does with one stands for all. What it does with others
(with "..", through /proc or /dev, not what the kernel opened) or with more of the state has no stencil.
"""

import re

from assistant.domain.access import RemarkKind
from assistant.trace.interpreter import HANDLERS
from assistant.trace.inventory import Collector, Names, Observation, Tally
from assistant.trace.replay import OPENED, WORKING_DIRECTORY, Effect, More
from assistant.trace.scene import Scene, Unresolved
from assistant.trace.shape import Parts, Shape, shape
from assistant.trace.state import Opened, Process, State
from assistant.trace.text import descriptor


_NAME, _DIRECTORY, _LAST = "/@/@", "/@", "@"
_LONGEST = 1000
_MOST = 20_000
_NUL = 0
_NOTHING_MORE = More()
_ORIGIN = Opened._fields.index("origin")
_MAGIC = (b"/dev/", b"/proc/", b"/memfd:")
_DOTS = re.compile(rb"(?:^|/)\.{1,2}(?:/|$)")


def text_of(name: bytes) -> str:
    """A name as text; bytes that are not UTF-8 as surrogate escapes."""
    return name.decode("utf-8", "surrogateescape")


def is_plain(name: bytes) -> bool:
    """Whether a name says itself what it means, but for the directory that a relative one starts from."""
    return (
        len(name) < _LONGEST
        and (name.find(b"/.") < 0 or _DOTS.search(name) is None)
        and name[:1] != b"."
        and name.find(b"//") < 0
        and _NUL not in name
        and name[-1:] not in (b"/", b"")
        and not name.startswith(_MAGIC)
    )


class Stencil:
    """What to do with a name, in one trace.

    Attributes:
        needs: Their paths are ``_NAME``, or ``_DIRECTORY`` for what holds the name.
        number: The descriptor that is opened, -1 for none.
        opened: What it then refers to, but for the path.
        there: Whether the name is shown to exist; None when nothing is shown.
        kind: What the object is shown to be, and whether the name is its own.
        base: The argument that a relative name starts from; -1 when that is the working directory, -2 when
            nothing is known of relative names.
        lost: What a descriptor refers to when it was opened by a name whose directory is not known.
    """

    __slots__ = (
        "_before",
        "_behind",
        "_tables",
        "base",
        "kind",
        "lost",
        "needs",
        "number",
        "opened",
        "there",
    )

    def __init__(self, of: Effect, needs: tuple[Observation, ...], base: int, lost: Opened | None) -> None:
        kinds = (of.more or _NOTHING_MORE).kinds
        self.needs = needs
        self.number = of.number
        self.opened = opened = of.opened or Opened()
        # What is said of it between its path and its origin, and behind that: copied for each name.
        self._before, self._behind = tuple(opened[1:_ORIGIN]), tuple(opened[_ORIGIN + 1 :])
        self.there = of.there if of.name else None
        self.kind = kinds[0][1:] if kinds else None
        self.base = base
        self.lost = lost
        # By program, in the order of the needs.
        self._tables: dict[str, list[dict[Names, Tally]]] = {}

    def fill_in(self, effect: Effect, name: str, collector: Collector, process: Process, line: int) -> None:
        """Fill in an absolute name, and count what it needs once."""
        tables = self._tables.get(process.program)
        if tables is None:
            tables = [collector.table(need, process.program) for need in self.needs]
            self._tables[process.program] = tables
        for need, table in zip(self.needs, tables, strict=True):
            path = name if need.path == _NAME else name.rpartition("/")[0] or "/"
            given = name if need.given else ""
            effect.tallies.append(collector.count(table, path, given, line, process.pid))
        if self.number >= 0:
            origin = name if self.opened.origin else ""
            effect.opens(self.number, Opened._make((name, *self._before, origin, *self._behind)))
        if self.there is not None:
            effect.knows(name, there=self.there)
        if self.kind is not None:
            effect.tells(name, self.kind[0], entry=self.kind[1])


class Known:
    """A shape, and its stencil once it is worth finding."""

    __slots__ = ("_met", "_stencil", "shape")

    def __init__(self, of: Shape) -> None:
        self.shape = of
        self._met = 0
        self._stencil: Stencil | None = None

    def effect(
        self, parts: Parts, process: Process, state: State, collector: Collector, line: int
    ) -> Effect | None:
        """What a call with these parts does, or None when its handler must say."""
        self._met += 1
        if self._met == _WORTH_IT:
            self._stencil = stencil(self.shape)
        known, name = self._stencil, parts.name
        # Before anything is recorded: it is either all recorded here, or all by the handler.
        if known is None or not self._is_usual(parts, known, process, state):
            return None
        text = text_of(name)
        if name[:1] == b"/":
            effect = Effect(self.shape.name)
            state.links.passes(text, last=True)
        else:
            scene = Scene(self.shape.call(parts), process, state, collector, line)
            effect = scene.effect
            base = scene.descriptor(known.base) if known.base >= 0 else None
            try:
                text = scene.absolute(base, text)
            except Unresolved:
                return _unresolved(scene, known, text)
        known.fill_in(effect, text, collector, process, line)
        return effect

    def _is_usual(self, parts: Parts, known: Stencil, process: Process, state: State) -> bool:
        """Whether a name means what it says: it is plain, and goes through no link that the run made."""
        name = parts.name
        if process.cwd.root or process.cwd.lost or not is_plain(name.removeprefix(b"./")):
            return False
        whole: bytes | None = name
        if name[:1] != b"/":
            if known.base == _UNKNOWN or (parts.base and not is_plain(parts.base)):
                return False
            whole = self._expected(parts, process) if parts.note or state.links.targets else None
        if parts.note and parts.note != whole:
            return False
        return not state.links.targets or (whole is not None and not state.links.meets(text_of(whole)))

    def _expected(self, parts: Parts, process: Process) -> bytes | None:
        """Where a relative name leads without links, or None when it starts from a bare descriptor."""
        here = parts.base
        if not here and self.shape.before and self.shape.before[-1] != b"AT_FDCWD":
            return None
        here = here or (process.cwd.path or "").encode("utf-8", "surrogateescape")
        return here.rstrip(b"/") + b"/" + parts.name.removeprefix(b"./") if here else None


_UNKNOWN = -2
_WORTH_IT = 3


def _unresolved(scene: Scene, known: Stencil, name: str) -> Effect | None:
    if known.lost is None:
        return None
    if known.needs:
        scene.remark(RemarkKind.UNRESOLVED, f"{scene.call.name} {name}")
    if known.number >= 0:
        scene.effect.opens(known.number, known.lost)
    return scene.effect


def _tried(of: Shape, name: str, *, cwd: str | None) -> tuple[Effect, Collector] | None:
    """What the handler does with a name, on a state of its own."""
    state, collector, process = State(), Collector(), Process(1)
    process.cwd.path = cwd
    note = _NAME.encode() if of.result.descriptor is not None else b""
    call = of.call(Parts(b"", b"", name.encode(), b"", note))
    if call.arguments[0].isdigit():
        process.descriptors[int(call.arguments[0][:9])] = Opened(cwd)
    scene = Scene(call, process, state, collector, 1)
    HANDLERS[call.name](scene)
    effect = scene.effect
    more = effect.more or _NOTHING_MORE
    if effect.ordered or more.descriptors or more.names or len(more.kinds) > 1:
        return None
    return effect, collector


def stencil(of: Shape) -> Stencil | None:
    """The stencil of a shape, or None when what it does depends on more than the name."""
    tried = _tried(of, _NAME, cwd=None) if of.name in HANDLERS else None
    if tried is None:
        return None
    effect, collector = tried
    needs = tuple(collector.observations())
    more = effect.more or _NOTHING_MORE
    if effect.reads or more.cwd is not None or len(effect.tallies) != len(needs):
        return None
    kinds = more.kinds
    paths = {need.path for need in needs} - {_DIRECTORY} | {need.given for need in needs} - {""}
    paths |= {path for path, _, _ in kinds} | {effect.name or _NAME}
    if effect.opened is not None:
        paths |= {effect.opened.path or "", effect.opened.origin or _NAME}
    if not paths <= {_NAME}:
        return None
    base, lost = _relative(of, tried)
    return Stencil(effect, needs, base, lost)


def _relative(of: Shape, absolute: tuple[Effect, Collector]) -> tuple[int, Opened | None]:
    """What a relative name starts from, and what is opened when that is not known."""
    hole = len(of.before)
    base = hole - 1 if hole and descriptor(of.before[-1]) is not None else -1
    tried, lost = _tried(of, _LAST, cwd=_DIRECTORY), _tried(of, _LAST, cwd=None)
    if tried is None or lost is None or not _alike(tried, absolute):
        return _UNKNOWN, None
    if {what for what, _, _ in tried[0].reads} - {WORKING_DIRECTORY, OPENED} or len(tried[0].reads) != 1:
        return _UNKNOWN, None
    said = (RemarkKind.UNRESOLVED in lost[1].remarks) + 0
    # Where nothing is needed of a name, nothing is said when it is not known.
    only_said = len(lost[0].tallies) == said == bool(tried[1].needs) and not lost[0].reads[1:]
    tells = lost[0].name is not None or lost[0].more is not None
    return base, (lost[0].opened or Opened()) if only_said and not tells else None


def _alike(one: tuple[Effect, Collector], other: tuple[Effect, Collector]) -> bool:
    (effect, collector), (other_effect, other_collector) = one, other
    return set(collector.observations()) == set(other_collector.observations()) and (
        effect.number,
        effect.opened,
        effect.name,
        effect.there,
        (effect.more or _NOTHING_MORE).kinds,
    ) == (
        other_effect.number,
        other_effect.opened,
        other_effect.name,
        other_effect.there,
        (other_effect.more or _NOTHING_MORE).kinds,
    )


class Shapes:
    """Shapes by what stands around the name; None where the name matters to how the rest is read."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes, bool, bool], Known | None] = {}

    def find(self, parts: Parts) -> Known | None:
        """The shape of a call's parts."""
        key = (parts.head, parts.tail, bool(parts.note), bool(parts.base))
        if key not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            found = shape(parts)
            self._known[key] = Known(found) if found is not None else None
        return self._known[key]
