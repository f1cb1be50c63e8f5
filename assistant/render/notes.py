"""Reviewer notes: what a person must know to approve a ruleset, most important first.

What is not known is said to be unknown. What is left out for length is said to be left out.
"""

from collections.abc import Callable
from dataclasses import dataclass

from assistant.domain.review import Review
from assistant.domain.rights import names
from assistant.domain.ruleset import Refused, Ruleset
from assistant.errors import Exit
from assistant.render.coverage import coverage
from assistant.render.difference import BENEATH, narrower_lines, summary, wider_lines
from assistant.render.findings import findings, findings_in_short, findings_named
from assistant.render.gaps import gaps
from assistant.render.grants import NAME, at_a_glance, author, by_purpose, first_looks, said
from assistant.render.layers import layers
from assistant.render.manuscript import (
    Block,
    Blocks,
    Bullets,
    Claim,
    Fold,
    Heading,
    Item,
    Line,
    Name,
    Paragraph,
    Prose,
    Table,
    bullets,
    line,
    listed,
)
from assistant.render.markdown import blocks_text, line_text
from assistant.render.minimality import minimality_blocks
from assistant.render.provenance import provenance
from assistant.render.radius import radius_blocks
from assistant.render.verdict import trial_block, verdict


LIMIT = 60_000
"""Characters that code hosts take in one comment, with some room."""

_MOST = 30
"""Rows of a kind that are shown; the rest is counted."""

_EVIDENCE = 5
_WIDER = 200
_FEW = 8


@dataclass(frozen=True, slots=True)
class Section:
    """A title and its body in ever shorter forms; a shorter one says what it leaves out."""

    title: str
    forms: tuple[Callable[[], Blocks], ...]

    @property
    def body(self) -> Blocks:
        """All of it."""
        return self.forms[0]()


def title(review: Review) -> Line:
    """What the notes are about."""
    return line("Sandbox of {}", Name(review.ruleset.service, 100))


def sections(review: Review, most: int = _MOST) -> tuple[Section, ...]:
    """All sections, in the order of their weight for a reviewer; of most kinds at most ``most`` rows."""
    ruleset, report = review.ruleset, review.report
    return (
        Section("What is new", (lambda: _new(review), lambda: _new(review, brief=True))),
        Section(
            "Look at this first",
            (
                lambda: _first(review, findings(report, most), most),
                lambda: _first(review, findings_in_short(report), _MOST),
                lambda: _first(review, findings_named(report), _FEW),
            ),
        ),
        Section(
            "Refused, and looked for in vain",
            (
                lambda: _not_granted(ruleset, most),
                lambda: _left_out("see the refused tables of the ruleset document"),
            ),
        ),
        Section("What the sandbox still allows", (lambda: (bullets(gaps(ruleset, review.inventory)),),)),
        Section(
            "Which other layers stand there", (lambda: layers(review.context), lambda: _left_out(_ELSEWHERE))
        ),
        Section(
            "How far it reaches",
            (lambda: radius_blocks(review.radius), lambda: radius_blocks(review.radius)[:1]),
        ),
        Section(
            "What the traces cover",
            (
                lambda: coverage(ruleset, report, review.inventory, review.code_paths),
                lambda: _left_out(_ELSEWHERE),
            ),
        ),
        Section(
            "Test",
            (
                lambda: (trial_block(review.trial), *minimality_blocks(review.minimality)),
                lambda: (trial_block(review.trial),),
            ),
        ),
        Section(
            GRANTS,
            (
                lambda: _grants(ruleset, brief=False),
                lambda: _grants(ruleset, brief=True),
                lambda: _left_out("see the path and port tables of the ruleset document"),
            ),
        ),
        Section("Where this comes from", (lambda: (provenance(ruleset),), lambda: (provenance(ruleset, 1),))),
        Section("Check list", (lambda: (_check_list(review),),)),
    )


GRANTS = "All grants"
_ELSEWHERE = "the other formats of these notes have it"

_SHEDDING = (
    GRANTS,
    GRANTS,
    "Refused, and looked for in vain",
    "How far it reaches",
    "What the traces cover",
    "Where this comes from",
    "Test",
    "What is new",
    "Look at this first",
    "Which other layers stand there",
    "Look at this first",
)
"""What gives way to length, in this order; a section that stands here twice has two shorter forms."""


