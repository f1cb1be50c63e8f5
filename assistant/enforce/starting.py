"""From a life and a ruleset to the process that becomes the command, inside a sandbox or outside."""

import os
import select
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from assistant.domain.life import Life
from assistant.domain.policy import policy
from assistant.domain.ruleset import Ruleset
from assistant.enforce import launcher
from assistant.enforce.account import Account
from assistant.enforce.listening import Listener
from assistant.enforce.started import Start
from assistant.enforce.tracer import Tracer


_PR_SET_DUMPABLE = 4
_PR_SET_PTRACER, _ANYBODY = 0x59616D61, 0xFFFFFFFF_FFFFFFFF
_ATTACH_SECONDS, _LOOK_SECONDS = 20.0, 0.01


@dataclass(frozen=True)
class Terms:
    """What holds for every life of a test.

    Attributes:
        account: Whom the command runs as; None: ourselves.
        best_effort: Go on when the kernel enforces less than the ruleset asks for.
        ignore_missing: Go on without the rules whose paths do not exist.
        listener: Hears what the kernel denies.
    """

    account: Account | None = None
    best_effort: bool = False
    ignore_missing: bool = False
    listener: Listener = field(default_factory=lambda: Listener("it was not asked for"))

    def confined(self, ruleset: Ruleset, life: Life, number: int = 0) -> Start:
        """A start inside the sandbox, which makes itself known by its number."""
        wanted = policy(ruleset)

        def start(keep: tuple[int, ...]) -> NoReturn:
            sandbox = self.enforce(wanted, number)
            self._become(life, (*keep, *sandbox.keep))

        return start

    def enforce(self, wanted: dict[str, Any], number: int = 0) -> launcher.Sandbox:
        """Restrict this process."""
        sandbox = launcher.enforce(
            wanted,
            best_effort=self.best_effort,
            ignore_missing=self.ignore_missing,
            log_new_exec=not self.listener.reason,
        )
        if number:
            self.listener.make_known(number)
        return sandbox

    def free(self, life: Life) -> Start:
        """A start without a sandbox."""

        def start(keep: tuple[int, ...]) -> NoReturn:
            self._become(life, keep)

        return start

    def become(self) -> None:
        """Make this process the command's user's."""
        if self.account:
            self.account.become()

    def _become(self, life: Life, keep: tuple[int, ...]) -> NoReturn:
        self.become()
        os.environ.update(life.environment)  # noqa: TID251 - the command's, not ours
        if life.cwd:
            try:
                os.chdir(life.cwd)
            except OSError as error:
                why = error.strerror or str(error)
                raise launcher.LaunchError(
                    f"cannot start in {life.cwd!a}", why, "check cwd", launcher.NOT_FOUND
                ) from error
        launcher.execute(list(life.command), keep)


def traced(start: Start, tracer: Tracer, output: int) -> Start:
    """The same start with strace looking on from outside the sandbox.

    Args:
        start: What to look at.
        tracer: The strace.
        output: An open file that the trace is written to.
    """

    def watched(keep: tuple[int, ...]) -> NoReturn:
        with suppress(OSError):  # Only one security module knows it, and wants it.
            launcher.prctl(_PR_SET_PTRACER, _ANYBODY)
        launcher.prctl(_PR_SET_DUMPABLE, 1)  # Nobody else may look at who has changed his user.
        _attach(tracer, output)
        start(keep)

    return watched


def _attach(tracer: Tracer, output: int) -> None:
    """Start strace as nobody's child of ours, and wait until it has us."""
    own = os.getpid()
    reader, writer = os.pipe()  # Its end is strace's end.
    between = os.fork()
    if between == 0:
        try:
            os.setsid()
            if os.fork() == 0:
                _trace(tracer, own, output, writer)
        finally:
            os._exit(0)
    os.waitpid(between, 0)
    os.close(writer)
    until = time.monotonic() + _ATTACH_SECONDS
    while not _is_traced():
        ended, _, _ = select.select([reader], [], [], _LOOK_SECONDS)
        if ended or time.monotonic() > until:
            hint = "see: strace -p PID"
            raise launcher.LaunchError("strace cannot attach", "it ended", hint, launcher.NOT_EXECUTABLE)
    os.close(reader)


def _trace(tracer: Tracer, pid: int, output: int, writer: int) -> NoReturn:
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    for kept in (output, writer):
        os.set_inheritable(kept, True)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    flags = replace(tracer, fast=False).flags  # Being fast takes a start by strace itself.
    os.execv(tracer.path, [tracer.path, *flags, "-o", f"/proc/self/fd/{output}", "-p", str(pid)])


def _is_traced() -> bool:
    with open("/proc/self/status", "rb") as file:
        return b"\nTracerPid:\t0\n" not in file.read()
