"""The difference of two rulesets in words and as plain data. Wider ones first; every name is escaped."""

from collections import Counter
from typing import Any

from assistant.domain.classes import AccessClass
from assistant.domain.difference import EVERY_OTHER_PORT, Change, Difference, Way
from assistant.domain.policy import spelled
from assistant.domain.rights import SINCE, Scope, names
from assistant.render.manuscript import Line, Name, Strong, joined, line, listed, plain_line


NAME = 200
"""Longest name that is shown whole, in characters."""

_VERBS = {
    AccessClass.EXECUTE: "execute",
    AccessClass.WRITE: "write",
    AccessClass.CONNECT: "connect to sockets in",
    AccessClass.DEVICE: "command devices in",
    AccessClass.READ: "read",
    AccessClass.LIST: "list",
}
_SCOPES = {
    Scope.ABSTRACT_UNIX_SOCKET: "connect to abstract sockets of other programs",
    Scope.SIGNAL: "send signals to other programs",
}


BENEATH = "A path stands for itself and all that lies beneath it."


def difference_text(found: Difference) -> str:
    """A line for each change, under one line that sums them up."""
    paths = any(isinstance(change.place, str) for change in found.changes)
    head: list[Line] = [summary(found), *([(BENEATH,)] if paths else [])]
    return "\n".join(map(plain_line, (*head, *wider_lines(found), *narrower_lines(found))))


def wider_lines(found: Difference) -> list[Line]:
    """What the new ruleset allows and the old one did not."""
    return [_line(change, found) for change in found.wider]


def narrower_lines(found: Difference) -> list[Line]:
    """What it allows no longer, what the launcher makes otherwise, and which rights do nothing."""
    made = "~ the launcher makes {} where it is missing: {}; before: {}"
    nothing = "  {} is a file on this machine: rights of directories do nothing there"
    return [
        *(_line(change, found) for change in found.narrower),
        *(
            line(made, Name(one.path, NAME), one.after or "no longer", one.before or "not")
            for one in found.remade
        ),
        *(line(nothing, Name(path, NAME)) for path in found.without_effect),
    ]


def summary(found: Difference) -> Line:
    """One line: whether it is wider, in what, and by how much."""
    return (_summed(found),)


def _summed(found: Difference) -> str:
    if found.none:
        digest = (
            "and an approval of one holds for the other"
            if found.same_digest
            else "but their digests differ: one names what its other rules allow already"
        )
        return f"no difference: both allow the same ({found.equal} paths and ports), {digest}"
    if not found.changes:
        return f"both allow the same ({found.equal} paths and ports); what the launcher makes differs"
    counted = Counter(change.way for change in found.changes)
    ways = ", ".join(f"{counted[way]} {way}" for way in Way if counted[way])
    kinds = {kind: None for change in found.wider for kind in change.classes}
    gravest = [kind for kind in AccessClass if kind in kinds]
    wider = f"wider ({', '.join(gravest)})" if gravest else "narrower only"
    return f"{wider}: {ways}, {found.equal} equal"


def _line(change: Change, found: Difference) -> Line:
    sign, may = ("+", "may now") if change.way.wider else ("-", "may no longer")
    rights = ", ".join(names(change.rights))
    parts = [line("{} {}: {} {} [{}]", Strong((sign,)), change.way.value, may, _deed(change), rights)]
    if change.apart_count:
        known = "had some of it before" if change.way.wider else "keeps some of it"
        more = change.apart_count - len(change.apart)
        left = f" and {more} more beneath it" if more else ""
        parts.append(line("{}: {}{}", known, listed(change.apart, limit=NAME), left))
    if change.kept:
        parts.append((f"as before: {', '.join(names(change.kept))}",))
    if reason := _because(change, found):
        parts.append((reason,))
    return joined(parts, "; ")


def _deed(change: Change) -> Line:
    """What may be done, and where."""
    place = change.place
    if isinstance(place, Scope):
        return (_SCOPES[place],)
    if isinstance(place, str):
        return (f"{_listed([_VERBS[kind] for kind in change.classes])} ", Name(place, NAME))
    port = "any port that no rule names" if place == EVERY_OTHER_PORT else f"port {place}"
    verbs = [{AccessClass.CONNECT: "connect to"}.get(kind, str(kind)) for kind in change.classes]
    return (f"{_listed(verbs)} {port}",)


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _because(change: Change, found: Difference) -> str:
    old, new = found.target_abi
    low, high = sorted((old, new))
    everywhere = change.place in ("/", EVERY_OTHER_PORT) or isinstance(change.place, Scope)
    moved = [right for right in change.rights if low < SINCE[right] <= high]
    return f"the target ABI went from {old} to {new}" if everywhere and moved else ""


def difference_data(found: Difference) -> dict[str, Any]:
    """The same as plain data, version 1."""
    return {
        "schema_version": 1,
        "same": found.none,
        "same_digest": found.same_digest,
        "target_abi": {"old": found.target_abi[0], "new": found.target_abi[1]},
        "changes": [_change_data(change) for change in found.changes],
        "remade": [{**spelled(one.path), "before": one.before, "after": one.after} for one in found.remade],
        "equal": found.equal,
        "without_effect": [spelled(path) for path in found.without_effect],
    }


def _change_data(change: Change) -> dict[str, Any]:
    return {
        "way": change.way.value,
        "wider": change.way.wider,
        **_place_data(change.place),
        "rights": names(change.rights),
        "classes": [kind.value for kind in change.classes],
        "as_before": names(change.kept),
        "apart": [spelled(path) for path in change.apart],
        "apart_count": change.apart_count,
    }


def _place_data(place: str | int | Scope) -> dict[str, Any]:
    if isinstance(place, Scope):
        return {"scope": names(place)[0]}
    if isinstance(place, str):
        return spelled(place)
    return {"port": "every other" if place == EVERY_OTHER_PORT else place}
