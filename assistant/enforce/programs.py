"""Programs of this machine that start or describe sandboxes: what is there, how old, and what it can say."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from assistant.domain.machine import Check, State


_SECONDS = 20.0
_LANDRUN = (0, 1, 17)
PYTHON = "/usr/bin/python3"
"""What exported launchers and drop-ins start with."""


def setpriv(program: str = "setpriv") -> Check:
    """util-linux's setpriv, and what of Landlock it knows."""
    found = _version(program, "--version")
    if found is None:
        return Check("setpriv", State.WITHOUT, "not installed", "only export --to setpriv needs it")
    if "--landlock-access" not in _said([program, "--help"])[1]:
        said = f"util-linux {found} knows no Landlock"
        return Check("setpriv", State.WITHOUT, said, "util-linux 2.40 and newer do; or export --to python")
    if _said([program, "--landlock-access", "no-such-access", "true"])[0] == 0:
        said = f"util-linux {found} knows rights on files, and ignores ports and scopes in silence"
        return Check("setpriv", State.WITHOUT, said, "an util-linux newer than 2.42 knows them")
    return Check("setpriv", State.WORKS, f"util-linux {found} knows rights on files, ports and scopes")


def landrun(program: str = "landrun") -> Check:
    """landrun, and whether it closes scopes."""
    found = _version(program, "--version")
    if found is None:
        return Check("landrun", State.WITHOUT, "not installed", "only export --to landrun needs it")
    if _numbers(found) < _LANDRUN:
        said = f"{found} knows bundles of rights, and closes no scopes"
        return Check("landrun", State.WITHOUT, said, "install 0.1.17 or newer")
    return Check("landrun", State.WORKS, f"{found} knows bundles of rights, TCP ports, all scopes or none")


def systemd(program: str = "systemd-analyze", running: str = "/run/systemd/system") -> Check:
    """systemd-analyze, whether its groups of calls hold Landlock's, and whether systemd runs here."""
    found = _version(program, "--version")
    if found is None:
        hint = "only reviewing units needs it: install systemd, or do that on the machine of the unit"
        return Check("systemd-analyze", State.WITHOUT, "not installed", hint)
    runs = "systemd runs here" if Path(running).is_dir() else "systemd does not run here"
    groups = ", ".join(_holding_landlock(_said([program, "--no-pager", "syscall-filter"])[1]))
    said = f"{found}; {runs}; groups with Landlock's calls: {groups or 'none'}"
    return Check("systemd-analyze", State.WORKS, said)


def _holding_landlock(listed: str) -> list[str]:
    """The groups of system calls that hold Landlock's, of those that systemd-analyze lists."""
    found: list[str] = []
    group = ""
    for line in listed.splitlines():
        if line.startswith("@"):
            group = line.strip()
        elif line.strip() == "landlock_restrict_self" and group:
            found.append(group)
    return found


def python_launcher(text: str, python: str = PYTHON) -> Check:
    """Whether an exported launcher starts a command here, tried on one that does nothing.

    Args:
        text: A launcher whose ruleset lets that interpreter run.
        python: The interpreter.
    """
    found = _version(python, "--version")
    if found is None:
        hint = f"install Python 3.9 or newer as {python}, or name another one in the launcher's first line"
        return Check("python launcher", State.LACKS, f"there is no {python}", hint)
    code, said = _said([python, "-I", "-", "--", python, "-I", "-c", "raise SystemExit(7)"], text)
    if code != 7:  # noqa: PLR2004 - what the command ends with
        last = said.strip().rpartition("\n")[2]
        why = f"{python} {found}: the launcher starts nothing: {last or f'exit code {code}'}"
        return Check("python launcher", State.LACKS, why, "see landlock; else install Python 3.9 or newer")
    return Check("python launcher", State.WORKS, f"{python} {found} starts a command in a sandbox")


def _version(program: str, option: str) -> str | None:
    """The first number that a program says of itself, "?" when it says none; None where it is not."""
    if shutil.which(program) is None:
        return None
    match = re.search(r"\d+(?:\.\d+)*", _said([program, option])[1])
    return match[0] if match else "?"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _said(command: Sequence[str], heard: str = "") -> tuple[int, str]:
    """How a short command that hears some text ended, and all that it wrote."""
    try:
        done = subprocess.run(
            command,
            input=heard.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 124, f"no answer in {_SECONDS:.0f} seconds"
    except OSError as error:
        return 127, error.strerror or str(error)
    return done.returncode, done.stdout.decode("utf-8", "replace")
