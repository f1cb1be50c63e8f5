"""A launch context as text and as plain data: traps, the table with its gaps first, what closes them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from assistant.domain.context import ContextReview, Layer, Row, Score, State, Trap, Verdict
from assistant.render.plain import printable


_LONG = 300
_HEAD = "what a service that was taken over would do"
_TITLES = {
    Verdict.GAP: "gaps: no layer denies",
    Verdict.UNKNOWN: "unknown: no layer denies for sure",
    Verdict.SINGLE: "single points: one layer denies",
    Verdict.REDUNDANT: "redundant: two layers or more deny",
}


def context_text(found: ContextReview) -> str:
    """Names are escaped. The cells are words; why they are so is in the data form and, for gaps, below."""
    lines = [f"{printable(found.name)}: {_counts(found)}", *(f"  {printable(fact)}" for fact in found.facts)]
    lines += [line for trap in found.traps for line in _trap(trap)]
    lines += [f"not read: {printable(sentence, _LONG)}" for sentence in found.unread]
    lines += _table(found)
    lines += [line for row in found.rows if row.verdict is Verdict.GAP for line in _gap(row)]
    lines += _drop_in(found)
    lines += _score(found.score)
    return "\n".join(lines)


def _counts(found: ContextReview) -> str:
    counted = Counter(row.verdict for row in found.rows)
    words = (("gap", "gaps"), ("unknown", "unknown"), ("single point", "single points"), ("redundant",) * 2)
    parts = [
        f"{counted[verdict]} {one if counted[verdict] == 1 else more}"
        for verdict, (one, more) in zip(Verdict, words, strict=True)
    ]
    return f"{', '.join(parts)}; traps: {len(found.traps)}"


def _trap(trap: Trap) -> Iterator[str]:
    yield f"trap {trap.id}: {printable(trap.subject, _LONG)}: {printable(trap.what, _LONG)}"
    yield f"     next: {printable(trap.next, _LONG)}"


def _table(found: ContextReview) -> Iterator[str]:
    width = max(len(_HEAD), *(len(row.title) + 2 for row in found.rows))
    yield ""
    yield _padded(_HEAD, width, Layer)
    shown: set[Verdict] = set()
    for row in found.rows:
        if row.verdict not in shown:
            shown.add(row.verdict)
            yield _TITLES[row.verdict]
        yield _padded(f"  {row.title}", width, (row.cells[layer].state for layer in Layer))


def _padded(title: str, width: int, words: Iterable[str]) -> str:
    """A row of the table; each column is as wide as the name of its layer, and at least as "unknown"."""
    cells = [f"{word:{max(len(layer), 7)}}" for word, layer in zip(words, Layer, strict=True)]
    return "  ".join([f"{title:{width}}", *cells]).rstrip()


def _gap(row: Row) -> Iterator[str]:
    open_to = "; ".join(cell.why for cell in row.cells.values() if cell.state is State.ALLOW)
    yield ""
    yield f"gap {row.id}: {row.title}"
    yield f"  open: {printable(open_to, _LONG) or 'no layer governs it'}"
    if row.suggestion is None:
        yield "  to close it, no directive is known here"
        return
    yield from (f"  {printable(line, _LONG)}" for line in row.suggestion.lines)
    if row.suggestion.mind:
        yield f"  mind: {printable(row.suggestion.mind, _LONG)}"


def _drop_in(found: ContextReview) -> Iterator[str]:
    if found.suggestions:
        yield ""
        yield "all suggestions together, for a drop-in; read what to mind first:"
        yield "  [Service]"
        yield from (f"  {printable(line)}" for line in found.suggestions)


def _score(score: Score | None) -> Iterator[str]:
    yield ""
    if score is None:
        yield "systemd-analyze security: unknown, it is not on this machine"
        return
    before, after = score.before or "unknown, it refused the unit", score.after or "unknown"
    said = f"{before}; with the suggestions: {after}"
    yield f"systemd-analyze security ({printable(score.version, 40)}): {said}"
    yield "  its own opinion, which knows nothing of Landlock and is no part of the table"


def context_data(found: ContextReview) -> dict[str, Any]:
    """The same as plain data, version 1, with the reason of each cell."""
    return {
        "schema_version": 1,
        "name": printable(found.name),
        "facts": [printable(fact) for fact in found.facts],
        "traps": [_trap_data(trap) for trap in found.traps],
        "unread": [printable(sentence) for sentence in found.unread],
        "rows": [_row_data(row) for row in found.rows],
        "suggestions": [printable(line) for line in found.suggestions],
        "systemd_analyze": _score_data(found.score),
    }


def _score_data(score: Score | None) -> dict[str, Any] | None:
    if score is None:
        return None
    return {"before": score.before, "after": score.after, "version": printable(score.version)}


def _trap_data(trap: Trap) -> dict[str, str]:
    words = {"id": trap.id, "subject": trap.subject, "what": trap.what, "next": trap.next}
    return {key: printable(word) for key, word in words.items()}


def _row_data(row: Row) -> dict[str, Any]:
    offered = row.suggestion
    return {
        "id": row.id,
        "title": row.title,
        "verdict": row.verdict.value,
        "cells": {
            layer.value: {"state": cell.state.value, "why": printable(cell.why)}
            for layer, cell in row.cells.items()
        },
        "suggestion": offered
        and {"lines": [printable(line) for line in offered.lines], "mind": printable(offered.mind)},
    }
