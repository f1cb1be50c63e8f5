"""logrotate's configuration: which logs it moves, and how the service is told. Source: logrotate(8)."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.domain.codepath import CodePath, Exercised, PackageFile
from assistant.review.codepaths.recording import Recorder
from assistant.review.codepaths.unit import signal_of
from assistant.review.codepaths.witness import NO_TRACE, Answer, Witness


_SCRIPTS = ("postrotate", "prerotate", "firstaction", "lastaction", "preremove")
_USUAL = ("SIGUSR1", "SIGUSR2")
"""Signals by which services are mostly told to open their logs anew, but for SIGHUP, which also reloads."""

_KILL = re.compile(r"(?:^|[\s;&|(/])((?:p?kill|killall)\s+[^;&|\n]*)")
_RELOADS = re.compile(r"\b(?:reload|force-reload|reload-or-restart|try-reload-or-restart)\b")
_RESTARTS = re.compile(r"\b(?:restart|try-restart|condrestart)\b")


@dataclass(frozen=True, slots=True)
class Rotation:
    """One entry: the logs as patterns, and what happens to them.

    Attributes:
        logs: Patterns as a shell expands them.
        copies: The log is copied and cut short, so that the service notices nothing.
        told: The script that runs behind the move; empty when there is none.
    """

    logs: tuple[str, ...]
    copies: bool
    told: str


def rotations(text: str) -> Iterator[Rotation]:
    """The entries of one file. What is outside of any braces are defaults, and names no log."""
    names: list[str] = []
    lines = iter(text.splitlines())
    for line in lines:
        bare = line.strip()
        if bare.startswith("#"):
            continue
        head, opened, rest = bare.partition("{")
        names += [word.strip("\"'") for word in head.split() if word.strip("\"'").startswith("/")]
        if opened:
            yield _entry(tuple(names), [rest, *_body(lines, rest)])
            names = []


def _body(lines: Iterator[str], rest: str) -> Iterator[str]:
    """The lines up to the brace that closes; one in a script does not."""
    inside = False
    if "}" in rest:
        return
    for line in lines:
        word = line.split(None, 1)[0] if line.strip() else ""
        inside = (inside or word in _SCRIPTS) and word != "endscript"
        if not inside and line.strip().startswith("}"):
            return
        yield line


def _entry(names: tuple[str, ...], body: list[str]) -> Rotation:
    told: list[str] = []
    script = ""
    copies = False
    for line in body:
        word = line.split(None, 1)[0] if line.strip() else ""
        if word in _SCRIPTS:
            script = word
        elif word == "endscript":
            script = ""
        elif script in ("postrotate", "lastaction"):
            told.append(line.strip())
        elif not script:
            copies = copies or word in ("copytruncate", "copy")
    return Rotation(names, copies, "\n".join(told))


def of_logrotate(file: PackageFile, witness: Witness, recorder: Recorder) -> Iterator[CodePath]:
    """One code path for each entry of a file."""
    found = [entry for entry in rotations(file.text or "") if entry.logs]
    for number, entry in enumerate(found, 1):
        name = f"rotate-{file.path.rpartition('/')[2]}" + (f"-{number}" if len(found) > 1 else "")
        yield CodePath(
            name,
            f"goes on when {', '.join(entry.logs)} is rotated",
            file.path,
            *_rotated(entry, witness),
            recorder.service(name, "--timeout", "60"),
            shlex.join(["logrotate", "-f", file.path]),
        )


def _rotated(entry: Rotation, witness: Witness) -> Answer:
    if entry.copies:
        return Exercised.YES, "nothing to record: the log is copied, and the service goes on writing", ()
    if witness.inventory is None:
        return NO_TRACE
    if moved := witness.moved(entry.logs):
        return Exercised.YES, f"{moved} was renamed in the traces", ()
    if not entry.told:
        why = "nothing tells the service, and whether it opened a moved log anew, no trace says"
        return Exercised.UNKNOWN, why, ()
    if _RESTARTS.search(entry.told):
        return Exercised.UNKNOWN, "it is restarted behind the move, which looks as any start does", ()
    return _reopened(entry, witness)


def _reopened(entry: Rotation, witness: Witness) -> Answer:
    """The signal came that the script sends, and behind it a log was opened once more."""
    named = _signals(entry.told)
    came, why, lines = witness.received(*(named or _USUAL))
    if came is Exercised.NO and not named and witness.received("SIGHUP")[0] is Exercised.YES:
        return Exercised.UNKNOWN, "SIGHUP came, and what the script sends is not known", lines
    if came is not Exercised.YES:
        return came, why, lines
    again = [one for one in witness.written(entry.logs) if any(count > 1 for _, count in one.runs)]
    if not again:
        return Exercised.UNKNOWN, f"{why}, and no log was seen to be opened again", lines
    return came, f"{why}, and {again[0].path} was opened again", (*lines, *again[0].evidence[:2])


def _signals(told: str) -> tuple[str, ...]:
    """The signals that a script names; empty when it goes through something else."""
    named = [signal for found in _KILL.findall(told) if (signal := signal_of(found.split()))]
    named = [signal for signal in named if signal != "SIGTERM"]
    return tuple(dict.fromkeys(named)) or (("SIGHUP",) if _RELOADS.search(told) else ())
