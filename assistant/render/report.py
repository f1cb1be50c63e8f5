"""A report as text for a terminal and as plain data. Names are escaped; what is left out is counted."""

from collections import Counter
from typing import Any

from assistant.domain.finding import Finding, Severity
from assistant.domain.report import Report
from assistant.render.plain import printable


_LONGEST_SUBJECT = 120
_LONGEST_MESSAGE = 400
_PER_KIND = 5


def report_text(report: Report) -> str:
    """One paragraph a finding, worst first; of many of one kind the first few; notices are only counted."""
    if not report.findings:
        return "no findings"
    shown, hidden = Counter[str](), Counter[str]()
    lines: list[str] = []
    for finding in report.findings:
        if finding.severity is Severity.INFO:
            continue
        if shown[finding.id] < _PER_KIND or finding.severity is Severity.BLOCKING:
            shown[finding.id] += 1
            lines.append(_paragraph(finding))
        else:
            hidden[finding.id] += 1
    more = [f"  ({count} more {kind})" for kind, count in hidden.items()]
    noted = Counter(finding.id for finding in report.findings if finding.severity is Severity.INFO)
    notices = ", ".join(f"{count} {kind}" for kind, count in sorted(noted.items()))
    return "\n".join([*lines, *more, *([f"noted    {notices}"] if notices else []), tally(report)])


def _paragraph(finding: Finding) -> str:
    cited = f" [{', '.join(printable(line) for line in finding.evidence[:3])}]" if finding.evidence else ""
    subject = printable(finding.subject, limit=_LONGEST_SUBJECT)
    message = printable(finding.message, limit=_LONGEST_MESSAGE)
    first = f"{finding.severity.name.lower():8} {finding.id}: {subject}: {message}{cited}"
    return f"{first}\n         next: {printable(finding.remedy)}"


def tally(report: Report) -> str:
    """How many findings of each severity."""
    counts = dict.fromkeys(reversed(Severity), 0)
    for finding in report.findings:
        counts[finding.severity] += 1
    said = ", ".join(f"{count} {severity.name.lower()}" for severity, count in counts.items() if count)
    return f"findings: {said or 'none'}"


def report_data(report: Report) -> dict[str, Any]:
    """The report as plain data, version 1."""
    return {
        "schema_version": 1,
        "exit": int(report.exit),
        "findings": [
            {
                "id": finding.id,
                "severity": finding.severity.name.lower(),
                "subject": finding.subject.encode("utf-8", "surrogateescape").decode(
                    "utf-8", "backslashreplace"
                ),
                "message": finding.message.encode("utf-8", "surrogateescape").decode(
                    "utf-8", "backslashreplace"
                ),
                "evidence": list(finding.evidence),
                "remedy": finding.remedy,
            }
            for finding in report.findings
        ],
    }
