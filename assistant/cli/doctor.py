"""``landscribe doctor``: what this machine can do, and what next where it cannot."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.inputs import Json


if TYPE_CHECKING:
    from assistant.domain.machine import Check
    from assistant.domain.report import Report


def doctor(
    connect: Annotated[
        bool, typer.Option("--connect", help="Also open a connection to the model's endpoint; send nothing.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Say what this machine can do.

    Exit code 0: recording, drafting, testing and running work here; 10: something of these does not.
    Nothing is changed, and the network is used only with --connect.
    """
    from assistant.cli import console
    from assistant.domain.machine import findings
    from assistant.domain.report import Report

    checks = [_reader(), *_machine(), *_model(connect=connect)]
    report = Report.of(findings(checks))
    if as_json:
        console.result_json(_as_data(checks, report))
    else:
        console.result("\n".join(line for check in checks for line in _lines(check)))
    return int(report.exit)


def _reader() -> "Check":
    """Whether what reads traces was compiled when this was installed."""
    from assistant.domain.machine import Check, State
    from assistant.trace import scan

    if scan.__file__.endswith(".py"):
        hint = "install it anew where there are a C compiler and Python's headers"
        return Check("reader", State.WITHOUT, "it is not compiled: large traces take longer", hint)
    return Check("reader", State.WORKS, "it is compiled")


def _machine() -> "Iterator[Check]":
    from assistant.enforce import machine, programs
    from assistant.enforce.support import probe

    support = probe()
    yield machine.user()
    yield from machine.landlock(support)
    yield machine.modules()
    yield machine.tracing()
    yield machine.audit(support)
    yield programs.python_launcher(_launcher())
    yield programs.setpriv()
    yield programs.landrun()
    yield programs.systemd()


def _launcher() -> str:
    """A launcher that lets everything be read and run."""
    from importlib.resources import files

    from assistant.domain.rights import FsRight
    from assistant.domain.ruleset import PathGrant, Provenance, Ruleset
    from assistant.render.launcher import python_launcher

    rights = FsRight.EXECUTE | FsRight.READ_FILE | FsRight.READ_DIR
    whole = PathGrant(path="/", rights=rights, by="person")
    ruleset = Ruleset(service="doctor", target_abi=1, provenance=Provenance(tool="landscribe"), path=(whole,))
    source = files("assistant.enforce").joinpath("launcher.py").read_text(encoding="utf-8")
    return python_launcher(ruleset, source).text


def _model(*, connect: bool) -> "Iterator[Check]":
    """Whether a model could be asked: where, and that there is a key, never what it is."""
    from assistant.cli.inputs import environment
    from assistant.cli.keys import credentials_of, no_credentials, platform_of
    from assistant.domain.machine import Check, State
    from assistant.errors import LandscribeError
    from assistant.settings import read_settings
    from assistant.settings.ceiling import read_policy

    environ = environment()
    try:
        settings = read_settings({}, environ, os.getcwd())
        platform = platform_of(settings, environ)
        read_policy().check(settings, platform.base_url)
        found = credentials_of(settings, environ)
    except LandscribeError as error:
        why = f"{error.what}: {error.why}" if error.why else error.what
        yield Check("model", State.WITHOUT, why, error.hint or "draft --offline needs none")
        return
    if found is None:
        absent = no_credentials(settings)
        yield Check("model", State.WITHOUT, f"{absent.what}: drafts are made without a model", absent.hint)
    else:
        told = (
            f"there is a key for {settings.model} at {platform.base_url}; whether it is valid was not tried"
        )
        yield Check("model", State.WORKS, told)
    if connect:
        yield _endpoint(platform.base_url)


def _endpoint(address: str) -> "Check":
    from assistant.author.ways import unreachable
    from assistant.domain.machine import Check, State

    why = unreachable(address)
    if why:
        hint = "check the address, the network, and whether a proxy is needed"
        return Check("endpoint", State.WITHOUT, f"no connection to {address}: {why}", hint)
    return Check("endpoint", State.WORKS, f"{address} answers; nothing was sent")


def _lines(check: "Check") -> list[str]:
    from assistant.render.plain import printable

    first = f"{check.state:8} {check.name}: {printable(check.said, 400)}"
    return [first, f"         next: {check.next}"] if check.next else [first]


def _as_data(checks: "list[Check]", report: "Report") -> dict[str, Any]:
    from assistant.render.plain import printable
    from assistant.render.report import report_data

    return {
        "schema_version": 1,
        "checks": [
            {"name": one.name, "state": str(one.state), "said": printable(one.said), "next": one.next}
            for one in checks
        ],
        "report": report_data(report),
    }
