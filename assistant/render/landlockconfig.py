"""The ruleset in the landlockconfig format (TOML and JSON), which island and llconfig read.

Handles every right of the target ABI that the format can name, explicitly: what that format leaves to be
inferred stays unrestricted. What it cannot say is listed as a loss, never dropped in silence.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistant.domain.host import Host
from assistant.domain.rights import NO_FS, NO_NET, FsRight, NetRight, known_at, names
from assistant.domain.rules import Rules, rules_of
from assistant.domain.ruleset import PathGrant, Ruleset
from assistant.domain.toml import spell
from assistant.render.export import (
    Export,
    Loss,
    Reasons,
    above_target,
    heading,
    is_utf8,
    losses,
    only_the_launcher,
    remarks,
)
from assistant.render.grants import Grant, all_grants


FORMAT_ABI = 6
"""The newest Landlock ABI whose rights the format can name."""

_NOTES = (
    "A parent that does not exist is skipped in silence: llconfig shows it with --debug only.",
    "A kernel that enforces only a part of this is accepted in silence.",
    "A second file beside this one can only weaken it: rules add up, handled rights must be in both.",
    "Its readers leave out directory rights on what is no directory.",
)
_PROSE = "Reasons, authors and evidence are left out: the JSON form has no place for them."


@dataclass(frozen=True, slots=True)
class _Form:
    """A ruleset in the format's words.

    Attributes:
        given: What it can say of the ruleset.
        losses: What it cannot.
        notes: What to know about its readers.
    """

    given: Rules
    losses: tuple[Loss, ...]
    notes: tuple[str, ...]


def landlockconfig_toml(ruleset: Ruleset, host: Host) -> Export:
    """The ruleset as landlockconfig TOML, each rule under its reason and evidence as comments.

    Args:
        ruleset: What to write.
        host: Whose objects are looked at.
    """
    form = _formed(ruleset, host)
    lines = [
        *(f"# {line}" for line in heading(ruleset)),
        *(f"# {loss.effect}: {loss.sentence}" for loss in form.losses),
        *(f"# {note}" for note in form.notes),
        f"abi = {_abi(ruleset)}",
        "",
        "# Everything that is handled here and not granted below is denied.",
        "[[ruleset]]",
        *(f"{key} = {spell(words)}" for key, words in _handled(form.given).items()),
        *_blocks(ruleset, form.given),
    ]
    return Export("\n".join(lines) + "\n", form.losses, form.notes)


def landlockconfig_json(ruleset: Ruleset, host: Host) -> Export:
    """The ruleset as landlockconfig JSON, which has no place for reasons.

    Args:
        ruleset: What to write.
        host: Whose objects are looked at.
    """
    form = _formed(ruleset, host)
    made: dict[str, Any] = {
        "abi": _abi(ruleset),
        "ruleset": [{_camel(key): words for key, words in _handled(form.given).items()}],
    }
    for grant in ruleset.path:
        if rights := names(_rights(grant, form.given)):
            rule = {"allowedAccess": rights, "parent": [_doubled(grant.path)]}
            made.setdefault("pathBeneath", []).append(rule)
    for port in ruleset.port:
        if rights := names(_rights(port, form.given)):
            made.setdefault("netPort", []).append({"allowedAccess": rights, "port": [port.port]})
    text = json.dumps(made, indent=2, ensure_ascii=True) + "\n"
    return Export(text, form.losses, (*form.notes, _PROSE))


def _formed(ruleset: Ruleset, host: Host) -> _Form:
    wanted = rules_of(ruleset, host)
    abi = _abi(ruleset)
    fs, net = known_at(FsRight, abi), known_at(NetRight, abi)
    paths = {path: held & fs for path, held in wanted.paths.items() if is_utf8(path)}
    ports = {port: held & net for port, held in wanted.ports.items()}
    given = Rules(fs, net, wanted.scope, paths, ports)
    unsaid = {
        path: "the format cannot name a path that is not UTF-8" for path in wanted.paths if path not in paths
    }
    lost = losses(wanted, given, Reasons(free="the format does not know it", unsaid=unsaid))
    return _Form(given, lost, (*_NOTES, *only_the_launcher(ruleset), *above_target(ruleset)))


def _abi(ruleset: Ruleset) -> int:
    return min(ruleset.target_abi, FORMAT_ABI)


def _handled(given: Rules) -> dict[str, list[str]]:
    """The handled rights by the format's keys; it forbids empty lists, so empty ones are left out."""
    handled = {
        "handled_access_fs": names(given.fs),
        "handled_access_net": names(given.net),
        "scoped": names(given.scope),
    }
    return {key: words for key, words in handled.items() if words}


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _rights(grant: Grant, given: Rules) -> FsRight | NetRight:
    if isinstance(grant, PathGrant):
        return grant.rights & given.paths.get(grant.path, NO_FS)
    return grant.rights & given.ports.get(grant.port, NO_NET)


def _blocks(ruleset: Ruleset, given: Rules) -> Iterator[str]:
    """The rules in the document's order, each under its reason."""
    for grant in all_grants(ruleset):
        block = _block(grant, given)
        if block:
            yield from ("", *(f"# {line}" for line in remarks(grant)), *block)


def _block(grant: Grant, given: Rules) -> list[str]:
    rights = _rights(grant, given)
    if not rights:
        return []
    if isinstance(grant, PathGrant):
        head, subject = "path_beneath", f"parent = {spell([_doubled(grant.path)])}"
    else:
        head, subject = "net_port", f"port = {spell([grant.port])}"
    return [f"[[{head}]]", f"allowed_access = {spell(names(rights))}", subject]


def _doubled(path: str) -> str:
    """A lone dollar sign would begin a variable."""
    return path.replace("$", "$$")
