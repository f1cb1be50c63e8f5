"""Grants, and rights of grants, that no line of the traces needs. Doubt about a path proves no need."""

from collections.abc import Iterator

from assistant.domain.access import Kind, Verdict
from assistant.domain.finding import Finding, Severity, find
from assistant.domain.rights import FsRight, NetRight, names
from assistant.domain.ruleset import PathGrant, PortGrant
from assistant.verify.case import Case
from assistant.verify.traces import Traces
from assistant.verify.tree import Support, support


SUPPORTING = (Verdict.NEEDED, Verdict.POSSIBLE)
"""Verdicts that speak for a right. A probe of an absent file and a call that was refused do not."""


def check(case: Case) -> Iterator[Finding]:
    """``invented-path``, ``unsupported-right`` and ``by-person`` for path grants."""
    seen = support(
        case.ruleset.paths(),
        (access for access in case.inventory.paths if access.verdict in SUPPORTING),
    )
    traces = Traces(case)
    for grant in case.ruleset.path:
        count, rights = _seen(case, grant, seen[grant.path])
        yield from judge(grant, grant.path, count, grant.rights & ~rights, traces)


def _seen(case: Case, grant: PathGrant, entry: Support) -> tuple[int, FsRight]:
    if case.host.known and case.host.kind(grant.path) not in (Kind.DIRECTORY, None):
        return entry.count_exact, entry.exact
    return entry.count, entry.beneath


def judge(
    grant: PathGrant | PortGrant,
    subject: str,
    count: int,
    unseen: FsRight | NetRight,
    traces: Traces,
) -> Iterator[Finding]:
    """What it means for a grant that ``count`` accesses support it and ``unseen`` rights lack support."""
    if count and not unseen:
        return
    if grant.by in ("person", "unit"):
        yield find(
            "by-person",
            subject,
            f"granted by a {grant.by}: the traces do not show a need for {', '.join(names(unseen))}",
            evidence=grant.evidence,
        )
        return
    missing = traces.missing(grant.evidence)
    cited = {citation.rpartition(":")[0] for citation in grant.evidence}
    if cited <= set(missing):
        return
    if not count:
        yield find("invented-path", subject, "no access in the traces lies here", evidence=grant.evidence)
        return
    # A trace that was not given may hold the need, so this is said but does not block.
    doubt = f"; it may come from {', '.join(missing)}, which could not be read" if missing else ""
    yield find(
        "unsupported-right",
        subject,
        f"no access in the traces needs {', '.join(names(unseen))} here{doubt}",
        evidence=grant.evidence,
        severity=Severity.MEDIUM if missing else None,
    )
