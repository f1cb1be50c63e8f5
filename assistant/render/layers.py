"""Which layer of a launch denies what, for the notes: the gaps and single points first, and its traps."""

from assistant.domain.context import ContextReview, Layer, Row, Trap, Verdict
from assistant.render.grants import SENTENCE
from assistant.render.manuscript import (
    Block,
    Blocks,
    Line,
    Mark,
    Name,
    Paragraph,
    Prose,
    Table,
    bullets,
    line,
)


_MOST = 30


def layers(found: ContextReview | None) -> Blocks:
    """The table, one row for each kind of access; unknown when no unit was given."""
    if found is None:
        unknown = "Unknown: how the service is started was not looked at (`--unit`). Landlock is one layer; "
        others = "users, capabilities, system call filters and mounts are others."
        return (Paragraph(line(unknown + others)),)
    parts: list[Block] = [Paragraph(line("Read from {}.", Name(found.name, 100)))]
    if found.traps:
        parts.append(bullets(map(_trap, found.traps)))
    rows = tuple(map(_row, sorted(found.rows, key=lambda row: list(Verdict).index(row.verdict))))
    parts.append(Table(("A service that was taken over", "Verdict", *map(str, Layer)), rows))
    if found.suggestions:
        more = ("These directives close gaps; `landscribe context` says what to mind:",)
        parts += [Paragraph(line(*more)), bullets((Name(one),) for one in found.suggestions)]
    if found.unread:
        parts.append(bullets(line("Not judged: {}", Prose(one, SENTENCE)) for one in found.unread[:_MOST]))
    if len(found.unread) > _MOST:
        parts.append(Paragraph((f"and {len(found.unread) - _MOST} more that were not judged.",)))
    return tuple(parts)


def _trap(trap: Trap) -> Line:
    what, remedy = (Prose(text.rstrip("."), SENTENCE) for text in (trap.what, trap.next))
    return line("**Trap** {}: {}: {}. Next: {}.", trap.id, Name(trap.subject, SENTENCE), what, remedy)


def _row(row: Row) -> tuple[Line, ...]:
    states = ((row.cells[layer].state.value,) for layer in Layer)
    verdict: Line = (Mark(row.verdict.value),) if row.verdict is Verdict.GAP else (row.verdict.value,)
    return ((row.title,), verdict, *states)
