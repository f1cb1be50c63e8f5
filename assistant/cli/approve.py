"""``landscribe approve``: binds a person's approval to the digest of the grants that they were shown."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.inputs import Cwd, Foreign, Json, RulesetFile, trace_path
from assistant.errors import Exit, StoppedError


if TYPE_CHECKING:
    from assistant.cli.consent import Said
    from assistant.domain.difference import Difference
    from assistant.domain.host import Host
    from assistant.domain.report import Report
    from assistant.domain.review_record import ReviewRecord
    from assistant.domain.ruleset import Ruleset
    from assistant.review.approval import LastApproved, Seen


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the person is shown, and what it was made from."""

    path: Path
    text: str
    ruleset: "Ruleset"
    last: "LastApproved"
    difference: "Difference"
    report: "Report"
    seen: "Seen"


_Name = Annotated[
    str | None, typer.Option(metavar="WHO", help="Who approves; on a terminal git's identity is offered.")
]
_Comment = Annotated[str | None, typer.Option(metavar="TEXT", help="What the next reviewer should know.")]
_Digest = Annotated[
    str, typer.Option(metavar="SHA256", help="Of the grants that were read; for want of a terminal.")
]
_Accept = Annotated[
    list[str] | None,
    typer.Option(metavar="'ID SUBJECT'", help="Approve in spite of this blocking finding; once for each."),
]
_Unverified = Annotated[
    bool, typer.Option("--unverified", help="Approve although no trace was given to verify against.")
]
_Statement = Annotated[
    Path | None,
    typer.Option(metavar="FILE", readable=False, help="Also write an in-toto statement, unsigned."),
]


def approve(
    ruleset: RulesetFile,
    traces: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[TRACE]...", parser=trace_path, help="The traces, to verify against first."),
    ] = None,
    name: _Name = None,
    comment: _Comment = None,
    digest: _Digest = "",
    accept: _Accept = None,
    unverified: _Unverified = False,
    statement: _Statement = None,
    cwd: Cwd = None,
    foreign: Foreign = False,
    as_json: Json = False,
) -> int:
    """Approve a ruleset, after reading what is new in it.

    Shows what became wider and narrower since the last approval, and what verifying found. Asks on a
    terminal; elsewhere each answer must be an option. Writes the approval into the ruleset, and adds what was
    seen to RULESET.review.jsonl.
    """
    from assistant.cli import console
    from assistant.cli.consent import Given, Needed, blocked, consent
    from assistant.cli.inputs import absolute
    from assistant.enforce.identity import git_identity
    from assistant.review.approval import to_accept

    shown = _show(ruleset, traces or [], absolute(cwd), foreign=foreign)
    if not as_json:
        console.result(_as_text(shown))
    needed = Needed(shown.ruleset.digest(), to_accept(shown.report), bool(shown.seen.traces))
    given = Given(name, comment, digest, frozenset(accept or ()), unverified)
    if not console.can_ask() and (left := needed.not_accepted(given)):
        console.complain(blocked(left))
        return Exit.BLOCKING
    record = _record(shown, consent(needed, given, git_identity(shown.path.parent)))
    written = _write(shown, record, statement)
    if as_json:
        console.result_json(_as_data(shown, record, written))
    console.say(f"approved: {record.digest} by {record.who!a}")
    for path in written:
        console.say(f"written: {str(path)!a}")
    return Exit.OK


def _show(path: Path, traces: list[Path], cwd: str | None, *, foreign: bool) -> _Shown:
    """Read everything, and hold it against the traces before anybody is asked."""
    from assistant.cli import console
    from assistant.cli.inputs import the_host
    from assistant.cli.records import record_path, records
    from assistant.domain import document
    from assistant.domain.effect import Effect
    from assistant.review.approval import last_approved
    from assistant.review.difference import difference

    text = console.read_file(path, "the ruleset")
    ruleset = document.load(text, source=f"{str(path)!a}")
    last = last_approved(ruleset, records(record_path(path)))
    report, seen = _verified(ruleset, traces, the_host(foreign=foreign, of=ruleset), cwd)
    now = ruleset.effect()
    before = last.effect or Effect(now.target_abi, now.scope, {}, {})
    # What is a file here may be a directory where it counts: nothing is left out of what is approved.
    return _Shown(path, text, ruleset, last, difference(before, now), report, seen)


