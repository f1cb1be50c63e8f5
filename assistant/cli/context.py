"""``landscribe context``: how a service is started, layer by layer: what is denied twice, once, by nobody."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.inputs import Json
from assistant.errors import Exit, UsageError


if TYPE_CHECKING:
    from assistant.domain.ruleset import Ruleset
    from assistant.domain.unit import Unit
    from assistant.review.context.traps import Surroundings


def context(
    unit: Annotated[
        str | None, typer.Argument(metavar="UNIT", help="A systemd unit, or the path of its file.")
    ] = None,
    ruleset: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RULESET]", readable=False, help="The sandbox that a launcher puts around it."
        ),
    ] = None,
    command: Annotated[
        str,
        typer.Option(metavar="'CMD'", help="A command line, in place of the unit."),
    ] = "",
    user: Annotated[str, typer.Option(help="With --command: who it runs as, else root.")] = "",
    capability: Annotated[
        list[str] | None,
        typer.Option(metavar="CAP", help="With --command: a capability that it has; of root, keeps."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Review how a service is started: users, capabilities, filters, mounts and Landlock together.

    Shows for each kind of access which layer denies it, which gaps are left, and directives that close them.
    Starts and changes nothing. Exit code 10 for gaps or traps.
    """
    from assistant.cli import console
    from assistant.cli.inputs import load_ruleset
    from assistant.domain.context import Verdict
    from assistant.enforce.systemd import call_groups, score
    from assistant.render.context import context_data, context_text
    from assistant.review.context.reviewing import review

    named, sandbox = _arguments(unit, ruleset, command, user, capability)
    read, where = _by_command(command, user, capability or []) if command else _by_unit(named)
    held = load_ruleset(sandbox) if sandbox else None
    found = review(read, held, call_groups(), _surroundings(named, held))
    found = replace(found, score=score(read, found.suggestions))
    if as_json:
        console.result_json(context_data(found))
    else:
        console.result(context_text(found))
    console.say(where)
    gaps = any(
        row.verdict is not Verdict.REDUNDANT and row.verdict is not Verdict.SINGLE for row in found.rows
    )
    return Exit.FINDINGS if gaps or found.traps or found.unread else Exit.OK


def _arguments(
    unit: str | None, ruleset: Path | None, command: str, user: str, capability: list[str] | None
) -> tuple[str, Path | None]:
    """The unit, if there is one, and the ruleset: with --command the only argument is the ruleset."""
    if command:
        if ruleset is not None:
            raise UsageError(
                "a unit and --command at once", hint="landscribe context --command 'CMD' [RULESET]"
            )
        return "", Path(unit) if unit else None
    if unit is None:
        raise UsageError("there is no unit", hint="landscribe context UNIT [RULESET], or --command CMD")
    if user or capability:
        raise UsageError("--user and --capability are for --command", hint="a unit says both itself")
    return unit, ruleset


def _by_unit(unit: str) -> tuple["Unit", str]:
    from assistant.enforce.units import read_unit

    read, where = read_unit(unit)
    return read, f"{read.name}: {where}"


def _by_command(command: str, user: str, capabilities: list[str]) -> tuple["Unit", str]:
    from assistant.review.context.launch import CAPABILITIES, command_unit

    wanted = {name.upper() for name in capabilities}
    unknown = sorted(wanted - CAPABILITIES)
    if unknown:
        raise UsageError(f"there is no capability {unknown[0]!a}", hint="like CAP_NET_BIND_SERVICE")
    where = "a command line: what starts it may restrict it more than by its user and its capabilities"
    return command_unit(command, command, user or "root", frozenset(wanted)), where


def _surroundings(unit: str, ruleset: "Ruleset | None") -> "Surroundings":
    """What the text of a unit does not say, and this machine does."""
    from assistant.domain.rights import FsRight
    from assistant.enforce.units import sockets_of
    from assistant.host import LocalHost
    from assistant.review.context.traps import Surroundings

    host = LocalHost()
    runs = [path for path, rights in ruleset.paths().items() if rights & FsRight.EXECUTE] if ruleset else []
    return Surroundings(sockets_of(unit) if unit else (), tuple(path for path in runs if host.raises(path)))
