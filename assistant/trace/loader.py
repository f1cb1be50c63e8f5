"""Which dynamic loader starts a program, told from the C library that it opens. For traces of other machines.

The kernel opens the loader that a program names (PT_INTERP); strace never shows it. With the machine at hand
it is read from the program. Without, this is a guess that is right where the C library and its loader are
installed as their makers do: glibc side by side, musl as one file. Whoever uses it says that it is inferred.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from assistant.domain.access import Execution, PathAccess, Verdict
from assistant.trace.row import OPENS


_GLIBC = {
    "x86_64-linux-gnu": "ld-linux-x86-64.so.2",
    "x86_64-linux-gnux32": "ld-linux-x32.so.2",
    "i386-linux-gnu": "ld-linux.so.2",
    "aarch64-linux-gnu": "ld-linux-aarch64.so.1",
    "arm-linux-gnueabihf": "ld-linux-armhf.so.3",
    "arm-linux-gnueabi": "ld-linux.so.3",
    "riscv64-linux-gnu": "ld-linux-riscv64-lp64d.so.1",
    "loongarch64-linux-gnu": "ld-linux-loongarch-lp64d.so.1",
    "powerpc64le-linux-gnu": "ld64.so.2",
    "s390x-linux-gnu": "ld64.so.1",
}
"""Multiarch name to the loader's name (sysdeps/**/shlib-versions of glibc)."""

_HINTS = (
    (
        re.compile(r"/glibc-hwcaps/x86-64-v[0-9]|/tls/(?:haswell/)?(?:avx512_1/)?x86_64(?:/|$)"),
        "x86_64-linux-gnu",
    ),
    (re.compile(r"/glibc-hwcaps/power[0-9]"), "powerpc64le-linux-gnu"),
    (re.compile(r"/glibc-hwcaps/z[0-9]"), "s390x-linux-gnu"),
)
"""Where libraries are looked for tells the processor, in systems whose directories do not."""

_LIBC = re.compile(r"/libc(?:\.so\.6|-2\.[0-9.]+\.so)$")
_MUSL = re.compile(r"/(?:libc\.musl-([a-z0-9_]+)\.so\.1|ld-musl-([a-z0-9_]+)\.(?:path|so\.1))$")


def inferred_loaders(accesses: Sequence[PathAccess], executions: Iterable[Execution]) -> Mapping[str, str]:
    """The loader of each executed program that opened a C library, by the program's path as executed."""
    opened = [access for access in accesses if access.call in OPENS and _tells(access)]
    machine = _told_by_probes(accesses) if opened else ""
    executed = {run.path for run in executions}
    found: dict[str, str] = {}
    for access in opened:
        loader = _beside(access.path, machine)
        for program in executed.intersection(access.actors) if loader else ():
            found.setdefault(program, loader)
    return found


def _tells(access: PathAccess) -> bool:
    # musl looks for a file of search paths that is named after the machine, there or not.
    return _MUSL.search(access.path) is not None or (
        access.verdict is Verdict.NEEDED and _LIBC.search(access.path) is not None
    )


def _beside(path: str, machine: str) -> str:
    musl = _MUSL.search(path)
    if musl is not None:
        return f"/lib/ld-musl-{musl[1] or musl[2]}.so.1"
    directory = posixpath.dirname(path)
    name = _GLIBC.get(posixpath.basename(directory)) or _GLIBC.get(machine)
    return posixpath.join(directory, name) if name else ""


def _told_by_probes(accesses: Iterable[PathAccess]) -> str:
    return next((machine for a in accesses for hint, machine in _HINTS if hint.search(a.path)), "")
