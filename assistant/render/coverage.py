"""What the traces behind a ruleset show and cannot show. Unknown is said as unknown."""

from assistant.domain.access import Inventory, TraceSource
from assistant.domain.codepath import CodePath, CodePaths, Exercised
from assistant.domain.report import Report
from assistant.domain.ruleset import Ruleset, Unexercised
from assistant.render.grants import NAME, SENTENCE
from assistant.render.manuscript import (
    Block,
    Blocks,
    Bullets,
    Claim,
    Item,
    Line,
    Name,
    Paragraph,
    Prose,
    Table,
    bullets,
    line,
)


_BLIND = (
    "late-start",
    "truncated-trace",
    "not-understood",
    "unresolved-path",
    "foreign-host",
    "io-uring",
    "inside-namespace",
)
"""Findings on what a trace does not show, beside those whose id starts with ``blind-``."""

_EVENTS = (
    ("a program was started", ("execve", "execveat")),
    ("a file was replaced or moved", ("rename", "renameat", "renameat2")),
    ("a file was removed", ("unlink", "unlinkat")),
    ("a directory was made", ("mkdir", "mkdirat")),
    ("a port or socket was bound", ("bind",)),
    ("a connection was made", ("connect",)),
    ("a signal was sent", ("kill", "tgkill", "tkill", "pidfd_send_signal")),
)

_UNKNOWN = (
    "a reload (SIGHUP) and a change of its configuration",
    "a log rotation",
    "an upgrade of the service or of its libraries while it runs",
    "a first start, with no state on disk",
    "a failing peer, a full disk, a rejected login",
    "a clean stop and a crash",
    "a scheduled job (daily, weekly)",
)


_MOST = 30
_TRACE = 80


def coverage(
    ruleset: Ruleset, report: Report | None, inventory: Inventory | None, code_paths: CodePaths | None
) -> Blocks:
    """Traces, code paths, blind spots, events, and what nobody can tell from a trace."""
    parts: list[Block] = [*_traces(ruleset, inventory), *_code_paths(code_paths), _blind_spots(report)]
    if inventory is not None:
        parts.append(_events(inventory))
    if ruleset.unexercised:
        parts.append(Paragraph(("Code paths that the traces are thought to lack:",)))
        parts.append(bullets(_thought(one) for one in ruleset.unexercised[:_MOST]))
    untold = "A trace does not say whether it holds the following. Ask, or record each and draft again:"
    return (*parts, Paragraph((untold,)), bullets((event,) for event in _UNKNOWN))


def _traces(ruleset: Ruleset, inventory: Inventory | None) -> Blocks:
    if inventory is not None and inventory.sources:
        return _read(inventory.sources)
    drafted = ruleset.provenance.trace
    if not drafted:
        return (Paragraph(("No trace is named: what this ruleset rests on is unknown.",)),)
    rows = tuple(
        ((Name(t.name, _TRACE),), (str(t.lines),), (str(t.not_understood),)) for t in drafted[:_MOST]
    )
    note = "The traces were not read for these notes; the figures are those of the draft."
    return (
        Table(("Trace", "Lines", "Not understood"), rows),
        Paragraph((note, *_more(len(drafted)))),
    )


def _read(sources: tuple[TraceSource, ...]) -> Blocks:
    rows = tuple(
        (
            (Name(source.name, _TRACE),),
            (str(source.lines),),
            (str(source.understood),),
            (str(source.ignored),),
            (str(source.not_understood),),
            ("yes" if source.complete else "no, it is cut off",),
        )
        for source in sources[:_MOST]
    )
    heads = ("Trace", "Lines", "Understood", "Without access", "Not understood", "Ends properly")
    more = _more(len(sources))
    return (Table(heads, rows), *([Paragraph(more)] if more else []))


def _more(count: int) -> Line:
    return (f" And {count - _MOST} more traces.",) if count > _MOST else ()


def _code_paths(found: CodePaths | None) -> Blocks:
    if found is None:
        return ()
    first = line(
        "**{} of {} code paths of the service were recorded**, {} were not, {} are unknown.",
        found.count(Exercised.YES),
        len(found.paths),
        found.count(Exercised.NO),
        found.count(Exercised.UNKNOWN),
    )
    missing = [path for path in found.paths if path.exercised is not Exercised.YES]
    return (Paragraph(first), Bullets(tuple(map(_missing, missing[:_MOST]))))


def _missing(path: CodePath) -> Item:
    word = "not recorded" if path.exercised is Exercised.NO else "unknown"
    about = line(
        "{}: {}, {}: {}", word, Name(path.id, NAME), Prose(path.title, SENTENCE), Prose(path.why, SENTENCE)
    )
    # A command that was cut would be another command.
    return Item(about, (line("Record it: {}", Name(path.record)),) if path.record else ())


def _thought(one: Unexercised) -> Line:
    wording = Claim if one.by == "model" else Prose
    more = [wording(text, SENTENCE) for text in (one.touches, one.why) if text]
    return line("{}" + "; {}" * len(more), wording(one.code_path, SENTENCE), *more)


def _blind_spots(report: Report | None) -> Block:
    if report is None:
        return Paragraph(("Blind spots of the traces: unknown, the ruleset was not verified.",))
    found = [f for f in report.findings if f.id.startswith("blind-") or f.id in _BLIND]
    if not found:
        return Paragraph(("No blind spot of the traces was found.",))
    rows = [
        line("{}: {}: {}", one.id, Prose(one.subject, _TRACE), Prose(one.message, 300))
        for one in found[:_MOST]
    ]
    left = len(found) - _MOST
    return bullets([*rows, (f"and {left} more",)] if left > 0 else rows)


def _events(inventory: Inventory) -> Table:
    rows = []
    for event, calls in _EVENTS:
        count = sum(inventory.calls.get(call, 0) for call in calls)
        seen = (
            f"{count} call{'s' * (count > 1)}" if count else "not seen: it did not happen, or was not traced"
        )
        rows.append(((event,), (seen,)))
    return Table(("Event", "In the traces"), tuple(rows))
