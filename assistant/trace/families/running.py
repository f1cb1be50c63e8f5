"""Processes: execve, fork, clone, chdir, chroot, mounts and namespaces."""

import re
from dataclasses import replace

from assistant.domain.access import Kind, RemarkKind, Verdict
from assistant.domain.rights import FsRight
from assistant.trace.inventory import Observation
from assistant.trace.outcome import outcome, verdict
from assistant.trace.scene import Handler, Scene, tidy
from assistant.trace.text import words


_EXEC_RIGHTS = FsRight.EXECUTE | FsRight.READ_FILE
_CLONE_FLAGS = re.compile(rb"flags=([A-Z_|0-9a-fx]+)")
_OWN_DESCRIPTOR = re.compile(r"/(?:proc/(?:thread-)?self|dev)/fd/([0-9]{1,10})$")
_NEW_NAMESPACES = frozenset({"CLONE_NEWNS", "CLONE_NEWUSER", "CLONE_NEWPID"})


def _execute(scene: Scene, path: str | None) -> None:
    scene.ordered()
    result = scene.result
    if path is not None:
        asked = _asked(scene, path)
        scene.need(Observation(path, _EXEC_RIGHTS, asked, outcome(result), scene.call.name, Kind.FILE))
    if not result.ok:
        return
    process = scene.process
    # The new program gets a table of its own, without what was to be closed.
    process.descriptors = {
        number: opened for number, opened in process.descriptors.items() if not opened.closes
    }
    process.program = path or ""
    if path is not None:
        scene.collector.executed(path, process.cwd.root, scene.line)


def _asked(scene: Scene, path: str) -> Verdict:
    """What is found behind the check: that somebody writes to the program, that its interpreter is absent."""
    if scene.result.errno == "ETXTBSY":
        return Verdict.NEEDED
    if scene.result.errno == "ENOENT" and scene.exists(path):
        return Verdict.POSSIBLE
    return verdict(scene.result)


def _execve(scene: Scene) -> None:
    match = _OWN_DESCRIPTOR.match(scene.name(0) or "")
    if match and _from_memory(scene, int(match[1]), None):
        return
    _execute(scene, scene.path(0))


def _execveat(scene: Scene) -> None:
    target = scene.descriptor(0)
    if "AT_EMPTY_PATH" not in words(scene.argument(4)) or scene.name(1) != "" or target is None:
        _execute(scene, scene.path(1, 0, follow="AT_SYMLINK_NOFOLLOW" not in words(scene.argument(4))))
        return
    if _from_memory(scene, target.number, target.note):
        return
    opened = scene.opened(target.number)
    path = target.path or (opened.path if opened else None)
    if path is None:
        scene.remark(RemarkKind.UNRESOLVED, f"execveat of descriptor {target.number}")
    _execute(scene, path)


def _from_memory(scene: Scene, number: int, note: bytes | None) -> bool:
    """Whether the program is an anonymous file in memory: no right is asked for it."""
    opened = scene.opened(number)
    if not ((note or b"").startswith(b"/memfd:") or (opened is not None and opened.memory)):
        return False
    if scene.result.ok:
        scene.remark(RemarkKind.MEMORY_EXEC, scene.call.name)
        _execute(scene, None)
    return True


def fork_flags(name: str, text: bytes) -> frozenset[str]:
    """The clone flags of a fork, vfork, clone or clone3, from its arguments' text."""
    if name == "vfork":
        # The child borrows memory, not the working directory or the descriptors.
        return frozenset()
    match = _CLONE_FLAGS.search(text)
    return words(match[1]) if match else frozenset()


def _fork(scene: Scene) -> None:
    scene.ordered()
    result, state = scene.result, scene.state
    flags = fork_flags(scene.call.name, b", ".join(scene.call.arguments))
    if flags & _NEW_NAMESPACES:
        scene.remark(RemarkKind.NAMESPACE, scene.call.name)
    if "CLONE_NEWPID" in flags:
        state.numbered_elsewhere = True
    child = result.value if result.ok and result.value else None
    state.fork_ends(scene.process.pid, result.elsewhere or child, flags)


