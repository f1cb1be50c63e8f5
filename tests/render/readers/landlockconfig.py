"""Reads landlockconfig TOML and JSON as its library does: handled rights are also inferred, parents are templates."""

import json
import re
import tomllib
from typing import Any

from tests.render.readers.said import FILE_RIGHTS, IsDirectory, Said, joined


_FS = {
    *("execute", "write_file", "read_file", "read_dir", "remove_dir", "remove_file", "make_char", "make_dir"),
    *("make_reg", "make_sock", "make_fifo", "make_block", "make_sym", "refer", "truncate", "ioctl_dev"),
}
_NET = {"bind_tcp", "connect_tcp"}
_SCOPE = {"abstract_unix_socket", "signal"}
_KEYS = {
    "": {"abi", "variable", "ruleset", "path_beneath", "net_port"},
    "ruleset": {"handled_access_fs", "handled_access_net", "scoped"},
    "path_beneath": {"allowed_access", "parent"},
    "net_port": {"allowed_access", "port"},
}


def read_toml(text: str, is_directory: IsDirectory) -> Said:
    return _read(tomllib.loads(text), is_directory)


def read_json(text: str, is_directory: IsDirectory) -> Said:
    return _read(_snaked(json.loads(text)), is_directory)


def _snaked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            re.sub("([A-Z])", lambda m: "_" + m[1].lower(), key): _snaked(item) for key, item in value.items()
        }
    return [_snaked(item) for item in value] if isinstance(value, list) else value


def _read(data: dict[str, Any], is_directory: IsDirectory) -> Said:
    assert set(data) <= _KEYS[""]
    for table in ("ruleset", "path_beneath", "net_port"):
        for row in data.get(table, []):
            assert set(row) <= _KEYS[table]
            assert all(row.values()), "the format forbids empty lists"
    handled = data.get("ruleset", [])
    paths = [
        (_resolved(parent), _known(rule["allowed_access"], _FS))
        for rule in data.get("path_beneath", [])
        for parent in rule["parent"]
    ]
    ports = [
        (port, _known(rule["allowed_access"], _NET))
        for rule in data.get("net_port", [])
        for port in rule["port"]
    ]
    masked = [(p, r if is_directory(p) in (True, None) else r & FILE_RIGHTS) for p, r in paths]
    assert all(rights for _, rights in masked), "the library stops at a rule without rights"
    fs = {name for row in handled for name in _known(row.get("handled_access_fs", []), _FS)}
    net = {name for row in handled for name in _known(row.get("handled_access_net", []), _NET)}
    scope = {name for row in handled for name in _known(row.get("scoped", []), _SCOPE)}
    return Said(
        frozenset(fs.union(*(rights for _, rights in paths))),
        frozenset(net.union(*(rights for _, rights in ports))),
        frozenset(scope),
        joined(masked),
        {port: frozenset[str]().union(*(r for p, r in ports if p == port)) for port, _ in ports},
    )


def _known(names: list[str], table: set[str]) -> set[str]:
    assert set(names) <= table, "a right that the format does not know is a parse error"
    return set(names)


def _resolved(template: str) -> str:
    """A parent without variables; "$$" is one dollar sign."""
    assert not re.search(r"(?<!\$)(?:\$\$)*\$(?!\$)", template), "a variable, or a lone dollar sign"
    return template.replace("$$", "$")
