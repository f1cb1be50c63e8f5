"""open, openat, openat2, creat, open_by_handle_at: files and directories, existing or created."""

from functools import lru_cache
from typing import NamedTuple

from assistant.domain.access import Kind, RemarkKind, Verdict
from assistant.domain.rights import NO_FS, FsRight
from assistant.trace.inventory import Observation
from assistant.trace.outcome import outcome, verdict_or_other
from assistant.trace.scene import Handler, Nameless, Scene, Unresolved
from assistant.trace.state import Opened
from assistant.trace.text import MalformedError, is_stream, struct_fields, words


_THERE = frozenset({"EEXIST"})
_BESIDE_PATH = frozenset({"O_PATH", "O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC"})
_MODES = frozenset({"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"})
_ASKED = {
    "O_RDONLY": FsRight.READ_FILE,
    "O_WRONLY": FsRight.WRITE_FILE,
    "O_RDWR": FsRight.READ_FILE | FsRight.WRITE_FILE,
    "O_ACCMODE": NO_FS,
}
_BITS = {
    0o100: "O_CREAT",
    0o200: "O_EXCL",
    0o1000: "O_TRUNC",
    0o200000: "O_DIRECTORY",
    0o400000: "O_NOFOLLOW",
    0o2000000: "O_CLOEXEC",
    0o10000000: "O_PATH",
    0o20000000: "O_TMPFILE",
}
"""What -X raw and a strace older than a flag print as a number; x86's values."""


@lru_cache(4096)
def _flags(argument: bytes) -> frozenset[str]:
    """Open flags as words; the access mode is among them unless the text does not say it."""
    found: set[str] = set()
    for word in words(argument):
        if word[:1].isdigit():
            number = _number(word)
            found |= {name for bit, name in _BITS.items() if number & bit}
            if len(words(argument)) == 1:
                found.add(("O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE")[number & 3])
        else:
            found.add("O_TMPFILE" if word == "__O_TMPFILE" else word)
    return frozenset(found)


def _number(word: str) -> int:
    digits = word.partition(" ")[0]
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") else 10
    try:
        return int(digits[:24], base)
    except ValueError:
        return 0


class _Opening(NamedTuple):
    """One open with its flags read."""

    name: str
    flags: frozenset[str]
    scene: Scene
    final: str | None
    """The path that the kernel says was opened."""
    rights: FsRight


def _open(scene: Scene) -> None:
    _opened(scene, 0, None, _flags(scene.argument(1)))


def _openat(scene: Scene) -> None:
    _opened(scene, 1, 0, _flags(scene.argument(2)))


def _creat(scene: Scene) -> None:
    _opened(scene, 0, None, frozenset({"O_CREAT", "O_WRONLY", "O_TRUNC"}))


def _openat2(scene: Scene) -> None:
    try:
        how = struct_fields(scene.argument(2))
    except MalformedError:
        how = {}
    inside = "RESOLVE_IN_ROOT" in words(how.get("resolve", b""))
    _opened(scene, 1, 0, _flags(how.get("flags", b"")), inside=inside)


def _open_by_handle_at(scene: Scene) -> None:
    """A handle names no path: only the kernel's own word for the descriptor does."""
    _opened(scene, None, None, _flags(scene.argument(2)))


def _opened(
    scene: Scene, index: int | None, base: int | None, flags: frozenset[str], *, inside: bool = False
) -> None:
    mode = flags & _MODES
    if len(mode) != 1:
        scene.strange("open flags without an access mode")
        return
    if "O_PATH" in flags:
        # The kernel drops all others.
        flags &= _BESIDE_PATH
    # Nor does O_EXCL let a link lead to what is made.
    follow = "O_NOFOLLOW" not in flags and not flags >= {"O_CREAT", "O_EXCL"}
    name = _name(scene, index, base, inside=inside, follow=follow)
    if name is None:
        _forget(scene, flags)
        return
    result = scene.result.descriptor
    final = result.path if result and not result.deleted else None
    rights = NO_FS if "O_PATH" in flags else _ASKED[next(iter(mode))]
    opening = _Opening(name, flags, scene, final, rights)
    _learn(opening)
    if "O_TMPFILE" in flags:
        # The file has no name yet: the rights are asked on the directory.
        _need(opening, rights, kind=Kind.DIRECTORY, path=name)
    elif "O_CREAT" in flags:
        _created(opening)
    else:
        _existing(opening)


def _existing(opening: _Opening) -> None:
    rights, kind = opening.rights, Kind.UNKNOWN
    if rights and "O_DIRECTORY" in opening.flags:
        # ENOTDIR says that it is none: then nothing about its kind may be learned from the flag.
        rights = FsRight.READ_DIR
        kind = Kind.DIRECTORY if opening.scene.result.ok else kind
    if "O_TRUNC" in opening.flags:
        rights |= FsRight.TRUNCATE
    _need(opening, rights, kind=kind)


