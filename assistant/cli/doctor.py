"""``landscribe doctor``: what this machine can do, and what next where it cannot."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.inputs import Json


if TYPE_CHECKING:
    from assistant.domain.machine import Check
    from assistant.domain.report import Report

_KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
_ADDRESS = "ANTHROPIC_BASE_URL"
_ENDPOINT = "https://api.anthropic.com"


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

    checks = [*_machine(), *_model(connect=connect)]
    report = Report.of(findings(checks))
    if as_json:
        console.result_json(_as_data(checks, report))
    else:
        console.result("\n".join(line for check in checks for line in _lines(check)))
    return int(report.exit)


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
    """Whether a model is configured: names of variables only, never what is in them."""
    from assistant.domain.machine import Check, State

    named = os.environ  # noqa: TID251 - whether it is there is the question
    keys = [key for key in _KEYS if named.get(key)]
    address = named.get(_ADDRESS) or _ENDPOINT
    where = _ADDRESS if named.get(_ADDRESS) else "the usual address"
    if keys:
        yield Check("model", State.WORKS, f"{keys[0]} is set, for {where}; whether it is valid was not tried")
    else:
        hint = f"set {_KEYS[0]}; draft --offline needs none"
        yield Check("model", State.WITHOUT, "no key is set: drafts are made without a model", hint)
    if connect:
        yield _endpoint(address)


def _endpoint(address: str) -> "Check":
    import socket
    from urllib.parse import urlsplit

    from assistant.domain.machine import Check, State

    hint = "check the address, the network, and whether a proxy is needed"
    try:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        with socket.create_connection((parts.hostname or "", port), timeout=10):
            return Check("endpoint", State.WORKS, f"{parts.hostname} port {port} answers; nothing was sent")
    except ValueError:  # Its words would show the address, in which a password may stand.
        return Check("endpoint", State.WITHOUT, f"no connection: {_ADDRESS} holds no address", hint)
    except OSError as error:
        return Check("endpoint", State.WITHOUT, f"no connection: {error.strerror or error}", hint)


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
