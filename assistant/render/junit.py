"""Results as JUnit XML, which build servers show beside other tests. Blocking findings and drift fail."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

from assistant.domain.finding import CATALOGUE, Finding, Severity
from assistant.domain.report import Report
from assistant.render.plain import printable


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that held or did not. ``name`` and ``text`` are raw."""

    name: str
    outcome: Literal["passed", "failed", "skipped"]
    text: str = ""


def verify_cases(report: Report) -> list[Case]:
    """One for each finding, and one that stands for all that held."""
    failed = [finding for finding in report.findings if _fails(finding)]
    others = [finding for finding in report.findings if not _fails(finding)]
    return [
        Case("every path, right and citation", "failed" if failed else "passed"),
        *(Case(f"{one.id}: {one.subject}", "failed", _said(one)) for one in failed),
        *(Case(f"{one.id}: {one.subject}", "passed", _said(one)) for one in others),
    ]


def _fails(finding: Finding) -> bool:
    return finding.severity is Severity.BLOCKING or CATALOGUE[finding.id].drift


def _said(finding: Finding) -> str:
    cited = f" Evidence: {', '.join(finding.evidence)}." if finding.evidence else ""
    return f"{finding.severity.name.lower()}: {finding.message}.{cited} Next: {finding.remedy}."


def trial_cases(data: dict[str, Any]) -> list[Case]:
    """The command, and each probe: denied is as it should be, allowed is a hole, and the rest shows nothing.

    Args:
        data: The test's result, as ``landscribe test -o`` writes it.
    """
    outcomes: dict[str, Literal["passed", "failed", "skipped"]] = {"denied": "passed", "allowed": "failed"}
    worked: Literal["passed", "failed", "skipped"] = "skipped"
    if data["work"]["verdict"] in ("works", "fails"):
        worked = "passed" if data["work"]["verdict"] == "works" else "failed"
    return [
        Case("the command works inside the sandbox", worked),
        *(
            Case(
                f"{probe['action']} {probe['subject']} is denied",
                outcomes.get(probe["verdict"], "skipped"),
                str(probe["reason"] or probe["verdict"]),
            )
            for probe in data["probes"]
        ),
    ]


def junit(suite: str, cases: Iterable[Case]) -> str:
    """The document. Control characters, which XML cannot hold, stand as escapes.

    Args:
        suite: What was tried, and of which service. Raw.
        cases: In the order in which they are shown.
    """
    every = list(cases)
    counts = {outcome: sum(case.outcome == outcome for case in every) for outcome in ("failed", "skipped")}
    head = (
        f'<testsuite name={_quoted(suite)} tests="{len(every)}" failures="{counts["failed"]}" '
        f'skipped="{counts["skipped"]}" errors="0">'
    )
    body = [_case(case, suite) for case in every]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *body, "</testsuite>"]) + "\n"


def _case(case: Case, suite: str) -> str:
    opened = f"<testcase classname={_quoted(suite)} name={_quoted(case.name)}"
    text = printable(case.text)
    if case.outcome == "passed":
        return f"{opened}><system-out>{escape(text)}</system-out></testcase>" if text else f"{opened}/>"
    tag = "failure" if case.outcome == "failed" else "skipped"
    return f"{opened}><{tag} message={quoteattr(text)}/></testcase>"


def _quoted(text: str) -> str:
    return quoteattr(printable(text))
