"""Reviewer notes as one page of HTML that needs nothing: no network, no other file, and no script to be read.

Its own policy forbids it to load anything, and any script and style but the two that are written into it.
"""

from base64 import b64encode
from hashlib import sha256

from assistant.domain.report import Report
from assistant.domain.review import Review
from assistant.domain.rights import names
from assistant.errors import Exit
from assistant.render.grants import NAME, Look, looks, purpose, remarks, said, subject
from assistant.render.manuscript import Line, Mark, Name, Paragraph, line, plain_line
from assistant.render.markup import blocks_html, line_html, row, table
from assistant.render.notes import GRANTS, Section, sections, title
from assistant.render.verdict import verdict


def notes_html(review: Review, style: str, script: str) -> str:
    """The page.

    Args:
        review: What is known.
        style: The text of assistant/render/page/style.css.
        script: The text of assistant/render/page/script.js.
    """
    parts = sections(review, _ALL)
    links = "".join(f'<li><a href="#{_anchor(part)}">{part.title}</a></li>' for part in parts)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            *_head(plain_line(title(review)), style, script),
            "<body>",
            f"<header>\n<h1>{line_html(title(review))}</h1>",
            f'<p class="verdict {_tone(review.report)}">{line_html(verdict(review))}</p>',
            f"<nav><ul>{links}</ul></nav>\n</header>\n<main>",
            *_TOOLS,
            *(_section(part, review) for part in parts),
            "</main>",
            f"<script>{script}</script>",
            "</body>\n</html>\n",
        ]
    )


_TOOLS = (
    '<div class="tools" hidden>',
    '<input type="search" id="filter" placeholder="Filter all rows" aria-label="Filter all rows">',
    '<label><input type="checkbox" id="only-look"> only grants that stand out</label>',
    '<label><input type="checkbox" id="only-model"> only grants by a model</label>',
    '<output id="count"></output>',
    "</div>",
)
"""Hidden until the script, which they are for, shows them."""

_ALL = 10_000
"""Rows of a kind that the page shows; a filter makes them bearable."""


def _head(name: str, style: str, script: str) -> list[str]:
    policy = (
        f"default-src 'none'; style-src {_hashed(style)}; script-src {_hashed(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return [
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{line_html((name,))}</title>",
        f"<style>{style}</style>",
        "</head>",
    ]


def _hashed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _tone(report: Report | None) -> str:
    if report is None:
        return "unknown"
    return {Exit.OK: "ok", Exit.BLOCKING: "bad", Exit.DRIFT: "bad"}.get(report.exit, "review")


def _anchor(part: Section) -> str:
    return "".join(char if char.isalnum() else "-" for char in part.title.lower())


def _section(part: Section, review: Review) -> str:
    count = len(review.ruleset.path) + len(review.ruleset.port)
    body = _grants(review) if part.title == GRANTS and count else blocks_html(part.body)
    return f'<section id="{_anchor(part)}">\n<h2>{part.title}</h2>\n{body}\n</section>'


def _grants(review: Review) -> str:
    """All grants in one table: those that stand out come first, and the script sorts it otherwise."""
    found = sorted(looks(review.ruleset, review.report), key=lambda look: -len(look.reasons))
    heads = ("Risk", "Grant", "Rights", "Purpose", "Why", "By", "Evidence and remarks")
    return blocks_html((Paragraph(line("{} grants.", len(found))),)) + table(heads, map(_grant, found))


def _grant(look: Look) -> str:
    grant = look.grant
    reasons = f'<span class="reasons">{line_html(("; ".join(look.reasons),))}</span>' if look.reasons else ""
    cells = (
        line_html((Mark("look"),)) + reasons if look.reasons else "usual",
        line_html((Name(subject(grant), NAME),)),
        line_html((", ".join(names(grant.rights)),)),
        line_html(purpose(grant.group, [grant])),
        line_html(said(grant.why, grant.by) or ("no reason is given",)),
        line_html((grant.by,)),
        _folded(tuple(grant.evidence), remarks(grant)),
    )
    flags = {"look": bool(look.reasons), "model": grant.by == "model"}
    return row(cells, ("grant", *(flag for flag, on in flags.items() if on)))


def _folded(evidence: tuple[str, ...], more: list[Line]) -> str:
    """Every citation and remark, behind how many there are."""
    if not evidence and not more:
        return "no trace line"
    lines = [*((Name(one, NAME),) for one in evidence), *more]
    items = "".join(f"<li>{line_html(one)}</li>" for one in lines)
    told = f"{len(evidence)} line{'s' * (len(evidence) != 1)}"
    remarked = f", {len(more)} remark{'s' * (len(more) != 1)}" if more else ""
    return f"<details><summary>{told}{remarked}</summary><ul>{items}</ul></details>"
