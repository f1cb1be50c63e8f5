"""Findings for the notes, worst first. However short they must be, each blocking one is named."""

from collections import Counter

from assistant.domain.finding import CATALOGUE, Finding, Severity
from assistant.domain.report import Report
from assistant.render.grants import NAME, SENTENCE
from assistant.render.manuscript import (
    Block,
    Blocks,
    Bullets,
    Fold,
    Item,
    Line,
    Mark,
    Name,
    Paragraph,
    Prose,
    bullets,
    joined,
    line,
    listed,
)


_MOST_NAMED = 600
"""Blocking findings that are named at all: a code host takes no more."""

_EVIDENCE = 5
_SHORT = 40

UNKNOWN: Blocks = (Paragraph(("Findings: unknown. The ruleset was not verified against its traces.",)),)


def findings(report: Report | None, most: int) -> Blocks:
    """Every blocking finding in full; of the high ones, and of the light ones, folded, at most ``most``."""
    if report is None:
        return UNKNOWN
    blocking, high, light = _by_weight(report)
    heavy = [*blocking, *high[:most]]
    parts: list[Block] = [
        bullets(map(finding_line, heavy)) if heavy else Paragraph(("No blocking or high finding.",))
    ]
    if len(high) > most:
        parts.append(Paragraph((f"and {len(high) - most} more high findings.",)))
    if light:
        shown: list[Block] = [bullets(map(finding_line, light[:most]))]
        if len(light) > most:
            shown.append(Paragraph((f"and {len(light) - most} more.",)))
        parts.append(Fold(f"{len(light)} findings of medium severity or below", tuple(shown)))
    return tuple(parts)


def findings_in_short(report: Report | None) -> Blocks:
    """Every blocking finding by its name, the others counted by kind; says how many are which."""
    return UNKNOWN if report is None else _in_short(report, NAME, evidence=True)


def findings_named(report: Report | None) -> Blocks:
    """The same with names cut to what lets hundreds of them stand."""
    return UNKNOWN if report is None else _in_short(report, _SHORT, evidence=False)


def _in_short(report: Report, limit: int, *, evidence: bool) -> Blocks:
    blocking, high, light = _by_weight(report)
    told = "Left out for length: {} blocking findings are named, {} others are counted. {} says each in full."
    named, counted = min(len(blocking), _MOST_NAMED), len(high) + len(light)
    parts: list[Block] = [Paragraph(line(told, named, counted, Name("landscribe verify")))]
    kinds: dict[str, list[Finding]] = {}
    for finding in blocking[:_MOST_NAMED]:
        kinds.setdefault(finding.id, []).append(finding)
    parts += [Bullets(tuple(_kind(kind, found, limit, evidence=evidence) for kind, found in kinds.items()))]
    if len(blocking) > _MOST_NAMED:
        parts.append(Paragraph(line("**and {} more blocking findings**", len(blocking) - _MOST_NAMED)))
    kinds_of = Counter(f"{one.severity.name.lower()} {one.id}" for one in (*high, *light))
    if kinds_of:
        parts.append(Paragraph((", ".join(f"{count} {name}" for name, count in kinds_of.items()),)))
    return tuple(parts)


def _kind(kind: str, found: list[Finding], limit: int, *, evidence: bool) -> Item:
    head = line("{} {}, {}: {}.", Mark("blocking"), kind, len(found), CATALOGUE[kind].title)
    named = (
        line("{} [{}]", Name(one.subject, limit), Name(one.evidence[0], limit))
        if evidence and one.evidence
        else (Name(one.subject, limit),)
        for one in found
    )
    return Item(head, (joined(named, ", "),))


def _by_weight(report: Report) -> tuple[list[Finding], list[Finding], list[Finding]]:
    blocking = [one for one in report.findings if one.severity is Severity.BLOCKING]
    high = [one for one in report.findings if one.severity is Severity.HIGH]
    return blocking, high, [one for one in report.findings if one.severity < Severity.HIGH]


def finding_line(finding: Finding) -> Line:
    """One finding: what, about what, why, the lines that show it, and what to do."""
    cited = line(" Evidence: {}.", listed(finding.evidence, _EVIDENCE, NAME)) if finding.evidence else ()
    message, remedy = (Prose(text.rstrip("."), SENTENCE) for text in (finding.message, finding.remedy))
    mark = Mark(finding.severity.name.lower())
    about = line("{} {}: {}", mark, finding.id, Name(finding.subject, NAME))
    return line("{}: {}.{} Next: {}.", about, message, cited, remedy)
