"""The code paths that a unit declares: start, restart, reload, stop, and the commands around them."""

import posixpath
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise

from assistant.domain.codepath import CodePath, Exercised
from assistant.domain.unit import Command, Unit, commands, unquoted
from assistant.review.codepaths.recording import Recorder
from assistant.review.codepaths.witness import Answer, Witness


_AROUND = (
    ("ExecCondition", "condition", "asks whether it may start"),
    ("ExecStartPre", "pre", "prepares its start"),
    ("ExecStartPost", "post", "follows its start"),
    ("ExecStopPost", "after", "cleans up behind it"),
)
_KILL = re.compile(r"^-(?:s|-signal)?=?(?:SIG)?([A-Z][A-Z0-9+]*|[0-9]+)$")
_NUMBERS = {"1": "HUP", "2": "INT", "3": "QUIT", "10": "USR1", "12": "USR2", "15": "TERM"}
_STOPS, _RELOADS = "SIGTERM", "SIGHUP"
_ENDING = ("SIGTERM", "SIGQUIT", "SIGINT")
_NAMED = re.compile(r"\b(?:SIG)?(TERM|QUIT|INT|HUP|USR1|USR2|WINCH)\b")
_RELOAD, _STOP = "reloads its configuration", "stops when it is told to"


def of_unit(unit: Unit, witness: Witness, recorder: Recorder) -> Iterator[CodePath]:
    """In the order of its life."""
    for key, name, deed in _AROUND[:2]:
        yield from _around(unit, key, name, deed, witness, recorder)
    if recorder.program:
        yield _start(witness, recorder)
        yield _restart(witness, recorder)
    for key, name, deed in _AROUND[2:3]:
        yield from _around(unit, key, name, deed, witness, recorder)
    yield from _reload(unit, witness, recorder)
    yield _stop(unit, witness, recorder)
    for key, name, deed in _AROUND[3:]:
        yield from _around(unit, key, name, deed, witness, recorder)


def _start(witness: Witness, recorder: Recorder) -> CodePath:
    answer = witness.started(recorder.program)
    return CodePath("start", "starts", "ExecStart=", *answer, recorder.service("start", "--timeout", "30"))


def _restart(witness: Witness, recorder: Recorder) -> CodePath:
    answer = witness.started(recorder.program, times=2)
    title = "starts again, with what it left behind"
    return CodePath("restart", title, "ExecStart=", *answer, recorder.service("restart", "--timeout", "30"))


def _around(
    unit: Unit, key: str, name: str, deed: str, witness: Witness, recorder: Recorder
) -> Iterator[CodePath]:
    for number, command in enumerate(_commands(unit, key), 1):
        words, run = unquoted(command.words), f"{name}-{number}"
        record = recorder.command(run, words, as_root=command.privileged)
        answer = _of_program(words[0], witness, recorder)
        yield CodePath(run, f"{deed}: {' '.join(words)}", f"{key}=", *answer, record)


def _of_program(program: str, witness: Witness, recorder: Recorder) -> Answer:
    """Whether a command around the service ran; its arguments are in no trace."""
    if posixpath.basename(program) != posixpath.basename(recorder.program):
        return witness.executed(program)
    answer = witness.executed(program)
    if answer[0] is not Exercised.YES:
        return answer
    why = "it is the service's own program, and traces hold no arguments to tell one run from another"
    return Exercised.UNKNOWN, why, answer[2]


def _reload(unit: Unit, witness: Witness, recorder: Recorder) -> Iterator[CodePath]:
    found = [unquoted(command.words) for command in _commands(unit, "ExecReload")]
    if not found and unit.last("Type") == "notify-reload":
        signal = _signal(unit.last("ReloadSignal")) or _RELOADS
        record = recorder.service("reload", "--timeout", "60")
        answer = witness.received(signal)
        yield CodePath("reload", _RELOAD, "Type=notify-reload", *answer, record, recorder.signal(signal))
    for number, words in enumerate(found, 1):
        name = "reload" if number == 1 else f"reload-{number}"
        record = recorder.service(name, "--timeout", "60")
        if signal := signal_of(words):
            answer, doing = witness.received(signal), recorder.signal(signal)
        else:
            answer, doing = _reloaded_by(words[0], witness), _spelled(words)
        yield CodePath(name, _RELOAD, "ExecReload=", *answer, record, doing)


def _reloaded_by(program: str, witness: Witness) -> Answer:
    """Most programs that reload a service send it SIGHUP; whether this one does is not known."""
    came = witness.received(_RELOADS)
    if came[0] is Exercised.YES or witness.inventory is None:
        return came
    why = f"what {program} does to the service is not known, and no reload signal ({_RELOADS}) was seen"
    return Exercised.UNKNOWN, why, ()


def _stop(unit: Unit, witness: Witness, recorder: Recorder) -> CodePath:
    found = [unquoted(command.words) for command in _commands(unit, "ExecStop")]
    record = recorder.service("stop", "--timeout", "30")
    if not found:
        signal = _signal(unit.last("KillSignal")) or _STOPS
        doing = "" if signal == _STOPS else recorder.signal(signal)
        answer = witness.received(signal)
        return CodePath("stop", _STOP, f"KillSignal={signal}", *answer, record, doing)
    words = found[0]
    signal = signal_of(words) or _named_signal(words)
    answer = witness.received(signal) if signal else witness.received(*_ENDING)
    if not signal and answer[0] is Exercised.YES:
        why = f"{answer[1]}; whether {words[0]} does more than that is not known"
        answer = (Exercised.UNKNOWN, why, answer[2])
    return CodePath("stop", _STOP, "ExecStop=", *answer, record, _spelled(words))


def _named_signal(words: list[str]) -> str:
    """A signal that the arguments of another program name: --retry QUIT/5."""
    found = next((match for word in words[1:] if (match := _NAMED.search(word))), None)
    return f"SIG{found[1]}" if found else ""


def _spelled(words: list[str]) -> str:
    """A command of a unit for a shell; $MAINPID is left to be filled in."""
    return shlex.join(words).replace("'$MAINPID'", "MAINPID")


def signal_of(words: list[str]) -> str:
    """The signal that a kill command sends ("SIGHUP"); empty when it is none, or names no signal."""
    if posixpath.basename(words[0]) not in ("kill", "pkill", "killall"):
        return ""
    for word, following in pairwise([*words[1:], ""]):
        if word in ("-s", "--signal"):
            return _signal(following)
        if found := _KILL.match(word):
            return _signal(found[1])
    return _STOPS


def _signal(name: str) -> str:
    """A signal's name with its first letters; empty for none."""
    plain = _NUMBERS.get(name, name.removeprefix("SIG"))
    return f"SIG{plain}" if plain and not plain.isdigit() else ""


def _commands(unit: Unit, key: str) -> list[Command]:
    return [command for value in unit.all(key) for command in commands(value)]
