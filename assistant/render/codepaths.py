"""Code paths as a check list: what was exercised, and the command that records each that is missing."""

from collections.abc import Iterator
from typing import Any

from assistant.domain.codepath import CodePath, CodePaths, Exercised
from assistant.render.plain import printable


_MARKS = {Exercised.YES: "[x]", Exercised.NO: "[ ]", Exercised.UNKNOWN: "[?]"}
_LONG = 300


def codepaths_text(found: CodePaths) -> str:
    """A line for each, and two below those that are missing or unknown."""
    counts = ", ".join(f"{found.count(state)} {word}" for state, word in _WORDS.items())
    lines = [f"{printable(found.service, _LONG)}: {len(found.paths)} code paths: {counts}"]
    lines += [line for path in found.paths for line in _path(path)]
    lines += [f"not looked at: {printable(sentence, _LONG)}" for sentence in found.unread]
    return "\n".join(lines)


_WORDS = {
    Exercised.YES: "exercised",
    Exercised.NO: "not exercised",
    Exercised.UNKNOWN: "unknown",
}


def _path(path: CodePath) -> Iterator[str]:
    cited = f" [{', '.join(printable(str(line)) for line in path.evidence)}]" if path.evidence else ""
    yield f"{_MARKS[path.exercised]} {printable(path.id, _LONG)}: {printable(path.title, _LONG)}"
    yield f"      {printable(path.why, _LONG)}{cited} ({printable(path.source, _LONG)})"
    if path.exercised is Exercised.YES:
        return
    # A command that was cut would be another command.
    if path.record:
        yield f"      record: {printable(path.record)}"
    if path.meanwhile:
        yield f"      meanwhile: {printable(path.meanwhile)}"


def codepaths_data(found: CodePaths) -> dict[str, Any]:
    """The same as plain data, version 1."""
    return {
        "schema_version": 1,
        "service": printable(found.service),
        "counts": {state.value: found.count(state) for state in Exercised},
        "paths": [
            {
                "id": printable(path.id),
                "title": printable(path.title),
                "source": printable(path.source),
                "exercised": path.exercised.value,
                "why": printable(path.why),
                "evidence": [str(line) for line in path.evidence],
                "record": printable(path.record),
                "meanwhile": printable(path.meanwhile),
            }
            for path in found.paths
        ],
        "unread": [printable(sentence) for sentence in found.unread],
    }
