"""Calls that make, remove or move names: mkdir, rmdir, unlink, rename, link, symlink, mknod; and truncate.

The rights are asked on the directories that hold the names.
"""

import re

from assistant.domain.access import Kind, Verdict
from assistant.domain.rights import NO_FS, FsRight
from assistant.trace.inventory import Observation
from assistant.trace.outcome import outcome, verdict, verdict_on_name, verdict_or_other
from assistant.trace.scene import Handler, Scene
from assistant.trace.state import Opened
from assistant.trace.text import Descriptor, words


_MADE_BY_TYPE = {
    "S_IFREG": FsRight.MAKE_REG,
    "S_IFCHR": FsRight.MAKE_CHAR,
    "S_IFBLK": FsRight.MAKE_BLOCK,
    "S_IFIFO": FsRight.MAKE_FIFO,
    "S_IFSOCK": FsRight.MAKE_SOCK,
}
_KIND_BY_TYPE = {
    "S_IFCHR": Kind.DEVICE,
    "S_IFBLK": Kind.BLOCK_DEVICE,
    "S_IFIFO": Kind.FIFO,
    "S_IFSOCK": Kind.SOCKET,
}
_OWN_DESCRIPTOR = re.compile(r"/(?:proc/(?:thread-)?self|dev)/fd/([0-9]{1,10})$")
MADE = {
    Kind.DIRECTORY: FsRight.MAKE_DIR,
    Kind.SYMLINK: FsRight.MAKE_SYM,
    Kind.FIFO: FsRight.MAKE_FIFO,
    Kind.SOCKET: FsRight.MAKE_SOCK,
    Kind.DEVICE: FsRight.MAKE_CHAR,
    Kind.BLOCK_DEVICE: FsRight.MAKE_BLOCK,
}
"""The right to make an entry of a kind; anything else is made with MAKE_REG."""


def _make(scene: Scene, path: str | None, right: FsRight, kind: Kind) -> None:
    if path is None:
        return
    result = scene.result
    scene.need_in_parent(path, right, verdict_or_other(result, frozenset({"EEXIST"})), outcome(result))
    if result.ok:
        scene.tells(path, kind, entry=True)
        scene.changes(path, exists=True)


def _remove(scene: Scene, path: str | None, *, directory: bool) -> None:
    if path is None:
        return
    result = scene.result
    right = FsRight.REMOVE_DIR if directory else FsRight.REMOVE_FILE
    scene.need_in_parent(path, right, verdict_on_name(result), outcome(result))
    if result.ok:
        if directory:
            scene.tells(path, Kind.DIRECTORY, entry=True)
        scene.changes(path, exists=False)
    elif result.errno == "ENOENT":
        scene.knows(path, there=False)


def _mknod(scene: Scene, path: str | None, mode: bytes) -> None:
    kind = next((word for word in words(mode) if word in _MADE_BY_TYPE), "S_IFREG")
    _make(scene, path, _MADE_BY_TYPE[kind], _KIND_BY_TYPE.get(kind, Kind.FILE))


def _move(scene: Scene, source: str | None, target: str | None, flags: frozenset[str]) -> None:
    scene.ordered()
    if source is None or target is None:
        return
    result, state = scene.result, scene.state
    asked, said = verdict_on_name(result), outcome(result)
    kind, other = state.entries.get(source, Kind.UNKNOWN), state.entries.get(target, Kind.UNKNOWN)
    across = NO_FS if _directory(source) == _directory(target) else FsRight.REFER
    exchange = "RENAME_EXCHANGE" in flags
    if result.errno == "EISDIR":
        # What moves is none, what it would replace is one.
        _over_a_directory(scene, source, target, across)
        return
    scene.need_in_parent(source, _removed(kind) | across | _as_made(kind, across), asked, said)
    scene.need_in_parent(target, _made(kind) | across, asked, said)
    if exchange:
        scene.need_in_parent(source, _made(other) | across, asked, said)
        scene.need_in_parent(target, _removed(other) | across | _as_made(other, across), asked, said)
    elif "RENAME_NOREPLACE" not in flags and state.exists.get(target) is not False:
        # Renaming over an existing entry removes it; the next run will find one.
        replaces = asked if state.exists.get(target) else Verdict.POSSIBLE
        replaces = replaces if asked is Verdict.NEEDED else asked
        scene.need_in_parent(target, _removed(kind), replaces, said)
    if result.ok:
        _moved(scene, source, target, exchange=exchange)


