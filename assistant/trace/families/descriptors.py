"""Descriptors: copied, closed, made from nothing, received, and asked to do what only devices can."""

import re
from collections.abc import Iterator

from assistant.domain.access import Kind
from assistant.domain.rights import FsRight
from assistant.trace.inventory import Observation
from assistant.trace.outcome import outcome, verdict
from assistant.trace.scene import Handler, Scene
from assistant.trace.state import Opened
from assistant.trace.text import Descriptor, MalformedError, descriptor, split_arguments


_ALWAYS_ALLOWED = frozenset(
    {
        b"FIOCLEX",
        b"FIONCLEX",
        b"FIONBIO",
        b"FIOASYNC",
        b"FIFREEZE",
        b"FITHAW",
        b"FIGETBSZ",
        b"FS_IOC_GETFSUUID",
        b"FS_IOC_GETFSSYSFSPATH",
        b"FS_IOC_FIEMAP",
        b"FICLONE",
        b"FICLONERANGE",
        b"FIDEDUPERANGE",
    }
)
"""Requests that the kernel lets through whatever was granted (security/landlock/fs.c)."""
_HIGHEST = 2**32 - 1


def _copy(scene: Scene) -> None:
    """dup, dup2, dup3: the copy stays open over execve unless dup3 says otherwise."""
    source, result = scene.descriptor(0), scene.result
    if source is None or not result.ok or result.value is None:
        return
    if result.value != source.number:
        _copied(scene, source.number, result.value, closes=b"O_CLOEXEC" in scene.argument(2))


def _copied(scene: Scene, source: int, target: int, *, closes: bool) -> None:
    opened, result = scene.opened(source), scene.result.descriptor
    if result is not None and result.path is not None and not result.deleted:
        # The kernel's own word, whatever happened to names since it was opened.
        opened = (opened or Opened())._replace(path=result.path, final=True)
    # Without knowledge of the source: what the target was before is closed, and what it is now is not known.
    scene.opens(target, opened._replace(closes=closes) if opened else None)


def _fcntl(scene: Scene) -> None:
    source, result, command = scene.descriptor(0), scene.result, scene.argument(1)
    if source is None or not result.ok or result.value is None:
        return
    if command.startswith(b"F_DUPFD"):
        _copied(scene, source.number, result.value, closes=command == b"F_DUPFD_CLOEXEC")
    elif command == b"F_SETFD":
        _closes(
            scene, source.number, closes=b"FD_CLOEXEC" in scene.argument(2) or scene.argument(2) == b"0x1"
        )


def _closes(scene: Scene, number: int, *, closes: bool) -> None:
    opened = scene.opened(number)
    if opened is not None and opened.closes is not closes:
        scene.opens(number, opened._replace(closes=closes))


def _close(scene: Scene) -> None:
    target = scene.descriptor(0)
    if target is not None and scene.result.ok:
        scene.opens(target.number, None)


def _close_range(scene: Scene) -> None:
    scene.ordered()
    first, last = (descriptor(scene.argument(index).removesuffix(b"U")) for index in (0, 1))
    if first is None or last is None or not scene.result.ok:
        return
    highest = last.number if last.number >= 0 else _HIGHEST
    flags, process = scene.argument(2), scene.process
    if b"CLOSE_RANGE_UNSHARE" in flags:
        process.descriptors = dict(process.descriptors)
    for number in [known for known in process.descriptors if first.number <= known <= highest]:
        if b"CLOSE_RANGE_CLOEXEC" in flags:
            _closes(scene, number, closes=True)
        else:
            scene.opens(number, None)


def _in_memory(scene: Scene) -> None:
    if scene.result.ok and scene.result.value is not None:
        scene.opens(
            scene.result.value, Opened(memory=True, stream=True, closes=b"MFD_CLOEXEC" in scene.argument(1))
        )


