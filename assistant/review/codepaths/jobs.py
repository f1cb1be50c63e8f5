"""Jobs that a package brings: cron's tables and scripts, timers, and what it does when it is upgraded."""

import posixpath
import re
import shlex
from collections.abc import Iterator, Sequence

from assistant.domain.codepath import CodePath, Exercised, PackageFile
from assistant.domain.unit import commands, parse, unquoted
from assistant.review.codepaths.recording import Recorder
from assistant.review.codepaths.witness import NO_TRACE, Answer, Witness


_TABLE = re.compile(r"^(?:@\w+|(?:\S+\s+){4}\S+)\s+(\S+)\s+(\S.*)$")
_SETTING = re.compile(r"^\w+\s*=")
_SCRIPTS = ("/etc/cron.hourly/", "/etc/cron.daily/", "/etc/cron.weekly/", "/etc/cron.monthly/")
_PATH = re.compile(r"(?<![\w.=-])/[\w./+-]+")
_OUTSIDE = "as a job of its own, outside the service's sandbox"
_RESTARTS = re.compile(r"\b(?:deb-systemd-invoke|invoke-rc\.d|systemctl|service)\b")


def of_cron(file: PackageFile, witness: Witness, recorder: Recorder) -> Iterator[CodePath]:
    """The lines of a table in /etc/cron.d, or one script."""
    base = posixpath.basename(file.path)
    if file.path.startswith(_SCRIPTS):
        often = file.path.split("/")[2].removeprefix("cron.")
        run = f"cron-{often}-{base}"
        record = recorder.command(run, [file.path], as_root=True)
        yield CodePath(run, f"runs {_OUTSIDE}", file.path, *_ran([file.path], witness), record)
        return
    run = f"cron-{base}"
    lines = [line.strip() for line in (file.text or "").splitlines()]
    found = [match for line in lines if not _SETTING.match(line) and (match := _TABLE.match(line))]
    for number, match in enumerate(found, 1):
        name = run + (f"-{number}" if len(found) > 1 else "")
        line = match[2].replace("\\%", "%")
        record = recorder.command(name, ["sh", "-c", line], "--user", match[1], as_root=True)
        answer = _ran(_PATH.findall(line), witness)
        yield CodePath(name, f"runs {_OUTSIDE}: {line}", file.path, *answer, record)


def _ran(programs: Sequence[str], witness: Witness) -> Answer:
    """Whether one of the programs of a command line ran."""
    answers = [witness.executed(program) for program in programs]
    if not answers:
        return (
            NO_TRACE
            if witness.inventory is None
            else (Exercised.UNKNOWN, "it names no program by its path", ())
        )
    order = (Exercised.YES, Exercised.UNKNOWN, Exercised.NO)
    return min(answers, key=lambda answer: order.index(answer[0]))


def of_timers(files: Sequence[PackageFile], witness: Witness, recorder: Recorder) -> Iterator[CodePath]:
    """The services that a package's timers start."""
    units = {posixpath.basename(file.path): file for file in files}
    for name, file in units.items():
        if name.endswith(".timer"):
            timer = parse(name, [file.text or ""])
            wanted = timer.last("Unit", "Timer") or f"{name.removesuffix('.timer')}.service"
            yield _of_timer(file, wanted, units.get(wanted), witness, recorder)


def _of_timer(
    file: PackageFile, wanted: str, served: PackageFile | None, witness: Witness, recorder: Recorder
) -> CodePath:
    run = f"timer-{posixpath.basename(file.path).removesuffix('.timer')}"
    text = served.text if served else None
    starts = parse(wanted, [text]).all("ExecStart") if text is not None else []
    words = [unquoted(command.words) for value in starts for command in commands(value)]
    if not words:
        why = f"what {wanted} starts is not among the package's files that could be read"
        return CodePath(run, f"runs {_OUTSIDE}: {wanted}", file.path, Exercised.UNKNOWN, why)
    record = recorder.command(run, words[0], as_root=True)
    title = f"runs {_OUTSIDE}: {' '.join(words[0])}"
    return CodePath(run, title, file.path, *_ran(words[0][:1], witness), record)


def of_scripts(
    package: str, scripts: Sequence[PackageFile], witness: Witness, recorder: Recorder
) -> Iterator[CodePath]:
    """An upgrade, for a package whose scripts stop or start services."""
    told = [file for file in scripts if file.text and _RESTARTS.search(file.text)]
    if not told:
        return
    why = "traces do not say what replaced the files under a running service"
    answer: Answer = NO_TRACE if witness.inventory is None else (Exercised.UNKNOWN, why, ())
    source = ", ".join(posixpath.basename(file.path) for file in told)
    record = recorder.service(f"upgrade-{package}", "--timeout", "300")
    doing = shlex.join(["apt-get", "install", "--reinstall", package])
    yield CodePath(f"upgrade-{package}", f"is upgraded with {package}", source, *answer, record, doing)
