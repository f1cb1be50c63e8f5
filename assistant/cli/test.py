"""``landscribe test``: the two-sided test. The scenarios work inside, and what lies outside is denied."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.inputs import IgnoreMissing, Json, Junit, RulesetFile
from assistant.errors import UsageError


if TYPE_CHECKING:
    from assistant.domain.scenario import Scenarios
    from assistant.proving.trial import Setting

_SECONDS = 60.0


def two_sided(
    ruleset: RulesetFile,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="[-- CMD...]", help="The command, behind --.")
    ] = None,
    scenarios: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", readable=False, help="Instead of a command: a scenarios file (docs/scenarios.md)."
        ),
    ] = None,
    check: Annotated[
        str,
        typer.Option(
            metavar="'CMD'",
            help="For a command that does not end: run by sh outside the sandbox until it succeeds.",
        ),
    ] = "",
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.001, help="How long the command may take.")
    ] = _SECONDS,
    user: Annotated[str, typer.Option(help="Run the command and the probes as this user (as root).")] = "",
    room: Annotated[
        bool, typer.Option("--room", help="Run each in mounts, processes and network of its own (as root).")
    ] = False,
    no_audit: Annotated[
        bool, typer.Option("--no-audit", help="Leave the kernel's audit alone: explain failures by strace.")
    ] = False,
    denials: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the kernel's records of denials, for draft and verify."),
    ] = None,
    learn: Annotated[
        bool,
        typer.Option("--learn", help="Grant what is denied until the scenarios work; -o is the ruleset."),
    ] = False,
    prove_minimal: Annotated[
        bool,
        typer.Option("--prove-minimal", help="Drop each right and see whether the scenarios notice."),
    ] = False,
    jobs: Annotated[
        int, typer.Option(min=0, help="With --prove-minimal and --room: runs at once; 0: one for each CPU.")
    ] = 0,
    budget: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, help="With --prove-minimal: begin nothing after that."),
    ] = None,
    ignore_missing: IgnoreMissing = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the result as JSON, for notes."),
    ] = None,
    junit: Junit = None,
    as_json: Json = False,
) -> int:
    """Test a ruleset in the kernel, from both sides.

    Scenarios run inside the sandbox and outside, and what the ruleset does not grant is tried from inside. A
    command must end by itself with exit code 0; with --check it is stopped by SIGTERM once that succeeds.
    """
    from assistant.cli import console
    from assistant.cli.inputs import spare, the_host
    from assistant.enforce.interrupting import interruptible
    from assistant.enforce.room import Room
    from assistant.proving.minimal import Effort
    from assistant.proving.trial import Setting
    from assistant.render.plain import printable

    single = _Single(command, check, timeout, user)
    setting = Setting(
        _scenarios(scenarios, single),
        the_host(foreign=False),
        ignore_missing=ignore_missing,
        room=Room() if room else None,
        audit=not no_audit,
        tell=lambda line: console.say(printable(line)),
    )
    if not prove_minimal and (jobs or budget is not None):
        raise UsageError("--jobs and --budget are for --prove-minimal", hint="add --prove-minimal")
    if junit and (learn or prove_minimal):
        raise UsageError("--junit is for the two-sided test", hint="test with it before or afterwards")
    if learn and (prove_minimal or denials):
        raise UsageError("--learn goes alone: it keeps its own records", hint="learn first, then test")
    for written in (denials, junit, None if learn else output):
        spare(written, ruleset, scenarios)
    spare(output, scenarios)
    with interruptible():
        if learn:
            from assistant.cli.learn import learn_from_denials

            return learn_from_denials(ruleset, setting, output, as_json=as_json)
        if prove_minimal:
            from assistant.cli.minimal import prove

            at_once = (jobs or os.cpu_count() or 1) if room else max(jobs, 1)
            return prove(ruleset, setting, Effort(at_once, budget), output, as_json=as_json)
        return _test(ruleset, setting, Files(denials, output, junit), as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Single:
    """What stands on the command line when there is no scenarios file."""

    command: list[str] | None
    check: str
    timeout: float
    user: str


def _scenarios(path: Path | None, single: _Single) -> "Scenarios":
    from assistant.cli import console
    from assistant.domain.scenario import load
    from assistant.domain.scenario import single as document_of

    if path is None:
        if not single.command:
            hint = "landscribe test RULESET -- CMD..., or --scenarios FILE"
            raise UsageError("there is nothing to run", hint=hint)
        return document_of(single.command, timeout=single.timeout, check=single.check, user=single.user)
    if single.command or single.check or single.timeout != _SECONDS:
        raise UsageError(
            "a scenarios file and a command at once",
            hint="the file says what is run, how long, and its checks",
        )
    document = load(console.read_file(path, "the scenarios file"), source=f"{str(path)!a}")
    return document.model_copy(update={"user": single.user}) if single.user else document


@dataclass(frozen=True, slots=True)
class Files:
    """What a test writes beside its result."""

    denials: Path | None
    output: Path | None
    junit: Path | None


def _test(ruleset: Path, setting: "Setting", files: Files, *, as_json: bool) -> int:
    from assistant.cli import console
    from assistant.cli.inputs import load_ruleset
    from assistant.cli.trials import as_data, as_text, escaped
    from assistant.domain.report import Report
    from assistant.proving.trial import trial
    from assistant.reading.naming import stem_of
    from assistant.render.junit import junit, trial_cases
    from assistant.render.report import report_data, report_text

    document, denials = load_ruleset(ruleset), files.denials
    result = trial(document, setting, keep=stem_of(denials) if denials else "")
    report = Report.of(result.findings)
    data = {**escaped(as_data(document, setting.document, result)), "report": report_data(report)}
    if denials is not None and result.records.text():
        console.write_file(denials, result.records.text())
    elif denials is not None:
        console.say(f"{str(denials)!a} was not written: no denial was recorded")
    if files.output is not None:
        console.write_file(files.output, json.dumps(data, indent=2) + "\n")
    if files.junit is not None:
        console.write_file(files.junit, junit(f"landscribe test {data['service']}", trial_cases(data)))
    if as_json:
        console.result_json(data)
    else:
        console.result(as_text(result))
    console.say(report_text(report))
    return int(report.exit)
