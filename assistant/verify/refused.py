"""Refusals that the ruleset does not keep, or that refuse more than was seen. Grants nothing itself."""

from collections.abc import Iterator

from assistant.domain.finding import Finding, Severity, find
from assistant.domain.rights import names
from assistant.domain.ruleset import Reach, Refused
from assistant.verify.case import Case
from assistant.verify.traces import Traces
from assistant.verify.tree import Support, support


def check(case: Case) -> Iterator[Finding]:
    """``refused-access``: blocking when granted all the same, medium when too wide, else for the record."""
    yield from contradictions(case)
    reach, traces = Reach(case.ruleset.paths()), Traces(case)
    seen = support((entry.path for entry in case.ruleset.refused), case.inventory.paths)
    for entry in case.ruleset.refused:
        if not entry.rights & reach.rights(entry.path):
            yield _kept(entry, seen[entry.path], traces)


def contradictions(case: Case) -> Iterator[Finding]:
    """The refusals that are granted all the same. Looks at no trace."""
    reach = Reach(case.ruleset.paths())
    for entry in case.ruleset.refused:
        granted = entry.rights & reach.rights(entry.path)
        if granted:
            yield find(
                "refused-access",
                entry.path,
                f"said to be refused, but a rule here or above grants {', '.join(names(granted))}",
                evidence=entry.evidence,
                severity=Severity.BLOCKING,
                remedy="remove the refusal, or narrow the rule: Landlock cannot deny beneath a grant",
            )


def _kept(entry: Refused, seen: Support, traces: Traces) -> Finding:
    unseen = entry.rights & ~seen.beneath
    unread = traces.missing(entry.evidence) if entry.evidence else not traces.all_given
    if (unseen or not seen.count) and not unread:
        # It would silence a later need that nobody has looked at.
        asked = ", ".join(names(unseen)) or "anything"
        return find(
            "refused-access",
            entry.path,
            f"the refusal is wider than what was seen: no access in the traces asks for {asked} here",
            evidence=entry.evidence,
            severity=Severity.MEDIUM,
            remedy="refuse only what the traces show",
        )
    return find(
        "refused-access",
        entry.path,
        f"denied on purpose: {seen.count} kinds of access in the traces lie here",
        evidence=entry.evidence,
        severity=Severity.INFO,
    )
