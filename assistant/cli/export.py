"""``landscribe export``: a ruleset as a launcher or another tool's configuration, with what that loses."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.inputs import Json, Output, RulesetFile
from assistant.errors import UsageError


if TYPE_CHECKING:
    from assistant.domain.host import Host
    from assistant.domain.ruleset import Ruleset
    from assistant.render.export import Export

FORMATS = (
    *("python", "landlockconfig-toml", "landlockconfig-json"),
    *("landrun", "setpriv", "sandboxer", "systemd"),
)
_PROGRAMS = ("python", "landrun", "setpriv", "sandboxer")


def export(
    ruleset: RulesetFile,
    to: Annotated[str, typer.Option("--to", metavar="FORMAT", help=f"One of: {', '.join(FORMATS)}.")],
    output: Output = None,
    unit: Annotated[
        str, typer.Option(metavar="UNIT", help="For systemd: the unit, or its file, that is to be sandboxed.")
    ] = "",
    launcher: Annotated[
        str, typer.Option(metavar="PATH", help="For systemd: where the launcher is, else in /etc/landscribe.")
    ] = "",
    foreign: Annotated[
        bool, typer.Option("--foreign", help="It is for another machine: do not look at this one's files.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Write a launcher or a configuration.

    Each right that it opens or lacks against the ruleset is said on stderr, and the exit code is 10.
    """
    from assistant.cli import console
    from assistant.cli.inputs import load_ruleset, spare, the_host
    from assistant.domain.report import Report

    if to not in FORMATS:
        raise UsageError(f"no format {to!a}", hint=f"one of {', '.join(FORMATS)}")
    if (unit or launcher) and to != "systemd":
        raise UsageError("--unit and --launcher are for --to systemd", hint="leave them out")
    spare(output, ruleset)
    document = load_ruleset(ruleset)
    host = the_host(foreign=foreign)
    exported = _systemd(document, unit, launcher) if to == "systemd" else _render(document, to, host)
    report = Report.of(exported.findings())
    if output is not None:
        console.write_file(output, exported.text, executable=to in _PROGRAMS)
    if as_json:
        console.result_json(_as_data(to, exported, report.exit))
    elif output is None:
        console.result(exported.text)
    for loss in exported.losses:
        console.say(f"{loss.effect:5} {loss.sentence}")
    for note in exported.notes:
        console.say(f"note  {note}")
    if output is not None:
        console.say(f"written: {str(output)!a}")
    return int(report.exit)


def _systemd(ruleset: "Ruleset", unit: str, launcher: str) -> "Export":
    from assistant.enforce.units import read_unit
    from assistant.render.systemd import default_launcher, systemd

    if not unit:
        raise UsageError(
            "a drop-in wraps the command of a unit, and none was named",
            hint="add --unit nginx.service, or the path of its file",
        )
    parsed, _ = read_unit(unit)
    return systemd(ruleset, parsed, launcher or default_launcher(parsed))


def _render(ruleset: "Ruleset", to: str, host: "Host") -> "Export":
    from importlib.resources import files

    from assistant.render.landlockconfig import landlockconfig_json, landlockconfig_toml
    from assistant.render.landrun import landrun
    from assistant.render.launcher import python_launcher
    from assistant.render.sandboxer import sandboxer
    from assistant.render.setpriv import setpriv

    renderers = {
        "landlockconfig-toml": landlockconfig_toml,
        "landlockconfig-json": landlockconfig_json,
        "landrun": landrun,
        "setpriv": setpriv,
        "sandboxer": sandboxer,
    }
    if to in renderers:
        return renderers[to](ruleset, host)
    source = files("assistant.enforce").joinpath("launcher.py").read_text(encoding="utf-8")
    return python_launcher(ruleset, source)


def _as_data(to: str, exported: "Export", code: int) -> dict[str, Any]:
    from assistant.domain.rights import names

    return {
        "schema_version": 1,
        "format": to,
        "text": exported.text,
        "losses": [
            {
                "effect": loss.effect,
                "subject": loss.subject.encode("utf-8", "surrogateescape").decode(
                    "utf-8", "backslashreplace"
                ),
                "rights": names(loss.rights),
                "why": loss.why,
            }
            for loss in exported.losses
        ],
        "notes": list(exported.notes),
        "exit": int(code),
    }
