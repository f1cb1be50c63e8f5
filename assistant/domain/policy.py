"""What a launcher takes of a ruleset: plain values, the same as JSON and as a Python literal. No prose."""

from typing import Any

from assistant.domain.rights import Scope, known_at, names
from assistant.domain.ruleset import PathGrant, Ruleset


def policy(ruleset: Ruleset) -> dict[str, Any]:
    """The ruleset as the launcher reads it, one entry for each grant in the document's order.

    Scopes that the target ABI does not have are not asked for.
    """
    return {
        "service": ruleset.service,
        "target_abi": ruleset.target_abi,
        "paths": [_rule(grant) for grant in ruleset.path],
        "ports": [{"port": grant.port, "rights": names(grant.rights)} for grant in ruleset.port],
        "scope": names(scopes(ruleset) & known_at(Scope, ruleset.target_abi)),
    }


def _rule(grant: PathGrant) -> dict[str, Any]:
    more = {"optional": grant.optional, "made": grant.made}
    said = {key: value for key, value in more.items() if value}
    return {**spelled(grant.path), "rights": names(grant.rights), **said}


def scopes(ruleset: Ruleset) -> Scope:
    """The scopes that are on."""
    return ruleset.scope.on


def spelled(path: str) -> dict[str, str]:
    """A path as the key that can hold it: ``path``, or ``path_hex`` when its bytes are not UTF-8."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return {"path_hex": path.encode("utf-8", "surrogateescape").hex()}
    return {"path": path}
