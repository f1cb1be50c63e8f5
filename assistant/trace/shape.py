"""Complete calls by their shape: what stands around the first name has mostly been parsed before."""

from assistant.trace.line import Call, Result, Strange, parse_call


_BACKSLASH, _QUOTE, _OPENS, _CLOSES = b'\\"<>'
_PIECES = 3
_NAME = b"/@/@"
"""What stands in for the name while a shape is parsed."""


class Parts:
    """A call's text, cut at its first string and at what -y says of descriptors around it.

    ``base`` is the annotated path of the argument before the name, ``note`` that of the result, both empty
    where there is none. No part but ``tail`` holds an escape, and ``tail`` none either.
    """

    __slots__ = ("base", "head", "name", "note", "tail")

    def __init__(self, head: bytes, base: bytes, name: bytes, tail: bytes, note: bytes) -> None:
        self.head = head
        self.base = base
        self.name = name
        self.tail = tail
        self.note = note


def split(text: bytes) -> Parts | None:
    """Cut a call's text, or None when it is not as plain as most."""
    cut = text.split(b'"', 2)
    if len(cut) < _PIECES or _BACKSLASH in text:
        return None
    head, name, tail = cut
    base = note = b""
    if tail[-1:] == b">":
        found = tail.rfind(b"<")
        tail, note = tail[:found], tail[found + 1 : -1]
        if not note.startswith(b"/") or _CLOSES in note:
            return None
    if head.endswith(b">, "):
        found = head.find(b"<")
        head, base = head[:found], head[found + 1 : -3]
        if not base.startswith(b"/") or _CLOSES in base or _OPENS in base:
            return None
    return Parts(head, base, name, _without_size(tail), note)


def _without_size(tail: bytes) -> bytes:
    """The size in a struct differs from file to file and says nothing about access."""
    before, found, behind = tail.partition(b"_size=")
    size, comma, rest = behind.partition(b",")
    return before + found + b"0" + comma + rest if size.isdigit() else tail


class Shape:
    """A call with holes where its first string and what -y says of descriptors stood.

    Attributes:
        name: The system call's.
        before: Arguments before the name; the last has a hole when the shape was found with a base.
        left: What stands before the name in its own argument, and ``right`` behind it.
        after: Arguments behind the name.
        result: What the call returned; its descriptor has a hole when the shape was found with a note.
    """

    __slots__ = ("after", "before", "left", "name", "result", "right")

    def __init__(self, of: Call, hole: int, before: tuple[bytes, ...], left: bytes, right: bytes) -> None:
        self.name = of.name
        self.before = before
        self.left = left
        self.right = right
        self.after = of.arguments[hole + 1 :]
        self.result = of.result

    def call(self, parts: Parts) -> Call:
        """The call with the holes filled."""
        result, before = self.result, self.before
        if result.descriptor is not None and parts.note:
            opened = result.descriptor._replace(note=parts.note)
            result = Result(result.value, result.errno, opened, result.elsewhere)
        if parts.base:
            before = (*before[:-1], b"%b<%b>" % (before[-1], parts.base))
        hole = self.left + b'"' + parts.name + b'"' + self.right
        return Call(self.name, (*before, hole, *self.after), result)


def shape(parts: Parts) -> Shape | None:
    """The shape of what stands around a name, or None where the name matters to how the rest is read."""
    if b"/*" in parts.head or _OPENS in parts.head or _QUOTE in parts.tail:
        return None
    marked = b'"%b"' % _NAME
    based = b"<%b>, " % _NAME if parts.base else b""
    noted = b"<%b>" % _NAME if parts.note else b""
    call = parse_call(parts.head + based + marked + parts.tail + noted)
    if isinstance(call, Strange):
        return None
    opened = call.result.descriptor
    if (opened is not None or noted) and (not noted or opened is None or opened.note != _NAME):
        # An annotation that was not cut out: deleted, a device, or with a carriage return behind it.
        return None
    holes = [index for index, argument in enumerate(call.arguments) if marked in argument]
    if len(holes) != 1 or call.arguments[holes[0]].count(marked) != 1:
        return None
    hole = holes[0]
    before = call.arguments[:hole]
    if based:
        if not before or not before[-1].endswith(b"<%b>" % _NAME):
            return None
        before = (*before[:-1], before[-1].removesuffix(b"<%b>" % _NAME))
    left, _, right = call.arguments[hole].partition(marked)
    return Shape(call, hole, before, left, right)
