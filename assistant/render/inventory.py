"""An inventory as text and as plain data: which accesses, with which rights, shown by which lines."""

import json
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any

from assistant.domain.access import Inventory, Kind, PathAccess, PortAccess, Verdict
from assistant.domain.rights import FsRight, names
from assistant.render.plain import printable


def inventory_text(inventory: Inventory) -> str:
    """A line for each source, access, port and socket; names escaped."""
    lines = [
        f"{source.name}: {source.lines} lines: {source.understood} understood, {source.ignored} without an "
        f"access, {source.not_understood} not understood"
        for source in inventory.sources
    ]
    lines += [_path_line(access) for access in inventory.paths if access.rights]
    lines += [_port_line(port) for port in inventory.ports]
    lines += [
        f"{printable(socket.name)}  abstract {socket.call} {socket.outcome}  {socket.count}x "
        f"{socket.evidence[0]}"
        for socket in inventory.abstract
    ]
    return "\n".join(lines)


def _path_line(access: PathAccess) -> str:
    said = access.verdict.value if access.verdict is not Verdict.NEEDED else ""
    words = [printable(access.path), ",".join(names(access.rights)), said, access.call, access.outcome]
    return "  ".join(word for word in (*words, f"{access.count}x", str(access.evidence[0])) if word)


def _port_line(port: PortAccess) -> str:
    words = [f"port {port.port}", ",".join(names(port.rights)), port.protocol.value, port.outcome]
    return "  ".join((*words, f"{port.count}x", str(port.evidence[0])))


def inventory_data(inventory: Inventory) -> dict[str, Any]:
    """The same as plain data, version 1. Its paths come as JSON, one by one: at once they can be too many."""
    return {
        "schema_version": 1,
        "traces": [
            {
                "name": source.name,
                "sha256": source.sha256,
                "lines": source.lines,
                "understood": source.understood,
                "without_access": source.ignored,
                "not_understood": source.not_understood,
                "complete": source.complete,
            }
            for source in inventory.sources
        ],
        "paths": (_path_json(access) for access in inventory.paths if access.rights),
        "ports": [
            {
                "port": port.port,
                "rights": names(port.rights),
                "protocol": port.protocol.value,
                "verdict": port.verdict.value,
                "outcome": port.outcome,
                "call": port.call,
                "count": port.count,
                "evidence": [str(line) for line in port.evidence],
            }
            for port in inventory.ports
        ],
        "executions": [
            {
                "path": printable(run.path),
                "count": run.count,
                "evidence": [str(line) for line in run.evidence],
            }
            for run in inventory.executions
        ],
        "not_understood": [
            {
                "kind": strange.kind,
                "count": strange.count,
                "example": strange.example.decode("ascii", "backslashreplace"),
                "evidence": str(strange.evidence),
            }
            for strange in inventory.not_understood
        ],
        "calls": inventory.calls,
    }


def _path_json(access: PathAccess) -> str:
    """One access as JSON. There are very many, and what most of them say is the same few things."""
    evidence = ", ".join([_quoted(f"{trace}:{line}") for trace, line in access.evidence])
    said = _said(access.rights, access.kind, access.verdict, access.outcome, access.call)
    return (
        f'{{"path": {_quoted(printable(access.path))}, {said}, "given": {_quoted(printable(access.given))}, '
        f'"volatile": {"true" if access.volatile else "false"}, "count": {access.count}, '
        f'"actors": {_actors(access.actors)}, "evidence": [{evidence}]}}'
    )


@lru_cache(2_000)
def _said(rights: FsRight, kind: Kind, verdict: Verdict, outcome: str, call: str) -> str:
    data = {"rights": names(rights), "kind": kind, "verdict": verdict, "outcome": outcome, "call": call}
    return json.dumps(data)[1:-1]


@lru_cache(2_000)
def _actors(actors: tuple[str, ...]) -> str:
    return json.dumps([printable(actor) for actor in actors])