def notes_markdown(review: Review, limit: int = LIMIT) -> str:
    """The notes as Markdown.

    Args:
        review: What is known.
        limit: Characters to stay below, as far as leaving out what is named in ``_SHEDDING`` achieves it.
    """
    parts = sections(review)
    head = f"# {line_text(title(review))}\n\n{line_text(verdict(review))}"
    bodies = {section.title: blocks_text(section.body) for section in parts}
    shorter = {section.title: iter(section.forms[1:]) for section in parts}
    for name in _SHEDDING:
        if len(head) + sum(len(body) + len(title_) + 8 for title_, body in bodies.items()) < limit:
            break
        bodies[name] = blocks_text(next(shorter[name])())
    return "\n\n".join([head, *(f"## {name}\n\n{body}" for name, body in bodies.items())]) + "\n"


def _left_out(where: str) -> Blocks:
    return (Paragraph((f"Left out for length: {where}.",)),)


def _new(review: Review, *, brief: bool = False) -> Blocks:
    found = review.difference
    if found is None:
        return (Paragraph(("Unknown: no earlier version was there to compare with. All of it is new.",)),)
    wider, narrower = wider_lines(found), narrower_lines(found)
    most = _FEW if brief else _WIDER
    parts: list[Block] = [
        Paragraph(line("Against {}: {}. {}", Prose(review.against, NAME), summary(found), BENEATH))
    ]
    if wider:
        parts.append(bullets(wider[:most]))
    if len(wider) > most:
        parts.append(Paragraph(line("**and {} more**: `landscribe diff` shows them.", len(wider) - most)))
    if narrower and not brief:
        rest = len(narrower) - _WIDER
        more = (Paragraph((f"and {rest} more.",)),) if rest > 0 else ()
        parts.append(
            Fold(f"{len(narrower)} lines on what became narrower", (bullets(narrower[:_WIDER]), *more))
        )
    return tuple(parts)


def _first(review: Review, found: Blocks, most: int) -> Blocks:
    ruleset = review.ruleset
    glance = (Heading(("At a glance",)), at_a_glance(ruleset))
    return (*found, *glance, Heading(("Grants that stand out",)), *first_looks(ruleset, review.report, most))


def _not_granted(ruleset: Ruleset, most: int) -> Blocks:
    refused = _refused("Refused", ruleset.refused, author(ruleset), most)
    absent = _refused("Looked for in vain, so not granted", ruleset.probed, author(ruleset), most)
    return (*(refused or (Paragraph(("Nothing was refused.",)),)), *absent)


def _refused(head: str, entries: tuple[Refused, ...], by: str, most: int) -> Blocks:
    if not entries:
        return ()
    rows = tuple(
        (
            (Name(entry.path, NAME),),
            (", ".join(names(entry.rights)) or "not said",),
            said(entry.why, by) or ("no reason is given",),
            listed(entry.evidence, _EVIDENCE, NAME) or ("none",),
        )
        for entry in entries[:most]
    )
    shown = Table((head, "Rights", "Why", "Evidence"), rows)
    left = len(entries) - most
    return (shown, Paragraph((f"and {left} more.",))) if left > 0 else (shown,)


def _grants(ruleset: Ruleset, *, brief: bool) -> Blocks:
    count = len(ruleset.path) + len(ruleset.port)
    if not count:
        return (Paragraph(("None: everything that Landlock handles is denied.",)),)
    body = by_purpose(ruleset, brief=brief)
    if brief:
        body += (Paragraph(("Left out for length: authors, evidence, weaknesses and alternatives.",)),)
    return (Fold(f"{count} grants by purpose", body),)


def _check_list(review: Review) -> Block:
    asked = [*_always_asked(review), *_asked_for_want(review)]
    questions = [
        line("Answered: {}", (Claim if one.by == "model" else Prose)(one.text, NAME))
        for one in review.ruleset.question[:_MOST]
    ]
    return Bullets(tuple(Item(entry) for entry in (*map(line, asked), *questions)), checks=True)


def _always_asked(review: Review) -> list[str]:
    refused = ["The service does without what was refused."] if review.ruleset.refused else []
    return [
        "Every grant that stands out has a reason that I accept.",
        "What it may change and execute is the service's own.",
        "The gaps above are closed by another layer, or acceptable.",
        "The events that the traces may lack were recorded, or do not matter here.",
        *refused,
    ]


def _asked_for_want(review: Review) -> list[str]:
    """What is still to be done, since it was not, or did not end well."""
    asked = []
    report, trial = review.report, review.trial
    if report is None:
        asked.append("The ruleset was verified against its traces (`landscribe verify`).")
    elif report.exit is not Exit.OK:
        asked.append("Every finding is resolved or accepted.")
    if trial is None or not trial.worked or trial.allowed or not trial.denied:
        asked.append("The sandbox was tested with the real service (`landscribe test`), and the test passed.")
    if any(grant.by == "model" for grant in (*review.ruleset.path, *review.ruleset.port)):
        asked.append("I read reasons marked (model) as claims, and looked at the evidence instead.")
    return asked