def _name(scene: Scene, index: int | None, base: int | None, *, inside: bool, follow: bool) -> str | None:
    """What was opened: by the name, or by the kernel's word where the name does not say it."""
    result = scene.result
    opened = result.descriptor
    if opened is not None and is_stream(opened):
        # /dev/stdin and the like led to a pipe or a socket: no right is asked.
        return None
    given = scene.name(index) if index is not None else None
    if result.errno == "EBADF" and given is None:
        return None
    if given is not None:
        start = scene.descriptor(base) if base is not None else None
        try:
            return scene.absolute(start, "./" + given if inside else given, follow=follow)
        except Nameless:
            return None
        except Unresolved:
            pass
    if opened is not None and opened.path is not None and not opened.deleted:
        return opened.path
    if given is not None or result.ok:
        scene.remark(RemarkKind.UNRESOLVED, f"{scene.call.name} {given or ''}")
    return None


def _forget(scene: Scene, flags: frozenset[str]) -> None:
    """Something without a known path was opened: the descriptor is not what it was before."""
    if scene.result.ok and scene.result.value is not None:
        result = scene.result.descriptor
        stream = result is not None and is_stream(result)
        scene.opens(scene.result.value, Opened(closes="O_CLOEXEC" in flags, stream=stream))


def _created(opening: _Opening) -> None:
    """O_CREAT: the file was made, or it was there; the trace does not always tell."""
    scene, flags, result = opening.scene, opening.flags, opening.scene.result
    # Looked for and absent, so it is made by a call that fails when it is there.
    sought = "O_EXCL" in flags and scene.exists(opening.name) is False
    # O_EXCL that succeeded says so itself.
    there = False if "O_EXCL" in flags and result.ok else scene.exists(opening.name)
    path, final = (opening.final, True) if opening.final else (opening.name, False)
    if not result.ok:
        made = verdict_or_other(result, _THERE)
        made = Verdict.POSSIBLE if made is Verdict.NEEDED else made
        scene.need_in_parent(opening.name, FsRight.MAKE_REG, made, outcome(result))
    elif there is False:
        scene.need_in_parent(path, FsRight.MAKE_REG, Verdict.NEEDED, "ok", final=final)
        scene.changes(path, exists=True)
    else:
        scene.need_in_parent(path, FsRight.MAKE_REG, Verdict.POSSIBLE, "ok", final=final)
    _need(opening, opening.rights)
    if "O_TRUNC" in flags:
        # A new file is empty: only one that existed asks for truncate, and next time this one will.
        _need(opening, FsRight.TRUNCATE, possible=there is False)
    elif sought and result.ok and FsRight.WRITE_FILE in opening.rights:
        # Next time the file is there: the service finds it, and makes it empty in another way.
        _need(opening, FsRight.TRUNCATE, possible=True)
        # Or removes it first.
        scene.need_in_parent(path, FsRight.REMOVE_FILE, Verdict.POSSIBLE, "ok", final=final)
    if result.ok:
        scene.knows(opening.name, there=True)


def _need(
    opening: _Opening,
    rights: FsRight,
    *,
    kind: Kind = Kind.UNKNOWN,
    path: str = "",
    possible: bool = False,
) -> None:
    scene, name = opening.scene, opening.name
    result = scene.result
    final = opening.final if not path else None
    # A lock file that was there this time: without it, the same call makes and opens it.
    asked = verdict_or_other(result, _THERE if "O_EXCL" in opening.flags else frozenset())
    if result.errno == "EINVAL" and "O_DIRECT" in opening.flags:
        # Asked of the file system, once the file is open.
        asked = Verdict.NEEDED
    if possible and asked is Verdict.NEEDED:
        asked = Verdict.POSSIBLE
    if result.descriptor and result.descriptor.device:
        kind, rights = Kind.DEVICE, rights & ~FsRight.TRUNCATE
    scene.need(
        Observation(
            final or path or name,
            rights,
            asked,
            outcome(result),
            scene.call.name,
            kind,
            name if final and final != name else "",
            volatile=False,
            final=final is not None,
            follows="O_NOFOLLOW" not in opening.flags,
        )
    )


def _learn(opening: _Opening) -> None:
    scene, result, flags = opening.scene, opening.scene.result, opening.flags
    if result.errno == "ENOENT" and "O_CREAT" not in flags:
        scene.knows(opening.name, there=False)
    if not result.ok or result.value is None:
        return
    if "O_DIRECTORY" in flags and "O_TMPFILE" not in flags:
        own = opening.final == opening.name or "O_NOFOLLOW" in flags
        scene.tells(opening.name, Kind.DIRECTORY, entry=own)
    final = opening.final
    scene.opens(
        result.value,
        Opened(
            final or opening.name,
            final is not None,
            nameless="O_TMPFILE" in flags,
            closes="O_CLOEXEC" in flags,
            inside="O_PATH" not in flags,
            origin=final or opening.name,
        ),
    )
    if "O_CREAT" not in flags:
        scene.knows(opening.name, there=True)


CALLS: dict[str, Handler] = {
    "open": _open,
    "openat": _openat,
    "openat2": _openat2,
    "creat": _creat,
    "open_by_handle_at": _open_by_handle_at,
}
