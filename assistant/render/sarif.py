"""Findings as SARIF 2.1.0 for code scanning: each on a line of the committed ruleset.

Traces are not committed, so that their lines stand in the message. Source: the OASIS standard, and what
GitHub's code scanning takes of it: 25,000 results in a run.
"""

import json
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from assistant.domain.finding import CATALOGUE, Finding, FindingKind, Severity
from assistant.domain.review import Review
from assistant.render.lines import lines_of
from assistant.render.plain import printable


SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_MOST = 25_000
_INERT = {"[": "\\[", "]": "\\]", "{": "{{", "}": "}}", "@": "@\u200b"}
_LEVEL = {
    Severity.BLOCKING: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORE = {
    Severity.BLOCKING: "9.0",
    Severity.HIGH: "7.0",
    Severity.MEDIUM: "5.0",
    Severity.LOW: "3.0",
    Severity.INFO: "0.0",
}
"""Of 10; code scanning calls 9.0 critical, 7.0 high, 4.0 medium and all above 0 low."""


def notes_sarif(review: Review, text: str, uri: str, tool: str) -> str:
    """The findings of a review as one run, ASCII only.

    Args:
        review: What is known. Without a report nothing was verified, and the run says that it failed.
        text: The ruleset document, as it stands in the file.
        uri: Of that file, relative to the repository, percent-encoded.
        tool: Version of landscribe.
    """
    found = review.report.findings if review.report else ()
    kinds = sorted({finding.id for finding in found})
    places = lines_of(review.ruleset, text)
    run = {
        "tool": {"driver": _driver(kinds, tool)},
        "automationDetails": {"id": f"landscribe/{printable(review.ruleset.service)}/"},
        "invocations": [_invocation(review, len(found))],
        "columnKind": "unicodeCodePoints",
        "results": _results(found[:_MOST], kinds, places, uri),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _driver(kinds: list[str], tool: str) -> dict[str, Any]:
    return {"name": "landscribe", "semanticVersion": tool, "rules": [_rule(kind) for kind in kinds]}


def _rule(kind: str) -> dict[str, Any]:
    entry = CATALOGUE[kind]
    return {
        "id": kind,
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": _sentence(entry)},
        "help": {"text": f"Next: {entry.remedy}. docs/findings.md has a section on it."},
        "defaultConfiguration": {"level": _LEVEL[entry.severity]},
        "properties": {"security-severity": _SCORE[entry.severity], "tags": ["security", "sandbox"]},
    }


def _sentence(entry: FindingKind) -> str:
    """Code scanning asks for one beside the title: why a result may weigh more or less than its rule."""
    title = f"{entry.title[0].upper()}{entry.title[1:]}"
    weight = f"The severity of its kind is {entry.severity.name.lower()}"
    return f"{title}. {weight}; a worse or a milder case differs."


def _invocation(review: Review, count: int) -> dict[str, Any]:
    told = []
    if review.report is None:
        told.append("The ruleset was not verified: no trace was given, so there are no findings to show.")
    if count > _MOST:
        told.append(f"{count - _MOST} more findings are left out: code scanning takes {_MOST} of one run.")
    notices = [{"level": "warning", "message": {"text": sentence}} for sentence in told]
    return {"executionSuccessful": review.report is not None, "toolExecutionNotifications": notices}


def _results(
    found: tuple[Finding, ...], kinds: list[str], places: Mapping[str, int], uri: str
) -> list[dict[str, Any]]:
    seen: Counter[tuple[str, str]] = Counter()
    results = []
    for finding in found:
        seen[finding.id, finding.subject] += 1
        number = seen[finding.id, finding.subject]
        results.append(
            {
                "ruleId": finding.id,
                "ruleIndex": kinds.index(finding.id),
                "level": _LEVEL[finding.severity],
                "message": {"text": _message(finding)},
                "locations": [_location(uri, places.get(finding.subject, 1))],
                "partialFingerprints": {"landscribe/v1": _fingerprint(finding, number)},
                "properties": {"severity": finding.severity.name.lower()},
            }
        )
    return results


def _message(finding: Finding) -> str:
    """Plain text. Brackets would be links, braces places to fill in, and hosts make mentions of names."""
    cited = f" Evidence: {', '.join(finding.evidence)}." if finding.evidence else ""
    text = f"{finding.subject}: {finding.message.rstrip('.')}.{cited} Next: {finding.remedy}."
    return "".join(_INERT.get(char, char) for char in printable(text))


def _location(uri: str, line: int) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}}


def _fingerprint(finding: Finding, number: int) -> str:
    """Of what it is about, not of how it is said: it stays when a line moves or a sentence changes."""
    about = "\0".join((finding.id, finding.subject, str(number)))
    return sha256(about.encode("utf-8", "surrogateescape")).hexdigest()
