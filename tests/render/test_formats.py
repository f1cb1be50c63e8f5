"""The notes as data, for code scanning and as a page: complete, in place, and the same as the Markdown says."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from assistant.domain.document import dump, load
from assistant.domain.finding import Severity, find
from assistant.domain.report import Report
from assistant.domain.review import Review
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import ModelRecord, PathGrant, Provenance, Refused, Ruleset
from assistant.render.html import notes_html
from assistant.render.notes import LIMIT, notes_markdown, sections
from assistant.render.notesdata import notes_json
from assistant.render.sarif import notes_sarif
from tests.render.hostile import everywhere
from tests.render.sarif_rules import complaints


ROOT = Path(__file__).parents[2]
READ = FsRight.READ_FILE
MODEL = ModelRecord(
    name="claude-test",
    endpoint="https://api.example",
    prompts=("draft 3", "repair 2"),
    redaction="strict",
    request="ab" * 32,
    turns=2,
    sent=3100,
    received=700,
    cost=0.0421,
    knowledge=0.925,
)


def ruleset(*paths: str, by: str = "person", model: ModelRecord | None = None, **parts: Any) -> Ruleset:
    grants = [
        {"path": path, "rights": READ, "by": by, "why": "it is read", "evidence": ("r:1",)} for path in paths
    ]
    made = Provenance(tool="t", author="claude-test" if model else "offline", model=model)
    granted = tuple(PathGrant.model_validate(grant) for grant in grants)
    return Ruleset(service="s", target_abi=7, provenance=made, path=granted, **parts)


def page(review: Review) -> str:
    return notes_html(review, "body {}", "1")


def test_three_thousand_grants_and_two_hundred_blocking_findings_fit_and_each_blocking_one_is_named() -> None:
    paths = [f"/srv/data/{number:04}/some/longer/name/of/a/file" for number in range(3000)]
    blocking = [find("invented-path", path, "nobody touched it", evidence=("r:7",)) for path in paths[:200]]
    high = [find("dangerous-grant", path, "look here") for path in paths[200:300]]

    text = notes_markdown(Review(ruleset(*paths), report=Report.of([*blocking, *high])))

    assert len(text) < LIMIT
    assert all(f"`{finding.subject}`" in text for finding in blocking)
    assert "Left out for length: see the path and port tables of the ruleset document." in text
    assert "200 blocking" in text.splitlines()[2]
    assert "3000 grants" in text.splitlines()[2]


def test_blocking_findings_are_said_in_short_only_when_they_must_be_and_then_counted() -> None:
    def notes(count: int, length: int) -> str:
        paths = [f"/{number:04}/{'x' * length}" for number in range(count)]
        return notes_markdown(
            Review(ruleset(), report=Report.of(find("missing-access", p, "m" * 90) for p in paths))
        )

    full, short, shortest = notes(30, 90), notes(250, 90), notes(900, 150)

    assert full.count("**blocking** missing-access: ") == 30
    assert "Left out" not in full
    assert "Left out for length: 250 blocking findings are named, 0 others are counted." in short
    assert short.count(f"/{'x' * 90}`") == 250
    assert "Left out for length: 600 blocking findings are named" in shortest
    assert "**and 300 more blocking findings**" in shortest
    assert max(map(len, (full, short, shortest))) < LIMIT


@pytest.mark.parametrize("char", ["@", "|", "`", "\u202e", "x"])
def test_no_ruleset_makes_the_notes_longer_than_a_code_host_takes(char: str) -> None:
    names = [f"/srv/{number:03}{char * 900}" for number in range(400)]
    refused = tuple(Refused(path=name, why=char * 900, evidence=(f"{char * 300}:1",)) for name in names)
    report = Report.of(
        find(kind, name, char * 900) for name in names for kind in ("missing-access", "dangerous-grant")
    )

    text = notes_markdown(Review(ruleset(*names, refused=refused), report=report))

    assert len(text) < LIMIT
    assert text.count("/srv/") >= 400


def test_a_model_that_took_part_is_named_with_what_it_took_and_its_sentences_are_its_own() -> None:
    review = Review(ruleset("/etc/a", by="model", model=MODEL))

    markdown, data, html = notes_markdown(review), json.loads(notes_json(review)), page(review)

    for said in (
        "claude-test",
        "92% of its questions right",
        "3100 sent, 700 received, in 2 turns",
        "0.0421 dollars",
    ):
        assert said in markdown
        assert said in html
    assert "| Prompts | `draft 3`, `repair 2` |" in markdown
    assert "it is read (model)" in markdown
    assert '<span class="claim">it is read <span class="by">(model)</span></span>' in html
    assert data["grants"][0]["by"] == "model"
    assert data["provenance"]["model"] == {
        "name": "claude-test",
        "endpoint": "https://api.example",
        "prompts": ["draft 3", "repair 2"],
        "redaction": "strict",
        "request": "ab" * 32,
        "turns": 2,
        "primer": 0.925,
        "tokens_sent": 3100,
        "tokens_received": 700,
        "dollars": 0.0421,
    }


def test_without_a_model_the_notes_say_that_none_took_part() -> None:
    review = Review(ruleset("/etc/a"))

    assert "| Model | none took part |" in notes_markdown(review)
    assert json.loads(notes_json(review))["provenance"]["model"] is None
    assert "(model)" not in page(review)


def test_the_page_has_the_sections_of_the_markdown_in_their_order() -> None:
    review = everywhere("plain")
    titles = [section.title for section in sections(review)]

    html, markdown = page(review), notes_markdown(review)

    assert [part.split("</h2>")[0] for part in html.split("<h2>")[1:]] == titles
    assert [part.split("\n")[0] for part in markdown.split("\n## ")[1:]] == titles


def test_on_the_page_the_grants_that_stand_out_come_first_and_every_citation_is_there() -> None:
    granted = ruleset("/srv/a", "/etc", "/srv/b")

    rows = (
        page(Review(granted)).split('<section id="all-grants">')[1].split("</section>")[0].split("<tr ")[1:]
    )

    assert [row.split("<code>")[1].split("</code>")[0] for row in rows] == ["/etc", "/srv/a", "/srv/b"]
    assert "data-look" in rows[0]
    assert "data-look" not in rows[1]
    assert all("<code>r:1</code>" in row for row in rows)


def test_a_result_stands_on_the_line_of_its_grant_even_below_text_that_looks_like_one() -> None:
    text = dump(ruleset("/etc/a", "/srv/b")).replace(
        'why = "it is read"', 'why = """\n[[path]]\nit is read"""', 1
    )
    findings = [
        find("fragile-rule", "/etc/a", "m"),
        find("fragile-rule", "/srv/b", "m"),
        find("blind-exec", "r", "m"),
    ]

    made = notes_sarif(Review(load(text), report=Report.of(findings)), text, "sub/a.toml", "0.1.0")

    at = {result["message"]["text"].split(":")[0]: result["locations"][0] for result in _results(made)}
    lines = text.split("\n")
    for subject, named in (("/etc/a", 'path = "/etc/a"'), ("/srv/b", 'path = "/srv/b"')):
        where = at[subject]["physicalLocation"]
        assert where["artifactLocation"]["uri"] == "sub/a.toml"
        assert lines[where["region"]["startLine"] - 1 : where["region"]["startLine"] + 1] == [
            "[[path]]",
            named,
        ]
    assert at["r"]["physicalLocation"]["region"]["startLine"] == 1


def test_a_fingerprint_stays_when_lines_move_and_sentences_change_and_is_not_shared() -> None:
    before = [
        find("fragile-rule", "/etc/a", "m"),
        find("fragile-rule", "/etc/a", "n"),
        find("drift", "/etc/a", "m"),
    ]
    after = [find("fragile-rule", "/etc/a", "another sentence"), *before[1:]]
    granted = ruleset("/etc/a")

    old, new = (
        [result["partialFingerprints"]["landscribe/v1"] for result in _results(_sarif(granted, found, text))]
        for found, text in ((before, dump(granted)), (after, "# moved\n\n" + dump(granted)))
    )

    assert sorted(old) == sorted(new)
    assert len(set(old)) == 3


def test_severities_are_those_that_code_scanning_knows() -> None:
    found = [find("fragile-rule", f"/{severity}", "m", severity=severity) for severity in Severity]

    levels = {
        result["properties"]["severity"]: result["level"] for result in _results(_sarif(ruleset(), found, ""))
    }

    assert levels == {
        "blocking": "error",
        "high": "error",
        "medium": "warning",
        "low": "note",
        "info": "note",
    }


def test_sarif_of_what_was_not_verified_says_that_the_run_did_not_succeed() -> None:
    made = json.loads(_sarif_of(Review(ruleset()), ""))

    assert made["runs"][0]["results"] == []
    assert made["runs"][0]["invocations"][0]["executionSuccessful"] is False


def test_more_results_than_a_host_takes_are_left_out_aloud_and_the_worst_stay() -> None:
    found = [find("fragile-rule", f"/{number}", "m") for number in range(25_100)]

    run = json.loads(_sarif(ruleset(), [*found, find("invented-path", "/x", "m")], ""))["runs"][0]

    assert len(run["results"]) == 25_000
    assert run["results"][0]["ruleId"] == "invented-path"
    assert (
        "101 more findings are left out"
        in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    )


@pytest.mark.parametrize(
    "review", [everywhere("a name"), Review(ruleset()), Review(ruleset("/etc/a", model=MODEL))]
)
def test_the_data_fit_the_published_schema(review: Review) -> None:
    schema = json.loads((ROOT / "schema/notes.schema.json").read_text("utf-8"))

    made = json.loads(notes_json(review))

    jsonschema.Draft202012Validator(schema).validate(made)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({**made, "grants": [{}]})


def test_what_was_not_looked_at_is_null_in_the_data() -> None:
    made = json.loads(notes_json(Review(ruleset())))

    unknown = (
        "exit",
        "findings",
        "difference",
        "layers",
        "radius",
        "traces",
        "code_paths",
        "test",
        "minimality",
    )
    assert {key for key in unknown if made[key] is not None} == set()


def _sarif(granted: Ruleset, found: list[Any], text: str) -> str:
    return _sarif_of(Review(granted, report=Report.of(found)), text)


def _sarif_of(review: Review, text: str) -> str:
    made = notes_sarif(review, text, "a.toml", "0.1.0")
    assert complaints(made) == []
    return made


def _results(made: str) -> list[dict[str, Any]]:
    return list(json.loads(made)["runs"][0]["results"])
