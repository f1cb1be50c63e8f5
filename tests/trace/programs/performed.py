"""What is known of an operation that was performed: its outcome, its objects and what they were."""

import errno
import os
import stat
from collections.abc import Iterator

from assistant.domain.access import Kind
from tests.trace.programs.facts import Named, Thing
from tests.trace.programs.observer import Done


_ERRNO = {errno.ENOTSUP: "EOPNOTSUPP"}
KINDS = {
    stat.S_IFDIR: Kind.DIRECTORY,
    stat.S_IFLNK: Kind.SYMLINK,
    stat.S_IFIFO: Kind.FIFO,
    stat.S_IFSOCK: Kind.SOCKET,
    stat.S_IFCHR: Kind.DEVICE,
    stat.S_IFBLK: Kind.DEVICE,
    stat.S_IFREG: Kind.FILE,
}


def outcome(done: Done) -> str:
    """The errno's name as strace prints it, or "ok"."""
    if done.result is None:
        return "?"
    code = -done.result
    return "ok" if code <= 0 else _ERRNO.get(code, errno.errorcode.get(code, str(code)))


def system_call(done: Done) -> str:
    """The name of the call that performed it."""
    return "clone" if done.operation.call in ("clone(flags)", "thread") else done.operation.call


def entry(name: Named) -> bytes | None:
    """The path of a name's last component itself."""
    if name.parent is None:
        return None
    if name.last in (b"", b".", b".."):
        return name.entry.path if name.entry else None
    return name.parent.rstrip(b"/") + b"/" + name.last


def spelled(done: Done, index: int) -> bytes | None:
    """The name made absolute without asking whether its parts exist."""
    given, name = done.operation.names[index].text, done.names[index]
    if given.startswith(b"/"):
        return os.path.normpath(b"/" + given.lstrip(b"/"))
    return None if name.base is None else os.path.normpath(name.base.rstrip(b"/") + b"/" + given)


def places(done: Done) -> Iterator[bytes]:
    """Every path that may be named because of this operation."""
    for index, name in enumerate(done.names):
        found = (
            name.parent,
            entry(name),
            spelled(done, index),
            path_of(name.target),
            path_of(name.entry),
            name.through,
        )
        yield from (place for path in found if path is not None for place in (path, os.path.dirname(path)))
    yield from done.formerly
    things = [thing for name in done.names for thing in (name.target, name.entry)]
    for thing in (*things, done.opened, done.about):
        path = (thing.path or thing.gone) if thing else None
        if path is not None:
            yield from (path, os.path.dirname(path))


def kinds(done: Done) -> Iterator[tuple[bytes, Kind]]:
    """What the objects were that it was about, before it and after it."""
    for name in done.names:
        if name.parent is not None:
            yield name.parent, Kind.DIRECTORY
    entries = [name.entry for name in done.names]
    for thing in (*entries, *(name.target for name in done.names), done.opened, done.about):
        path = (thing.path or thing.gone) if thing else None
        if thing is not None and path is not None:
            yield path, KINDS[thing.kind]
            yield os.path.dirname(path), Kind.DIRECTORY


def removed(done: Done) -> bytes | None:
    """The former path of what it was about: a rule on a directory above still holds for it."""
    thing = done.opened or (done.names[0].target if done.names else done.about)
    return thing.gone if thing is not None else None


def path_of(thing: Thing | None) -> bytes | None:
    """Where it is."""
    return thing.path if thing else None


def where(done: Done, index: int = 0) -> bytes | None:
    """What a name leads to, or would lead to."""
    name = done.names[index]
    return path_of(name.target) or entry(name) or spelled(done, index)
