"""Reviewer notes in Markdown: what a person must know to approve a ruleset, most important first.

Everything from a trace, a model or a person is escaped. What is not known is said to be unknown, and what is
left out for length is said to be left out.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from assistant.domain.access import Inventory
from assistant.domain.finding import Finding, Severity
from assistant.domain.minimality import Minimality
from assistant.domain.radius import Radius
from assistant.domain.report import Report
from assistant.domain.rights import names
from assistant.domain.ruleset import Refused, Ruleset
from assistant.domain.trial import TrialSummary
from assistant.errors import Exit
from assistant.render.coverage import coverage
from assistant.render.gaps import gaps
from assistant.render.grants import NAME, SENTENCE, at_a_glance, author, by_purpose, first_looks, said
from assistant.render.markdown import bullets, code, codes, details, prose, table
from assistant.render.minimality import minimality_text
from assistant.render.radius import radius_text
from assistant.render.verdict import trial_text, verdict


LIMIT = 60_000
"""Characters that code hosts take in one comment, with some room."""

_MOST = 30
"""Rows of a kind that are shown; the rest is counted."""

_SHOWN_EVIDENCE = 5


@dataclass(frozen=True, slots=True)
class _Section:
    """A title and its body in ever shorter forms; the last one says what is left out."""

    title: str
    forms: tuple[Callable[[], str], ...]


def notes(  # noqa: PLR0913 - what a review may be made of
    ruleset: Ruleset,
    *,
    report: Report | None,
    inventory: Inventory | None,
    trial: TrialSummary | None,
    radius: Radius | None = None,
    minimality: Minimality | None = None,
    limit: int = LIMIT,
) -> str:
    """The notes of one ruleset.

    Args:
        ruleset: What is to be approved.
        report: What drafting and verifying found; None when nothing was verified.
        inventory: What the traces show; None when they are not at hand.
        trial: What the test in the kernel showed; None when it was not run.
        radius: How far it reaches on the machine of the service; None when that was not looked at.
        minimality: Which rights were proven to be needed; None when that was not tried.
        limit: Characters to stay below, as far as leaving out lists of grants achieves it.
    """
    sections = [
        _Section("Look at this first", (lambda: _first(ruleset, report),)),
        _Section(
            "Refused, and looked for in vain", (lambda: _not_granted(ruleset), lambda: _left_out("refused"))
        ),
        _Section("What the sandbox still allows", (lambda: bullets(gaps(ruleset, inventory)),)),
        _Section("How far it reaches", (lambda: radius_text(radius),)),
        _Section("What the traces cover", (lambda: coverage(ruleset, report, inventory),)),
        _Section("Test", (lambda: _tests(trial, minimality),)),
        _Section(
            "All grants",
            (
                lambda: _grants(ruleset, brief=False),
                lambda: _grants(ruleset, brief=True),
                lambda: _left_out("path and port"),
            ),
        ),
        _Section("Where this comes from", (lambda: _provenance(ruleset),)),
        _Section("Check list", (lambda: _check_list(ruleset, report, trial),)),
    ]
    head = f"# Sandbox of {code(ruleset.service, 100)}\n\n{verdict(ruleset, report, trial)}"
    bodies = {section.title: section.forms[0]() for section in sections}
    for title, form in _shorter(sections):
        if len(head) + sum(len(body) + len(name) + 8 for name, body in bodies.items()) <= limit:
            break
        bodies[title] = form()
    return "\n\n".join([head, *(f"## {title}\n\n{body}" for title, body in bodies.items())]) + "\n"


def _shorter(sections: list[_Section]) -> list[tuple[str, Callable[[], str]]]:
    """What gives way to length, in this order: the last sections first."""
    return [(section.title, form) for section in reversed(sections) for form in section.forms[1:]]


def _tests(trial: TrialSummary | None, minimality: Minimality | None) -> str:
    return "\n\n".join(text for text in (trial_text(trial), minimality_text(minimality)) if text)


def _left_out(table_name: str) -> str:
    return f"Left out for length: see the {table_name} tables of the ruleset document."


def _first(ruleset: Ruleset, report: Report | None) -> str:
    parts = [_findings(report), "### At a glance", at_a_glance(ruleset)]
    return "\n\n".join([*parts, "### Grants that stand out", first_looks(ruleset, report)])


def _findings(report: Report | None) -> str:
    if report is None:
        return "Findings: unknown. The ruleset was not verified against its traces."
    heavy = [finding for finding in report.findings if finding.severity >= Severity.HIGH]
    light = [finding for finding in report.findings if finding.severity < Severity.HIGH]
    parts = [bullets(_finding(finding) for finding in heavy[:_MOST]) or "No blocking or high finding."]
    if len(heavy) > _MOST:
        parts.append(f"and {len(heavy) - _MOST} more blocking or high findings.")
    if light:
        shown = bullets(_finding(finding) for finding in light[:_MOST])
        more = f"\n\nand {len(light) - _MOST} more." if len(light) > _MOST else ""
        parts.append(details(f"{len(light)} findings of medium severity or below", shown + more))
    return "\n\n".join(parts)


def _finding(finding: Finding) -> str:
    cited = f" Evidence: {codes(finding.evidence, _SHOWN_EVIDENCE, NAME)}." if finding.evidence else ""
    about = f"**{finding.severity.name.lower()}** {finding.id}: {code(finding.subject, NAME)}"
    message, remedy = (prose(text.rstrip("."), SENTENCE) for text in (finding.message, finding.remedy))
    return f"{about}: {message}.{cited} Next: {remedy}."


def _not_granted(ruleset: Ruleset) -> str:
    parts = [
        _refused("Refused", ruleset.refused, author(ruleset)) or "Nothing was refused.",
        _refused("Looked for in vain, so not granted", ruleset.probed, author(ruleset)),
    ]
    return "\n\n".join(part for part in parts if part)


def _refused(title: str, rows: tuple[Refused, ...], by: str) -> str:
    if not rows:
        return ""
    cells = [
        (
            code(row.path, NAME),
            ", ".join(names(row.rights)) or "not said",
            said(row.why, by) or "no reason is given",
            codes(row.evidence, _SHOWN_EVIDENCE, NAME) or "none",
        )
        for row in rows[:_MOST]
    ]
    more = f"\n\nand {len(rows) - _MOST} more." if len(rows) > _MOST else ""
    return table((title, "Rights", "Why", "Evidence"), cells) + more


def _grants(ruleset: Ruleset, *, brief: bool) -> str:
    count = len(ruleset.path) + len(ruleset.port)
    if not count:
        return "None: everything that Landlock handles is denied."
    cut = "\n\nLeft out for length: authors, evidence, weaknesses and alternatives." if brief else ""
    return details(f"{count} grants by purpose", by_purpose(ruleset, brief=brief) + cut)


def _provenance(ruleset: Ruleset) -> str:
    made = ruleset.provenance
    authors = Counter(grant.by for grant in (*ruleset.path, *ruleset.port))
    rows = [
        ("Tool", prose(made.tool, 80) or "unknown"),
        ("Author of the draft", prose(made.author, 80) or "unknown"),
        ("Grants by author", ", ".join(f"{by}: {n}" for by, n in sorted(authors.items())) or "none"),
        ("Created", prose(made.created, 40) or "unknown"),
        ("Traced command", code(made.command, NAME) if made.command else "unknown"),
        ("Kernel", prose(made.kernel, 80) or "unknown"),
        ("Landlock ABI of that kernel", str(made.kernel_abi) if made.kernel_abi else "unknown"),
        *(
            (f"Trace {code(t.name, 80)}", f"sha256 {code(t.sha256)}, {t.lines} lines")
            for t in made.trace[:_MOST]
        ),
        ("Digest of the grants", code(ruleset.digest())),
    ]
    return table(("What", "Value"), rows)


def _check_list(ruleset: Ruleset, report: Report | None, trial: TrialSummary | None) -> str:
    asked = [
        "Every grant that stands out has a reason that I accept.",
        "What it may change and execute is the service's own.",
        "The gaps above are closed by another layer, or acceptable.",
        "The events that the traces may lack were recorded, or do not matter here.",
    ]
    if ruleset.refused:
        asked.append("The service does without what was refused.")
    if report is None:
        asked.append("The ruleset was verified against its traces (`landscribe verify`).")
    elif report.exit is not Exit.OK:
        asked.append("Every finding is resolved or accepted.")
    if trial is None or not trial.worked or trial.allowed or not trial.denied:
        asked.append("The sandbox was tested with the real service (`landscribe test`), and the test passed.")
    if any(grant.by == "model" for grant in (*ruleset.path, *ruleset.port)):
        asked.append("I read reasons marked (model) as claims, and looked at the evidence instead.")
    return bullets(f"[ ] {item}" for item in asked)
