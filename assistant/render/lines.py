"""Where each grant stands in the text of its document: findings point at lines that a reviewer can open."""

from collections.abc import Mapping

from assistant.domain.ruleset import Ruleset
from assistant.domain.toml import LineKind, lines
from assistant.render.grants import subject


def lines_of(ruleset: Ruleset, text: str) -> Mapping[str, int]:
    """The line, from 1, of the first table about each subject that a finding may have.

    Args:
        ruleset: What the text says.
        text: The document, valid TOML. What is written as inline tables has no lines of its own here.
    """
    named = {
        "path": [grant.path for grant in ruleset.path],
        "port": [subject(grant) for grant in ruleset.port],
        "refused": [entry.path for entry in ruleset.refused],
        "probed": [entry.path for entry in ruleset.probed],
    }
    left = {kind: iter(subjects) for kind, subjects in named.items()}
    found: dict[str, int] = {}
    at = 1
    for logical in lines(text):
        if logical.kind is LineKind.HEADER:
            name, one_of_many = logical.header
            about = next(left[name[0]], None) if one_of_many and name[0] in left else None
            if about is not None:
                found.setdefault(about, at)
        at += logical.text.count("\n")
    return found
