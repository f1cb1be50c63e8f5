"""``landscribe test --prove-minimal``: which rights earn their place."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import Exit, UsageError


if TYPE_CHECKING:
    from assistant.domain.minimality import Minimality, Narrowing, RightTried
    from assistant.proving.minimal import Effort
    from assistant.proving.trial import Setting


def prove(ruleset: Path, setting: "Setting", effort: "Effort", output: Path | None, *, as_json: bool) -> int:
    """Drop each right, show what came of it, and say it as an exit code."""
    from assistant.cli import console
    from assistant.cli.inputs import load_ruleset
    from assistant.cli.trials import escaped
    from assistant.domain.report import Report
    from assistant.proving.minimal import prove_minimal
    from assistant.render.report import report_data, report_text

    if effort.at_once > 1 and setting.room is None:
        raise UsageError("several runs at once would meet", hint="give each a room of its own with --room")
    result = prove_minimal(load_ruleset(ruleset), setting, effort)
    report = Report.of(result.findings)
    if result.document is not None:
        data = escaped(result.document.as_data())
        if output is not None:
            console.write_file(output, json.dumps(data, indent=2) + "\n")
        if as_json:
            console.result_json({**data, "report": report_data(report)})
        else:
            console.result(as_text(result.document))
    console.say(report_text(report))
    if result.interrupted:
        console.say("landscribe: interrupted; what was found so far is above")
        return Exit.INTERRUPTED
    stopped = result.document is not None and not result.document.complete
    return Exit.STOPPED if stopped else int(report.exit)


def as_text(document: "Minimality") -> str:
    """What is not proven, each right with why it stays; the directories; and the share in the last line."""
    from assistant.render.plain import printable

    rows = [_right(right) for right in document.rights if right.verdict != "needed"]
    rows += [f"they cannot all go at once: {printable(one)} must stay then" for one in document.together]
    rows += [_directory(one) for one in document.directories]
    if not document.complete:
        rows.append(f"not complete: {document.reason}")
    proven = f"{document.proven} of {len(document.rights)} rights proven"
    effort = f"{document.runs} runs, {document.seconds:g} s"
    rows.append(f"{proven} by {len(document.scenarios)} scenario(s), {effort}")
    return "\n".join(rows)


def _right(right: "RightTried") -> str:
    from assistant.render.plain import printable

    cited = f" [{', '.join(map(printable, right.evidence[:3]))}]" if right.evidence else ""
    subject = printable(right.object, limit=80)
    return f"{right.verdict:10} {right.right} on {subject}: {printable(right.why)}{cited}"


def _directory(one: "Narrowing") -> str:
    from assistant.render.plain import printable

    enough = f"{len(one.needed)} of its {one.entries} entries would do"
    if len(one.needed) in (0, one.entries):
        enough = printable(one.why) if not one.needed else "all that lies in it is used"
    return f"directory  {printable(one.directory, limit=80)}: {enough}"
