"""From a ruleset to the running sandbox. Decides nothing: the ruleset says what, the launcher how."""

from collections.abc import Callable
from typing import NoReturn

from assistant.domain.policy import policy
from assistant.domain.ruleset import Ruleset
from assistant.enforce import launcher
from assistant.enforce.support import Support
from assistant.errors import SandboxError


def losses(ruleset: Ruleset, support: Support) -> list[str]:
    """What of the ruleset this kernel cannot enforce, one sentence each."""
    return list(launcher.plan(policy(ruleset), support.abi).losses)


def launch(
    ruleset: Ruleset,
    command: list[str],
    *,
    best_effort: bool = False,
    ignore_missing: bool = False,
    tell: Callable[[str], None] = launcher.tell,
) -> NoReturn:
    """Restrict this process and become the command.

    Args:
        ruleset: What the command may do.
        command: Program and arguments; the program is looked up in PATH.
        best_effort: Go on when the kernel enforces less than the ruleset asks for.
        ignore_missing: Go on without the rules whose paths do not exist.
        tell: Takes each sentence about what is not enforced, before the command starts.

    Raises:
        SandboxError: nothing was started; its exit code is the launcher's. This process may already be
            restricted and its descriptors closed: all that it may still do is to say so and end.
    """
    try:
        sandbox = launcher.enforce(policy(ruleset), best_effort=best_effort, ignore_missing=ignore_missing)
        for line in sandbox.said():
            tell(line)
        launcher.execute(command, sandbox.keep)
    except launcher.LaunchError as error:
        raise sandbox_error(error) from error


def sandbox_error(error: launcher.LaunchError) -> SandboxError:
    """A launcher's error as one of ours, with the launcher's exit code."""
    made = SandboxError(error.what, why=error.why, hint=error.hint)
    made.code = error.code
    return made
