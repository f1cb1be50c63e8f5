"""The result of a two-sided test, as text for a terminal and as plain values for JSON."""

import shlex
from collections import Counter
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from assistant.domain.denial import Denial
    from assistant.domain.ruleset import Ruleset
    from assistant.domain.scenario import Scenarios
    from assistant.enforce.supervise import Run
    from assistant.enforce.trial import ProbeResult
    from assistant.proving.trial import Tested, TrialResult

_DENIALS = 12


def as_text(result: "TrialResult") -> str:
    """Every scenario and every probe in a line, and the verdict in the last."""
    from assistant.render.plain import printable

    rows: list[str] = []
    for tested in result.scenarios:
        rows += _scenario(tested)
    for item in result.probes:
        answer = item.inside or "not tried"
        note = f" ({printable(item.reason)})" if item.reason else ""
        layer = f" by {item.layer}" if item.layer else ""
        subject = printable(item.probe.subject, limit=80)
        rows.append(f"{item.verdict:12} {item.probe.action:9} {subject}: {answer}{layer}{note}")
    rows.append(_verdict(result))
    return "\n".join(rows)


def _scenario(tested: "Tested") -> list[str]:
    from assistant.render.plain import printable

    work = tested.work
    steps = f", {len(work.inside.steps)} steps" if work.inside.steps else ""
    rows = [f"{printable(tested.name, limit=60)}: {work.verdict} ({work.inside.seconds:.1f} s{steps})"]
    if work.inside.left_behind:
        rows.append(f"  {work.inside.left_behind} process(es) were left running and were ended")
    for denial in tested.denied[:_DENIALS]:
        missing = denial.missing or "the sandbox forbids it"
        subject, asked = printable(denial.subject, limit=80), printable(denial.asked, limit=60)
        rows.append(f"  denied: {missing} on {subject} ({asked})")
    if len(tested.denied) > _DENIALS:
        rows.append(f"  and {len(tested.denied) - _DENIALS} other object(s)")
    return rows


def _verdict(result: "TrialResult") -> str:
    verdicts = [tested.work.verdict for tested in result.scenarios]
    several = f"{verdicts.count('works')} of {len(verdicts)} scenarios work"
    worked = several if len(verdicts) > 1 else f"command {verdicts[0]}"
    counted = Counter(item.verdict for item in result.probes)
    passed = result.works and not counted["allowed"] and counted["denied"]
    said = ", ".join(f"{counted[verdict]} {verdict}" for verdict in ("denied", "allowed", "inconclusive"))
    return f"two-sided test {'passed' if passed else 'FAILED'}: {worked}; probes: {said}"


def as_data(ruleset: "Ruleset", scenarios: "Scenarios", result: "TrialResult") -> dict[str, Any]:
    """The result document, without its report. Names in it are raw."""
    verdicts = [tested.work.verdict for tested in result.scenarios]
    worst = next((verdict for verdict in ("fails", "broken") if verdict in verdicts), "works")
    return {
        "schema_version": 1,
        "service": ruleset.service,
        "digest": ruleset.digest(),
        "command": list(scenarios.command),
        "user": scenarios.user,
        "kernel": result.support.kernel,
        "abi": result.support.abi,
        "work": {
            "verdict": worst,
            "left_behind": sum(tested.work.inside.left_behind for tested in result.scenarios),
        },
        "scenarios": [_scenario_data(tested) for tested in result.scenarios],
        "probes": [_probe_data(item) for item in result.probes],
    }


def _scenario_data(tested: "Tested") -> dict[str, Any]:
    return {
        "name": tested.name,
        "verdict": tested.work.verdict,
        "inside": _run_data(tested.work.inside),
        "control": _run_data(tested.work.control),
        "denials_seen_by": tested.source,
        "denied": [_denial_data(denial) for denial in tested.denied],
    }


def _run_data(run: "Run") -> dict[str, Any]:
    return {
        "command": shlex.join(run.life.command),
        "ok": run.ok,
        "code": run.code,
        "timed_out": run.timed_out,
        "seconds": run.seconds,
        "left_behind": run.left_behind,
        "steps": [{"name": step.name, "failed": step.why} for step in run.steps],
        "not_started": ": ".join(word for word in run.error if word),
    }


def _denial_data(denial: "Denial") -> dict[str, Any]:
    return {
        "object": denial.subject,
        "missing": denial.missing,
        "asked": denial.asked,
        "count": denial.count,
        "cure": denial.cure,
    }


def _probe_data(item: "ProbeResult") -> dict[str, Any]:
    return {
        "action": item.probe.action,
        "subject": item.probe.subject,
        "why": item.probe.why,
        "expected": "denied",
        "control": item.control,
        "inside": item.inside,
        "verdict": item.verdict,
        "layer": item.layer,
        "reason": item.reason,
    }


def escaped(data: Any) -> Any:
    """The same values with every string made safe to print."""
    from assistant.render.plain import printable

    if isinstance(data, str):
        return printable(data)
    if isinstance(data, dict):
        return {key: escaped(value) for key, value in data.items()}
    return [escaped(value) for value in data] if isinstance(data, list) else data
