"""The ruleset in the landlockconfig format (TOML and JSON), which island and llconfig read.

Handles every right of the target ABI that the format can name, explicitly: what that format leaves to be
inferred stays unrestricted. What it cannot say is listed as a loss, never dropped in silence.
"""

import json
from dataclasses import dataclass
from typing import Any

from assistant.domain.policy import scopes
from assistant.domain.rights import ON_FILE, FsRight, NetRight, Scope, known_at, names
from assistant.domain.ruleset import PathGrant, PortGrant, Ruleset
from assistant.domain.toml import spell
from assistant.render.export import Export
from assistant.render.plain import printable


FORMAT_ABI = 6
"""The newest Landlock ABI whose rights the format can name."""

_KNOW = (
    "A parent that does not exist is skipped in silence: llconfig shows it with --debug only.",
    "A kernel that enforces only a part of this is accepted in silence.",
    "A second file beside this one can only weaken it: rules add up, handled rights must be in both.",
)
_WHY = 200


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule in the format's words. ``subject`` is a parent, its dollar signs doubled, or a port."""

    grant: PathGrant | PortGrant
    subject: str | int
    rights: list[str]


def landlockconfig_toml(ruleset: Ruleset) -> Export:
    """The ruleset as landlockconfig TOML, each rule under its reason and evidence as comments."""
    service, tool = printable(ruleset.service, _WHY), printable(ruleset.provenance.tool, 80)
    lines = [
        f"# Landlock sandbox of {service}, by {tool}.",
        f"# Digest of the grants: {ruleset.digest()}",
        *(f"# {line}" for line in _KNOW),
        f"abi = {_abi(ruleset)}",
        "",
        "# Everything that is handled here and not granted below is denied.",
        "[[ruleset]]",
        *(f"{key} = {spell(words)}" for key, words in _handled(ruleset).items()),
    ]
    for rule in _rules(ruleset):
        head, subject = ("path_beneath", "parent") if isinstance(rule.subject, str) else ("net_port", "port")
        lines += ["", *_comments(rule.grant), f"[[{head}]]"]
        lines += [f"allowed_access = {spell(rule.rights)}", f"{subject} = {spell([rule.subject])}"]
    return Export("\n".join(lines) + "\n", _losses(ruleset))


def landlockconfig_json(ruleset: Ruleset) -> Export:
    """The ruleset as landlockconfig JSON, which has no place for reasons."""
    made: dict[str, Any] = {
        "abi": _abi(ruleset),
        "ruleset": [{_camel(key): words for key, words in _handled(ruleset).items()}],
    }
    for rule in _rules(ruleset):
        head, subject = ("pathBeneath", "parent") if isinstance(rule.subject, str) else ("netPort", "port")
        made.setdefault(head, []).append({"allowedAccess": rule.rights, subject: [rule.subject]})
    prose = "reasons, authors and evidence: the JSON form has no place for them"
    return Export(json.dumps(made, indent=2, ensure_ascii=True) + "\n", (*_losses(ruleset), prose))


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _abi(ruleset: Ruleset) -> int:
    return min(ruleset.target_abi, FORMAT_ABI)


def _handled(ruleset: Ruleset) -> dict[str, list[str]]:
    """The handled rights by the format's keys; it forbids empty lists, so empty ones are left out."""
    abi = _abi(ruleset)
    handled = {
        "handled_access_fs": names(known_at(FsRight, abi)),
        "handled_access_net": names(known_at(NetRight, abi)),
        "scoped": names(scopes(ruleset) & known_at(Scope, abi)),
    }
    return {key: words for key, words in handled.items() if words}


def _rules(ruleset: Ruleset) -> list[_Rule]:
    abi = _abi(ruleset)
    rules: list[_Rule] = []
    for grant in ruleset.path:
        rights = grant.rights & known_at(FsRight, abi)
        if rights and _is_utf8(grant.path):
            rules.append(_Rule(grant, grant.path.replace("$", "$$"), names(rights)))
    for port in ruleset.port:
        net = port.rights & known_at(NetRight, abi)
        if net:
            rules.append(_Rule(port, port.port, names(net)))
    return rules


def _is_utf8(path: str) -> bool:
    return not any("\udc80" <= char <= "\udcff" for char in path)


def _comments(grant: PathGrant | PortGrant) -> list[str]:
    comments = [f"# why ({grant.by}): {printable(grant.why, _WHY)}"] if grant.why else []
    if grant.evidence:
        comments.append(f"# evidence: {printable(', '.join(grant.evidence), _WHY)}")
    return comments


def _losses(ruleset: Ruleset) -> tuple[str, ...]:
    """Sentences, printable: first what is denied although granted, then what is not restricted."""
    abi = _abi(ruleset)
    losses: list[str] = []
    for grant in ruleset.path:
        lost = names(grant.rights & ~known_at(FsRight, abi))
        if not _is_utf8(grant.path):
            losses.append(
                f"{printable(grant.path)}: not granted, the format cannot name a path that is not UTF-8"
            )
        elif lost:
            losses.append(f"{printable(grant.path)}: {', '.join(lost)} not written, {_reason(ruleset)}")
    for port in ruleset.port:
        lost = names(port.rights & ~known_at(NetRight, abi))
        if lost:
            losses.append(f"port {port.port}: {', '.join(lost)} not written, {_reason(ruleset)}")
    losses += [
        f"{printable(grant.path)}: is not made when it is missing" for grant in ruleset.path if grant.made
    ]
    target = ruleset.target_abi
    unhandled = [
        *names(known_at(FsRight, target) & ~known_at(FsRight, abi)),
        *names(known_at(NetRight, target) & ~known_at(NetRight, abi)),
    ]
    if unhandled:
        losses.append(f"{', '.join(unhandled)}: not restricted at all, the format does not know them")
    directories = sum(bool(grant.rights & known_at(FsRight, abi) & ~ON_FILE) for grant in ruleset.path)
    if directories:
        losses.append(
            f"{directories} rules hold rights that only a directory can have; "
            "what the format's readers do with them on a file is not specified"
        )
    return tuple(losses)


def _reason(ruleset: Ruleset) -> str:
    return "the format does not know it" if ruleset.target_abi > FORMAT_ABI else "newer than the target ABI"
