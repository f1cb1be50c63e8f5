"""Which rights of a ruleset were proven to be needed, as Markdown."""

from assistant.domain.minimality import Minimality, Narrowing, RightTried
from assistant.render.grants import NAME, SENTENCE
from assistant.render.markdown import bullets, code, codes, prose


_MOST = 20


def minimality_text(document: Minimality | None) -> str:
    """The share of rights that is proven, and each of the others with why it stays; empty when not tried."""
    if document is None:
        return ""
    proven = f"**{document.proven} of {len(document.rights)} rights proven**"
    rows = [
        f"{proven}: without each of them a scenario fails ({codes(document.scenarios, _MOST, NAME)}).",
        *([f"**Not complete**: {prose(document.reason, SENTENCE)}."] if not document.complete else []),
        *_unproven([right for right in document.rights if right.verdict != "needed"]),
        *(
            f"They cannot all go at once: {prose(one, SENTENCE)} must stay then."
            for one in document.together[:_MOST]
        ),
        *[_narrower(one) for one in document.directories if 0 < len(one.needed) < one.entries][:_MOST],
    ]
    return bullets(rows)


def _unproven(rights: list[RightTried]) -> list[str]:
    rows = [_row(right) for right in rights[:_MOST]]
    return [*rows, f"and {len(rights) - _MOST} more that are not proven"] if len(rights) > _MOST else rows


def _row(right: RightTried) -> str:
    cited = f" ({codes(right.evidence, 3, NAME)})" if right.evidence else ""
    return (
        f"{right.verdict}: {right.right} on {code(right.object, NAME)}: {prose(right.why, SENTENCE)}{cited}"
    )


def _narrower(one: Narrowing) -> str:
    entries = f"{len(one.needed)} of its {one.entries} entries"
    return f"{code(one.directory, NAME)} could be rules on {entries}, each dead when its object is replaced"
