"""Processes: execve, fork, clone, chdir, copied and closed descriptors; and calls that only look at files."""

import re
from dataclasses import replace

from assistant.domain.access import Kind, RemarkKind
from assistant.domain.rights import FsRight
from assistant.trace.families import Handler, Scene
from assistant.trace.inventory import Observation
from assistant.trace.outcome import outcome, verdict
from assistant.trace.state import tidy
from assistant.trace.text import AT_FDCWD, MalformedError, struct_fields, words


_EXEC_RIGHTS = FsRight.EXECUTE | FsRight.READ_FILE
_CLONE_FLAGS = re.compile(rb"flags=([A-Z_|0-9a-fx]+)")
_NEW_NAMESPACES = frozenset({"CLONE_NEWNS", "CLONE_NEWUSER", "CLONE_NEWPID"})
_KINDS = {
    b"S_IFDIR": Kind.DIRECTORY,
    b"S_IFREG": Kind.FILE,
    b"S_IFCHR": Kind.DEVICE,
    b"S_IFBLK": Kind.DEVICE,
    b"S_IFSOCK": Kind.SOCKET,
    b"S_IFIFO": Kind.FIFO,
}


def _execute(scene: Scene, path: str | None) -> None:
    if path is None:
        return
    result = scene.call.result
    scene.need(
        Observation(path, _EXEC_RIGHTS, verdict(result), outcome(result), scene.call.name, kind=Kind.FILE)
    )
    if result.ok:
        scene.collector.executed(path, scene.evidence, scene.process.actor)
        scene.process.program = path


def _execveat(scene: Scene) -> None:
    target = scene.descriptor(0)
    if "AT_EMPTY_PATH" in words(scene.argument(4)) and scene.name(1) == "" and target is not None:
        if (target.note or b"").startswith(b"/memfd:"):
            if scene.call.result.ok:
                scene.collector.remark(RemarkKind.MEMORY_EXEC, scene.call.name, scene.evidence)
            return
        opened = scene.process.descriptors.get(target.number)
        _execute(scene, target.path or (opened.path if opened else None))
    else:
        _execute(scene, scene.path(1, 0))


def fork_flags(name: str, text: bytes) -> frozenset[str]:
    """The clone flags of a fork, vfork, clone or clone3, from its arguments' text."""
    if name == "vfork":
        # The child borrows memory, not the working directory or the descriptors.
        return frozenset()
    match = _CLONE_FLAGS.search(text)
    return words(match[1]) if match else frozenset()


def _fork(scene: Scene) -> None:
    result = scene.call.result
    flags = fork_flags(scene.call.name, b", ".join(scene.call.arguments))
    child = result.value if result.ok and result.value else None
    scene.state.fork_ends(scene.process.pid, child, flags)
    if flags & _NEW_NAMESPACES:
        scene.collector.remark(RemarkKind.NAMESPACE, scene.call.name, scene.evidence)


def _chdir(scene: Scene) -> None:
    path = scene.path(0)
    if not scene.call.result.ok:
        return
    scene.process.cwd.path = path
    if path is not None:
        scene.state.kinds[path] = Kind.DIRECTORY


def _fchdir(scene: Scene) -> None:
    target = scene.descriptor(0)
    if not scene.call.result.ok or target is None:
        return
    opened = scene.process.descriptors.get(target.number)
    scene.process.cwd.path = target.path or (opened.path if opened else None)


def _getcwd(scene: Scene) -> None:
    name = scene.name(0)
    if scene.call.result.ok and name is not None and name.startswith("/"):
        # Within a chroot the answer starts at the root of that.
        scene.process.cwd.path = tidy(scene.process.cwd.root + name)


def _copy(scene: Scene) -> None:
    source, result = scene.descriptor(0), scene.call.result
    if source is None or not result.ok or result.value is None:
        return
    if scene.call.name.startswith("fcntl") and not scene.argument(1).startswith(b"F_DUPFD"):
        return
    opened = scene.process.descriptors.get(source.number)
    if opened is not None:
        scene.process.descriptors[result.value] = opened
    else:
        # What it was before is closed, and what it is now is not known.
        scene.process.descriptors.pop(result.value, None)


def _close(scene: Scene) -> None:
    target = scene.descriptor(0)
    if target is not None and scene.call.result.ok:
        scene.process.descriptors.pop(target.number, None)