def _open_tree(scene: Scene) -> None:
    """Without OPEN_TREE_CLONE it opens a path to start names from, and asks for nothing."""
    result = scene.result
    if result.ok and result.value is not None:
        follow = b"AT_SYMLINK_NOFOLLOW" not in scene.argument(2)
        path = scene.path(1, 0, needed=False, follow=follow)
        scene.opens(result.value, Opened(path, closes=b"OPEN_TREE_CLOEXEC" in scene.argument(2)))


_TWO = re.compile(rb"\[(\d{1,10})(?:<[^,]*>)?, (\d{1,10})(?:<[^,]*>)?\]")


def _pair(scene: Scene) -> None:
    """Pipe and socketpair: two descriptors without a path."""
    both = next((m for a in scene.call.arguments if (m := _TWO.match(a))), None)
    if both is None or not scene.result.ok:
        return
    closes = any(b"_CLOEXEC" in argument for argument in scene.call.arguments)
    for number in both.groups():
        scene.opens(int(number), Opened(closes=closes, stream=True))


def _receive(scene: Scene) -> None:
    """Descriptors that came by SCM_RIGHTS keep the rights of whoever opened them."""
    message = scene.argument(1)
    if b"SCM_RIGHTS" not in message or not scene.result.ok:
        return
    scene.ordered()
    # With -s 0 alone strace does not say which: any descriptor may be one from then on.
    scene.state.hands_over |= b"cmsg_data=[...]" in message
    for received in _passed(scene, message):
        path = received.path
        opened = scene.state.sent.get(path or "") or Opened(path, path is not None)
        closes = b"MSG_CMSG_CLOEXEC" in scene.argument(2)
        scene.opens(received.number, opened._replace(closes=closes))


def sends(scene: Scene) -> None:
    """Keep what is sent by SCM_RIGHTS, for who receives it."""
    message = scene.argument(1)
    if b"SCM_RIGHTS" not in message or not scene.result.ok:
        return
    scene.ordered()
    for sent in _passed(scene, message):
        opened = scene.opened(sent.number)
        if sent.path is not None and opened is not None:
            scene.state.sent[sent.path] = opened._replace(path=sent.path, final=True)


def _passed(scene: Scene, message: bytes) -> Iterator[Descriptor]:
    try:
        for part in message.split(b"cmsg_type=SCM_RIGHTS, cmsg_data=[")[1:]:
            yield from filter(None, map(descriptor, split_arguments(part, 0)[0]))
    except MalformedError:
        scene.strange("cut or malformed message")


def _ioctl(scene: Scene) -> None:
    """Only devices that were opened inside ask for a right, and only for some requests.

    ENOTTY to a question that isatty asks is no access: without the right it is answered by EACCES instead.
    """
    target, result, request = scene.descriptor(0), scene.result, scene.argument(1)
    name = request.partition(b" ")[0]
    if target is None or result.errno in ("ENOTTY", "EBADF", "EFAULT"):
        return
    if name in (b"FIOCLEX", b"FIONCLEX"):
        if result.ok:
            _closes(scene, target.number, closes=name == b"FIOCLEX")
        return
    if name in _ALWAYS_ALLOWED or (target.note is not None and not target.note.startswith((b"/", b"\\"))):
        return
    opened = scene.opened(target.number)
    if opened is None or not opened.inside or opened.path is None:
        return
    path = target.path or opened.path
    scene.need(
        Observation(
            path,
            FsRight.IOCTL_DEV,
            verdict(result),
            outcome(result),
            scene.call.name,
            Kind.DEVICE if target.device else Kind.UNKNOWN,
            final=target.path is not None or opened.final,
        )
    )


CALLS: dict[str, Handler] = {
    "dup": _copy,
    "dup2": _copy,
    "dup3": _copy,
    "fcntl": _fcntl,
    "fcntl64": _fcntl,
    "close": _close,
    "close_range": _close_range,
    "memfd_create": _in_memory,
    "open_tree": _open_tree,
    "open_tree_attr": _open_tree,
    **dict.fromkeys(("pipe", "pipe2", "socketpair"), _pair),
    "recvmsg": _receive,
    "recvmmsg": _receive,
    "recvmmsg_time64": _receive,
    "ioctl": _ioctl,
}