def _over_a_directory(scene: Scene, source: str, target: str, across: FsRight) -> None:
    said, call, there = "EISDIR", scene.call.name, _directory(target) or "/"
    scene.need_in_parent(source, FsRight.REMOVE_FILE | across, Verdict.NEEDED, said)
    scene.need_in_parent(target, FsRight.REMOVE_DIR | across, Verdict.NEEDED, said)
    # Of the kind of what would have moved there.
    made = Observation(there, FsRight.MAKE_REG, Verdict.NEEDED, said, call, Kind.DIRECTORY, given=source)
    scene.need(made)


def _moved(scene: Scene, source: str, target: str, *, exchange: bool) -> None:
    state = scene.state
    scene.changes(source, exists=exchange)
    scene.changes(target, exists=True)
    state.moved[source] = target
    kind, other = state.entries.get(source), state.entries.get(target)
    if exchange:
        state.moved[target] = source
        # Two steps by way of a name that no call can use.
        state.renamed(target, "\0", other)
    state.renamed(source, target, kind)
    if exchange:
        state.renamed("\0", source, other)
    for name, now in ((target, kind), (source, other if exchange else None)):
        if now is not None:
            state.kinds[name] = state.entries[name] = now
        else:
            state.entries.pop(name, None)


def _made(kind: Kind) -> FsRight:
    return MADE.get(kind, FsRight.MAKE_REG)


def _removed(kind: Kind) -> FsRight:
    return FsRight.REMOVE_DIR if kind is Kind.DIRECTORY else FsRight.REMOVE_FILE


def _as_made(kind: Kind, across: FsRight) -> FsRight:
    """A directory moves only to where it may be made, and from where it could be made as well."""
    return FsRight.MAKE_DIR if across and kind is Kind.DIRECTORY else NO_FS


def _directory(path: str) -> str:
    return path.rpartition("/")[0]


def _link(scene: Scene, source: str | None, target: str | None, *, nameless_in: str | None = None) -> None:
    """``nameless_in``: the directory of a file without a name (O_TMPFILE) that is given one."""
    scene.ordered()
    if target is None:
        return
    result = scene.result
    asked, said = verdict_or_other(result, frozenset({"EEXIST"})), outcome(result)
    made = _made(scene.state.entries.get(source or "", Kind.UNKNOWN))
    start = _directory(source) if source else nameless_in
    if start is None or start == _directory(target):
        scene.need_in_parent(target, made, asked, said)
    else:
        scene.need_in_parent(source or f"{start}/.nameless", FsRight.REFER, asked, said)
        scene.need_in_parent(target, made | FsRight.REFER, asked, said)
    if result.ok:
        if source:
            scene.state.moved[source] = target
        scene.changes(target, exists=True)


def _linkat(scene: Scene) -> None:
    target, name, flags = scene.entry(3, 2), scene.name(1) or "", words(scene.argument(4))
    opened = scene.descriptor(0)
    match = _OWN_DESCRIPTOR.match(name)
    annotated = None
    if not name and "AT_EMPTY_PATH" in flags and opened is not None:
        known = scene.opened(opened.number)
        annotated = None if opened.deleted else opened.path
    elif match:
        known = scene.opened(int(match[1]))
    else:
        _link(scene, scene.entry(1, 0), target)
        return
    if known is not None and known.nameless:
        _link(scene, None, target, nameless_in=known.path)
    else:
        _link(scene, annotated or (known.path if known else None), target)


