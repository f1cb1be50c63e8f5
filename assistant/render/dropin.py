"""A systemd drop-in that records a unit with strace, and its undo. Changes as little of the unit as it can.

strace runs detached (-D), so the service keeps the process id that systemd gave it: Type=, PIDFile=,
$MAINPID, notifications, the watchdog and passed sockets work as before. It ignores SIGTERM, and ends when the
service has.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.domain.unit import Command, Unit, commands, seconds
from assistant.errors import InputError


_DEFAULT = "90s"
"""systemd's own, where system.conf says nothing else."""

_DEBUGGING = "@debug process_vm_readv seccomp"
"""What strace needs of the system calls; process_vm_readv and seccomp are in no group of that kind."""

_IGNORED = frozenset(
    {"", "SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGPIPE", "SIGWINCH", "SIGCONT", "SIGCHLD"}
)
_OTHER_ROOT = ("RootDirectory", "RootImage")
_NOT_RECORDED = ("ExecCondition", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost")
_LABELS = ("AppArmorProfile", "SELinuxContext", "SmackProcessLabel")
_FOLDER = "landscribe/%n"


@dataclass(frozen=True, slots=True)
class Dropin:
    """What to put where.

    Attributes:
        path: Where the drop-in goes: in /run, so a reboot undoes it.
        text: The file.
        traces: The directory in which the traces will be.
        install: Shell commands that start recording, behind writing ``text`` to ``path``.
        undo: Shell commands that end it.
        remarks: What a person should know, one sentence each; they stand in ``text`` as well.
    """

    path: str
    text: str
    traces: str
    install: tuple[str, ...]
    undo: tuple[str, ...]
    remarks: tuple[str, ...]


def dropin(unit: Unit, strace: str, flags: Sequence[str]) -> Dropin:
    """Render the drop-in of one unit.

    Args:
        unit: With all its drop-ins.
        strace: Absolute path of strace on the machine of the unit.
        flags: strace's flags, without output and command.

    Raises:
        InputError: it cannot be recorded by a drop-in; says why.
    """
    _check(unit)
    private = not unit.says("PermissionsStartOnly")
    folder = f"/run/{_FOLDER}" + ("/traces" if private else "")
    lines, remarks = _start(unit, strace, flags, folder)
    lines += [*_directory(folder, private=private), *_allowances(unit, strace), *_patience(unit, remarks)]
    remarks += _warnings(unit, private=private)
    path = _path(unit)
    again = ("systemctl daemon-reload", f"systemctl restart '{unit.name}'")
    undo = (f"rm '{path}'", *again)
    head = [
        f"Records {unit.name} with strace. Written by landscribe, for:",
        f"  {path}",
        "Undo:",
        *(f"  {command}" for command in undo),
        *remarks,
    ]
    text = "\n".join([*(f"# {line}" for line in head), "[Service]", *lines]) + "\n"
    traces = folder.replace("%n", unit.name)
    return Dropin(path, text, traces, again, undo, tuple(remarks))


def _path(unit: Unit) -> str:
    return f"/run/systemd/system/{unit.name}.d/zz-landscribe-record.conf"


def _check(unit: Unit) -> None:
    for key in _OTHER_ROOT:
        if unit.last(key):
            raise InputError(
                f"{unit.name} runs in a root of its own ({key}=), where there is no strace",
                hint="record the command itself on the host: landscribe record -- CMD...",
            )
    if any(f"{_FOLDER}/" in value for value in unit.all("ExecStart")):
        raise InputError(
            f"{unit.name} has this drop-in already: it is being recorded",
            hint=f"rm '{_path(unit)}' first, and systemctl daemon-reload",
        )
    if not unit.all("ExecStart"):
        raise InputError(f"{unit.name} starts nothing: it has no ExecStart=", hint="check the unit's name")
    if any(ord(char) < ord(" ") and char != "\t" for value in unit.all("ExecStart") for char in value):
        raise InputError(f"ExecStart= of {unit.name} holds a control character", hint="read the unit's file")


def _start(unit: Unit, strace: str, flags: Sequence[str], folder: str) -> tuple[list[str], list[str]]:
    """The ExecStart lines, wrapped, and what to say about them."""
    lines, remarks, number = ["ExecStart="], [], 0
    for command in [command for value in unit.all("ExecStart") for command in commands(value)]:
        if command.privileged:
            lines.append(f"ExecStart={command.prefixes}{' '.join(command.words)}")
            remarks.append(f"Not recorded, for it runs with full privileges: {command.words[0]}")
            continue
        number += 1
        name = "${INVOCATION_ID}" + (f"-{number}" if number > 1 else "")
        # A percent sign begins a specifier: strace's own are doubled, the folder's is one.
        own = " ".join([strace, "-D", *flags]).replace("%", "%%")
        ours = f"{own} -o {folder}/{name}.trace --"
        kept = "".join(char for char in command.prefixes if char in "-!")
        lines.append(f"ExecStart={kept}{ours} {' '.join(_behind_strace(command))}")
        if "@" in command.prefixes:
            remarks.append(f"Its own name (@) is lost while it is recorded: {command.words[0]}")
    if not number:
        raise InputError(
            f"every command of {unit.name} runs with full privileges (+, !)",
            hint="nothing of it would be sandboxed either; record the command by hand",
        )
    return lines, remarks


def _behind_strace(command: Command) -> list[str]:
    """The words of a command that strace starts; ":" becomes escapes: our own words have a variable."""
    words = [command.words[0], *command.words[2 if "@" in command.prefixes else 1 :]]
    return [word.replace("$", "$$") for word in words] if ":" in command.prefixes else words


def _directory(folder: str, *, private: bool) -> Iterator[str]:
    yield f"RuntimeDirectory={_FOLDER}"
    yield "RuntimeDirectoryPreserve=yes"
    if private:
        yield f"ExecStartPre=/bin/mkdir -p -m 0700 {folder}"


def _allowances(unit: Unit, strace: str) -> Iterator[str]:
    """Each only where the unit has such a list: alone it would become one, and forbid all else."""
    if unit.all("SystemCallFilter"):
        yield f"SystemCallFilter={_DEBUGGING}"
    if unit.all("CapabilityBoundingSet") and not unit.last("User") and not unit.says("DynamicUser"):
        yield "CapabilityBoundingSet=CAP_SYS_PTRACE"
    if unit.all("NoExecPaths"):
        yield f"ExecPaths={strace} /bin/mkdir"


def _patience(unit: Unit, remarks: list[str]) -> Iterator[str]:
    """Twice the time, because a traced service is slower; and a stop that lets strace finish."""
    start = "" if unit.last("Type") == "oneshot" else _DEFAULT
    for key, default in (("TimeoutStartSec", start), ("TimeoutStopSec", _DEFAULT), ("WatchdogSec", "")):
        own = unit.last(key) or (unit.last("TimeoutSec") if key != "WatchdogSec" else "") or default
        span = seconds(own)
        if span:
            yield f"{key}={2 * span:g}"
        elif own and own != "infinity" and span is None:
            remarks.append(f"{key}={own} was not understood and stays as it is")
    if unit.last("KillMode") not in ("", "control-group"):
        yield "KillMode=control-group"
        remarks.append(
            f"KillMode={unit.last('KillMode')} would cut the trace off: all processes get the signal."
        )


def _warnings(unit: Unit, *, private: bool) -> list[str]:
    others = [f"{key}=" for key in _NOT_RECORDED if unit.all(key)]
    labels = [f"{key}=" for key in _LABELS if unit.last(key)]
    guesses = unit.last("Type") == "forking" and not unit.last("PIDFile")
    cases = (
        (bool(others), f"Not recorded, and later outside the sandbox as well: {', '.join(others)}"),
        (True, "Set-user-ID programs run without their rights, as they do in a sandbox."),
        (
            guesses,
            "Without PIDFile= systemd cannot tell the main process from strace: $MAINPID stays empty.",
        ),
        (
            unit.last("KillSignal") not in _IGNORED,
            f"KillSignal={unit.last('KillSignal')} also ends strace: the last lines may be missing.",
        ),
        (bool(labels), f"{', '.join(labels)} may forbid ptrace: the profile must allow it."),
        (
            bool(unit.all("RuntimeDirectory")),
            "The unit's own RuntimeDirectory= is kept as well when it stops.",
        ),
        (not private, "With PermissionsStartOnly= other users may read the traces while they are in /run."),
        (bool(unit.strange), f"{len(unit.strange)} line(s) of the unit were not understood."),
    )
    return [text for holds, text in cases if holds]
