"""Every SARIF file that we make is held against the schema that OASIS publishes, and errors in one are noticed."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from assistant.domain.document import dump
from assistant.domain.finding import CATALOGUE, find
from assistant.domain.report import Report
from assistant.domain.review import Review
from assistant.domain.ruleset import Ruleset
from assistant.render.sarif import SCHEMA, notes_sarif
from tests.render.sarif_rules import DIGEST, PUBLISHED, complaints


EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/*.sarif"))
EVERY_KIND = Report.of(find(kind, f"/srv/{kind}", "it is so", evidence=("r:1",)) for kind in CATALOGUE)


def test_the_schema_is_the_one_that_oasis_publishes_and_the_one_that_our_files_name() -> None:
    assert sha256(PUBLISHED).hexdigest() == DIGEST
    assert json.loads(PUBLISHED)["id"] == SCHEMA


def test_there_is_an_example_of_each_service() -> None:
    assert [path.parent.name for path in EXAMPLES] == ["nginx", "postgresql", "redis"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_example_is_sarif(path: Path) -> None:
    assert complaints(path.read_text("utf-8")) == []


def test_every_finding_of_the_catalogue_gives_a_rule_that_code_scanning_shows(hostile: Ruleset) -> None:
    text = notes_sarif(Review(hostile, report=EVERY_KIND), dump(hostile), "a%20b/app.toml", "1.2.3")

    assert complaints(text) == []
    rules = json.loads(text)["runs"][0]["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == set(CATALOGUE)
    assert all(rule["fullDescription"]["text"].endswith(".") for rule in rules)


def test_notes_of_what_was_not_verified_are_sarif(hostile: Ruleset) -> None:
    assert complaints(notes_sarif(Review(hostile), dump(hostile), "app.toml", "1.2.3")) == []


def _run(log: Any) -> Any:
    return log["runs"][0]


def _driver(log: Any) -> Any:
    return _run(log)["tool"]["driver"]


def _rule(log: Any) -> Any:
    return _driver(log)["rules"][0]


def _result(log: Any) -> Any:
    return _run(log)["results"][0]


def _place(log: Any) -> Any:
    return _result(log)["locations"][0]["physicalLocation"]


PLANTED: dict[str, Callable[[Any], Any]] = {
    # What the schema of OASIS forbids.
    "another version": lambda log: log.update(version="2.0.0"),
    "no runs": lambda log: log.pop("runs"),
    "a schema that is no address": lambda log: log.update({"$schema": "sarif 2.1.0"}),
    "a property that does not exist": lambda log: _result(log).update(severity="high"),
    "a property of a rule on a result": lambda log: _result(log).update(shortDescription={"text": "x"}),
    "a level that does not exist": lambda log: _result(log).update(level="critical"),
    "a default level that does not exist": lambda log: _rule(log).update(
        defaultConfiguration={"level": "high"}
    ),
    "a message that is only a string": lambda log: _result(log).update(message="it is so"),
    "a tool without a name": lambda log: _driver(log).pop("name"),
    "a line before the first": lambda log: _place(log)["region"].update(startLine=0),
    "a line as text": lambda log: _place(log)["region"].update(startLine="7"),
    "a region without a place": lambda log: _place(log).update(region={}),
    "an address with a space": lambda log: _place(log)["artifactLocation"].update(uri="a b.toml"),
    "an address with a raw letter": lambda log: _place(log)["artifactLocation"].update(uri="\u00e9.toml"),
    "an address with half an escape": lambda log: _place(log)["artifactLocation"].update(uri="a%2.toml"),
    "an index below none": lambda log: _result(log).update(ruleIndex=-2),
    "a rule twice": lambda log: _driver(log)["rules"].append(_rule(log)),
    "a tag twice": lambda log: _rule(log)["properties"].update(tags=["security", "security"]),
    "columns in bytes": lambda log: _run(log).update(columnKind="bytes"),
    "a run that does not say how it ended": lambda log: _run(log)["invocations"][0].pop(
        "executionSuccessful"
    ),
    "a fingerprint that is a number": lambda log: _result(log).update(partialFingerprints={"a/v1": 7}),
    # What code scanning asks beyond it.
    "no schema named": lambda log: log.pop("$schema"),
    "a rule without its sentence": lambda log: _rule(log).pop("fullDescription"),
    "a rule without help": lambda log: _rule(log).pop("help"),
    "a rule with too long a sentence": lambda log: _rule(log).update(fullDescription={"text": "x" * 1025}),
    "an empty message": lambda log: _result(log).update(message={"text": ""}),
    "a result without a place": lambda log: _result(log).update(locations=[]),
    "a result without a fingerprint": lambda log: _result(log).pop("partialFingerprints"),
    "a place outside the repository": lambda log: _place(log)["artifactLocation"].update(uri="/etc/app.toml"),
    # What no schema can hold.
    "a result that points at another rule": lambda log: _result(log).update(ruleIndex=1),
    "a result that points at no rule": lambda log: _result(log).update(ruleIndex=999),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_an_error_in_the_file_is_noticed(planted: str, hostile: Ruleset) -> None:
    log = json.loads(notes_sarif(Review(hostile, report=EVERY_KIND), dump(hostile), "a.toml", "1.2.3"))

    PLANTED[planted](log)

    assert complaints(json.dumps(log))
