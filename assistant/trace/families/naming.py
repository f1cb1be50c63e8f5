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
        if kind is not Kind.DIRECTORY:
            scene.removes_next_time(path)
        scene.tells(path, kind, entry=True)
        scene.changes(path, exists=True)


def _remove(scene: Scene, path: str | None, *, directory: bool) -> None:
    if path is None:
        return
    result = scene.result
    right = FsRight.REMOVE_DIR if directory else FsRight.REMOVE_FILE
    scene.need_in_parent(path, right, verdict_on_name(result), outcome(result))
    if result.ok:
        _unlink(scene, path)
        if directory:
            scene.tells(path, Kind.DIRECTORY, entry=True)
        scene.changes(path, exists=False)
    elif result.errno == "ENOENT":
        scene.knows(path, there=False)


def _unlink(scene: Scene, path: str) -> None:
    links = scene.state.links
    # Once a link stands there, the same call takes that away.
    links.passes(path, last=True)
    if links.gone(path) is not None:
        scene.ordered()


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
    guessed = kind is Kind.UNKNOWN or (exchange and other is Kind.UNKNOWN)
    if result.errno == "EISDIR":
        # What moves is none, what it would replace is one.
        _over_a_directory(scene, source, target, across, guessed=guessed)
        return
    leaves, comes = _removed(kind) | across | _as_made(kind, across), _made(kind) | across
    scene.need_in_parent(source, leaves, asked, said, guessed=guessed)
    scene.need_in_parent(target, comes, asked, said, guessed=guessed)
    if exchange:
        leaves, comes = _removed(other) | across | _as_made(other, across), _made(other) | across
        scene.need_in_parent(source, comes, asked, said, guessed=guessed)
        scene.need_in_parent(target, leaves, asked, said, guessed=guessed)
    elif "RENAME_NOREPLACE" not in flags:
        # Renaming over an existing entry removes it. The next run finds one, also where this one saw none.
        replaces = asked if state.exists.get(target) else Verdict.POSSIBLE
        replaces = replaces if asked is Verdict.NEEDED else asked
        scene.need_in_parent(target, _removed(kind), replaces, said, guessed=guessed)
    if result.ok:
        _moved(scene, source, target, exchange=exchange)


def _over_a_directory(scene: Scene, source: str, target: str, across: FsRight, *, guessed: bool) -> None:
    said, call, there = "EISDIR", scene.call.name, _directory(target) or "/"
    kind = Kind.UNKNOWN if guessed else Kind.DIRECTORY
    scene.need_in_parent(source, FsRight.REMOVE_FILE | across, Verdict.NEEDED, said)
    scene.need_in_parent(target, FsRight.REMOVE_DIR | across, Verdict.NEEDED, said)
    # Of the kind of what would have moved there.
    scene.need(Observation(there, FsRight.MAKE_REG, Verdict.NEEDED, said, call, kind, given=source))


def _moved(scene: Scene, source: str, target: str, *, exchange: bool) -> None:
    state = scene.state
    scene.changes(source, exists=exchange)
    scene.changes(target, exists=True)
    state.links.moved(source, target, exchange=exchange)
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
            if exchange:
                # Something else is there, of a kind that is not known.
                state.kinds.pop(name, None)


def _made(kind: Kind) -> FsRight:
    return MADE.get(kind, FsRight.MAKE_REG)


def _removed(kind: Kind) -> FsRight:
    return FsRight.REMOVE_DIR if kind is Kind.DIRECTORY else FsRight.REMOVE_FILE


def _as_made(kind: Kind, across: FsRight) -> FsRight:
    """A directory moves only to where it may be made, and from where it could be made as well."""
    return FsRight.MAKE_DIR if across and kind is Kind.DIRECTORY else NO_FS


def _directory(path: str) -> str:
    return path.rpartition("/")[0]


def _link(
    scene: Scene,
    source: str | None,
    target: str | None,
    *,
    nameless_in: str | None = None,
    follows: bool = False,
) -> None:
    """A file gets another name.

    ``nameless_in`` is the directory of a file without a name (O_TMPFILE) that is given one. When the call
    ``follows`` the source, only the host may know in which directory that ends.
    """
    scene.ordered()
    if target is None:
        return
    result, call = scene.result, scene.call.name
    asked, said = verdict_or_other(result, frozenset({"EEXIST"})), outcome(result)
    kind = Kind.UNKNOWN if follows else scene.state.entries.get(source or "", Kind.UNKNOWN)
    made, guessed = _made(kind), kind is Kind.UNKNOWN and source is not None
    start = _directory(source) if source else nameless_in
    if source and follows:
        scene.need(Observation(source, FsRight.REFER, asked, said, call, Kind.FILE))
    elif start is not None and start != _directory(target):
        scene.need_in_parent(source or f"{start}/.nameless", FsRight.REFER, asked, said)
    else:
        start = None
    across = NO_FS if start is None else FsRight.REFER
    scene.need_in_parent(target, made | across, asked, said, guessed=guessed)
    if result.ok:
        if source:
            scene.state.moved[source] = target
            if not follows:
                scene.state.links.copied(source, target)
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
    elif "AT_SYMLINK_FOLLOW" in flags:
        _link(scene, scene.path(1, 0), target, follows=True)
        return
    else:
        _link(scene, scene.entry(1, 0), target)
        return
    if known is not None and known.nameless:
        _link(scene, None, target, nameless_in=known.path)
    else:
        _link(scene, annotated or (known.path if known else None), target)


def _symlink(scene: Scene, path: str | None) -> None:
    _make(scene, path, FsRight.MAKE_SYM, Kind.SYMLINK)
    target = scene.name(0)
    if path is not None and target is not None and scene.result.ok:
        scene.ordered()
        scene.state.links.made(path, target)


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
