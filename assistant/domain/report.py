"""A report: findings in a fixed order, and the exit code that they mean."""

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.domain.finding import CATALOGUE, Finding, Severity
from assistant.errors import Exit


@dataclass(frozen=True, slots=True)
class Report:
    """Findings, worst first; equal ones by id and subject, so that two runs print the same."""

    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> "Report":
        """Sort, and drop exact repetitions."""
        unique = dict.fromkeys(findings)
        return cls(tuple(sorted(unique, key=lambda f: (-f.severity, f.id, f.subject, f.message))))

    @property
    def exit(self) -> Exit:
        """11 blocking, else 12 drift, else 10 anything above INFO, else 0."""
        if any(finding.severity is Severity.BLOCKING for finding in self.findings):
            return Exit.BLOCKING
        if any(CATALOGUE[finding.id].drift for finding in self.findings):
            return Exit.DRIFT
        if any(finding.severity > Severity.INFO for finding in self.findings):
            return Exit.FINDINGS
        return Exit.OK

    def by_id(self, kind: str) -> tuple[Finding, ...]:
        """All findings of one kind."""
        return tuple(finding for finding in self.findings if finding.id == kind)
