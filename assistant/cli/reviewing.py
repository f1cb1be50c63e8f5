"""What the notes are made of: traces, this machine, another version, a unit; and the notes in each format."""

from pathlib import Path
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from assistant.domain.difference import Difference
    from assistant.domain.host import Host
    from assistant.domain.review import Review
    from assistant.domain.ruleset import Ruleset


def on_traces(ruleset: "Ruleset", traces: list[Path], host: "Host", cwd: str | None, unit: str) -> "Review":
    """What verifying and looking at the host give; with a unit also its other layers and code paths."""
    from assistant.cli.context import unit_review
    from assistant.cli.inputs import absolute
    from assistant.cli.paths import found_paths
    from assistant.domain.codepath import Signals
    from assistant.domain.review import Review
    from assistant.pipeline.reading import read_traces, signals_of
    from assistant.pipeline.verifying import hold_against
    from assistant.reading.naming import name_traces
    from assistant.review.codepaths.witness import Witness
    from assistant.review.radius import radius

    report = inventory = None
    witness = Witness(None, Signals(), host.resolve)
    if traces:
        named = name_traces(traces, ruleset.provenance.trace)
        inventory = read_traces(named, host, cwd=absolute(cwd))
        report = hold_against(ruleset, inventory, named, host)
        witness = Witness(inventory, signals_of(named) if unit else Signals(), host.resolve)
    return Review(
        ruleset,
        report=report,
        inventory=inventory,
        radius=radius(ruleset, host, inventory) if host.known else None,
        context=unit_review(unit, ruleset) if unit else None,
        code_paths=found_paths(ruleset, witness, unit, host)[0] if unit else None,
    )


def compared(path: Path, ruleset: "Ruleset", against: Path | None) -> "tuple[Difference | None, str]":
    """The difference to another version, and which one that is; none where there is none."""
    from assistant.cli.inputs import load_ruleset
    from assistant.cli.records import record_path, records
    from assistant.review.approval import last_approved
    from assistant.review.difference import difference

    if against is not None:
        return difference(load_ruleset(against).effect(), ruleset.effect()), against.name
    last = last_approved(ruleset, records(record_path(path)))
    if last.effect is None:
        return None, ""
    return difference(last.effect, ruleset.effect()), last.said


def rendered(review: "Review", to: str, text: str, path: Path) -> str:
    """The notes in one of the formats; ``text`` is the ruleset document's, ``path`` where it stands."""
    from importlib.resources import files

    import assistant
    from assistant.render.html import notes_html
    from assistant.render.notes import notes_markdown
    from assistant.render.notesdata import notes_json
    from assistant.render.sarif import notes_sarif

    if to == "markdown":
        return notes_markdown(review)
    if to == "json":
        return notes_json(review)
    if to == "sarif":
        return notes_sarif(review, text, _uri(path), assistant.__version__)
    page = files("assistant.render") / "page"
    style, script = ((page / name).read_text("utf-8") for name in ("style.css", "script.js"))
    return notes_html(review, style, script)


def _uri(path: Path) -> str:
    """Relative to here, where the repository is taken to be; a file elsewhere by its whole path."""
    from urllib.parse import quote

    here, file = Path.cwd(), path.absolute()
    if file.is_relative_to(here):
        return quote(bytes(file.relative_to(here)))
    return f"file://{quote(bytes(file))}"