def _symlink(scene: Scene, path: str | None) -> None:
    _make(scene, path, FsRight.MAKE_SYM, Kind.SYMLINK)


def _named_file(scene: Scene, right: FsRight, kind: Kind = Kind.FILE) -> None:
    """A call that asks for a right on the file that it names."""
    path = scene.path(0)
    if path is not None:
        result = scene.result
        scene.need(Observation(path, right, verdict(result), outcome(result), scene.call.name, kind))


def _ftruncate(scene: Scene) -> None:
    """The right is taken when the file is opened, so the file's rule must carry it."""
    target = scene.descriptor(0)
    result = scene.result
    if target is None:
        return
    if result.errno == "EBADF":
        return
    opened = scene.opened(target.number)
    asked, path, kind = verdict(result), target.path, Kind.FILE
    if opened is not None:
        if not opened.inside or asked is Verdict.REFUSED:
            return
        path, kind = _where_it_was_opened(scene, target, opened)
    elif not scene.state.hands_over and scene.state.from_the_start:
        # It came from outside, and keeps the rights of whoever opened it.
        scene.ordered()
        return
    else:
        scene.ordered()
        asked = Verdict.POSSIBLE if scene.state.hands_over else asked
    if path is None or (target.deleted and opened is None):
        return
    final = target.path is not None or (opened is not None and opened.final)
    scene.need(
        Observation(path, FsRight.TRUNCATE, asked, outcome(result), scene.call.name, kind, final=final)
    )


def _where_it_was_opened(scene: Scene, target: Descriptor, opened: Opened) -> tuple[str | None, Kind]:
    """The right was taken under the name of then; a nameless file's from the directory that it is in."""
    if opened.nameless:
        return opened.origin, Kind.DIRECTORY
    moved = scene.state.moved.get(opened.origin)
    if target.path is None or target.deleted or moved is not None:
        return opened.origin or opened.path, Kind.FILE
    return target.path, Kind.FILE


def _swapon(scene: Scene) -> None:
    _named_file(scene, FsRight.READ_FILE | FsRight.WRITE_FILE, Kind.UNKNOWN)


def _unlinkat(scene: Scene) -> None:
    _remove(scene, scene.entry(1, 0), directory="AT_REMOVEDIR" in words(scene.argument(2)))


CALLS: dict[str, Handler] = {
    "mkdir": lambda scene: _make(scene, scene.entry(0), FsRight.MAKE_DIR, Kind.DIRECTORY),
    "mkdirat": lambda scene: _make(scene, scene.entry(1, 0), FsRight.MAKE_DIR, Kind.DIRECTORY),
    "rmdir": lambda scene: _remove(scene, scene.entry(0), directory=True),
    "unlink": lambda scene: _remove(scene, scene.entry(0), directory=False),
    "unlinkat": _unlinkat,
    "rename": lambda scene: _move(scene, scene.entry(0), scene.entry(1), frozenset()),
    "renameat": lambda scene: _move(scene, scene.entry(1, 0), scene.entry(3, 2), frozenset()),
    "renameat2": lambda scene: _move(scene, scene.entry(1, 0), scene.entry(3, 2), words(scene.argument(4))),
    "link": lambda scene: _link(scene, scene.entry(0), scene.entry(1)),
    "linkat": _linkat,
    "symlink": lambda scene: _symlink(scene, scene.entry(1)),
    "symlinkat": lambda scene: _symlink(scene, scene.entry(2, 1)),
    "mknod": lambda scene: _mknod(scene, scene.entry(0), scene.argument(1)),
    "mknodat": lambda scene: _mknod(scene, scene.entry(1, 0), scene.argument(2)),
    "truncate": lambda scene: _named_file(scene, FsRight.TRUNCATE),
    "truncate64": lambda scene: _named_file(scene, FsRight.TRUNCATE),
    "ftruncate": _ftruncate,
    "ftruncate64": _ftruncate,
    "swapon": _swapon,
    "acct": lambda scene: _named_file(scene, FsRight.WRITE_FILE),
}
