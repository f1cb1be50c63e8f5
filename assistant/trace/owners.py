"""Whose directory in /proc an access means: the first process's, on which a rule can stand, or another's."""

import posixpath
import re
from collections.abc import Iterable, Mapping

from assistant.domain.access import PathAccess, TraceSource
from assistant.domain.processes import FIRST, OTHER, PROCESS


_ABOUT_ONESELF = re.compile(r"/proc/(mounts|net)(?=/|$)")
"""Links of the kernel's into the directory of whoever asks."""


def first_processes(sources: Iterable[TraceSource], accesses: Iterable[PathAccess]) -> dict[str, int]:
    """The number of the first process of each trace that begins with the start of a program.

    It is 0 in a trace whose lines name no process.
    """
    begin = {source.name for source in sources if source.begins}
    starts: dict[str, tuple[int, int]] = {}
    for access in accesses if begin else ():
        if access.call.startswith("execve"):
            lines = {line.trace: line.line for line in reversed(access.evidence)}
            for seen in access.processes:
                start = lines.pop(seen.trace, 0), seen.pid
                if start[0] and seen.trace in begin and start < starts.get(seen.trace, (start[0] + 1, 0)):
                    starts[seen.trace] = start
    return {trace: pid for trace, (_, pid) in starts.items()}


def spelled(access: PathAccess, first: Mapping[str, int]) -> str:
    """The path of an access beneath /proc, with its process by role instead of by number.

    Args:
        access: As it was read.
        first: The first process of each trace, where it is known.
    """
    path = _ABOUT_ONESELF.sub(r"/proc/self/\1", access.path, count=1)
    process = PROCESS.match(path)
    if process is not None:
        role = FIRST if _is_first(process[1], access, first) else OTHER
        path = role + path[process.end() :]
    return path if access.final else posixpath.normpath(path)


def _is_first(name: str, access: PathAccess, first: Mapping[str, int]) -> bool:
    """Whether "self", or a process by number, is the first process of each trace that shows the access."""
    if name.isdigit() and all(str(first.get(line.trace)) == name for line in access.evidence):
        return True
    asked = PROCESS.match(access.given) if name.isdigit() else None
    if name.isdigit() and (asked is None or asked[1].isdigit()):
        return False
    # Only the first lines are kept: with more calls than lines others may have asked as well.
    return access.count <= len(access.evidence) and all(
        first.get(seen.trace) == seen.pid for seen in access.processes
    )
