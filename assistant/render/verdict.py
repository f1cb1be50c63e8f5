"""The verdict on a ruleset in one line, and on its test in a few. Unknown is said as unknown."""

from collections import Counter

from assistant.domain.difference import Difference
from assistant.domain.finding import Severity
from assistant.domain.report import Report
from assistant.domain.review import Review
from assistant.domain.ruleset import Ruleset
from assistant.domain.trial import TrialSummary
from assistant.errors import Exit
from assistant.render.grants import NAME, SENTENCE
from assistant.render.manuscript import Block, Line, Name, Paragraph, Prose, bullets, joined, line


def verdict(review: Review) -> Line:
    """One line: service, size, findings, change, verification, test, approval, ABI. Unknown parts say so."""
    ruleset = review.ruleset
    count = len(ruleset.path) + len(ruleset.port)
    parts = [
        line("**{}: {} grants**", Name(ruleset.service, 100), str(count) if count else "no"),
        *_found(review.report),
        *_changed(review.difference),
        _tested(review.trial),
        _approved(ruleset),
    ]
    return line("{}, target ABI {}.", joined(parts, ", "), ruleset.target_abi)


def _found(report: Report | None) -> list[Line]:
    if report is None:
        return [line("findings unknown"), line("**not verified**")]
    counted = Counter(finding.severity for finding in report.findings)
    verified = {
        Exit.OK: line("verified: nothing to review"),
        Exit.FINDINGS: line("verified: findings to review"),
        Exit.DRIFT: line("verified: **drift**"),
        Exit.BLOCKING: line("verified: **{} blocking**", counted[Severity.BLOCKING]),
    }
    return [(f"{counted[Severity.HIGH]} high",), verified[report.exit]]


def _changed(difference: Difference | None) -> list[Line]:
    if difference is None:
        return []
    wider, narrower = len(difference.wider), len(difference.narrower)
    return [line("**+{}** / -{} against the other version" if wider else "+{} / -{}", wider, narrower)]


def _tested(trial: TrialSummary | None) -> Line:
    if trial is None:
        return line("**not tested**")
    if trial.allowed:
        return line("test: **{} accesses outside the grants succeeded**", trial.allowed)
    works = {
        True: line("works"),
        False: line("**does not work**"),
        None: line("**unknown whether it works**"),
    }[trial.worked]
    return line("test: {}, {} probes denied, {} inconclusive", works, trial.denied, trial.inconclusive)


def _approved(ruleset: Ruleset) -> Line:
    approval = ruleset.approval
    if approval is None:
        return line("not approved")
    if approval.digest != ruleset.digest():
        return line("**approval is stale**")
    return line("approved by {} on {}", Prose(approval.who, 80), Prose(approval.when, 40))


def trial_block(trial: TrialSummary | None) -> Block:
    """What the test in the kernel showed, as a list."""
    if trial is None:
        unknown = "Not run. Whether the service works in this sandbox is unknown, "
        return Paragraph((unknown, "and so is whether the kernel denies what is outside."))
    works = {
        True: line("The command works inside the sandbox as it does outside."),
        False: line("**The command does not work inside the sandbox.**"),
        None: line("Whether the command works inside the sandbox is unknown."),
    }[trial.worked]
    through = line("**{} succeeded**", trial.allowed) if trial.allowed else line("none succeeded")
    outside = "Outside the grants: {} denied, {}, {} inconclusive"
    rows = [
        works,
        line("Command: {}", Name(trial.command, NAME)),
        line(outside, trial.denied, through, trial.inconclusive),
        line("Kernel {}, Landlock ABI {}", Prose(trial.kernel, 80) if trial.kernel else "unknown", trial.abi),
    ]
    if not trial.denied:
        rows.append(line("**Nothing was denied, so nothing shows that the sandbox holds.**"))
    return bullets([*rows, *(line("Skipped: {}", Prose(reason, SENTENCE)) for reason in trial.skipped)])
