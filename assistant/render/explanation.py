"""An explanation as text and as plain data. Lines of traces are shown raw but escaped; unknown is said."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from assistant.domain.access import Evidence, PathAccess, PortAccess, Seen
from assistant.domain.explanation import Answer, Asked, Dropped, Explanation, Grant, Loss, Shown
from assistant.domain.policy import spelled
from assistant.domain.rights import names
from assistant.domain.ruleset import PathGrant, Refused
from assistant.render.plain import printable


_NAME = 200
_LINE = 400
_MOST = 20
_LOSSES = 5
_OWNERS = 3


def explanation_text(found: Explanation) -> str:
    """Rights, rules, lines, and what would go with each rule."""
    lines = [*_head(found), *_answers(found.answers)]
    if found.inside:
        lines += [f"in its directory {printable(found.directory, _NAME)}, to make, remove or move it:"]
        lines += _answers(found.inside)
    lines += [f"refused on purpose: {_entry(entry)}" for entry in found.refused]
    lines += [f"looked for in vain: {_entry(entry)}" for entry in found.probed]
    lines += ["rules that reach it:" if found.dropped else "no rule reaches it"]
    lines += [line for dropped in found.dropped for line in _rule(dropped)]
    lines += _seen(found.shown)
    return "\n".join(lines)


def _head(found: Explanation) -> Iterator[str]:
    if isinstance(found.asked, int):
        yield f"port {found.asked}, whatever the address"
        return
    asked = found.asked
    if asked.kind is not None:
        kind: str = asked.kind.value
    else:
        kind = "does not exist here" if asked.known else "not looked up: what it is, is unknown"
    yield f"{printable(asked.path, _NAME)}: {kind}; {_owner(asked)}"
    if asked.given != asked.path:
        yield f"  {printable(asked.given, _NAME)} leads there; rules bind to what a path leads to"
    if asked.known and asked.kind is None:
        yield "  no rule can be made on what does not exist: what counts is its directory when it is made"
    if asked.also:
        also = ", ".join(names(asked.also))
        yield f"  by another name of the same object (a hard link, a bind mount) also: {also}"


def _owner(asked: Asked) -> str:
    if asked.owners is None:
        return "its package is unknown"
    left = len(asked.owners) - _OWNERS
    few = ", ".join(asked.owners[:_OWNERS]) + (f" and {left} more" if left > 0 else "")
    return f"package {printable(few)}" if asked.owners else "no package holds it"


def _answers(answers: Sequence[Answer]) -> Iterator[str]:
    """One line for each set of rules that gives rights, then what is denied, then what cannot be."""
    by_rules: dict[tuple[str, ...], list[Answer]] = {}
    for answer in answers:
        if answer.allowed and answer.handled:
            by_rules.setdefault(tuple(_subject(grant) for grant in answer.grants), []).append(answer)
    for rules, given in by_rules.items():
        yield f"  allowed  {_rights(given)}: {', '.join(dict.fromkeys(rules))}"
    if denied := [answer for answer in answers if not answer.allowed]:
        yield f"  denied   {_rights(denied)}"
    if unhandled := [answer for answer in answers if answer.allowed and not answer.handled]:
        yield f"  not denied anywhere, for it is newer than the target ABI: {_rights(unhandled)}"


def _rights(answers: Iterable[Answer]) -> str:
    return ", ".join(name for answer in answers for name in names(answer.right))


def _subject(grant: Grant) -> str:
    return printable(grant.path, _NAME) if isinstance(grant, PathGrant) else f"port {grant.port}"


def _entry(entry: Refused) -> str:
    rights = f" ({', '.join(names(entry.rights))})" if entry.rights else ""
    return f"{printable(entry.path, _NAME)}{rights}: {printable(entry.why, _LINE)}"


def _rule(dropped: Dropped) -> Iterator[str]:
    grant = dropped.grant
    group = f", {printable(grant.group, _NAME)}" if grant.group else ""
    yield f"  {_subject(grant)}: {', '.join(names(grant.rights))}; by {grant.by}{group}"
    claimed = " (model)" if grant.by == "model" else ""
    yield f"    why: {printable(grant.why, _LINE) or 'no reason is given'}{claimed if grant.why else ''}"
    if grant.weakness:
        yield f"    weakness: {printable(grant.weakness, _LINE)}{claimed}"
    if grant.evidence:
        yield f"    evidence: {', '.join(printable(line) for line in grant.evidence[:_LOSSES])}"
    yield f"    without it: {_loss_count(dropped)}"
    for loss in (dropped.losses or ())[:_LOSSES]:
        yield f"      {_loss(loss)}"


def _loss_count(dropped: Dropped) -> str:
    if dropped.losses is None:
        return "unknown, no trace was given"
    if not dropped.losses:
        return "no access in these traces would fail"
    more = f", the first {_LOSSES}:" if len(dropped.losses) > _LOSSES else ":"
    kinds = "1 kind" if len(dropped.losses) == 1 else f"{len(dropped.losses)} kinds"
    return f"{kinds} of access in these traces would fail{more}"


def _loss(loss: Loss) -> str:
    access = loss.access
    where = f"port {access.port}" if isinstance(access, PortAccess) else printable(access.path, _NAME)
    cited = f" [{printable(str(access.evidence[0]))}]" if access.evidence else ""
    return f"{loss.errno}: {access.call} {where}: {', '.join(names(loss.rights))}{cited}"


def _seen(shown: tuple[Shown, ...] | None) -> Iterator[str]:
    if shown is None:
        yield "what the traces show is unknown: none was given"
        return
    yield "in the traces:" if shown else "the traces do not show it"
    for one in shown[:_MOST]:
        yield from _access(one)
    if len(shown) > _MOST:
        yield f"  and {len(shown) - _MOST} more kinds of access, on it or beneath it"


def _access(one: Shown) -> Iterator[str]:
    access = one.access
    where = "" if isinstance(access, PortAccess) else f" {printable(access.path, _NAME)}"
    needs = f"{access.verdict.value} {', '.join(names(access.rights))}" if access.rights else "no right"
    verdict = f"; denied: {', '.join(names(one.denied))}" if one.denied else ""
    yield f"  {access.call}{where}: {access.outcome}, {access.count}x; {needs}{verdict}"
    if isinstance(access, PathAccess) and access.volatile:
        yield "    made or replaced in the run: only rules on the directories above it count"
    if isinstance(access, PathAccess) and access.implied_by:
        program, cited = printable(access.implied_by, _NAME), ", ".join(map(str, access.evidence))
        yield f"    no line shows it: the kernel opens it when {program} is executed [{printable(cited)}]"
    for trace, count in access.runs:
        pids = [str(seen.pid) for seen in access.processes if seen.trace == trace and seen.pid]
        by = ", ".join(printable(actor, _NAME) for actor in access.actors) or "an unknown program"
        yield f"    run {printable(trace)}, {count}x: {by}" + (f", pid {', '.join(pids)}" if pids else "")
        yield from (
            f"      {line.line}: {printable(raw.decode('utf-8', 'surrogateescape'), _LINE)}"
            for line, raw in one.lines
            if line.trace == trace
        )


def explanation_data(found: Explanation) -> dict[str, Any]:
    """The same as plain data, version 1."""
    asked = found.asked
    return {
        "schema_version": 1,
        "subject": {"port": asked} if isinstance(asked, int) else _asked_data(asked),
        "answers": [_answer_data(answer) for answer in found.answers],
        "directory": spelled(found.directory) if found.directory else None,
        "in_directory": [_answer_data(answer) for answer in found.inside],
        "refused": [_entry_data(entry) for entry in found.refused],
        "probed": [_entry_data(entry) for entry in found.probed],
        "rules": [_dropped_data(dropped) for dropped in found.dropped],
        "seen": None if found.shown is None else [_shown_data(one) for one in found.shown],
    }


def _asked_data(asked: Asked) -> dict[str, Any]:
    return {
        "given": spelled(asked.given),
        **spelled(asked.path),
        "kind": asked.kind.value if asked.kind else None,
        "host_known": asked.known,
        "packages": asked.owners,
        "rights_by_another_name": names(asked.also),
    }


def _answer_data(answer: Answer) -> dict[str, Any]:
    return {
        "right": names(answer.right)[0],
        "allowed": answer.allowed,
        "handled": answer.handled,
        "rules": [_subject_data(grant) for grant in answer.grants],
    }


def _subject_data(grant: Grant) -> dict[str, Any]:
    return spelled(grant.path) if isinstance(grant, PathGrant) else {"port": grant.port}


def _entry_data(entry: Refused) -> dict[str, Any]:
    return {**spelled(entry.path), "rights": names(entry.rights), "why": entry.why}


def _dropped_data(dropped: Dropped) -> dict[str, Any]:
    grant, losses = dropped.grant, dropped.losses
    return {
        **_subject_data(grant),
        "rights": names(grant.rights),
        "by": grant.by,
        "group": grant.group,
        "why": grant.why,
        "weakness": grant.weakness,
        "evidence": list(grant.evidence),
        "without_it": None if losses is None else [_loss_data(loss) for loss in losses],
    }


def _loss_data(loss: Loss) -> dict[str, Any]:
    return {"errno": loss.errno, "rights": names(loss.rights), **_access_data(loss.access)}


def _shown_data(one: Shown) -> dict[str, Any]:
    lines = [{**_line_data(line), "raw": raw.decode("utf-8", "backslashreplace")} for line, raw in one.lines]
    return {**_access_data(one.access), "denied": names(one.denied), "lines": lines}


def _access_data(access: PathAccess | PortAccess) -> dict[str, Any]:
    place = {"port": access.port} if isinstance(access, PortAccess) else spelled(access.path)
    return {
        **place,
        "call": access.call,
        "outcome": access.outcome,
        "verdict": access.verdict.value,
        "needs": names(access.rights),
        "count": access.count,
        "runs": dict(access.runs),
        "actors": [printable(actor) for actor in access.actors],
        "processes": [_process_data(seen) for seen in access.processes],
        "evidence": [str(line) for line in access.evidence],
    }


def _line_data(line: Evidence) -> dict[str, Any]:
    return {"trace": line.trace, "line": line.line}


def _process_data(seen: Seen) -> dict[str, Any]:
    return {"trace": seen.trace, "pid": seen.pid or None}
