"""A systemd drop-in that starts a unit through the exported launcher, and what stays outside of the sandbox.

The launcher becomes the command and keeps its process id: Type=, PIDFile=, $MAINPID, notifications and passed
sockets work as before. The words of the command stay as the unit has them: quotes, specifiers, variables.
"""

import re
import shlex
from collections.abc import Iterator

from assistant.domain.rights import FsRight, known_at
from assistant.domain.ruleset import Reach, Ruleset
from assistant.domain.unit import Command, Unit, commands
from assistant.errors import InputError, UsageError
from assistant.render.export import Export, Loss, above_target, heading
from assistant.render.plain import printable


_PYTHON = "/usr/bin/python3"

_CALLS = "landlock_create_ruleset landlock_add_rule landlock_restrict_self"
_HOLDING_THEM = re.compile(r"@(?:sandbox|known)\b|\blandlock_")
_OTHER_ROOT = ("RootDirectory", "RootImage")
_OUTSIDE = ("ExecCondition", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost")
_NOTIFY = "/run/systemd/notify"
_MAKES = FsRight.MAKE_REG | FsRight.MAKE_DIR | FsRight.MAKE_SOCK | FsRight.MAKE_FIFO | FsRight.MAKE_SYM
_DIRECTORIES = (
    ("StateDirectory", "/var/lib/"),
    ("CacheDirectory", "/var/cache/"),
    ("LogsDirectory", "/var/log/"),
    ("RuntimeDirectory", "/run/"),
)
_SAFE = re.compile(r"[A-Za-z0-9_/.@:+,=-]+")
_OWN_NAME = re.compile(r"[A-Za-z0-9_.@-]+(?:/[A-Za-z0-9_.@-]+)*")

_ALWAYS = (
    "Rules are made as User= and in the unit's own view of the files.",
    "A path that is absent or hidden there stops the start with exit code 125.",
    "SystemCallFilter= must let Python start: @system-service does.",
)


def default_launcher(unit: Unit) -> str:
    """Where the launcher of a unit goes when nobody says."""
    return f"/etc/landscribe/{unit.name.removesuffix('.service')}.py"


def systemd(ruleset: Ruleset, unit: Unit, launcher: str) -> Export:
    """The drop-in of one unit. What it says about files and ports is in the launcher.

    Args:
        ruleset: What the launcher was, or will be, exported from.
        unit: With all its drop-ins.
        launcher: Absolute path of the launcher on the machine of the unit.

    Raises:
        InputError: the unit cannot be started through a launcher; says why.
        UsageError: the launcher's path cannot stand in a unit.
    """
    _check(unit)
    started, lost, notes = _start(ruleset, unit, _word(launcher))
    notes += [*_outside(unit), *_notify(ruleset, unit), *_ALWAYS, *above_target(ruleset)]
    path = f"/etc/systemd/system/{unit.name}.d/50-landscribe.conf"
    head = [
        *heading(ruleset),
        f"Starts {unit.name} in it. This file: {path}",
        f"The launcher: landscribe export RULESET --to python -o {printable(shlex.quote(launcher))}",
        "Then: systemctl daemon-reload, and restart the unit. Undo: remove this file, and the same again.",
        *(f"{loss.effect}: {loss.sentence}" for loss in lost),
        *notes,
    ]
    settings = ["NoNewPrivileges=yes", *_allowances(unit), "ExecStart=", *started]
    lines = [*(f"# {line}" for line in head), "[Service]", *settings, *_suggestions(ruleset, unit)]
    return Export("\n".join(lines) + "\n", tuple(lost), tuple(notes))


def _check(unit: Unit) -> None:
    for key in _OTHER_ROOT:
        if unit.last(key):
            raise InputError(
                f"{unit.name} runs in a root of its own ({key}=), where there is no launcher",
                hint="put the launcher into that root and its path into ExecStart= by hand",
            )
    if not unit.all("ExecStart"):
        raise InputError(f"{unit.name} starts nothing: it has no ExecStart=", hint="check the unit's name")
    if any(not char.isprintable() and char != "\t" for value in unit.all("ExecStart") for char in value):
        raise InputError(
            f"ExecStart= of {unit.name} holds an invisible character", hint="read the unit's file"
        )


def _word(path: str) -> str:
    """A path as one word of an Exec line.

    Raises:
        UsageError: it is not absolute, or has no spelling there.
    """
    if not path.startswith("/") or not path.isprintable():
        raise UsageError(
            f"{path!a} cannot be the launcher of a unit",
            why="it must be absolute, and hold neither control characters nor bytes that are not UTF-8",
            hint="like /etc/landscribe/nginx.py",
        )
    if _SAFE.fullmatch(path):
        return path
    escapes = {"\\": "\\\\", '"': '\\"', "%": "%%", "$": "$$"}
    return '"' + "".join(escapes.get(char, char) for char in path) + '"'


def _start(ruleset: Ruleset, unit: Unit, launcher: str) -> tuple[list[str], list[Loss], list[str]]:
    """The ExecStart lines, what of them stays outside, and what to say."""
    lines: list[str] = []
    lost: list[Loss] = []
    notes: list[str] = []
    for command in [command for value in unit.all("ExecStart") for command in commands(value)]:
        why = _unwrapped(command)
        if why:
            lines.append(f"ExecStart={command.prefixes}{' '.join(command.words)}")
            lost.append(Loss("opens", command.words[0], known_at(FsRight, ruleset.target_abi), why))
            continue
        words = _bare(command, launcher)
        if "@" in command.prefixes:
            notes.append(f"The name that it gives itself (@) is lost: {printable(command.words[0])}")
        prefixes = "".join(char for char in command.prefixes if char in "-:!")
        lines.append(f"ExecStart={prefixes}{_PYTHON} -I {launcher} -- {' '.join(words)}")
    if len(lost) == len(lines):
        raise InputError(
            f"no command of {unit.name} can be started through a launcher",
            why="; ".join(sorted({loss.why for loss in lost})),
            hint="change ExecStart= by hand",
        )
    return lines, lost, notes


def _unwrapped(command: Command) -> str:
    """Why a command stays outside; empty when it does not."""
    if command.privileged:
        return "it runs with full privileges (+ or !), outside of the sandbox"
    return "it runs in a shell of its user (|), outside of the sandbox" if "|" in command.prefixes else ""


def _bare(command: Command, launcher: str) -> list[str]:
    """The words of a command as the launcher's arguments; without the launcher, where it is there already."""
    ours = [_PYTHON, "-I", launcher, "--"]
    if list(command.words[: len(ours)]) == ours:
        return list(command.words[len(ours) :])
    first, *rest = command.words
    if ":" not in command.prefixes:
        first = first.replace("$", "$$")  # In the first word a variable was none.
    return [first, *rest[1 if "@" in command.prefixes else 0 :]]


def _allowances(unit: Unit) -> Iterator[str]:
    """Each only where the unit has such a list: alone it would become one, and forbid all else."""
    filters = unit.all("SystemCallFilter")
    if filters and (not filters[0].startswith("~") or any(map(_HOLDING_THEM.search, filters))):
        yield f"SystemCallFilter={_CALLS}"
    if unit.all("NoExecPaths"):
        yield f"ExecPaths={_PYTHON}"


def _outside(unit: Unit) -> Iterator[str]:
    others = [f"{key}=" for key in _OUTSIDE if unit.all(key)]
    if others:
        yield f"Outside of the sandbox: {', '.join(others)}"
    if unit.strange:
        yield f"{len(unit.strange)} line(s) of the unit were not understood."


def _notify(ruleset: Ruleset, unit: Unit) -> Iterator[str]:
    """From ABI 9 on the service manager's own socket takes a grant."""
    tells = unit.last("Type").startswith("notify") or unit.last("WatchdogSec")
    granted = Reach(ruleset.paths()).rights(_NOTIFY) & FsRight.RESOLVE_UNIX
    if tells and known_at(FsRight, ruleset.target_abi) & FsRight.RESOLVE_UNIX and not granted:
        yield f"Nothing grants resolve_unix on {_NOTIFY}: the service cannot say that it is ready."


def _suggestions(ruleset: Ruleset, unit: Unit) -> Iterator[str]:
    """Directories of the service's own that systemd could make, as comments: it would change their owner."""
    found = []
    for key, base in _DIRECTORIES:
        declared = [name.partition(":")[0] for value in unit.all(key) for name in value.split()]
        for path, rights in ruleset.paths().items():
            name = path.removeprefix(base)
            if (
                rights & _MAKES
                and path.startswith(base)
                and name not in declared
                and _OWN_NAME.fullmatch(name)
            ):
                found.append(f"#{key}={name}")
    if found:
        yield "# Suggested: systemd makes these before the launcher needs them, and gives them to User=."
        yield from found
