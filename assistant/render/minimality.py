"""Which rights of a ruleset were proven to be needed."""

from assistant.domain.minimality import Minimality, Narrowing, RightTried
from assistant.render.grants import NAME, SENTENCE
from assistant.render.manuscript import Blocks, Line, Name, Prose, bullets, line, listed


_MOST = 20


def minimality_blocks(document: Minimality | None) -> Blocks:
    """The share of rights that is proven, and each of the others with why it stays; empty when not tried."""
    if document is None:
        return ()
    rows = [
        line(
            "**{} of {} rights proven**: without each of them a scenario fails ({}).",
            document.proven,
            len(document.rights),
            listed(document.scenarios, _MOST, NAME),
        ),
        *([] if document.complete else [line("**Not complete**: {}.", Prose(document.reason, SENTENCE))]),
        *_unproven([right for right in document.rights if right.verdict != "needed"]),
        *(
            line("They cannot all go at once: {} must stay then.", Prose(one, SENTENCE))
            for one in document.together[:_MOST]
        ),
        *[_narrower(one) for one in document.directories if 0 < len(one.needed) < one.entries][:_MOST],
    ]
    return (bullets(rows),)


def _unproven(rights: list[RightTried]) -> list[Line]:
    rows = [_row(right) for right in rights[:_MOST]]
    left = len(rights) - _MOST
    return [*rows, (f"and {left} more that are not proven",)] if left > 0 else rows


def _row(right: RightTried) -> Line:
    cited = line(" ({})", listed(right.evidence, 3, NAME)) if right.evidence else ()
    why = Prose(right.why, SENTENCE)
    return line("{}: {} on {}: {}{}", right.verdict, right.right, Name(right.object, NAME), why, cited)


def _narrower(one: Narrowing) -> Line:
    told = "{} could be rules on {} of its {} entries, each dead when its object is replaced"
    return line(told, Name(one.directory, NAME), len(one.needed), one.entries)
