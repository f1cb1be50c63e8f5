"""Reviewer notes as data: everything that the other formats show, and what they leave out for length."""

import json
from typing import Any

from assistant.domain.policy import spelled
from assistant.domain.review import Review
from assistant.domain.rights import names
from assistant.domain.ruleset import PathGrant, Refused, Ruleset
from assistant.domain.trial import TrialSummary
from assistant.render.codepaths import codepaths_data
from assistant.render.context import context_data
from assistant.render.difference import difference_data
from assistant.render.gaps import gaps
from assistant.render.grants import Look, author, looks
from assistant.render.manuscript import plain_line
from assistant.render.notesform import (
    ApprovalData,
    FindingData,
    GrantData,
    ModelData,
    NotesData,
    NotGranted,
    ProvenanceData,
    SourceData,
    TestData,
    Told,
    TraceData,
)
from assistant.render.radius import radius_data
from assistant.render.report import report_data
from assistant.render.verdict import verdict


def notes_json(review: Review) -> str:
    """The notes as JSON, ASCII only."""
    made = _notes(review).model_dump()
    for entry in (*made["grants"], *made["refused"], *made["probed"]):
        for key in ("path", "path_hex", "port"):
            if entry[key] is None:
                del entry[key]
    return json.dumps(made, indent=2) + "\n"


def _notes(review: Review) -> NotesData:
    ruleset, report = review.ruleset, report_data(review.report) if review.report else None
    by = author(ruleset)
    unexercised = [
        ": ".join(filter(None, (one.code_path, one.touches, one.why))) for one in ruleset.unexercised
    ]
    return NotesData(
        service=_text(ruleset.service),
        digest=ruleset.digest(),
        target_abi=ruleset.target_abi,
        verdict=plain_line(verdict(review)),
        exit=report and report["exit"],
        against=_text(review.against),
        difference=difference_data(review.difference) if review.difference else None,
        findings=[FindingData(**_texts(one)) for one in report["findings"]] if report else None,
        grants=[_grant(look) for look in looks(ruleset, review.report)],
        refused=[_not_granted(entry, by) for entry in ruleset.refused],
        probed=[_not_granted(entry, by) for entry in ruleset.probed],
        scope={"signal": ruleset.scope.signal, "abstract_unix_socket": ruleset.scope.abstract_unix_socket},
        still_allowed=[plain_line(gap) for gap in gaps(ruleset, review.inventory)],
        layers=context_data(review.context) if review.context else None,
        radius=radius_data(review.radius) if review.radius else None,
        traces=_sources(review),
        code_paths=codepaths_data(review.code_paths) if review.code_paths else None,
        unexercised=[
            Told(text=_text(text), by=one.by)
            for text, one in zip(unexercised, ruleset.unexercised, strict=True)
        ],
        questions=[Told(text=_text(one.text), by=one.by) for one in ruleset.question],
        test=_test(review.trial) if review.trial else None,
        minimality=_texts(review.minimality.as_data()) if review.minimality else None,
        provenance=_provenance(ruleset),
        approval=_approval(ruleset),
    )


def _text(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _texts(value: Any) -> Any:
    """Plain values with every text in them made one that JSON can hold."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {key: _texts(one) for key, one in value.items()}
    return [_texts(one) for one in value] if isinstance(value, list | tuple) else value


def _grant(look: Look) -> GrantData:
    grant = look.grant
    place: dict[str, Any] = spelled(grant.path) if isinstance(grant, PathGrant) else {"port": grant.port}
    return GrantData(
        **place,
        rights=names(grant.rights),
        by=grant.by,
        group=_text(grant.group),
        why=_text(grant.why),
        necessity=grant.necessity,
        doubts=_texts(grant.doubts),
        weakness=_text(grant.weakness),
        evidence=_texts(grant.evidence),
        optional=isinstance(grant, PathGrant) and grant.optional,
        made=grant.made if isinstance(grant, PathGrant) else "",
        alternatives=_texts(grant.alternatives) if isinstance(grant, PathGrant) else [],
        stands_out=list(look.reasons),
    )


def _not_granted(entry: Refused, by: str) -> NotGranted:
    rights, why = names(entry.rights), _text(entry.why)
    return NotGranted(**spelled(entry.path), rights=rights, why=why, by=by, evidence=_texts(entry.evidence))


def _sources(review: Review) -> list[SourceData] | None:
    if review.inventory is None:
        return None
    return [
        SourceData(
            name=_text(source.name),
            lines=source.lines,
            understood=source.understood,
            without_access=source.ignored,
            not_understood=source.not_understood,
            complete=source.complete,
        )
        for source in review.inventory.sources
    ]


def _test(trial: TrialSummary) -> TestData:
    return TestData(
        worked=trial.worked,
        command=_text(trial.command),
        denied=trial.denied,
        allowed=trial.allowed,
        inconclusive=trial.inconclusive,
        kernel=_text(trial.kernel),
        abi=trial.abi,
        skipped=_texts(trial.skipped),
    )


def _provenance(ruleset: Ruleset) -> ProvenanceData:
    made = ruleset.provenance
    return ProvenanceData(
        tool=_text(made.tool),
        author=_text(made.author),
        created=_text(made.created),
        command=_text(made.command),
        kernel=_text(made.kernel),
        kernel_abi=made.kernel_abi,
        traces=[TraceData(**_texts(trace.model_dump())) for trace in made.trace],
        model=_model(ruleset),
    )


def _model(ruleset: Ruleset) -> ModelData | None:
    model = ruleset.provenance.model
    if model is None:
        return None
    return ModelData(
        name=_text(model.name),
        endpoint=_text(model.endpoint),
        prompts=_texts(model.prompts),
        redaction=_text(model.redaction),
        request=_text(model.request),
        turns=model.turns,
        tokens_sent=model.sent,
        tokens_received=model.received,
        dollars=model.cost,
        primer=model.knowledge,
    )


def _approval(ruleset: Ruleset) -> ApprovalData | None:
    given = ruleset.approval
    if given is None:
        return None
    return ApprovalData(
        who=_text(given.who),
        when=_text(given.when),
        comment=_text(given.comment),
        digest=given.digest,
        stale=given.digest != ruleset.digest(),
    )
