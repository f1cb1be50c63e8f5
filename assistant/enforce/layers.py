"""Which layer said no: told from the errno, and from whether the same is refused without a sandbox."""

import os
from contextlib import suppress
from typing import Literal

from assistant.domain.access import parent
from assistant.enforce.probes import REFUSALS, Probe


Layer = Literal[
    "", "Landlock", "permissions", "read-only mount", "noexec mount", "absent", "in use", "limit", "unknown"
]
"""Empty: nobody said no."""

_BY_ERRNO: dict[str, Layer] = {
    "ok": "",
    "EROFS": "read-only mount",
    "EACCES": "permissions",
    "EPERM": "permissions",
    "ENOENT": "absent",
    "ENOTDIR": "absent",
    "ESRCH": "absent",
    "ECONNREFUSED": "absent",
    "EADDRINUSE": "in use",
    "ETXTBSY": "in use",
    "EBUSY": "in use",
    "ENOSPC": "limit",
    "EDQUOT": "limit",
    "EMFILE": "limit",
    "ENFILE": "limit",
}


def layer(probe: Probe, control: str, inside: str) -> Layer:
    """Who refused a probe.

    Args:
        probe: What was tried.
        control: "ok" or the errno's name, without a sandbox.
        inside: The same inside.
    """
    if control == "ok" and inside in REFUSALS.get(probe.action, ("EACCES",)):
        return "Landlock"
    answer = inside if control == "ok" else control
    if answer == "EACCES" and probe.action in ("execute", "run") and _is_noexec(probe.subject):
        return "noexec mount"
    return _BY_ERRNO.get(answer, "unknown")


def _is_noexec(path: str) -> bool:
    with suppress(OSError):
        return bool(os.statvfs(parent(path)).f_flag & os.ST_NOEXEC)
    return False
