"""Reviewer notes: what they say first, that nothing unknown is left out, and that no name gets out of its place."""

import re
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.domain.access import Inventory, TraceSource
from assistant.domain.finding import CATALOGUE, Severity, find
from assistant.domain.report import Report
from assistant.domain.rights import FsRight, NetRight
from assistant.domain.ruleset import Approval, PathGrant, PortGrant, Probed, Provenance, Refused, Ruleset
from assistant.domain.trial import TrialSummary
from assistant.render.notes import notes


PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
READ = FsRight.READ_FILE
TITLES = [
    "Look at this first",
    "Refused, and looked for in vain",
    "What the sandbox still allows",
    "How far it reaches",
    "What the traces cover",
    "Test",
    "All grants",
    "Where this comes from",
    "Check list",
]


def grant(path: str, rights: FsRight = READ, **more: Any) -> PathGrant:
    return PathGrant.model_validate({"path": path, "rights": rights, "by": "person", **more})


def ruleset(**parts: Any) -> Ruleset:
    return Ruleset(**{"service": "s", "target_abi": 7, "provenance": Provenance(tool="t"), **parts})


def bare(subject: Ruleset, **known: Any) -> str:
    return notes(subject, **{"report": None, "inventory": None, "trial": None, **known})


def section(text: str, title: str) -> str:
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


TRIAL = TrialSummary(worked=True, command="s", denied=14, allowed=0, inconclusive=2, kernel="6.18", abi=7)


def verdict(text: str) -> str:
    return text.splitlines()[2]


def test_sections_come_in_the_order_of_their_weight() -> None:
    assert re.findall(r"^## (.*)$", bare(ruleset()), re.MULTILINE) == TITLES


def test_what_is_unknown_is_said_to_be_unknown() -> None:
    text = bare(ruleset())
    for word in ("findings unknown", "not verified", "not tested", "not approved"):
        assert word in verdict(text)
    assert "unknown" in section(text, "Look at this first")
    assert "what this ruleset rests on is unknown" in section(text, "What the traces cover")
    assert "Not run." in section(text, "Test")
    assert "| Kernel | unknown |" in section(text, "Where this comes from")


def test_the_verdict_counts_grants_and_findings() -> None:
    granted = ruleset(path=(grant("/a"),), port=(PortGrant(port=1, rights=NetRight.BIND_TCP, by="unit"),))
    report = Report.of([find("dangerous-grant", "/a", "m"), find("fragile-rule", "/a", "m")])
    line = verdict(bare(granted, report=report, trial=TRIAL))
    assert line.startswith(
        "**`s`: 2 grants**, 1 high, verified: findings to review, test: works, 14 probes denied"
    )


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ((), "0 high, verified: nothing to review"),
        (("by-person",), "0 high, verified: nothing to review"),
        (("drift",), "1 high, verified: **drift**"),
        (("invented-path", "drift"), "1 high, verified: **1 blocking**"),
    ],
)
def test_the_verdict_says_what_verifying_gave(kinds: tuple[str, ...], words: str) -> None:
    report = Report.of(find(kind, "/a", "m") for kind in kinds)
    assert words in verdict(bare(ruleset(), report=report))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "works"),
        ({"worked": False}, "**does not work**"),
        ({"worked": None}, "**unknown whether it works**"),
        ({"allowed": 3}, "**3 accesses outside the grants succeeded**"),
    ],
)
def test_the_verdict_says_what_the_test_gave(change: dict[str, Any], words: str) -> None:
    fields = {name: getattr(TRIAL, name) for name in TrialSummary.__dataclass_fields__}
    assert words in verdict(bare(ruleset(), trial=TrialSummary(**{**fields, **change})))


def test_a_test_that_denied_nothing_shows_nothing() -> None:
    idle = TrialSummary(True, "s", 0, 0, 5, "", 0, skipped=("no root: @ops",))
    text = section(bare(ruleset(), trial=idle), "Test")
    assert "nothing shows that the sandbox holds" in text
    assert "Skipped: no root: @&#8203;ops" in text


