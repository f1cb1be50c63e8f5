"""Traces one life in a sandbox from outside: where the kernel's own records of denials are not to be had."""

import os

from assistant.domain.life import Life
from assistant.domain.ruleset import Ruleset
from assistant.enforce.room import Room
from assistant.enforce.starting import Terms, traced
from assistant.enforce.supervise import supervise
from assistant.enforce.tracer import find_tracer, rehearse
from assistant.errors import RecordError


_MOST = 256 << 20


def look_inside(ruleset: Ruleset | None, life: Life, terms: Terms, room: Room | None = None) -> bytes:
    """The strace of a life in a sandbox, from the start of its command on; up to 256 MiB.

    Args:
        ruleset: The sandbox; None: outside of any.
        life: What to live.
        terms: What holds for the whole test.
        room: Where; None: here.

    Raises:
        RecordError: there is no strace here, or it may not trace.
        SandboxError: the sandbox or the room could not be set up.
    """
    tracer = rehearse(find_tracer())
    output = os.memfd_create("landscribe-trace")
    try:
        start = terms.free(life) if ruleset is None else terms.confined(ruleset, life)
        run = supervise(life, traced(start, tracer, output), room=room)
        trace = _from_the_command_on(os.pread(output, _MOST, 0))
        if not trace:
            what = run.error[0] if run.error else "strace recorded nothing"
            raise RecordError(what, hint="see: strace -p PID")
        return trace
    finally:
        os.close(output)


def _from_the_command_on(trace: bytes) -> bytes:
    """Without what our own process does before it becomes the command."""
    first = trace.find(b" execve(")
    return trace[trace.rfind(b"\n", 0, first) + 1 :] if first >= 0 else b""
