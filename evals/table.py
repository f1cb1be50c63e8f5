"""Scores as Markdown: what docs/evals.md holds and ``make evals-compare`` prints."""

from collections.abc import Sequence

from evals.case import load
from evals.compare import Summary, summary
from evals.score import Score


_HEAD = (
    "subject",
    "cases",
    "first life",
    "both lives",
    "rules",
    "private files read",
    "written",
    "programs",
    "secrets",
    "out of bounds denied",
    "refusals missed",
)


def by_subject(scores: Sequence[Score], subjects: Sequence[str]) -> list[str]:
    """A row for each way to draft; counts of files and rules are medians over cases."""
    return _table(_HEAD, [_cells(summary(subject, scores)) for subject in subjects])


def _cells(one: Summary) -> list[str]:
    return [
        f"`{one.subject}`",
        f"{one.cases}" + (f" ({one.not_run} not run)" if one.not_run else ""),
        f"{one.first}",
        f"{one.second}",
        *(f"{value:g}" for value in (one.rules, one.read, one.written, one.executed)),
        f"{one.secrets}",
        f"{one.denied:.1f} %",
        f"{one.refusals_missed}",
    ]


def by_case(scores: Sequence[Score], subject: str, against: str) -> list[str]:
    """A row for each case of one subject, with the figures of another beside it."""
    other = {score.case: score for score in scores if score.subject == against}
    head = (
        "case",
        "what it is",
        "lives",
        f"rules (`{against}`)",
        f"private files read (`{against}`)",
        f"programs (`{against}`)",
        "secrets",
        "denied",
        "understood",
    )
    rows = [_case_cells(score, other.get(score.case)) for score in scores if score.subject == subject]
    return _table(head, rows)


def _case_cells(score: Score, other: Score | None) -> list[str]:
    traits = ", ".join(load(score.case).traits)
    if score.status != "run":
        return [score.case, traits, f"not run: {cell(score.reason)}", *[""] * 6]

    def beside(what: str) -> str:
        own = getattr(score, what)
        return f"{own} ({getattr(other, what)})" if other is not None and other.status == "run" else f"{own}"

    return [
        score.case,
        traits,
        lives(score),
        beside("rules"),
        beside("read"),
        beside("executed"),
        ", ".join(f"`{path}`" for path in score.secrets) or "0",
        f"{score.denied} of {score.probes}",
        f"{score.understood} %",
    ]


def lives(score: Score) -> str:
    """Which lives work, and where it breaks."""
    if score.second:
        return "both"
    return f"{'first only' if score.first else 'none'}: {cell(score.failed)}"


def cell(text: str) -> str:
    """Words of a service, for one cell of a table."""
    plain = " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("`", "'")
    return plain.replace("<", "&lt;")[:160]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
