"""Why a process may not be traced on this machine, and what would allow it."""

import os
import re
from dataclasses import dataclass
from pathlib import Path


_CAP_SYS_PTRACE = 1 << 19
_FILTERED = 2
_ADMIN_ONLY, _NOBODY = 2, 3
_YAMA = "/proc/sys/kernel/yama/ptrace_scope"
_SELINUX = "/sys/fs/selinux/booleans/deny_ptrace"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the kernel says about tracing and this process.

    Attributes:
        scope: Yama's ptrace_scope; None where there is no Yama.
        tracer: Process id of whoever traces this process; 0 for nobody.
        filtered: A seccomp filter is on this process.
        capable: This process has CAP_SYS_PTRACE.
        selinux_denies: SELinux's boolean deny_ptrace is on.
    """

    scope: int | None
    tracer: int
    filtered: bool
    capable: bool
    selinux_denies: bool


def facts() -> Facts:
    """Ask the kernel; what cannot be read counts as not there."""
    status = _read("/proc/self/status")
    scope = _read(_YAMA).strip()
    return Facts(
        scope=int(scope) if scope.isdigit() else None,
        tracer=int(_field(status, "TracerPid") or "0"),
        filtered=int(_field(status, "Seccomp") or "0") == _FILTERED,
        capable=bool(int(_field(status, "CapEff") or "0", 16) & _CAP_SYS_PTRACE),
        selinux_denies=_read(_SELINUX).startswith("1"),
    )


def explain(known: Facts, said: str, *, other_user: bool = False) -> tuple[str, str]:
    """Why strace failed, and what to do next.

    Args:
        known: What the kernel says.
        said: What strace wrote. Raw.
        other_user: The command was to run as another user than strace.
    """
    lines = said.splitlines() or ["ended without a word"]
    telling = [line for line in lines if "ptrace(" in line]
    words = f"strace said {(telling or lines)[0]!a}"
    if "not permitted" not in said and "denied" not in said.lower():
        return words, "see whether this strace takes these options, or install a newer one"
    for holds, why, hint in _causes(known, other_user=other_user):
        if holds:
            return f"{why} ({words})", hint
    return words, "ask whoever runs this machine which security module refuses ptrace"


def _causes(known: Facts, *, other_user: bool) -> list[tuple[bool, str, str]]:
    """Whether, why and what next; what can be told for sure comes first."""
    who = "this user" if os.geteuid() else "root here"
    return [
        (
            known.tracer != 0,
            f"process {known.tracer} traces landscribe already, and a process has one tracer",
            "run landscribe outside that strace or debugger",
        ),
        (
            known.scope == _NOBODY,
            f"{_YAMA} is 3: nobody may trace until the next boot",
            "set kernel.yama.ptrace_scope to 1 or lower in /etc/sysctl.d and boot again",
        ),
        (
            known.scope == _ADMIN_ONLY and not known.capable,
            f"{_YAMA} is 2 and {who} lacks CAP_SYS_PTRACE",
            "record as root, or: sysctl kernel.yama.ptrace_scope=1",
        ),
        (
            known.selinux_denies,
            "SELinux's boolean deny_ptrace is on",
            "setsebool deny_ptrace off, while you record",
        ),
        (
            known.filtered,
            "a seccomp filter is on this process, as containers have it, and it may refuse ptrace",
            "start the container with --cap-add SYS_PTRACE or an open seccomp profile, or use the host",
        ),
        (
            other_user and not known.capable,
            f"{who} lacks CAP_SYS_PTRACE, which tracing another user's process takes",
            "give it (docker run --cap-add SYS_PTRACE), or record without --user as that user",
        ),
    ]


def _field(status: str, name: str) -> str:
    match = re.search(rf"^{name}:\s*(\w+)", status, re.MULTILINE)
    return match[1] if match else ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text("ascii")
    except (OSError, ValueError):
        return ""
