"""Approving: which grants were approved last, what a person must accept aloud, and the record of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.domain.effect import Effect
from assistant.domain.finding import Finding, Severity
from assistant.domain.report import Report
from assistant.domain.review_record import Grants, ReviewRecord, SeenFinding, SeenTrace
from assistant.domain.ruleset import Approval, Ruleset


SETTLED = "stale-approval"
"""The one blocking finding that an approval is the answer to."""

NO_TRACE = "whether a grant is invented, needless or missing, and whether citations hold: no trace was given"
NOT_HERE = "what the grants open, whether their paths exist, links: this is not the machine"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the findings rest on.

    Attributes:
        tool: What made them.
        traces: What the grants were verified against.
        unchecked: What could not be checked, a sentence each.
    """

    tool: str
    traces: tuple[SeenTrace, ...]
    unchecked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LastApproved:
    """What was approved last.

    Attributes:
        effect: The grants; None when nothing was approved, or what was is not known.
        digest: Of them; empty when nothing was approved.
        said: One sentence about it. Raw.
    """

    effect: Effect | None
    digest: str
    said: str


def last_approved(ruleset: Ruleset, records: Sequence[ReviewRecord]) -> LastApproved:
    """The grants of the approval that the ruleset bears, as recorded; else those of the newest record.

    An approval that no record knows may have been written by anybody: it is said, and not compared with.
    """
    approval = ruleset.approval
    known = [record for record in records if approval is None or record.digest == approval.digest]
    if known:
        return _recorded(known[-1], "approved last")
    if approval is None:
        return LastApproved(None, "", "never approved: every grant is new")
    by = f"by {approval.who} on {approval.when}"
    if records:
        return _recorded(records[-1], f"the approval {by} is in no record; recorded last: approved")
    if approval.digest == ruleset.digest():
        return LastApproved(ruleset.effect(), approval.digest, f"approved last {by}, without a record")
    said = f"other grants were approved {by}; no record says which, so every grant is shown as new"
    return LastApproved(None, approval.digest, said)


def _recorded(record: ReviewRecord, how: str) -> LastApproved:
    said = f"{how} by {record.who} on {record.when}"
    return LastApproved(record.grants.effect(), record.digest, said)


def to_accept(report: Report) -> tuple[Finding, ...]:
    """The blocking findings, each to be accepted by its name. A stale approval is what approving settles."""
    return tuple(
        finding
        for finding in report.findings
        if finding.severity is Severity.BLOCKING and finding.id != SETTLED
    )


def record_of(
    ruleset: Ruleset,
    approval: Approval,
    last: LastApproved,
    report: Report,
    seen: Seen,
) -> ReviewRecord:
    """The record of an approval.

    Args:
        ruleset: What was approved.
        approval: Who, when, and what they said.
        last: What was approved before.
        report: The findings that were shown; the blocking ones were accepted.
        seen: What they rest on.
    """
    accepted = set(to_accept(report))
    return ReviewRecord(
        service=ruleset.service,
        digest=approval.digest,
        previous=last.digest,
        who=approval.who,
        when=approval.when,
        comment=approval.comment,
        tool=seen.tool,
        traces=seen.traces,
        unchecked=seen.unchecked,
        findings=tuple(SeenFinding.of(finding, accepted=finding in accepted) for finding in report.findings),
        grants=Grants.of(ruleset.effect()),
    )
