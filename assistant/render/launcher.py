"""The launcher's source with a ruleset written into it, so that one file is all a machine needs.

The source is handed in; what is not exactly one empty policy in it is refused.
"""

from collections.abc import Iterable
from typing import Any

from assistant.domain.policy import policy
from assistant.domain.ruleset import PathGrant, PortGrant, Ruleset
from assistant.errors import LandscribeError
from assistant.render.export import Export, above_target, heading
from assistant.render.plain import printable


EMPTY = 'POLICY: "dict | None" = None'
"""The line of the source that gives way to the policy."""

_INTERPRETER = "#!/usr/bin/python3 -I"
"""Isolated: no module may come from the directory it is started in, or from where its environment points."""

_WHY = 160
_WIDTH = 100


def python_launcher(ruleset: Ruleset, source: str) -> Export:
    """The launcher's source with the ruleset in it. Nothing is lost; reasons become comments.

    Args:
        ruleset: What to write into it.
        source: The text of assistant/enforce/launcher.py.

    Raises:
        LandscribeError: the source does not hold the empty policy exactly once.
    """
    lines = source.removesuffix("\n").split("\n")
    if lines.count(EMPTY) != 1:
        raise LandscribeError(
            "the launcher's source cannot take a policy",
            why=f"it holds the line {EMPTY!r} {lines.count(EMPTY)} times instead of once",
            hint="reinstall landscribe: its own launcher.py was changed",
        )
    at = lines.index(EMPTY)
    header = [_INTERPRETER, *map(_comment, heading(ruleset))]
    merged = [*header, *lines[:at], *_literal(ruleset), *lines[at + 1 :]]
    return Export("\n".join(merged) + "\n", notes=tuple(above_target(ruleset)))


def _literal(ruleset: Ruleset) -> list[str]:
    """The policy as lines of Python, in ASCII, each entry under its reason."""
    made = policy(ruleset)
    return [
        'POLICY: "dict | None" = {',
        f'    "service": {made["service"]!a},',
        f'    "target_abi": {made["target_abi"]},',
        *_entries("paths", ruleset.path, made["paths"]),
        *_entries("ports", ruleset.port, made["ports"]),
        f'    "scope": {made["scope"]},',
        "}",
    ]


def _entries(key: str, grants: Iterable[PathGrant | PortGrant], entries: list[dict[str, Any]]) -> list[str]:
    lines = [f'    "{key}": [']
    for grant, entry in zip(grants, entries, strict=True):
        if grant.why:
            lines.append("        " + _comment(f"why ({grant.by}): {printable(grant.why, _WHY)}"))
        lines += _entry(entry)
    return [*lines, "    ],"]


def _entry(entry: dict[str, Any]) -> list[str]:
    line = " " * 8 + ascii(entry) + ","
    if len(line) <= _WIDTH:
        return [line]
    fields = [f"            {key!a}: {value!a}," for key, value in entry.items()]
    return ["        {", *fields, "        },"]


def _comment(text: str) -> str:
    return "# " + text.encode("ascii", "backslashreplace").decode("ascii")
