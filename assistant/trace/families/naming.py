"""Calls that make, remove or move names: mkdir, rmdir, unlink, rename, link, symlink, mknod; and truncate.

The rights are asked on the directories that hold the names.
"""

import re

from assistant.domain.access import Kind, Verdict
from assistant.domain.rights import FsRight
from assistant.trace.families import Handler, Scene
from assistant.trace.inventory import Observation
from assistant.trace.outcome import outcome, verdict, verdict_on_name, verdict_or_other
from assistant.trace.text import words


_MADE_BY_TYPE = {
    "S_IFREG": FsRight.MAKE_REG,
    "S_IFCHR": FsRight.MAKE_CHAR,
    "S_IFBLK": FsRight.MAKE_BLOCK,
    "S_IFIFO": FsRight.MAKE_FIFO,
    "S_IFSOCK": FsRight.MAKE_SOCK,
}
_KIND_BY_TYPE = {
    "S_IFCHR": Kind.DEVICE,
    "S_IFBLK": Kind.DEVICE,
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
}
"""The right to make an entry of a kind; anything else is made with MAKE_REG."""


def _make(scene: Scene, path: str | None, right: FsRight, kind: Kind) -> None:
    if path is None:
        return
    result = scene.call.result
    scene.need_in_parent(path, right, verdict_or_other(result, frozenset({"EEXIST"})), outcome(result))
    if result.ok:
        scene.state.kinds[path] = kind
        scene.changes(path, exists=True)


def _remove(scene: Scene, path: str | None, *, directory: bool) -> None:
    if path is None:
        return
    result = scene.call.result
    right = FsRight.REMOVE_DIR if directory else FsRight.REMOVE_FILE
    scene.need_in_parent(path, right, verdict_on_name(result), outcome(result))
    if result.ok:
        scene.changes(path, exists=False)
    elif result.errno == "ENOENT":
        scene.state.exists[path] = False


def _mknod(scene: Scene, path: str | None, mode: bytes) -> None:
    types = words(mode) & set(_MADE_BY_TYPE)
    kind = next(iter(types), "S_IFREG")
    _make(scene, path, _MADE_BY_TYPE[kind], _KIND_BY_TYPE.get(kind, Kind.FILE))


def _move(scene: Scene, source: str | None, target: str | None, flags: frozenset[str]) -> None:
    if source is None or target is None:
        return
    result = scene.call.result
    asked, said = verdict_on_name(result), outcome(result)
    kind = scene.state.kinds.get(source, Kind.UNKNOWN)
    made = MADE.get(kind, FsRight.MAKE_REG)
    removed = FsRight.REMOVE_DIR if kind is Kind.DIRECTORY else FsRight.REMOVE_FILE
    across = FsRight(0) if _directory(source) == _directory(target) else FsRight.REFER
    # A directory moves only to where it may be made, and from where it could be made as well.
    as_made = made if across and kind is Kind.DIRECTORY else FsRight(0)
    scene.need_in_parent(source, removed | across | as_made, asked, said)
    scene.need_in_parent(target, made | across, asked, said)
    if "RENAME_EXCHANGE" in flags:
        other = scene.state.kinds.get(target, Kind.UNKNOWN)
        back = FsRight.REMOVE_DIR if other is Kind.DIRECTORY else FsRight.REMOVE_FILE
        scene.need_in_parent(source, MADE.get(other, FsRight.MAKE_REG), asked, said)
        scene.need_in_parent(target, back, asked, said)
    elif "RENAME_NOREPLACE" not in flags and scene.state.exists.get(target) is not False:
        # Renaming over an existing entry removes it; the next run will find one.
        replaces = asked if scene.state.exists.get(target) else Verdict.POSSIBLE
        scene.need_in_parent(target, removed, replaces if asked is Verdict.NEEDED else asked, said)
    if result.ok:
        scene.changes(source, exists="RENAME_EXCHANGE" in flags)
        scene.changes(target, exists=True)
        scene.collector.moved[source] = target
        if kind is not Kind.UNKNOWN:
            scene.state.kinds[target] = kind


def _directory(path: str) -> str:
    return path.rpartition("/")[0]


def _link(scene: Scene, source: str | None, target: str | None, *, nameless_in: str | None = None) -> None:
    """``nameless_in``: the directory of a file without a name (O_TMPFILE) that is given one."""
    if target is None:
        return
    result = scene.call.result
    asked, said = verdict_or_other(result, frozenset({"EEXIST"})), outcome(result)
    made = MADE.get(scene.state.kinds.get(source or "", Kind.UNKNOWN), FsRight.MAKE_REG)
    start = _directory(source) if source else nameless_in
    if start is None or start == _directory(target):
        scene.need_in_parent(target, made, asked, said)
    else:
        scene.need_in_parent(source or f"{start}/.nameless", FsRight.REFER, asked, said)
        scene.need_in_parent(target, made | FsRight.REFER, asked, said)
    if result.ok:
        if source:
            scene.collector.moved[source] = target
        scene.changes(target, exists=True)


def _linkat(scene: Scene) -> None:
    target = scene.entry(3, 2)
    name = scene.name(1) or ""
    if not name and "AT_EMPTY_PATH" in words(scene.argument(4)):
        opened = scene.descriptor(0)
        number, annotated = (opened.number, opened.path) if opened else (-1, None)
        known = scene.process.descriptors.get(number)
        source = annotated or (known.path if known else None)
    else:
        match = _OWN_DESCRIPTOR.match(name)
        known = scene.process.descriptors.get(int(match[1])) if match else None
        source = None if known and known.nameless else scene.entry(1, 0)
    if known is not None and known.nameless:
        _link(scene, None, target, nameless_in=known.path)
    else:
        _link(scene, source, target)


def _symlink(scene: Scene, path: str | None) -> None:
    _make(scene, path, FsRight.MAKE_SYM, Kind.SYMLINK)


def _named_file(scene: Scene, right: FsRight) -> None:
    """A call that asks for one right on the file that it names."""
    path = scene.path(0)
    if path is not None:
        result = scene.call.result
        scene.need(
            Observation(path, right, verdict(result), outcome(result), scene.call.name, kind=Kind.FILE)
        )


def _ftruncate(scene: Scene) -> None:
    """The right is taken when the file is opened, so the file's rule must carry it."""
    target = scene.descriptor(0)
    result = scene.call.result
    if target is None:
        return
    opened = scene.process.descriptors.get(target.number)
    path = target.path or (opened.path if opened else None)
    if path is None or target.deleted:
        return
    final = target.path is not None or (opened is not None and opened.final)
    scene.need(
        Observation(
            path,
            FsRight.TRUNCATE,
            verdict(result),
            outcome(result),
            scene.call.name,
            kind=Kind.FILE,
            final=final,
        )
    )


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
    "acct": lambda scene: _named_file(scene, FsRight.WRITE_FILE),
}
