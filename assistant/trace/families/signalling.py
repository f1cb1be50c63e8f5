"""Signals to other processes, and looking into them. Whether they are other services' is told at the end."""

import re

from assistant.trace.scene import Handler, Scene
from assistant.trace.state import Opened
from assistant.trace.text import descriptor


_LONGEST_PID = 10
_PIDFD = re.compile(rb"pid:([0-9]{1,10})")
EVERYONE = -1


def _number(argument: bytes) -> int | None:
    """A process's number; with --decode-pids strace writes more behind it."""
    digits = argument.partition(b"<")[0].partition(b" ")[0]
    sign = -1 if digits.startswith(b"-") else 1
    digits = digits.removeprefix(b"-")
    return sign * int(digits) if digits.isdigit() and len(digits) <= _LONGEST_PID else None


def _kill(scene: Scene) -> None:
    target = _number(scene.argument(0))
    if target is None or not scene.result.ok or target == 0:
        # Its own process group: whoever is in it was started by the same hand.
        return
    # A group bears the number of the process that founded it.
    scene.aims(scene.state.signalled, target if target == EVERYONE else abs(target))


def _pidfd_open(scene: Scene) -> None:
    target, value = _number(scene.argument(0)), scene.result.value
    if target is not None and target > 0 and scene.result.ok and value is not None:
        scene.opens(value, Opened(process=target, closes=True))


def _pidfd_target(scene: Scene, index: int) -> int | None:
    pidfd = descriptor(scene.argument(index))
    if pidfd is None:
        return None
    annotated = _PIDFD.search(pidfd.note or b"")
    if annotated:
        return int(annotated[1])
    opened = scene.opened(pidfd.number)
    return opened.process if opened and opened.process else EVERYONE


def _pidfd_send_signal(scene: Scene) -> None:
    target = _pidfd_target(scene, 0)
    if scene.result.ok and target is not None:
        scene.aims(scene.state.signalled, target)


def _pidfd_getfd(scene: Scene) -> None:
    target = _pidfd_target(scene, 0)
    if scene.result.ok and target is not None:
        scene.aims(scene.state.inspected, target)


def _inspect(scene: Scene) -> None:
    target = _number(scene.argument(0))
    if target is not None and target > 0 and scene.result.ok:
        scene.aims(scene.state.inspected, target)


def _ptrace(scene: Scene) -> None:
    target = _number(scene.argument(1))
    if scene.argument(0) in (b"PTRACE_ATTACH", b"PTRACE_SEIZE") and target is not None and scene.result.ok:
        scene.aims(scene.state.inspected, target)


CALLS: dict[str, Handler] = {
    **dict.fromkeys(("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"), _kill),
    "pidfd_open": _pidfd_open,
    "pidfd_send_signal": _pidfd_send_signal,
    "pidfd_getfd": _pidfd_getfd,
    "process_vm_readv": _inspect,
    "process_vm_writev": _inspect,
    "ptrace": _ptrace,
}
