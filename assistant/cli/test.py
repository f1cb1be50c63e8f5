"""``landscribe test``: the two-sided test. The command works inside, and what lies outside is denied."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.inputs import Command, IgnoreMissing, Json, RulesetFile


if TYPE_CHECKING:
    from assistant.domain.report import Report
    from assistant.domain.ruleset import Ruleset
    from assistant.enforce.trial import TrialResult


def two_sided(
    ruleset: RulesetFile,
    command: Command,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="How long the command may take.")] = 60.0,
    check: Annotated[
        str,
        typer.Option(
            metavar="'CMD'",
            help="For a service that does not end: run by sh outside the sandbox until it succeeds.",
        ),
    ] = "",
    ignore_missing: IgnoreMissing = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the result as JSON too, for notes --test."
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """Test a ruleset in the kernel, from both sides.

    The command runs inside the sandbox, and what the ruleset does not grant is tried from inside. The command
    must end by itself with exit code 0; with --check it is stopped by SIGTERM once the check has succeeded.
    """
    from assistant.cli import console
    from assistant.cli.inputs import load_ruleset, the_host
    from assistant.domain.report import Report
    from assistant.enforce.trial import trial
    from assistant.render.report import report_text

    document = load_ruleset(ruleset)
    result = trial(
        document,
        command,
        the_host(foreign=False),
        timeout=timeout,
        check=["/bin/sh", "-c", check] if check else None,
        ignore_missing=ignore_missing,
    )
    report = Report.of(result.findings)
    data = _as_data(document, command, result, report)
    if output is not None:
        console.write_file(output, json.dumps(data, indent=2) + "\n")
    if as_json:
        console.result_json(data)
    else:
        console.result(_as_text(result))
    console.say(report_text(report))
    return int(report.exit)


def _as_text(result: "TrialResult") -> str:
    from assistant.render.plain import printable

    rows = [f"command: {result.work.verdict}"]
    if result.work.inside.left_behind:
        rows.append(f"  {result.work.inside.left_behind} process(es) were left running and were ended")
    for item in result.probes:
        errno = item.inside or "not tried"
        note = f" ({printable(item.reason)})" if item.reason else ""
        subject = printable(item.probe.subject, limit=80)
        rows.append(f"{item.verdict:12} {item.probe.action:9} {subject}: {errno}{note}")
    counted = [f"{_count(result, verdict)} {verdict}" for verdict in ("denied", "allowed", "inconclusive")]
    passed = "passed" if result.work.verdict == "works" and not _count(result, "allowed") else "FAILED"
    if not _count(result, "denied"):
        passed = "FAILED"
    rows.append(f"two-sided test {passed}: command {result.work.verdict}; probes: {', '.join(counted)}")
    return "\n".join(rows)


def _count(result: "TrialResult", verdict: str) -> int:
    return sum(1 for item in result.probes if item.verdict == verdict)


def _as_data(
    ruleset: "Ruleset", command: list[str], result: "TrialResult", report: "Report"
) -> dict[str, Any]:
    from assistant.enforce.support import probe
    from assistant.render.plain import printable
    from assistant.render.report import report_data

    support = probe()
    return {
        "schema_version": 1,
        "service": ruleset.service,
        "digest": ruleset.digest(),
        "command": [printable(word) for word in command],
        "kernel": support.kernel,
        "abi": support.abi,
        "work": {"verdict": result.work.verdict, "left_behind": result.work.inside.left_behind},
        "probes": [
            {
                "action": item.probe.action,
                "subject": printable(item.probe.subject),
                "why": printable(item.probe.why),
                "control": item.control,
                "inside": item.inside,
                "verdict": item.verdict,
                "reason": printable(item.reason),
            }
            for item in result.probes
        ],
        "report": report_data(report),
    }
