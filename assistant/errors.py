"""Every error that landscribe raises on purpose. Says what, why and what next; caught once, in cli/main.

::

    LandscribeError            exit 1   our fault or the environment's
    |- SandboxError            exit 1   the kernel or the host refused what a sandbox needs
    |- RecordError             exit 1   strace, the kernel or the host does not let a command be recorded
    |- UsageError              exit 2   the command line asks for something that has no meaning
    |- StoppedError            exit 13  a gate is closed, or a person said no; nothing was done
    `- InputError              exit 3   there is no usable input
       |- TraceError                    a file that is no trace, or one that says nothing
       |  `- DamagedTraceError          an archive that breaks off: what was whole before has been given
       `- RulesetError                  a ruleset document that cannot be read as one

``Exit`` is the one table of exit codes; docs/adr/0002-exit-codes.md explains it.
"""

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every command. 0 is never used for an internal error."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    NO_INPUT = 3
    FINDINGS = 10
    BLOCKING = 11
    DRIFT = 12
    STOPPED = 13
    INTERRUPTED = 130


class LandscribeError(Exception):
    """What happened, why, and what to do next.

    Args:
        what: One sentence, without a final full stop.
        why: The cause, when it adds something to ``what``.
        hint: The next thing to try.
    """

    code = Exit.INTERNAL

    def __init__(self, what: str, *, why: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.hint = hint


class SandboxError(LandscribeError):
    """The kernel or the host refused what a sandbox needs."""


class RecordError(LandscribeError):
    """strace, the kernel or the host does not let a command be recorded."""


class UsageError(LandscribeError):
    """The command line asks for something that has no meaning."""

    code = Exit.USAGE


class StoppedError(LandscribeError):
    """A gate is closed, or a person said no; nothing was done."""

    code = Exit.STOPPED


class InputError(LandscribeError):
    """There is no usable input."""

    code = Exit.NO_INPUT


class TraceError(InputError):
    """A file that is no trace, or one that says nothing."""


class DamagedTraceError(TraceError):
    """An archive that breaks off or is corrupt; raised behind everything that was whole."""


class RulesetError(InputError):
    """A ruleset document that cannot be read as one."""
