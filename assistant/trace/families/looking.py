"""Calls that only look at files: no right is asked, but they tell whether a name exists and what it is."""

from assistant.domain.access import Kind
from assistant.domain.rights import NO_FS
from assistant.trace.inventory import Observation
from assistant.trace.outcome import verdict
from assistant.trace.scene import Handler, Scene
from assistant.trace.text import AT_FDCWD, MalformedError, struct_fields


_KINDS = {
    b"S_IFDIR": Kind.DIRECTORY,
    b"S_IFCHR": Kind.DEVICE,
    b"S_IFBLK": Kind.BLOCK_DEVICE,
    b"S_IFSOCK": Kind.SOCKET,
    b"S_IFIFO": Kind.FIFO,
    b"S_IFLNK": Kind.SYMLINK,
}


def _look(scene: Scene, path: str | None) -> None:
    if path is None:
        return
    result, call = scene.result, scene.call.name
    if result.errno == "ENOENT":
        scene.knows(path, there=False)
        if not call.startswith("readlink"):
            scene.need(Observation(path, NO_FS, verdict(result), "ENOENT", call))
    if result.ok:
        scene.knows(path, there=True)
        kind = _told(scene)
        if kind is not None:
            scene.tells(path, kind, entry=_looks_at_links(scene))


def _told(scene: Scene) -> Kind | None:
    """What the printed struct says; names are quoted, so they are no struct.

    Plain files are not told: they are what everything is taken for.
    """
    struct = next((argument for argument in scene.call.arguments if argument.startswith(b"{")), b"")
    if not struct:
        return None
    try:
        fields = struct_fields(struct)
    except MalformedError:
        return None
    mode = fields.get("st_mode") or fields.get("stx_mode") or b""
    kind = _KINDS.get(mode.partition(b"|")[0])
    return None if kind is Kind.SYMLINK and not _looks_at_links(scene) else kind


def _looks_at_links(scene: Scene) -> bool:
    return scene.call.name.startswith(("lstat", "oldlstat")) or any(
        b"AT_SYMLINK_NOFOLLOW" in argument for argument in scene.call.arguments
    )


def _follows(scene: Scene) -> bool:
    return not (scene.call.name.startswith("readlink") or _looks_at_links(scene))


def _look_by_name(scene: Scene) -> None:
    _look(scene, scene.path(0, needed=False, follow=_follows(scene)))


def _look_at(scene: Scene) -> None:
    base, name = scene.descriptor(0), scene.name(1)
    if name == "" and base is not None and base.number != AT_FDCWD:
        _look_behind(scene)
    elif name:
        _look(scene, scene.path(1, 0, needed=False, follow=_follows(scene)))


def _look_behind(scene: Scene) -> None:
    """Fstat and its kind: what a descriptor refers to."""
    base = scene.descriptor(0)
    if base is None or not scene.result.ok or base.deleted:
        return
    kind = _told(scene)
    if kind is None:
        return
    path = base.path
    if path is None:
        opened = scene.opened(base.number)
        path = opened.path if opened and not opened.nameless else None
    if path is not None:
        # The kernel's annotation is free of links.
        scene.tells(path, kind, entry=base.path is not None)


def _list(scene: Scene) -> None:
    """getdents: what was opened is a directory."""
    base = scene.descriptor(0)
    if base is None or not scene.result.ok:
        return
    path = base.path
    if path is None:
        opened = scene.opened(base.number)
        path = opened.path if opened else None
    if path is not None:
        scene.tells(path, Kind.DIRECTORY, entry=base.path is not None)


_LOOKS = (
    "stat",
    "lstat",
    "stat64",
    "lstat64",
    "oldstat",
    "oldlstat",
    "access",
    "readlink",
    "statfs",
    "statfs64",
)
_LOOKS_AT = ("newfstatat", "fstatat64", "statx", "faccessat", "faccessat2", "readlinkat")

CALLS: dict[str, Handler] = {
    **dict.fromkeys(_LOOKS, _look_by_name),
    **dict.fromkeys(_LOOKS_AT, _look_at),
    **dict.fromkeys(("fstat", "fstat64", "oldfstat"), _look_behind),
    **dict.fromkeys(("getdents", "getdents64", "readdir"), _list),
}
