"""Scores as Markdown: one row for each service, the sums, and every right that is not proven."""

from collections.abc import Sequence

from services.score import Score


_HEAD = (
    "service",
    "what it is",
    "grants",
    "scenarios",
    "first draft",
    "learnt",
    "denied",
    "inconclusive",
    "proven",
)


def page(scores: Sequence[Score]) -> list[str]:
    """All tables."""
    return [*_sums(scores), "", *_rows(scores), *_learnt(scores), *_unproven(scores)]


def _sums(scores: Sequence[Score]) -> list[str]:
    ran = [score for score in scores if score.status == "run"]
    first, works = sum(score.at_once for score in ran), sum(score.works for score in ran)
    denied = sum(score.denied for score in ran)
    allowed = sum(len(score.allowed) for score in ran)
    unclear = sum(score.unclear for score in ran)
    probes = denied + allowed + unclear
    share = f"{unclear / probes:.1%}" if probes else "unknown"
    left = sum(score.left_behind for score in ran)
    tried = [score for score in ran if score.proven is not None]
    proven, rights = sum(score.proven or 0 for score in tried), sum(score.rights for score in tried)
    lines = [
        f"{len(ran)} of {len(scores)} services were run.",
        f"{first} work with their first draft in all scenarios, {works} in the end.",
        f"Of {denied + allowed} conclusive probes Landlock denied {denied}.",
        f"{unclear} of {probes} probes ({share}) were inconclusive.",
        f"Processes left behind: {left}.",
    ]
    if tried:
        part = f"{proven} of {rights} ({proven / rights:.0%})"
        lines.append(f"Rights proven in {len(tried)} services: {part}.")
    return [f"- {line}" for line in lines]


def _rows(scores: Sequence[Score]) -> list[str]:
    rows = [f"| {' | '.join(_HEAD)} |", f"|{' --- |' * len(_HEAD)}"]
    return rows + [f"| {' | '.join(_row(score))} |" for score in scores]


def _row(score: Score) -> list[str]:
    if score.status != "run":
        return [score.case, ", ".join(score.traits), "", "", f"not run: {_cell(score.reason)}", *[""] * 4]
    scenarios = ", ".join(f"{name}: {verdict}" for name, verdict in (score.scenarios or {}).items())
    unclear = ", ".join(f"{layer}: {count}" for layer, count in (score.inconclusive or {}).items())
    learnt = f"{len(score.learnt)}, works" if score.learnt and score.works else ""
    return [
        score.case,
        ", ".join(score.traits),
        str(score.grants),
        scenarios,
        "works" if score.at_once else "fails" if not score.works else "not all",
        learnt,
        str(score.denied),
        unclear or "0",
        "" if score.proven is None else f"{score.proven} of {score.rights}",
    ]


def _learnt(scores: Sequence[Score]) -> list[str]:
    rows = []
    for score in scores:
        if score.failed:
            rows.append(f"- {score.case}: {_code(score.failed)}")
        rows += [f"- {score.case} learnt {_code(one)}" for one in score.learnt]
        rows += [f"- {score.case}: left to a person: {_code(one)}" for one in score.held_back]
    return ["", "### What the first draft lacked", "", *rows] if rows else []


def _unproven(scores: Sequence[Score]) -> list[str]:
    tried = [score for score in scores if score.proven is not None]
    if not tried:
        return []
    rows = ["", "### Rights that are not proven, and why they stay", ""]
    for score in tried:
        rows.append(f"- {score.case}: {score.proven} of {score.rights} proven in {score.runs} runs.")
        rows += [f"  - {_code(one)}" for one in score.unproven]
    return rows


def _cell(text: str) -> str:
    return text.replace("|", "\\|")[:200]


def _code(text: str) -> str:
    return f"`{text[:300].replace('`', chr(39))}`"
