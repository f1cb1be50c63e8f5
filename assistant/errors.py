"""Every error that landscribe raises on purpose. Says what, why and what next; caught once, in cli/main.

::

    LandscribeError            exit 1   our fault or the environment's
    |- SandboxError            exit 1   the kernel or the host refused what a sandbox needs
    |- RecordError             exit 1   strace, the kernel or the host does not let a command be recorded
    |- ModelError              exit 1   a model, or the way to it, gave no answer
    |  |- CredentialsError              there is no key, or the endpoint does not take it
    |  |- UnknownModelError             the endpoint has no such model
    |  |- UnreachableError              the endpoint cannot be reached, or what answers is not one
    |  |- OverloadedError               it is too busy, for longer than we wait
    |  |- RejectedError                 it does not take the request as it stands
    |  |- AwaitedError                  the prompt is written, and a person is to bring the answer
    |  `- AnswerError                   the model answered, and it is no answer
    |     |- DeclinedError              it declines to answer
    |     `- TruncatedError             its answer breaks off
    |- UsageError              exit 2   the command line asks for something that has no meaning
    |- InputError              exit 3   there is no usable input
    |  |- TraceError                    a file that is no trace, or one that says nothing
    |  |  `- DamagedTraceError          an archive that breaks off: what was whole before has been given
    |  |- RulesetError                  a ruleset document that cannot be read as one
    |  `- ScenarioError                 a scenarios file that cannot be read as one
    `- StoppedError            exit 13  a gate, a budget, a ceiling or a person says no
       |- NotApprovedError              nobody approved what would be sent, or the guard refuses it
       |- BudgetError                   it would cost or take more than was allowed
       `- CeilingError                  the machine's policy forbids it

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

    code: int = Exit.INTERNAL

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


class InputError(LandscribeError):
    """There is no usable input."""

    code = Exit.NO_INPUT


class TraceError(InputError):
    """A file that is no trace, or one that says nothing."""


class DamagedTraceError(TraceError):
    """An archive that breaks off or is corrupt; raised behind everything that was whole."""


class RulesetError(InputError):
    """A ruleset document that cannot be read as one."""


class ScenarioError(InputError):
    """A scenarios file that cannot be read as one."""


class ModelError(LandscribeError):
    """A model, or the way to it, gave no answer."""


class CredentialsError(ModelError):
    """There is no key, or the endpoint does not take it."""


class UnknownModelError(ModelError):
    """The endpoint has no such model."""


class UnreachableError(ModelError):
    """The endpoint cannot be reached, or what answers there is not one."""


class OverloadedError(ModelError):
    """The endpoint is too busy, for longer than we wait."""


class RejectedError(ModelError):
    """The endpoint does not take the request as it stands."""


class AwaitedError(ModelError):
    """The prompt is written for a person to carry to a model; the answer is awaited.

    Attributes:
        body: The prompt.
    """

    def __init__(self, body: bytes) -> None:
        super().__init__(
            "the prompt is written, and its answer is awaited",
            hint="paste the prompt into a chat, and bring its answer back",
        )
        self.body = body


class AnswerError(ModelError):
    """The model answered, and it is no answer."""


class DeclinedError(AnswerError):
    """The model declines to answer."""


class TruncatedError(AnswerError):
    """The answer breaks off: it is longer than the model may write."""


class StoppedError(LandscribeError):
    """A gate, a budget, a ceiling or a person says no; nothing was done."""

    code = Exit.STOPPED


class NotApprovedError(StoppedError):
    """Nobody approved what would be sent, or the guard refuses it."""


class BudgetError(StoppedError):
    """It would cost or take more than was allowed."""


class CeilingError(StoppedError):
    """The machine's policy forbids it."""
