"""An approval as an in-toto Statement v1, unsigned: what signing tools take.

Source: https://in-toto.io/Statement/v1.
"""

import json

from assistant.domain.review_record import ReviewRecord


PREDICATE = "https://landscribe.dev/review/v1"


def statement(record: ReviewRecord, name: str, sha256: str) -> str:
    """The statement as JSON, ASCII only.

    Args:
        record: The approval.
        name: Of the ruleset's file, without directories.
        sha256: Of the ruleset's file as it stands with the approval in it.
    """
    predicate = {
        "service": record.service,
        "grants": record.digest,
        "reviewer": record.who,
        "approvedOn": record.when,
        "comment": record.comment,
        "tool": record.tool,
        "verifiedAgainst": [
            {"name": trace.name, "digest": {"sha256": trace.sha256}} for trace in record.traces
        ],
        "notChecked": list(record.unchecked),
        "findings": [finding.model_dump() for finding in record.findings],
    }
    return json.dumps(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": name, "digest": {"sha256": sha256}}],
            "predicateType": PREDICATE,
            "predicate": predicate,
        },
        indent=2,
    )