def _look(scene: Scene, path: str | None) -> None:
    """Calls like stat need no right, but tell whether a name exists and what it is."""
    if path is None:
        return
    result = scene.call.result
    if result.errno == "ENOENT":
        scene.state.exists[path] = False
        if not scene.call.name.startswith("readlink"):
            scene.need(Observation(path, FsRight(0), verdict(result), "ENOENT", scene.call.name))
    if not result.ok:
        return
    scene.state.exists[path] = True
    kind = _kind_told(scene)
    if kind is not None:
        scene.state.kinds[path] = kind


def _kind_told(scene: Scene) -> Kind | None:
    """What the printed struct of a stat call says; names are quoted, so they are no struct."""
    struct = next((argument for argument in scene.call.arguments if argument.startswith(b"{")), b"")
    try:
        fields = struct_fields(struct)
    except MalformedError:
        return None
    mode = fields.get("st_mode") or fields.get("stx_mode") or b""
    return _KINDS.get(mode.partition(b"|")[0])


def _look_at(scene: Scene) -> None:
    base = scene.descriptor(0)
    if scene.name(1) == "" and base is not None and base.number != AT_FDCWD:
        opened = scene.process.descriptors.get(base.number)
        path = base.path or (opened.path if opened else None)
        if not base.deleted:
            _look(scene, path)
    elif scene.name(1) is not None:
        _look(scene, scene.path(1, 0, needed=False))


def _remark(kind: RemarkKind) -> Handler:
    def note(scene: Scene) -> None:
        if not scene.call.result.errno:
            scene.collector.remark(kind, scene.call.name, scene.evidence)

    return note


def _chroot(scene: Scene) -> None:
    path = scene.path(0)
    if not scene.call.result.ok:
        return
    scene.collector.remark(RemarkKind.CHROOT, f"chroot {scene.name(0) or ''}", scene.evidence)
    if path is None:
        scene.process.cwd.lost = True
    else:
        scene.process.cwd.root = path.rstrip("/")


def _mount(scene: Scene) -> None:
    """Even a mount that fails for another reason would answer EPERM in the sandbox."""
    scene.collector.remark(RemarkKind.MOUNT, scene.call.name, scene.evidence)
    if scene.call.result.ok and scene.call.name in ("pivot_root", "move_mount"):
        scene.process.cwd.lost = True


def _unshare(scene: Scene) -> None:
    if not scene.call.result.ok:
        return
    flags, process = words(scene.argument(0)), scene.process
    if flags & {"CLONE_FS", "CLONE_NEWNS", "CLONE_NEWUSER"}:
        process.cwd = replace(process.cwd)
    if "CLONE_FILES" in flags:
        process.descriptors = dict(process.descriptors)
    if flags & _NEW_NAMESPACES:
        scene.collector.remark(RemarkKind.NAMESPACE, scene.call.name, scene.evidence)


def _setns(scene: Scene) -> None:
    if scene.call.result.ok:
        scene.collector.remark(RemarkKind.NAMESPACE, scene.call.name, scene.evidence)
        scene.process.cwd.lost = True


def _ignore(scene: Scene) -> None:
    """Traced, understood, and none of Landlock's business."""
    del scene


_LOOKS = ("stat", "lstat", "stat64", "lstat64", "access", "readlink", "statfs", "statfs64")
_LOOKS_AT = ("newfstatat", "fstatat64", "statx", "faccessat", "faccessat2", "readlinkat")

CALLS: dict[str, Handler] = {
    "execve": lambda scene: _execute(scene, scene.path(0)),
    "execveat": _execveat,
    "fork": _fork,
    "vfork": _fork,
    "clone": _fork,
    "clone3": _fork,
    "chdir": _chdir,
    "fchdir": _fchdir,
    "getcwd": _getcwd,
    "dup": _copy,
    "dup2": _copy,
    "dup3": _copy,
    "fcntl": _copy,
    "fcntl64": _copy,
    "close": _close,
    **{name: lambda scene: _look(scene, scene.path(0, needed=False)) for name in _LOOKS},
    **dict.fromkeys(_LOOKS_AT, _look_at),
    "chroot": _chroot,
    **dict.fromkeys(
        ("mount", "umount", "umount2", "pivot_root", "move_mount"),
        _mount,
    ),
    "unshare": _unshare,
    "setns": _setns,
    "io_uring_setup": _remark(RemarkKind.IO_URING),
}
