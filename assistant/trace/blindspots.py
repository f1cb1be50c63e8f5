"""What a trace could not have shown, told from which calls occur in it. Unknown is said, never filled in.

Each trace is judged by itself: what one shows does not make another see.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from assistant.domain.access import Inventory, Protocol, RemarkKind, TraceSource
from assistant.domain.finding import Finding, Severity, find
from assistant.domain.rights import FsRight


# The groups stand for what a recording asked strace for: what is absent then was not made.
_FILE_CALLS = frozenset(
    {
        "%file",
        "access",
        "faccessat",
        "faccessat2",
        "getcwd",
        "lstat",
        "newfstatat",
        "fstatat64",
        "readlink",
        "readlinkat",
        "stat",
        "stat64",
        "statx",
        "rename",
        "renameat",
        "renameat2",
        "unlink",
        "unlinkat",
        "mkdir",
        "mkdirat",
    }
)
_PROCESS_CALLS = frozenset(
    {"%process", "clone", "clone3", "fork", "vfork", "exit", "exit_group", "wait4", "waitid"}
)
_SOCKET_CALLS = frozenset(
    {"%network", "socket", "bind", "listen", "accept", "accept4", "setsockopt", "getsockname"}
)
_REMARKS = {
    RemarkKind.UNRESOLVED: "unresolved-path",
    RemarkKind.MOUNT: "mount-needed",
    RemarkKind.CHROOT: "inside-namespace",
    RemarkKind.NAMESPACE: "inside-namespace",
    RemarkKind.IO_URING: "io-uring",
    RemarkKind.MEMORY_EXEC: "memory-exec",
    RemarkKind.LISTEN_UNBOUND: "listen-unbound",
    RemarkKind.SIGNAL_OUTSIDE: "scope-open",
    RemarkKind.OWN_LANDLOCK: "own-landlock",
    RemarkKind.OWN_SECCOMP: "own-seccomp",
    RemarkKind.LOOKS_INTO: "looks-into-others",
    RemarkKind.UNTRACKED: "blind-descriptors",
}
_SHOWN = 80


def blind_spots(inventory: Inventory, *, command_given: bool, host_known: bool) -> Iterable[Finding]:
    """Findings on what the traces do not show, and on what they show that no right expresses."""
    telling = replace(inventory, sources=_telling(inventory.sources))
    yield from _calls_not_traced(telling, command_given=command_given)
    for source in inventory.sources:
        if not source.complete:
            yield find("truncated-trace", source.name, f"the last line of {source.name} has no end")
    for strange in inventory.not_understood:
        yield find(
            "not-understood",
            strange.evidence.trace,
            f"{strange.count} line(s): {strange.kind}; the first is {strange.evidence}",
            evidence=(str(strange.evidence),),
        )
    yield from _remarks(inventory)
    if not host_known:
        yield find(
            "foreign-host",
            _names(inventory.sources),
            "symbolic links, interpreters and neighbours are unknown",
        )


def _telling(sources: tuple[TraceSource, ...]) -> tuple[TraceSource, ...]:
    """All but logs of denials, which hold no calls and add to other traces; these if there is no other."""
    return tuple(source for source in sources if source.calls) or sources


def _names(sources: Iterable[TraceSource]) -> str:
    return ", ".join(source.name for source in sources)


def _remarks(inventory: Inventory) -> Iterable[Finding]:
    for remark in inventory.remarks:
        kind = _REMARKS.get(remark.kind)
        lines = tuple(str(line) for line in remark.evidence)
        example = remark.example[:_SHOWN]
        if kind is not None:
            yield find(kind, remark.kind.value, f"{remark.count} time(s), first: {example}", evidence=lines)
        if remark.kind is RemarkKind.UNTRACKED_DIRECTORY:
            said = f"fchdir was not traced; {remark.count} relative name(s), first: {example}"
            yield find("blind-descriptors", "fchdir", said, evidence=lines, severity=Severity.INFO)


def _executes(source: TraceSource) -> bool:
    return bool(source.calls & {"%process", "execve", "execveat"})


def _shows_processes(source: TraceSource) -> bool:
    return bool(source.calls & _PROCESS_CALLS)


def _shows_files(source: TraceSource) -> bool:
    return bool(source.calls & _FILE_CALLS)


def _calls_not_traced(inventory: Inventory, *, command_given: bool) -> Iterable[Finding]:
    def lacking(shows: Callable[[TraceSource], bool]) -> str:
        return _names(source for source in inventory.sources if not shows(source))

    for source in inventory.sources:
        if not source.begins and (_executes(source) or _shows_processes(source) or _shows_files(source)):
            yield find("late-start", source.name, "it does not begin with the start of a program")
    if blind := lacking(lambda s: _executes(s) or _shows_processes(s) or _shows_files(s)):
        known = "; --command names the main program, its helpers are unknown" if command_given else ""
        yield find("blind-exec", blind, f"execve was not traced{known}")
    if blind := lacking(_shows_files):
        yield find(
            "blind-paths",
            blind,
            "rename, unlink, mkdir and the like were not traced: no such right is granted",
        )
    if blind := lacking(lambda s: _shows_files(s) or "chdir" in s.calls):
        yield find("blind-chdir", blind, "chdir was not traced: relative paths may mean another directory")
    if blind := lacking(lambda s: _truncates(s) or not _writes(inventory, s)):
        yield find(
            "blind-truncate",
            blind,
            "ftruncate was not traced: truncate is granted wherever files are written",
        )
    yield from _sockets_not_traced(inventory)
    if blind := lacking(lambda s: _shows_processes(s) or _executes(s)):
        yield find("blind-signals", blind, "kill was not traced: the signal scope is on unproven")


def _truncates(source: TraceSource) -> bool:
    return bool(source.calls & {"ftruncate", "ftruncate64"})


def _writes(inventory: Inventory, source: TraceSource) -> bool:
    return any(
        access.needed & FsRight.WRITE_FILE and source.name in dict(access.runs) for access in inventory.paths
    )


def _sockets_not_traced(inventory: Inventory) -> Iterable[Finding]:
    blind = [source for source in inventory.sources if not source.calls & _SOCKET_CALLS]
    if not blind:
        return
    # With everything else traced and no connect either, the service more likely uses no network.
    silent = all(_executes(s) and _shows_files(s) and "connect" not in s.calls for s in blind)
    yield find(
        "blind-bind",
        _names(blind),
        "no network call is in the trace: the service makes none, or %network was not traced"
        if silent
        else "bind was not traced: no listening port or socket is granted",
        severity=Severity.INFO if silent else None,
    )
    if any(port.protocol is Protocol.UNKNOWN for port in inventory.ports):
        yield find("blind-socket-type", _names(blind), "socket was not traced: a port may be UDP")