def test_an_approval_counts_only_for_the_grants_it_was_given_for() -> None:
    approved = ruleset(approval=Approval(digest=ruleset().digest(), who="ada", when="2026-11-23"))
    assert "approved by ada on 2026-11-23" in verdict(bare(approved))
    stale = approved.model_copy(update={"target_abi": 6})
    assert "approval is stale" in verdict(bare(stale))


def test_heavy_findings_stand_open_with_their_evidence_and_light_ones_are_folded() -> None:
    heavy = find("invented-path", "/a", "nobody touched it.", evidence=("run1:3",))
    text = section(
        bare(ruleset(), report=Report.of([find("fragile-rule", "/b", "m"), heavy])), "Look at this first"
    )
    opened, _, folded = text.partition("<details>")
    assert "**blocking** invented-path: `/a`: nobody touched it. Evidence: `run1:3`. Next: remove" in opened
    assert "fragile-rule" not in opened
    assert "**low** fragile-rule: `/b`" in folded


WRITE = FsRight.WRITE_FILE


@pytest.mark.parametrize(
    ("grants", "why"),
    [
        ((grant("/a", READ),), "no trace line shows the need"),
        ((grant("/a", WRITE), grant("/a/b", FsRight.EXECUTE)), "what is written here can be executed"),
        (
            (grant("/a", FsRight.EXECUTE), grant("/a/b", FsRight.MAKE_REG)),
            "what is written here can be executed",
        ),
        ((grant("/a", FsRight.MAKE_BLOCK),), "can make device files"),
        ((grant("/a", FsRight.IOCTL_DEV),), "can command devices"),
        ((grant("/var", READ),), "a directory that many programs share"),
    ],
)
def test_grants_that_reach_far_stand_out(grants: tuple[PathGrant, ...], why: str) -> None:
    assert why in section(bare(ruleset(path=grants)), "Look at this first")


def test_an_ordinary_grant_does_not_stand_out_unless_a_finding_names_it() -> None:
    cited = ruleset(path=(grant("/srv/a", READ, evidence=("r:1",)),))
    assert "No grant stands out." in bare(cited)
    assert "finding odd" not in bare(cited)
    assert "finding dangerous-grant" in bare(
        cited, report=Report.of([find("dangerous-grant", "/srv/a", "m")])
    )


def test_every_grant_is_listed_with_all_that_is_said_about_it() -> None:
    told = grant(
        "/a",
        why="reads",
        group="configuration",
        weakness="dies",
        alternatives=("one file",),
        evidence=("r:1",),
    )
    text = section(bare(ruleset(path=(told,))), "All grants")
    for words in (
        "### configuration",
        "`/a`: read_file. Why: reads",
        "By: person. Evidence: `r:1`",
        "Weakness: dies",
    ):
        assert words in text
    assert "Instead: one file" in text


def test_what_a_model_wrote_is_labelled_and_what_others_wrote_is_not() -> None:
    model = grant("/m", why="for m", by="model", evidence=("r:1",))
    text = bare(ruleset(path=(model, grant("/p", why="for p"))))
    assert "Why: for m (model)" in text
    assert "for p (model)" not in text
    assert "(model) as claims" in section(text, "Check list")
    drafted = ruleset(
        provenance=Provenance(tool="t", author="some-model"), refused=(Refused(path="/x", why="no"),)
    )
    assert "| no (model) |" in bare(drafted)
    offline = ruleset(refused=(Refused(path="/x", why="no"),), probed=(Probed(path="/y", why="absent"),))
    assert "(model)" not in bare(offline)
    assert "| `/y` | not said | absent | none |" in bare(offline)


def test_the_coverage_names_lines_that_were_not_understood_and_blind_spots() -> None:
    source = TraceSource("run1", "0" * 64, 900, 700, 198, 2, complete=False)
    inventory = Inventory(sources=(source,), calls={"rename": 1})
    report = Report.of([find("blind-exec", "run1", "no execve"), find("fragile-rule", "/a", "m")])
    text = section(bare(ruleset(), inventory=inventory, report=report), "What the traces cover")
    assert "| `run1` | 900 | 700 | 198 | 2 | no, it is cut off |" in text
    assert "- blind-exec: run1: no execve" in text
    assert "fragile-rule" not in text
    assert "| a file was replaced or moved | 1 call |" in text
    assert "| a file was removed | not seen: it did not happen, or was not traced |" in text
    assert "- a log rotation" in text


