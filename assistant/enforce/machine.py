"""What this kernel does for landscribe: Landlock, tracing, audit. Asks, and changes nothing."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

from assistant.domain.machine import Check, State
from assistant.enforce import launcher, ptrace
from assistant.enforce.support import Support
from assistant.enforce.tracer import find_tracer, rehearse
from assistant.errors import RecordError


_ERRATA = (
    (4, "TCP rights also hold for sockets of MPTCP, SMC and SCTP"),
    (6, "the signal scope also stops signals between threads of one process"),
    (1, "a directory that is moved out of a bind mount may be given more rights than it had"),
    (1, "a rename that leaves a whiteout makes a device file without any right to"),
)
"""In the order of their bits: the ABI that an erratum is about, and what happens where it is not fixed."""

_LSM = "/sys/kernel/security/lsm"
_NETLINK_AUDIT, _RECORDS = 9, 1
_AUDIT_SINCE = 7


def landlock(support: Support) -> Iterator[Check]:
    """The ABI, what this kernel cannot deny of the newest one, and its errata."""
    if not support.abi:
        hint = "boot a kernel with CONFIG_SECURITY_LANDLOCK, and landlock in its lsm= list"
        yield Check("landlock", State.LACKS, f"none on Linux {support.kernel}: {support.reason}", hint)
        return
    yield Check("landlock", State.WORKS, f"ABI {support.abi} on Linux {support.kernel}")
    newest = {"target_abi": launcher.NEWEST_ABI, "paths": [], "ports": [], "scope": list(launcher.SCOPE)}
    lost = launcher.plan(newest, support.abi).losses
    if lost:
        names = [loss.partition(" cannot deny ")[2] for loss in lost]
        hint = f"a kernel with ABI {launcher.NEWEST_ABI} denies them all; draft with the ABI that you have"
        yield Check("newer rights", State.WITHOUT, f"this kernel cannot deny {', '.join(names)}", hint)
    yield _errata(support)


def _errata(support: Support) -> Check:
    if not support.errata:
        said = "this kernel does not say which errors of Landlock are fixed in it"
        return Check("errata", State.WITHOUT, said, "Linux 6.15 and newer say so")
    open_ones = [
        text
        for bit, (since, text) in enumerate(_ERRATA)
        if support.abi >= since and not support.errata >> bit & 1
    ]
    if open_ones:
        return Check("errata", State.WITHOUT, f"not fixed: {'; '.join(open_ones)}", "install kernel updates")
    return Check("errata", State.WORKS, "all known ones are fixed")


def modules(path: str = _LSM) -> Check:
    """The list of active security modules."""
    try:
        active = Path(path).read_text("ascii", "replace").strip()
    except OSError as error:
        said = f"{path} cannot be read: {error.strerror}"
        return Check("security modules", State.WITHOUT, said, "mount -t securityfs none /sys/kernel/security")
    return Check("security modules", State.WORKS, active)


def tracing(program: str = "strace") -> Check:
    """Whether strace is there and may trace, tried on a shell that does nothing."""
    try:
        tracer = rehearse(find_tracer(program))
    except RecordError as error:
        said = error.what + (f": {error.why}" if error.why else "")
        return Check("strace", State.LACKS, said, error.hint)
    speed = "stops the command only where it records" if tracer.fast else "stops the command at every call"
    known = ptrace.facts()
    facts = [
        f"ptrace_scope {'not set' if known.scope is None else known.scope}",
        f"CAP_SYS_PTRACE {'held' if known.capable else 'not held'}",
        *(["a seccomp filter is on this process"] if known.filtered else []),
    ]
    return Check("strace", State.WORKS, f"{tracer.version}, {speed}; {', '.join(facts)}")


def audit(support: Support) -> Check:
    """Whether the kernel's records of denials could be heard, were audit switched on."""
    if support.abi < _AUDIT_SINCE:
        said = f"this kernel does not record denials (ABI {support.abi})"
        return Check("audit", State.WITHOUT, said, "from Linux 6.15 on it does")
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_AUDIT) as heard:
            heard.bind((0, _RECORDS))
    except OSError as error:
        said = f"the kernel's records of denials cannot be heard: {error.strerror}"
        return Check("audit", State.WITHOUT, said, "run as root of the host, with CAP_AUDIT_READ")
    return Check("audit", State.WORKS, "the kernel's records of denials can be heard")


def user() -> Check:
    """Who runs this."""
    name = "root" if os.geteuid() == 0 else f"user id {os.geteuid()}"
    return Check("user", State.WORKS, name)
