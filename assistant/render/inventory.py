"""An inventory as text and as plain data: which accesses, with which rights, shown by which lines."""

from functools import cache
from typing import Any

from assistant.domain.access import Inventory, PathAccess, PortAccess, Verdict
from assistant.domain.rights import names
from assistant.render.plain import printable


_names = cache(names)


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
    """The same as plain data, version 1. Its paths are an iterator: all at once they can be too many."""
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
        "paths": (_path_data(access) for access in inventory.paths if access.rights),
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


def _path_data(access: PathAccess) -> dict[str, Any]:
    return {
        "path": printable(access.path),
        "rights": _names(access.rights),
        "kind": access.kind.value,
        "verdict": access.verdict.value,
        "outcome": access.outcome,
        "call": access.call,
        "given": printable(access.given),
        "volatile": access.volatile,
        "count": access.count,
        "actors": [printable(actor) for actor in access.actors],
        "evidence": [f"{trace}:{line}" for trace, line in access.evidence],
    }
