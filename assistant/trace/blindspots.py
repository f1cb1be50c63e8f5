"""What a trace could not have shown, told from which calls occur in it. Unknown is said, never filled in."""

from collections.abc import Iterable

from assistant.domain.access import Inventory, Protocol, RemarkKind
from assistant.domain.finding import Finding, Severity, find
from assistant.domain.rights import FsRight


_FILE_CALLS = frozenset(
    {
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
_PROCESS_CALLS = frozenset({"clone", "clone3", "fork", "vfork", "exit", "exit_group", "wait4", "waitid"})
_SOCKET_CALLS = frozenset({"socket", "bind", "listen", "accept", "accept4", "setsockopt", "getsockname"})
_REMARKS = {
    RemarkKind.UNRESOLVED: "unresolved-path",
    RemarkKind.MOUNT: "mount-needed",
    RemarkKind.CHROOT: "inside-namespace",
    RemarkKind.NAMESPACE: "inside-namespace",
    RemarkKind.IO_URING: "io-uring",
    RemarkKind.MEMORY_EXEC: "memory-exec",
    RemarkKind.LISTEN_UNBOUND: "listen-unbound",
    RemarkKind.SIGNAL_OUTSIDE: "scope-open",
}
_SHOWN = 80


def blind_spots(inventory: Inventory, *, command_given: bool, host_known: bool) -> Iterable[Finding]:
    """Findings on what the traces do not show, and on what they show that no right expresses."""
    traces = ", ".join(source.name for source in inventory.sources)
    seen = frozenset(inventory.calls)
    yield from _calls_not_traced(inventory, seen, traces, command_given=command_given)
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
    for remark in inventory.remarks:
        kind = _REMARKS.get(remark.kind)
        if kind is not None:
            lines = tuple(str(line) for line in remark.evidence)
            example = remark.example[:_SHOWN]
            yield find(kind, remark.kind.value, f"{remark.count} time(s), first: {example}", evidence=lines)
    if not host_known:
        yield find("foreign-host", traces, "symbolic links, interpreters and neighbours are unknown")


def _calls_not_traced(
    inventory: Inventory, seen: frozenset[str], traces: str, *, command_given: bool
) -> Iterable[Finding]:
    process = bool(seen & _PROCESS_CALLS)
    executes = bool(seen & {"execve", "execveat"})
    if executes or process or seen & _FILE_CALLS:
        for source in inventory.sources:
            if not source.begins:
                yield find("late-start", source.name, "it does not begin with the start of a program")
    else:
        known = "; --command names the main program, its helpers are unknown" if command_given else ""
        yield find("blind-exec", traces, f"execve was not traced{known}")
    if not seen & _FILE_CALLS:
        yield find(
            "blind-paths",
            traces,
            "rename, unlink, mkdir and the like were not traced: no such right is granted",
        )
        if "chdir" not in seen:
            yield find(
                "blind-chdir", traces, "chdir was not traced: relative paths may mean another directory"
            )
    if not seen & {"ftruncate", "ftruncate64"} and any(
        access.needed & FsRight.WRITE_FILE for access in inventory.paths
    ):
        yield find(
            "blind-truncate",
            traces,
            "ftruncate was not traced: truncate is granted wherever files are written",
        )
    if not seen & _SOCKET_CALLS:
        # With everything else traced and no connect either, the service more likely uses no network.
        silent = executes and bool(seen & _FILE_CALLS) and "connect" not in seen
        yield find(
            "blind-bind",
            traces,
            "no network call is in the trace: the service makes none, or %network was not traced"
            if silent
            else "bind was not traced: no listening port or socket is granted",
            severity=Severity.INFO if silent else None,
        )
        if any(port.protocol is Protocol.UNKNOWN for port in inventory.ports):
            yield find("blind-socket-type", traces, "socket was not traced: a port may be UDP")
    if not process and not executes:
        yield find("blind-signals", traces, "kill was not traced: the signal scope is on unproven")
