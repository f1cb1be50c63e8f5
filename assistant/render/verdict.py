"""The verdict on a ruleset in one line, and on its test in a few, as Markdown. Unknown is said as unknown."""

from collections import Counter

from assistant.domain.finding import Severity
from assistant.domain.report import Report
from assistant.domain.ruleset import Approval, Ruleset
from assistant.domain.trial import TrialSummary
from assistant.errors import Exit
from assistant.render.grants import NAME, SENTENCE
from assistant.render.markdown import bullets, code, prose


def verdict(ruleset: Ruleset, report: Report | None, trial: TrialSummary | None) -> str:
    """One line: service, size, findings, verification, test, approval, ABI. Unknown parts say so."""
    count = len(ruleset.path) + len(ruleset.port)
    size = (
        f"{code(ruleset.service, 100)}: {count} grants"
        if count
        else f"{code(ruleset.service, 100)}: no grants"
    )
    parts = [f"**{size}**", *_found(report), _tested(trial), _approved(ruleset, ruleset.approval)]
    return ", ".join(parts) + f", target ABI {ruleset.target_abi}."


def _found(report: Report | None) -> list[str]:
    if report is None:
        return ["findings unknown", "**not verified**"]
    counted = Counter(finding.severity for finding in report.findings)
    verified = {
        Exit.OK: "verified: nothing to review",
        Exit.FINDINGS: "verified: findings to review",
        Exit.DRIFT: "verified: **drift**",
        Exit.BLOCKING: f"verified: **{counted[Severity.BLOCKING]} blocking**",
    }
    return [f"{counted[Severity.HIGH]} high", verified[report.exit]]


def _tested(trial: TrialSummary | None) -> str:
    if trial is None:
        return "**not tested**"
    if trial.allowed:
        return f"test: **{trial.allowed} accesses outside the grants succeeded**"
    probes = f"{trial.denied} probes denied, {trial.inconclusive} inconclusive"
    works = {True: "works", False: "**does not work**", None: "**unknown whether it works**"}[trial.worked]
    return f"test: {works}, {probes}"


def _approved(ruleset: Ruleset, approval: Approval | None) -> str:
    if approval is None:
        return "not approved"
    if approval.digest != ruleset.digest():
        return "**approval is stale**"
    return f"approved by {prose(approval.who, 80)} on {prose(approval.when, 40)}"


def trial_text(trial: TrialSummary | None) -> str:
    """What the test in the kernel showed, as a list."""
    if trial is None:
        return (
            "Not run. Whether the service works in this sandbox is unknown, "
            "and so is whether the kernel denies what is outside."
        )
    works = {
        True: "The command works inside the sandbox as it does outside.",
        False: "**The command does not work inside the sandbox.**",
        None: "Whether the command works inside the sandbox is unknown.",
    }[trial.worked]
    through = f"**{trial.allowed} succeeded**" if trial.allowed else "none succeeded"
    rows = [
        works,
        f"Command: {code(trial.command, NAME)}",
        f"Outside the grants: {trial.denied} denied, {through}, {trial.inconclusive} inconclusive",
        f"Kernel {prose(trial.kernel, 80) or 'unknown'}, Landlock ABI {trial.abi}",
    ]
    if not trial.denied:
        rows.append("**Nothing was denied, so nothing shows that the sandbox holds.**")
    return bullets([*rows, *(f"Skipped: {prose(reason, SENTENCE)}" for reason in trial.skipped)])
