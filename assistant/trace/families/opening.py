"""open, openat, openat2, creat, open_by_handle_at: files and directories, existing or created."""

from dataclasses import dataclass

from assistant.domain.access import Kind, RemarkKind, Verdict
from assistant.domain.rights import NO_FS, FsRight
from assistant.trace.families import Handler, Scene
from assistant.trace.inventory import Observation
from assistant.trace.outcome import outcome, verdict_or_other
from assistant.trace.state import Opened, Unresolved
from assistant.trace.text import MalformedError, is_stream, struct_fields, words


_THERE = frozenset({"EEXIST"})
_MODES = frozenset({"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"})


@dataclass(frozen=True, slots=True)
class _Opening:
    """One open with its flags read."""

    name: str
    flags: frozenset[str]
    scene: Scene

    @property
    def final(self) -> str | None:
        """The path that the kernel says was opened."""
        result = self.scene.call.result.descriptor
        return result.path if result and not result.deleted else None

    @property
    def rights(self) -> FsRight:
        if "O_PATH" in self.flags or "O_ACCMODE" in self.flags:
            return NO_FS
        rights = NO_FS
        if "O_WRONLY" not in self.flags:
            rights |= FsRight.READ_FILE
        if "O_WRONLY" in self.flags or "O_RDWR" in self.flags:
            rights |= FsRight.WRITE_FILE
        return rights


def _open(scene: Scene) -> None:
    _opened(scene, 0, None, words(scene.argument(1)))


def _openat(scene: Scene) -> None:
    _opened(scene, 1, 0, words(scene.argument(2)))


def _creat(scene: Scene) -> None:
    _opened(scene, 0, None, frozenset({"O_CREAT", "O_WRONLY", "O_TRUNC"}))


def _openat2(scene: Scene) -> None:
    try:
        how = struct_fields(scene.argument(2))
    except MalformedError:
        how = {}
    inside = "RESOLVE_IN_ROOT" in words(how.get("resolve", b""))
    _opened(scene, 1, 0, words(how.get("flags", b"")), inside=inside)


def _open_by_handle_at(scene: Scene) -> None:
    """A handle names no path: only the kernel's own word for the descriptor does."""
    _opened(scene, None, None, words(scene.argument(2)))


def _opened(
    scene: Scene, index: int | None, base: int | None, flags: frozenset[str], *, inside: bool = False
) -> None:
    if len(flags & _MODES) != 1:
        scene.strange("open flags without an access mode")
        return
    name = _name(scene, index, base, inside=inside)
    if name is None:
        return
    opening = _Opening(name, flags, scene)
    _learn(opening)
    if "O_TMPFILE" in flags:
        # The file has no name yet: the rights are asked on the directory.
        _need(opening, opening.rights, kind=Kind.DIRECTORY, path=name)
        return
    if "O_CREAT" in flags:
        _created(opening)
        return
    rights, kind = opening.rights, scene.state.kinds.get(name, Kind.UNKNOWN)
    if rights and "O_DIRECTORY" in flags:
        # ENOTDIR says that it is none: then nothing about its kind may be learned from the flag.
        rights = FsRight.READ_DIR
        kind = Kind.DIRECTORY if scene.call.result.ok else kind
    if "O_TRUNC" in flags and rights:
        rights |= FsRight.TRUNCATE
    _need(opening, rights, kind=kind)


def _name(scene: Scene, index: int | None, base: int | None, *, inside: bool) -> str | None:
    """What was opened: by the name, or by the kernel's word where the name does not say it."""
    result = scene.call.result
    opened = result.descriptor
    if opened is not None and is_stream(opened):
        # /dev/stdin and the like led to a pipe or a socket: no right is asked.
        return None
    given = scene.name(index) if index is not None else None
    if given is not None:
        start = scene.descriptor(base) if base is not None else None
        try:
            return scene.state.absolute(scene.process, start, "./" + given if inside else given)
        except Unresolved:
            pass
    if opened is not None and opened.path is not None and not opened.deleted:
        return opened.path
    if given is not None or result.ok:
        scene.collector.remark(RemarkKind.UNRESOLVED, f"{scene.call.name} {given or ''}", scene.evidence)
    return None


def _created(opening: _Opening) -> None:
    """O_CREAT: the file was made, or it was there; the trace does not always tell."""
    scene, flags = opening.scene, opening.flags
    result = scene.call.result
    there = scene.state.exists.get(opening.name)
    if "O_EXCL" in flags:
        there = False if result.ok else there
    path, final = (opening.final, True) if opening.final else (opening.name, False)
    if not result.ok:
        made = verdict_or_other(result, _THERE)
        scene.need_in_parent(opening.name, FsRight.MAKE_REG, _possibly(made), outcome(result))
    elif there is False:
        scene.need_in_parent(path, FsRight.MAKE_REG, Verdict.NEEDED, "ok", final=final)
        scene.changes(path, exists=True)
    else:
        scene.need_in_parent(path, FsRight.MAKE_REG, Verdict.POSSIBLE, "ok", final=final)
    _need(opening, opening.rights)
    if "O_TRUNC" in flags and opening.rights:
        # A new file is empty: only one that existed asks for truncate, and next time this one will.
        _need(opening, FsRight.TRUNCATE, possible=there is False)
    if result.ok:
        scene.state.exists[opening.name] = True


def _possibly(made: Verdict) -> Verdict:
    return Verdict.POSSIBLE if made is Verdict.NEEDED else made


def _need(
    opening: _Opening,
    rights: FsRight,
    *,
    kind: Kind = Kind.UNKNOWN,
    path: str = "",
    possible: bool = False,
) -> None:
    scene = opening.scene
    result = scene.call.result
    final = opening.final if not path else None
    # A lock file that was there this time: without it, the same call makes and opens it.
    asked = verdict_or_other(result, _THERE if "O_EXCL" in opening.flags else frozenset())
    if possible and asked is Verdict.NEEDED:
        asked = Verdict.POSSIBLE
    if result.descriptor and result.descriptor.device:
        kind, rights = Kind.DEVICE, rights & ~FsRight.TRUNCATE
    scene.need(
        Observation(
            final or path or opening.name,
            rights,
            asked,
            outcome(result),
            scene.call.name,
            kind=kind,
            given=opening.name if final and final != opening.name else "",
            final=final is not None,
            follows="O_NOFOLLOW" not in opening.flags,
        )
    )


def _learn(opening: _Opening) -> None:
    scene, result = opening.scene, opening.scene.call.result
    known = scene.state
    if result.errno == "ENOENT":
        known.exists[opening.name] = False
    if not result.ok or result.value is None:
        return
    if "O_DIRECTORY" in opening.flags:
        known.kinds[opening.name] = Kind.DIRECTORY
    final = opening.final
    nameless = "O_TMPFILE" in opening.flags
    scene.process.descriptors[result.value] = Opened(
        final or opening.name, final is not None, nameless=nameless
    )
    if "O_CREAT" not in opening.flags:
        known.exists[opening.name] = True


CALLS: dict[str, Handler] = {
    "open": _open,
    "openat": _openat,
    "openat2": _openat2,
    "creat": _creat,
    "open_by_handle_at": _open_by_handle_at,
}
