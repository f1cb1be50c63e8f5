"""The specifiers of a unit file (%n, %i ...) as a service manager of the system expands them.

Source: systemd.unit(5). Those that only a running machine knows (%m, %H ...) stay as they are, and are named.
"""

import re
from dataclasses import replace

from assistant.domain.unit import Unit


_SPECIFIER = re.compile(r"%(.)", re.DOTALL)
_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})")

_OF_THE_SYSTEM = {
    "%": "%",
    "t": "/run",
    "S": "/var/lib",
    "C": "/var/cache",
    "L": "/var/log",
    "E": "/etc",
    "T": "/tmp",
    "V": "/var/tmp",
    # These are of whoever runs the service manager, not of the service.
    "u": "root",
    "U": "0",
    "g": "root",
    "G": "0",
    "h": "/root",
}


def expanded(unit: Unit) -> tuple[Unit, dict[str, list[str]]]:
    """The unit with its specifiers expanded, and those that stayed with the keys that they stand in.

    %i stays in a template: it has a value only in an instance of it.
    """
    table = {**_OF_THE_SYSTEM, **_of_the_unit(unit.name)}
    left: dict[str, list[str]] = {}
    settings = []
    for setting in unit.settings:
        value, unknown = _expand(setting.value, table)
        for name in unknown:
            if setting.key not in left.setdefault(name, []):
                left[name].append(setting.key)
        settings.append(replace(setting, value=value))
    return replace(unit, settings=tuple(settings)), left


def _of_the_unit(name: str) -> dict[str, str]:
    bare = name.rpartition(".")[0] or name
    prefix, at, instance = bare.partition("@")
    known = {"n": name, "N": bare, "p": prefix, "P": _unescaped(prefix), "j": prefix.rpartition("-")[2]}
    known["J"] = _unescaped(known["j"])
    known["d"] = f"/run/credentials/{name}"
    if instance or not at:
        known |= {
            "i": instance,
            "I": _unescaped(instance),
            "f": "/" + _unescaped(instance or prefix).lstrip("/"),
        }
    return known


def _unescaped(name: str) -> str:
    """A name as systemd-escape(1) would give it back: a dash is a slash."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), name.replace("-", "/"))


def _expand(value: str, table: dict[str, str]) -> tuple[str, list[str]]:
    unknown: list[str] = []

    def one(found: re.Match[str]) -> str:
        if found[1] not in table:
            unknown.append(found[0])
        return table.get(found[1], found[0])

    return _SPECIFIER.sub(one, value), unknown
