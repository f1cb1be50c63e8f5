"""Asks systemd-analyze, where it is: what groups of system calls hold, and what it thinks of a unit.

Neither needs a running systemd. Nothing is started, and no unit of the machine is changed.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from assistant.domain.context import Score
from assistant.domain.unit import Unit


_SECONDS = 30.0
_NAME = "landscribe-context.service"
"""A name of our own: drop-ins of the machine for the unit's own name are in the unit already."""

_OVERALL = re.compile(r"Overall exposure level for .*: ([0-9.]+ [A-Z]+)")
_GROUP = re.compile(r"@[a-z0-9-]+")
_MEMBER = re.compile(r" +(@?[a-z0-9_-]+)")


def call_groups() -> dict[str, frozenset[str]] | None:
    """The members of each group of system calls, groups in groups resolved; None without systemd-analyze."""
    text = _asked(["syscall-filter"])
    if text is None:
        return None
    named: dict[str, set[str]] = {}
    group = ""
    for line in text.splitlines():
        if _GROUP.fullmatch(line):
            group = line
            named[group] = set()
        elif group and (member := _MEMBER.fullmatch(line)):
            named[group].add(member[1])
    return {group: frozenset(_resolved(group, named, frozenset())) for group in named} or None


def _resolved(group: str, named: dict[str, set[str]], above: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for member in named.get(group, ()):
        if not member.startswith("@"):
            found.add(member)
        elif member not in above:
            found |= _resolved(member, named, above | {group})
    return found


def score(unit: Unit, suggested: Sequence[str]) -> Score | None:
    """What ``systemd-analyze security`` says of a unit, and of it with some more lines.

    Args:
        unit: As read, with its drop-ins.
        suggested: Lines for its [Service].

    Returns:
        None without systemd-analyze. A part is None when it refused the unit.
    """
    version = _asked(["--version"])
    if version is None:
        return None
    with tempfile.TemporaryDirectory(prefix="landscribe-") as folder:
        path = Path(folder, _NAME)
        path.write_text(_text(unit), encoding="utf-8", errors="surrogateescape")
        before = _security(path)
        drop_in = Path(folder, f"{_NAME}.d", "suggested.conf")
        drop_in.parent.mkdir()
        drop_in.write_text("\n".join(["[Service]", *suggested, ""]), encoding="utf-8")
        after = _security(path) if suggested else before
    return Score(before, after, version.partition("\n")[0])


def _security(path: Path) -> str | None:
    found = _OVERALL.search(_asked(["security", "--offline=true", "--no-pager", str(path)]) or "")
    return found[1] if found else None


def _text(unit: Unit) -> str:
    """The unit as one file: its settings in the order in which they count."""
    lines: list[str] = []
    section = ""
    for setting in unit.settings:
        if setting.section != section:
            section = setting.section
            lines.append(f"[{section}]")
        lines.append(f"{setting.key}={setting.value}")
    return "\n".join([*lines, ""])


def _asked(arguments: Sequence[str]) -> str | None:
    program = shutil.which("systemd-analyze")
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace")
