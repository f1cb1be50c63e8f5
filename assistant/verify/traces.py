"""Which of the given traces the ruleset was drafted from, and which were not given or changed since."""

from collections.abc import Iterable, Iterator

from assistant.domain.access import Evidence
from assistant.domain.finding import Finding, find
from assistant.domain.ruleset import PathGrant, PortGrant, Refused, Ruleset, parse_citation
from assistant.verify.case import Case


def check(case: Case) -> Iterator[Finding]:
    """``trace-changed``, and one ``citation-unchecked`` for each cited trace that was not given."""
    recorded = _recorded(case.ruleset)
    for source in case.inventory.sources:
        expected = recorded.get(source.name)
        if expected and source.sha256 not in expected:
            yield find(
                "trace-changed",
                source.name,
                f"the ruleset was drafted from a trace of this name with sha256 {min(expected)}, "
                f"this one has {source.sha256}",
            )
    given = {source.name for source in case.inventory.sources}
    counted: dict[str, int] = {}
    for citation in citations(case.ruleset):
        counted[citation.trace] = counted.get(citation.trace, 0) + 1
    for trace in sorted(counted.keys() & recorded.keys() - given):
        yield find(
            "citation-unchecked",
            trace,
            f"{counted[trace]} citations of this trace were not checked: it was not given",
        )


def citations(ruleset: Ruleset) -> Iterator[Evidence]:
    """Every citation of the document, in its order."""
    entries: tuple[PathGrant | PortGrant | Refused, ...] = (
        *ruleset.path,
        *ruleset.port,
        *ruleset.refused,
        *ruleset.probed,
    )
    for entry in entries:
        for citation in entry.evidence:
            yield parse_citation(citation)


class Traces:
    """Answers about the case's traces by name.

    Attributes:
        given: Names of the traces that were given.
        own: Those among them whose bytes are the ones that the ruleset was drafted from.
        checkable: Those among them whose lines citations can be held against: ``own`` ones, and ones that
            provenance does not name.
        recorded: Names under provenance.
    """

    def __init__(self, case: Case) -> None:
        by_name = _recorded(case.ruleset)
        digests = {record.sha256 for record in case.ruleset.provenance.trace}
        sources = case.inventory.sources
        self.given = frozenset(source.name for source in sources)
        self.own = frozenset(source.name for source in sources if source.sha256 in digests)
        self.checkable = frozenset(
            source.name
            for source in sources
            if source.name not in by_name or source.sha256 in by_name[source.name]
        )
        self.recorded = frozenset(by_name)
        self.all_given = digests <= {source.sha256 for source in sources}

    def is_own(self, evidence: Iterable[Evidence]) -> bool:
        """Whether an access with this evidence was seen when the ruleset was drafted.

        Evidence that cannot be placed counts as own, so that doubt blocks.
        """
        traces = {line.trace for line in evidence}
        return not traces or bool(traces & self.own) or bool(traces - self.given)

    def missing(self, evidence: Iterable[str]) -> list[str]:
        """Names of recorded traces among these citations that cannot be looked into."""
        names = {parse_citation(citation).trace for citation in evidence}
        return sorted(names & self.recorded - self.checkable)


def _recorded(ruleset: Ruleset) -> dict[str, set[str]]:
    recorded: dict[str, set[str]] = {}
    for record in ruleset.provenance.trace:
        recorded.setdefault(record.name, set()).add(record.sha256)
    return recorded
