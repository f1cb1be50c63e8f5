"""What the traces behind a ruleset show and cannot show, as Markdown. Unknown is said as unknown."""

from assistant.domain.access import Inventory
from assistant.domain.report import Report
from assistant.domain.ruleset import Ruleset
from assistant.render.markdown import bullets, code, prose, table


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


def coverage(ruleset: Ruleset, report: Report | None, inventory: Inventory | None) -> str:
    """Traces, blind spots, events, and what nobody can tell from a trace."""
    parts = [_traces(ruleset, inventory), _blind_spots(report)]
    if inventory is not None:
        parts.append(_events(inventory))
    parts.append(
        "A trace does not say whether it holds the following. Ask, or record each and draft again:\n\n"
        + bullets(_UNKNOWN)
    )
    return "\n\n".join(parts)


def _traces(ruleset: Ruleset, inventory: Inventory | None) -> str:
    if inventory is not None and inventory.sources:
        return table(
            ("Trace", "Lines", "Understood", "Without access", "Not understood", "Ends properly"),
            [
                (
                    code(source.name, 80),
                    str(source.lines),
                    str(source.understood),
                    str(source.ignored),
                    str(source.not_understood),
                    "yes" if source.complete else "no, it is cut off",
                )
                for source in inventory.sources
            ],
        )
    if not ruleset.provenance.trace:
        return "No trace is named: what this ruleset rests on is unknown."
    rows = [(code(t.name, 80), str(t.lines), str(t.not_understood)) for t in ruleset.provenance.trace]
    note = "The traces were not read for these notes; the figures are those of the draft."
    return table(("Trace", "Lines", "Not understood"), rows) + "\n\n" + note


def _blind_spots(report: Report | None) -> str:
    if report is None:
        return "Blind spots of the traces: unknown, the ruleset was not verified."
    found = [f for f in report.findings if f.id.startswith("blind-") or f.id in _BLIND]
    if not found:
        return "No blind spot of the traces was found."
    return bullets(
        f"{finding.id}: {prose(finding.subject, 80)}: {prose(finding.message, 300)}" for finding in found
    )


def _events(inventory: Inventory) -> str:
    rows = []
    for event, calls in _EVENTS:
        count = sum(inventory.calls.get(call, 0) for call in calls)
        rows.append(
            (
                event,
                f"{count} call{'s' * (count > 1)}"
                if count
                else "not seen: it did not happen, or was not traced",
            )
        )
    return table(("Event", "In the traces"), rows)