def _chdir(scene: Scene) -> None:
    scene.ordered()
    path = scene.path(0)
    if scene.result.ok:
        _goes_to(scene, path)


def _fchdir(scene: Scene) -> None:
    scene.ordered()
    target = scene.descriptor(0)
    if scene.result.ok and target is not None:
        opened = scene.opened(target.number)
        _goes_to(scene, target.path or (opened.path if opened else None))


def _goes_to(scene: Scene, path: str | None) -> None:
    scene.process.cwd.path = path
    if path is not None:
        scene.tells(path, Kind.DIRECTORY, entry=False)


def _getcwd(scene: Scene) -> None:
    name = scene.name(0)
    if scene.result.ok and name is not None and name.startswith("/"):
        # Within a chroot the answer starts at the root of that.
        scene.starts_in(tidy(scene.process.cwd.root + name))


def _chroot(scene: Scene) -> None:
    scene.moves_the_root()
    path = scene.path(0)
    if not scene.result.ok:
        return
    scene.remark(RemarkKind.CHROOT, f"chroot {scene.name(0) or ''}")
    if path is None:
        scene.process.cwd.lost = True
    else:
        scene.process.cwd.root = path.rstrip("/")
        scene.state.roots.add(path)


def _mount(scene: Scene) -> None:
    """Even a mount that fails for another reason would answer EPERM in the sandbox."""
    scene.moves_the_root()
    scene.remark(RemarkKind.MOUNT, scene.call.name)
    if scene.result.ok and scene.call.name in ("pivot_root", "move_mount"):
        scene.process.cwd.lost = True


def _unshare(scene: Scene) -> None:
    scene.moves_the_root()
    if not scene.result.ok:
        return
    flags, process = words(scene.argument(0)), scene.process
    if flags & {"CLONE_FS", "CLONE_NEWNS", "CLONE_NEWUSER"}:
        process.cwd = replace(process.cwd)
    if "CLONE_FILES" in flags:
        process.descriptors = dict(process.descriptors)
    if "CLONE_NEWPID" in flags:
        scene.state.numbered_elsewhere = True
    if flags & _NEW_NAMESPACES:
        scene.remark(RemarkKind.NAMESPACE, scene.call.name)


def _setns(scene: Scene) -> None:
    scene.moves_the_root()
    if scene.result.ok:
        scene.remark(RemarkKind.NAMESPACE, scene.call.name)
        scene.process.cwd.lost = True
        scene.state.numbered_elsewhere = True


def _restricts_itself(scene: Scene) -> None:
    if scene.result.ok:
        scene.remark(RemarkKind.OWN_LANDLOCK, scene.call.name)


def _filters_itself(scene: Scene) -> None:
    if scene.result.ok and scene.argument(0) in _FILTERS:
        scene.remark(RemarkKind.OWN_SECCOMP, scene.call.name)


_FILTERS = (b"PR_SET_SECCOMP", b"SECCOMP_SET_MODE_FILTER", b"SECCOMP_SET_MODE_STRICT")


def _io_uring(scene: Scene) -> None:
    if not scene.result.errno:
        scene.remark(RemarkKind.IO_URING, scene.call.name)


CALLS: dict[str, Handler] = {
    "execve": _execve,
    "execveat": _execveat,
    "uselib": lambda scene: _execute(scene, scene.path(0)) if not scene.result.ok else None,
    "fork": _fork,
    "vfork": _fork,
    "clone": _fork,
    "clone2": _fork,
    "clone3": _fork,
    "chdir": _chdir,
    "fchdir": _fchdir,
    "getcwd": _getcwd,
    "chroot": _chroot,
    **dict.fromkeys(("mount", "umount", "umount2", "pivot_root", "move_mount", "mount_setattr"), _mount),
    "unshare": _unshare,
    "setns": _setns,
    "landlock_restrict_self": _restricts_itself,
    "seccomp": _filters_itself,
    "prctl": _filters_itself,
    "io_uring_setup": _io_uring,
}
