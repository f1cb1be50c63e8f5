"""How far a ruleset reaches, as Markdown and as plain data. What could not be counted is said."""

from typing import Any

from assistant.domain.radius import Opening, Radius, Use
from assistant.render.grants import NAME
from assistant.render.markdown import code, table


_MOST = 12
_NAMED = 3

_COUNTS = {
    Use.READ: "private files that it may read",
    Use.WRITE: "files that it may change",
    Use.EXECUTE: "programs that it may run",
}


def radius_text(radius: Radius | None) -> str:
    """The figure in words, what it is made of, and the grants that open most."""
    if radius is None:
        return "Unknown: the files of the machine that the service runs on were not looked at."
    least = "" if radius.complete else "at least "
    parts = " + ".join(f"{one.counted} {_COUNTS[one.use]}" for one in radius.reached)
    text = f"Blast radius: **{least}{radius.figure}** = {parts}. {_used(radius)}"
    rows = [_row(opening) for opening in radius.openings if opening.counted or not opening.complete]
    if not rows:
        return text
    heads = ("Grant", "To", "Opens", "Used in the traces", "Counted", "To know by name")
    more = f"\n\nand {len(rows) - _MOST} more." if len(rows) > _MOST else ""
    return f"{text}\n\n{table(heads, rows[:_MOST])}{more}"


def _used(radius: Radius) -> str:
    if any(one.used is None for one in radius.reached):
        return "How many of them the service uses is unknown: no trace was given."
    listed = ", ".join(f"{one.used} to {one.use}" for one in radius.reached)
    return f"The traces used of these: {listed}."


def _row(opening: Opening) -> tuple[str, ...]:
    least = "" if opening.complete else "at least "
    named = ", ".join(f"{code(one.path, NAME)} ({one.why})" for one in opening.sensitive[:_NAMED])
    left = len(opening.sensitive) - _NAMED
    return (
        code(opening.path, NAME),
        opening.use.value,
        f"{least}{opening.opened}",
        "unknown" if opening.used is None else str(opening.used),
        f"{least}{opening.counted}",
        (named or "none") + (f" and {left} more" if left > 0 else ""),
    )


def radius_data(radius: Radius) -> dict[str, Any]:
    """The same as plain data, every file to know by name."""
    return {
        "figure": radius.figure,
        "complete": radius.complete,
        "counted": {one.use.value: one.counted for one in radius.reached},
        "used": {one.use.value: one.used for one in radius.reached},
        "grants": [
            {
                "path": _plain(opening.path),
                "use": opening.use.value,
                "opened": opening.opened,
                "counted": opening.counted,
                "used": opening.used,
                "complete": opening.complete,
                "sensitive": [{"path": _plain(one.path), "why": one.why} for one in opening.sensitive],
            }
            for opening in radius.openings
        ],
    }


def _plain(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
