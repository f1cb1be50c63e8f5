"""Parses the command line, wires the commands, turns errors into words and an exit code."""

import os
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

import assistant
from assistant.cli import console
from assistant.cli.approve import approve
from assistant.cli.context import context
from assistant.cli.diff import diff
from assistant.cli.doctor import doctor
from assistant.cli.draft import draft
from assistant.cli.explain import explain
from assistant.cli.export import export
from assistant.cli.log import log
from assistant.cli.notes import notes
from assistant.cli.paths import paths
from assistant.cli.primer import primer
from assistant.cli.prompts import prompts
from assistant.cli.record import record
from assistant.cli.run import run
from assistant.cli.test import two_sided
from assistant.cli.trace import trace
from assistant.cli.verify import verify
from assistant.errors import Exit, LandscribeError


app = typer.Typer(
    name="landscribe",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Drafts, verifies, tests and documents Landlock sandboxes for Linux services from an strace.",
    epilog="Exit codes: 0 nothing to say, 1 our or the environment's fault, 2 usage, 3 no usable input, "
    "10 findings to review, 11 blocking findings, 12 drift, 13 stopped by a policy, 130 interrupted.",
)


def _version(*, value: bool) -> None:
    if value:
        console.result(f"landscribe {assistant.__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=lambda value: _version(value=value), is_eager=True)
    ] = False,
) -> None:
    del version


for name, command in (
    ("record", record),
    ("draft", draft),
    ("verify", verify),
    ("test", two_sided),
    ("run", run),
    ("export", export),
    ("notes", notes),
    ("diff", diff),
    ("explain", explain),
    ("approve", approve),
    ("context", context),
    ("paths", paths),
    ("trace", trace),
    ("doctor", doctor),
    ("primer", primer),
    ("log", log),
):
    app.command(name)(command)
app.add_typer(prompts, name="prompts")


def run_command(arguments: list[str] | None = None) -> int:
    """Run one command; every error ends here, as words on stderr and an exit code."""
    try:
        code = app(args=arguments, prog_name="landscribe", standalone_mode=False)
    except LandscribeError as error:
        console.complain(error)
        return error.code
    except TyperException as error:
        return _usage(error)
    except (KeyboardInterrupt, typer.Abort):
        console.say("landscribe: interrupted; nothing was half written")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read the result has seen enough; the interpreter must not try to flush it once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.INTERNAL
    except Exception as error:  # noqa: BLE001 - the one place where an unforeseen error becomes words
        console.say(f"landscribe: internal error: {type(error).__name__}: {str(error)!a}")
        console.say("  next: report it with the command line; set PYTHONFAULTHANDLER=1 for more")
        return Exit.INTERNAL
    if code == Exit.INTERRUPTED:  # Typer has caught the interrupt itself.
        console.say("landscribe: interrupted; nothing was half written")
    return int(code or 0)


def _usage(error: TyperException) -> int:
    message = getattr(error, "format_message", lambda: str(error))()
    if "Usage:" in message:
        console.result(message)
        return Exit.USAGE
    console.say(f"landscribe: {message}")
    console.say("  next: landscribe --help, or landscribe COMMAND --help")
    return Exit.USAGE
