"""The review record beside a ruleset: every approval that was given to it, a line each."""

from pathlib import Path
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from assistant.domain.review_record import ReviewRecord


def record_path(ruleset: Path) -> Path:
    """The review record stands beside the file itself, not beside a link to it."""
    file = ruleset.resolve()
    return file.with_name(f"{file.name}.review.jsonl")


def records(path: Path) -> "list[ReviewRecord]":
    """All approvals, oldest first; none when there is no such file."""
    from assistant.cli import console
    from assistant.domain import review_record

    if not path.exists():
        return []
    lines = console.read_file(path, "the review record").splitlines(keepends=True)
    return review_record.load(lines, source=f"{str(path)!a}")
