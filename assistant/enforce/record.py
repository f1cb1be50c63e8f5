"""Records one run of a command: strace with the right flags, then trace and metadata under their names."""

import os
import pwd
import re
import shutil
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from assistant.domain.recording import End, Recording, StoppedBy
from assistant.enforce.following import Ended, Manner, follow
from assistant.enforce.recordings import Draft, name_of
from assistant.enforce.support import probe
from assistant.enforce.tracer import Tracer, find_tracer, rehearse
from assistant.errors import RecordError, UsageError


_CHUNK = 1 << 20
_TAIL = 65536


@dataclass(frozen=True, slots=True)
class Order:
    """What to record, and where to.

    Attributes:
        command: Program and arguments; the program is looked up in PATH.
        directory: Where RUN.trace and RUN.json go.
        run: The name; empty: the program's.
        replace: An existing run of that name may be replaced.
        user: Whom to run the command as; empty: as ourselves. Takes root.
        set_id: Let set-user-ID programs have their rights, at the price of speed. Takes root.
        manner: How to run and stop it.
    """

    command: Sequence[str]
    directory: Path
    run: str = ""
    replace: bool = False
    user: str = ""
    set_id: bool = False
    manner: Manner = field(default_factory=Manner)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of it.

    Attributes:
        recording: The metadata.
        trace: The trace's file; ``metadata`` that of the metadata.
        remarks: What a person should know, one sentence each.
    """

    recording: Recording
    trace: Path
    metadata: Path
    remarks: tuple[str, ...]


def record(order: Order, tell: Callable[[str], None]) -> Recorded:
    """Record a command to its end, its timeout, or SIGINT, SIGTERM or SIGHUP.

    Args:
        order: What to record.
        tell: Takes sentences for a person, while it goes on.

    Raises:
        UsageError: the command, the user or the name of the run means nothing.
        RecordError: nothing could be recorded; no file was left.
    """
    account = _account(order)
    _check_command(order.command)
    tracer = find_tracer()
    tracer = rehearse(replace(tracer, fast=tracer.fast and not order.set_id), order.user)
    run = order.run or name_of(order.command[0])
    draft = Draft(order.directory, run, replace=order.replace)
    try:
        as_user = ["-u", order.user] if order.user else []
        command = [tracer.path, *tracer.flags, *as_user, "-o", draft.output, "--", *order.command]
        started = datetime.now(UTC)
        interrupted: list[int] = []
        tell(_opening(run, order))
        ended = follow(command, order.manner, _listener(interrupted, order.manner, tell))
        begin, lines, whole = _survey(draft.descriptor)
        _check_trace(begin, order.command[0])
        made = Recording(
            run=run,
            command=tuple(order.command),
            cwd=os.getcwd(),
            user=account.pw_name,
            uid=account.pw_uid,
            gid=account.pw_gid,
            kernel=os.uname().release,
            machine=os.uname().machine,
            abi=probe().abi,
            umask=_umask(),
            strace=tracer.version,
            flags=(*tracer.flags, *as_user),
            started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            seconds=ended.seconds,
            end=_end(ended, interrupted=bool(interrupted)),
            lines=lines,
            size=os.fstat(draft.descriptor).st_size,
            whole=whole,
        )
    except BaseException:
        draft.drop()
        raise
    draft.keep(made)
    return Recorded(made, draft.trace, draft.metadata, tuple(_remarks(made, tracer, ended)))


def _opening(run: str, order: Order) -> str:
    said = [f"recording {run}; Ctrl-C stops it"]
    if not order.set_id:
        said.append("set-user-ID programs run without their rights, as in a sandbox")
    if not order.manner.foreground and os.isatty(0):
        said.append("reading the terminal would halt it (--foreground lets it read)")
    return "; ".join(said)


def _listener(interrupted: list[int], manner: Manner, tell: Callable[[str], None]) -> Callable[[int], None]:
    def asked(number: int) -> None:
        interrupted.append(number)
        if len(interrupted) == 1:
            tell(f"stopping: SIGTERM, and SIGKILL after {manner.grace:g} s; once more to kill it now")

    return asked


def _account(order: Order) -> pwd.struct_passwd:
    root = os.geteuid() == 0
    if order.set_id and not root:
        raise UsageError(
            "--set-id takes root", why="only a tracer that is root keeps these rights", hint="use sudo"
        )
    if not order.user:
        try:
            return pwd.getpwuid(os.geteuid())
        except KeyError:
            uid, gid = os.geteuid(), os.getegid()
            return pwd.struct_passwd((str(uid), "x", uid, gid, "", "/", ""))
    if not root:
        raise UsageError("--user takes root", hint="use sudo, or record as that user")
    try:
        return pwd.getpwnam(order.user)
    except (KeyError, ValueError):
        raise UsageError(f"there is no user {order.user!a}", hint="see: getent passwd") from None


def _check_command(command: Sequence[str]) -> None:
    if any("\0" in word for word in command) or shutil.which(command[0]) is None:
        raise UsageError(
            f"the program {command[0]!a} was not found, or may not be executed",
            hint="check the path; a shell's own words need sh -c '...'",
        )


def _survey(descriptor: int) -> tuple[bytes, int, bool]:
    """The beginning of a trace, the number of its lines, and whether it ends with the end of a process."""
    size = os.fstat(descriptor).st_size
    begin = os.pread(descriptor, _TAIL, 0)
    lines = offset = 0
    while block := os.pread(descriptor, _CHUNK, offset):
        lines += block.count(b"\n")
        offset += len(block)
    tail = os.pread(descriptor, _TAIL, max(0, size - _TAIL))
    last = tail.rstrip(b"\n").rpartition(b"\n")[2]
    return begin, lines, tail.endswith(b"\n") and re.match(rb"\d+ +\+\+\+ ", last) is not None


def _check_trace(begin: bytes, program: str) -> None:
    first = begin.partition(b"\n")[0]
    if not first:
        raise RecordError(
            "strace recorded nothing",
            why="it ended before the command started; it says above why",
            hint="try: strace -f -o /dev/null true",
        )
    failed = re.search(rb"\) += -1 ([A-Z]+)", first)
    if failed and b" execve(" in first:
        raise RecordError(
            f"{program!a} could not be started",
            why=failed[1].decode(),
            hint="ENOENT: it names an interpreter that is absent; EACCES: this user may not execute it",
        )


def _umask() -> str:
    match = re.search(r"^Umask:\s*([0-7]+)", Path("/proc/self/status").read_text("ascii"), re.MULTILINE)
    return match[1] if match else ""


def _end(ended: Ended, *, interrupted: bool) -> End:
    stopped_by: StoppedBy = "timeout" if ended.timed_out else "interrupt" if interrupted else "itself"
    if ended.code >= 0:
        return End(code=ended.code, stopped_by=stopped_by, killed=ended.killed)
    try:
        name = signal.Signals(-ended.code).name
    except ValueError:
        name = f"signal {-ended.code}"
    return End(code=None, signal=name, stopped_by=stopped_by, killed=ended.killed)


def _remarks(made: Recording, tracer: Tracer, ended: Ended) -> list[str]:
    said = []
    if made.end.killed:
        said.append(
            f"{made.end.killed} process(es) did not end by SIGTERM and were killed: "
            "what they do when they are stopped is not in the trace"
        )
    if ended.left:
        said.append(f"{ended.left} process(es) still run: this user may not end them")
    if not made.whole:
        said.append("the trace breaks off before the end of its last process")
    if not tracer.fast:
        said.append(
            f"strace {tracer.version} stopped the command at every call: it ran much slower than usual"
        )
    return said
