"""``landscribe test --learn``: a ruleset completed from what the kernel denied."""

from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import UsageError


if TYPE_CHECKING:
    from assistant.domain.ruleset import Ruleset
    from assistant.proving.learning import Learned
    from assistant.proving.trial import Setting


def learn_from_denials(ruleset: Path, setting: "Setting", output: Path | None, *, as_json: bool) -> int:
    """Learn, write the ruleset and its evidence if there is something to write, and give the exit code."""
    from assistant.cli import console
    from assistant.domain.document import load, to_data
    from assistant.domain.report import Report
    from assistant.proving.learning import learn
    from assistant.render.report import report_data, report_text

    before = console.read_file(ruleset, "the ruleset")
    document = load(before, source=f"{str(ruleset)!a}")
    name = _name(document)
    if output is not None:
        _check(output, name)
    learned = learn(document, setting, name)
    report = Report.of(learned.findings)
    if learned.ruleset is not None and output is not None:
        _write(learned, before, output, rewrites=output.exists() and output.samefile(ruleset))
    if as_json:
        console.result_json(
            {
                "schema_version": 1,
                "works": learned.works,
                "rounds": learned.rounds,
                "ruleset": to_data(learned.ruleset) if learned.ruleset else None,
                "report": report_data(report),
            }
        )
    else:
        console.result(_as_text(learned, output))
    console.say(report_text(report))
    return int(report.exit)


def _name(ruleset: "Ruleset") -> str:
    """What evidence calls the records: a name that no trace of the document has."""
    taken = {trace.name for trace in ruleset.provenance.trace}
    number = 1
    while (name := "denials" + (f"-{number}" if number > 1 else "")) in taken:
        number += 1
    return name


def _check(output: Path, name: str) -> None:
    """Before anything is lived: what will be written must not take something else's place."""
    from assistant.cli.inputs import load_ruleset

    if not output.parent.is_dir():
        raise UsageError(f"{str(output)!a} cannot be written", hint="name a file in a directory that exists")
    if output.exists():
        load_ruleset(output)
    for place in (beside(output, name), *output.parent.glob(f"{escape(output.stem)}.{name}-*.log")):
        if place.exists():
            hint = "it may be another ruleset's evidence: move it, or name another -o"
            raise UsageError(f"{str(place)!a} exists", hint=hint)


def _write(learned: "Learned", before: str, output: Path, *, rewrites: bool) -> None:
    """First the evidence, then the ruleset that cites it."""
    from assistant.cli import console
    from assistant.cli.inputs import unchanged
    from assistant.domain import document

    if learned.ruleset is None:
        return
    if rewrites:
        unchanged(output, before, "learn again; nothing was written")
    text = document.dump(learned.ruleset, over=before)
    for trace in learned.kept:
        place = beside(output, trace.name)
        console.write_file(place, b"".join(trace.blocks()))
        console.say(f"written: {str(place)!a}, the evidence for what was learnt")
    console.write_file(output, text)
    console.say(f"written: {str(output)!a}")


def beside(output: Path, name: str) -> Path:
    """Where the evidence of a ruleset goes."""
    return output.with_name(f"{output.stem}.{name}.log")


def _as_text(learned: "Learned", output: Path | None) -> str:
    from assistant.domain import document

    if not learned.works:
        return f"the scenarios do not work yet after {learned.rounds} round(s): nothing was written"
    if learned.ruleset is None:
        return "the scenarios work: there was nothing to learn"
    if output is None:
        return document.dump(learned.ruleset)
    return f"the scenarios work now, after {learned.rounds} round(s)"
