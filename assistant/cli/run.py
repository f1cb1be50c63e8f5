"""``landscribe run``: restrict this process and become the command."""

from typing import Annotated

import typer

from assistant.cli.inputs import Command, IgnoreMissing, RulesetFile


def run(
    ruleset: RulesetFile,
    command: Command,
    best_effort: Annotated[
        bool, typer.Option("--best-effort", help="Go on when the kernel enforces less than is asked for.")
    ] = False,
    ignore_missing: IgnoreMissing = False,
) -> int:
    """Run a command inside the sandbox.

    The exit code is the command's.
    """
    from assistant.cli import console
    from assistant.cli.inputs import load_ruleset
    from assistant.enforce.sandbox import launch

    launch(
        load_ruleset(ruleset),
        command,
        best_effort=best_effort,
        ignore_missing=ignore_missing,
        tell=lambda line: console.say(f"landscribe: {line}"),
    )