def test_provenance_holds_the_digest_and_each_trace(hostile: Ruleset) -> None:
    text = section(bare(hostile), "Where this comes from")
    assert f"`{hostile.digest()}`" in text
    assert "0" * 64 in text
    assert "model: 13, person: 1" in text


def everything(subject: Ruleset) -> str:
    """Notes in which every part is there and holds the ruleset's names."""
    names = [refused.path for refused in subject.refused]
    kinds = [kind for kind in CATALOGUE.values() if kind.severity in (Severity.HIGH, Severity.BLOCKING)]
    findings = [
        find(kind.id, name, f"about {name}", evidence=(f"{name}:1",))
        for kind, name in zip(kinds, names, strict=False)
    ] + [find("blind-exec", name, name) for name in names]
    sources = tuple(TraceSource(name, "0" * 64, 1, 1, 0, 0, complete=True) for name in names)
    trial = TrialSummary(
        worked=False,
        command=names[0],
        denied=0,
        allowed=1,
        inconclusive=0,
        kernel=names[1],
        abi=7,
        skipped=tuple(names),
    )
    return notes(
        subject, report=Report.of(findings), inventory=Inventory(sources=sources), trial=trial, limit=10**6
    )


def tokens_of(text: str) -> list[Token]:
    return [token for block in PARSER.parse(text) for token in (block, *(block.children or ()))]


def test_no_name_gets_out_of_its_place(hostile: Ruleset) -> None:
    tokens = tokens_of(everything(hostile))
    assert not {token.type for token in tokens} & {
        "link_open",
        "image",
        "html_inline",
        "hr",
        "code_block",
        "fence",
    }
    tags = {"<details>", "</details>", "<summary>", "</summary>"}
    for token in tokens:
        if token.type == "html_block":
            assert set(re.findall(r"<[^>]*>", token.content)) <= tags
            assert "owned" not in token.content
    tables = [token for token in tokens if token.type in ("tr_open", "td_open", "th_open")]
    assert len(tables) > 100


def test_headings_are_ours_or_groups_and_every_table_row_has_its_cells(hostile: Ruleset) -> None:
    tokens = PARSER.parse(everything(hostile))
    headings = [
        tokens[at + 1].content
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag == "h2"
    ]
    assert headings == TITLES
    rows = "".join({"tr_open": "\n", "td_open": "d", "th_open": "h"}.get(token.type, "") for token in tokens)
    widths: list[int] = []
    for row in rows.split("\n")[1:]:
        if row.startswith("h"):
            widths.append(len(row))
        else:
            assert len(row) == widths[-1]


def test_no_name_reaches_the_text_as_a_mention_or_a_control_character(hostile: Ruleset) -> None:
    text = everything(hostile)
    assert all(char.isprintable() or char == "\n" for char in text)
    outside = "".join(
        child.content
        for token in PARSER.parse(text)
        for child in token.children or ()
        if child.type in ("text", "text_special")
    )
    assert "@team" not in outside
    assert "@\u200bteam" in outside


def test_long_notes_give_up_details_before_findings_and_say_so() -> None:
    many = tuple(grant(f"/srv/{number}", why="x" * 90, evidence=("r:1",)) for number in range(400))
    report = Report.of([find("dangerous-grant", "/srv/1", "look here")])
    full = bare(ruleset(path=many), report=report, limit=10**6)
    brief = bare(ruleset(path=many), report=report)
    short = bare(ruleset(path=many), report=report, limit=20_000)
    assert len(full) > 60_000 > len(brief) > 20_000 > len(short)
    assert "Left out for length: authors, evidence" in brief
    assert "`/srv/399`" in brief
    assert "Left out for length: see the path and port tables" in short
    for text in (full, brief, short):
        assert "look here" in text
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == TITLES
