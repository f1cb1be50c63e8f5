"""Reads the policy of an exported launcher as Python does, without running it."""

import ast
from typing import Any

from assistant.domain.rights import FsRight, NetRight
from tests.render.readers.said import IsDirectory, Said, fitting, joined, known


def policy(text: str) -> dict[str, Any]:
    """The value of the one name POLICY."""
    found = [
        node.value
        for node in ast.parse(text).body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id == "POLICY"
    ]
    assert len(found) == 1
    assert found[0] is not None
    value = ast.literal_eval(found[0])
    assert isinstance(value, dict)
    return value


def path_of(entry: dict[str, Any]) -> str:
    if "path_hex" in entry:
        return bytes.fromhex(entry["path_hex"]).decode("utf-8", "surrogateescape")
    return str(entry["path"])


def read(text: str, is_directory: IsDirectory) -> Said:
    """What the launcher would do on a kernel with the target ABI."""
    held = policy(text)
    abi = held["target_abi"]
    fs, net = known(FsRight, abi), known(NetRight, abi)
    pairs = [
        (path_of(entry), set(fitting(path_of(entry), set(entry["rights"]) & fs, is_directory)))
        for entry in held["paths"]
    ]
    ports: dict[int, frozenset[str]] = {}
    for entry in held["ports"]:
        ports[entry["port"]] = ports.get(entry["port"], frozenset()) | (set(entry["rights"]) & net)
    return Said(fs, net, frozenset(held["scope"]), joined(pairs), ports)
