"""``landscribe export``: a ruleset as a launcher or another tool's configuration, with what that loses."""

from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.inputs import Json, Output, RulesetFile
from assistant.errors import UsageError


if TYPE_CHECKING:
    from assistant.domain.ruleset import Ruleset
    from assistant.render.export import Export

FORMATS = ("python", "landlockconfig-toml")


def export(
    ruleset: RulesetFile,
    to: Annotated[str, typer.Option("--to", metavar="FORMAT", help=f"One of: {', '.join(FORMATS)}.")],
    output: Output = None,
    as_json: Json = False,
) -> int:
    """Write a launcher or a configuration.

    What the format cannot express is said on stderr.
    """
    from assistant.cli import console
    from assistant.cli.inputs import load_ruleset

    if to not in FORMATS:
        raise UsageError(f"no format {to!a}", hint=f"one of {', '.join(FORMATS)}")
    exported = _render(load_ruleset(ruleset), to)
    if output is not None:
        console.write_file(output, exported.text, executable=to == "python")
    if as_json:
        console.result_json(
            {"schema_version": 1, "format": to, "text": exported.text, "losses": list(exported.losses)}
        )
    elif output is None:
        console.result(exported.text)
    for loss in exported.losses:
        console.say(f"not expressed: {loss}")
    if output is not None:
        console.say(f"written: {str(output)!a}")
    return 0


def _render(ruleset: "Ruleset", to: str) -> "Export":
    from importlib.resources import files

    from assistant.render.landlockconfig import landlockconfig_toml
    from assistant.render.launcher import python_launcher

    if to == "landlockconfig-toml":
        return landlockconfig_toml(ruleset)
    source = files("assistant.enforce").joinpath("launcher.py").read_text(encoding="utf-8")
    return python_launcher(ruleset, source)
