"""``landscribe paths``: which code paths a service has, and which of them the traces took."""

import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.inputs import Cwd, Foreign, Json, trace_path
from assistant.errors import Exit, InputError, UsageError


if TYPE_CHECKING:
    from assistant.domain.codepath import CodePaths, PackageFile
    from assistant.domain.host import Host
    from assistant.domain.ruleset import Ruleset
    from assistant.domain.unit import Unit
    from assistant.packages import Dpkg
    from assistant.review.codepaths.witness import Witness

_KNOWN_PLACES = ("/etc/logrotate.d/", "/etc/cron.d/", "/etc/cron.hourly/", "/etc/cron.daily/")
_PLACES = (*_KNOWN_PLACES, "/etc/cron.weekly/", "/etc/cron.monthly/")


def paths(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RULESET|TRACE...", parser=trace_path, help="A ruleset (.toml), its traces, or both."
        ),
    ],
    unit: Annotated[
        str, typer.Option(metavar="UNIT", help="The systemd unit of the service, or the path of its file.")
    ] = "",
    package: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A package of the service; else those of its program and its unit."
        ),
    ] = None,
    cwd: Cwd = None,
    foreign: Foreign = False,
    as_json: Json = False,
) -> int:
    """List the code paths of a service, and how to record those that are missing.

    From its unit and its package: start, reload, stop, rotation of its logs, jobs, upgrades. A trace holds no
    arguments and no reasons: where it cannot tell, that is said. Exit code 10 when one is missing or unknown.
    """
    from assistant.cli import console
    from assistant.cli.inputs import absolute, the_host
    from assistant.domain.codepath import Exercised
    from assistant.render.codepaths import codepaths_data, codepaths_text

    host = the_host(foreign=foreign)
    ruleset, traces = _told_apart(inputs)
    found, unknown = found_paths(ruleset, _witness(ruleset, traces, host, absolute(cwd)), unit, host, package)
    if as_json:
        console.result_json(codepaths_data(found))
    else:
        console.result(codepaths_text(found))
    for sentence in unknown:
        console.say(sentence)
    return Exit.OK if found.count(Exercised.YES) == len(found.paths) else Exit.FINDINGS


def found_paths(
    ruleset: "Ruleset | None", witness: "Witness", unit: str, host: "Host", package: list[str] | None = None
) -> "tuple[CodePaths, list[str]]":
    """The code paths, and what could not be found, a sentence each; also for other commands."""
    from assistant.review.codepaths.listing import code_paths
    from assistant.review.codepaths.recording import Recorder

    read = _unit(unit) if unit else None
    recorder = Recorder(read, unit, _program(ruleset, witness))
    service = ruleset.service if ruleset else unit or posixpath.basename(recorder.program) or "service"
    files, scripts, unknown = _packaged(package or [], read, recorder.program, host)
    return code_paths(service, read, files, scripts, witness, recorder), unknown


def _told_apart(inputs: Sequence[Path]) -> tuple["Ruleset | None", list[Path]]:
    """The ruleset among the arguments, by the name of its file, and the traces."""
    from assistant.cli.inputs import load_ruleset

    named = [path for path in inputs if path.suffix == ".toml"]
    if len(named) > 1:
        raise UsageError(
            "there are two rulesets", why=f"{str(named[0])!a}, {str(named[1])!a}", hint="name one"
        )
    traces = [path for path in inputs if path.suffix != ".toml"]
    return (load_ruleset(named[0]) if named else None), traces


def _witness(ruleset: "Ruleset | None", traces: list[Path], host: "Host", cwd: str | None) -> "Witness":
    from assistant.domain.codepath import Signals
    from assistant.pipeline.reading import read_traces, signals_of
    from assistant.reading.naming import name_traces
    from assistant.review.codepaths.witness import Witness

    if not traces:
        return Witness(None, Signals(), host.resolve)
    named = name_traces(traces, ruleset.provenance.trace if ruleset else ())
    return Witness(read_traces(named, host, cwd=cwd), signals_of(named), host.resolve)


def _unit(unit: str) -> "Unit":
    from assistant.domain.specifiers import expanded
    from assistant.enforce.units import read_unit

    return expanded(read_unit(unit)[0])[0]


def _program(ruleset: "Ruleset | None", witness: "Witness") -> str:
    """The service's program when no unit says it: the first that is no shell, in the trace or the ruleset."""
    from assistant.domain.rights import FsRight
    from assistant.pipeline.drafting import service_of

    if witness.inventory is not None:
        name = service_of(witness.inventory)
        runs = [run.path for run in witness.inventory.executions]
        return next((path for path in runs if posixpath.basename(path) == name), runs[0] if runs else "")
    granted = [grant.path for grant in ruleset.path if FsRight.EXECUTE in grant.rights] if ruleset else []
    named = [path for path in granted if ruleset and posixpath.basename(path) == ruleset.service]
    return (named or [""])[0]


def _packaged(
    named: Sequence[str], unit: "Unit | None", program: str, host: "Host"
) -> tuple[list["PackageFile"], dict[str, tuple["PackageFile", ...]], list[str]]:
    """Files and scripts of the service's packages, and what could not be found, a sentence each."""
    from assistant.packages import Dpkg

    dpkg = Dpkg()
    if not (host.known or named):
        return [], {}, ["this is not the machine: its packages were not looked at; name one with --package"]
    owners = list(named) or _owners(dpkg, unit, program, host)
    listed = {name: dpkg.files(name) for name in owners}
    missing = [name for name, files in listed.items() if files is None]
    if named and missing:
        raise InputError(
            f"there is no package {missing[0]!a} on this machine", hint="dpkg-query -W lists those that are"
        )
    wanted = sorted({path for files in listed.values() for path in files or () if _says_something(path)})
    unknown = [] if owners else ["the service's package is not known; name it with --package"]
    return [dpkg.read(path) for path in wanted], {name: dpkg.scripts(name) for name in owners}, unknown


def _owners(dpkg: "Dpkg", unit: "Unit | None", program: str, host: "Host") -> list[str]:
    """The packages of the program, and of the unit's file."""
    places = [host.resolve(program)] if program.startswith("/") else []
    if unit is not None and unit.name:
        places += [f"/usr/lib/systemd/system/{unit.name}", f"/lib/systemd/system/{unit.name}"]
    return sorted({name for place in places for name in dpkg.owners(place) or ()})


def _says_something(path: str) -> bool:
    return path.startswith(_PLACES) or ("/systemd/system/" in path and path.endswith((".timer", ".service")))