def _verified(ruleset: "Ruleset", traces: list[Path], host: "Host", cwd: str | None) -> "tuple[Report, Seen]":
    import assistant
    from assistant.domain.review_record import SeenTrace
    from assistant.pipeline.reading import read_traces
    from assistant.pipeline.verifying import hold_against
    from assistant.reading.naming import name_traces
    from assistant.review.approval import NO_TRACE, NOT_HERE, Seen
    from assistant.verify.registry import verify_alone

    tool = f"landscribe {assistant.__version__}"
    unchecked = () if host.known else (NOT_HERE,)
    if not traces:
        return verify_alone(ruleset, host), Seen(tool, (), (NO_TRACE, *unchecked))
    named = name_traces(traces, ruleset.provenance.trace)
    inventory = read_traces(named, host, cwd=cwd)
    seen = tuple(SeenTrace(name=s.name, sha256=s.sha256, lines=s.lines) for s in inventory.sources)
    return hold_against(ruleset, inventory, named, host), Seen(tool, seen, unchecked)


def _record(shown: _Shown, said: "Said") -> "ReviewRecord":
    from datetime import UTC, datetime

    from assistant.domain.ruleset import Approval
    from assistant.review.approval import record_of

    when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    approval = Approval(digest=shown.ruleset.digest(), who=said.who, when=when, comment=said.comment)
    return record_of(shown.ruleset, approval, shown.last, shown.report, shown.seen)


def _write(shown: _Shown, record: "ReviewRecord", statement: Path | None) -> list[Path]:
    """Add to the record first: an approval that only the record knows approves nothing."""
    import hashlib

    from assistant.cli import console
    from assistant.cli.records import record_path
    from assistant.domain import document
    from assistant.domain.ruleset import Approval
    from assistant.render.statement import statement as render

    approval = Approval(digest=record.digest, who=record.who, when=record.when, comment=record.comment)
    text = document.dump(shown.ruleset.model_copy(update={"approval": approval}), over=shown.text)
    if console.read_file(shown.path, "the ruleset") != shown.text:
        raise StoppedError(
            f"{str(shown.path)!a} was changed while you read it", hint="approve again, and read what is new"
        )
    beside = record_path(shown.path)
    console.append_line(beside, record.as_line())
    console.write_file(shown.path, text)
    if statement is None:
        return [beside, shown.path]
    sha256 = hashlib.sha256(text.encode("utf-8")).hexdigest()
    console.write_file(statement, render(record, shown.path.name, sha256) + "\n")
    return [beside, shown.path, statement]


def _as_text(shown: _Shown) -> str:
    from assistant.render.difference import difference_text
    from assistant.render.plain import printable
    from assistant.render.report import report_text

    return "\n".join(
        [
            f"{printable(shown.ruleset.service)}: {printable(shown.last.said)}",
            difference_text(shown.difference),
            "",
            report_text(shown.report),
            *(f"not checked: {sentence}" for sentence in shown.seen.unchecked),
            f"digest: {shown.ruleset.digest()}",
        ]
    )


def _as_data(shown: _Shown, record: "ReviewRecord", written: list[Path]) -> dict[str, Any]:
    from assistant.render.difference import difference_data
    from assistant.render.plain import printable
    from assistant.render.report import report_data

    return {
        "schema_version": 1,
        "digest": record.digest,
        "previous": record.previous,
        "who": record.who,
        "when": record.when,
        "comment": record.comment,
        "unchecked": list(record.unchecked),
        "difference": difference_data(shown.difference),
        "report": report_data(shown.report),
        "written": [printable(str(path)) for path in written],
    }
