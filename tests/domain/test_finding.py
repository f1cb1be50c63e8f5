"""The catalogue of findings and the page that explains it."""

import re
from pathlib import Path

import pytest

from assistant.domain.finding import CATALOGUE, Severity, find


PAGE = (Path(__file__).parents[2] / "docs" / "findings.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## (\S+)\n\nSeverity: (\w+)\n\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)


def test_every_kind_has_exactly_one_section_and_every_section_a_kind() -> None:
    assert sorted(re.findall(r"^## (.*)$", PAGE, re.MULTILINE)) == sorted(CATALOGUE)
    assert len(SECTIONS) == len(CATALOGUE)


def test_the_page_names_the_catalogues_severities() -> None:
    assert {name: severity for name, severity, _ in SECTIONS} == {
        kind.id: kind.severity.name.lower() for kind in CATALOGUE.values()
    }


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, _, text in SECTIONS])
def test_a_section_has_two_to_seven_sentences_and_a_remedy(name: str, text: str) -> None:
    assert "\nRemedy: " in text, name
    sentences = re.findall(r"[.?](?=\s|$)", text)
    assert 2 <= len(sentences) <= 7, name


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_kind_is_named_in_kebab_case_and_says_what_and_what_next(name: str) -> None:
    kind = CATALOGUE[name]
    assert kind.id == name
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert kind.title
    assert kind.remedy
    assert not kind.title.endswith(".")


def test_a_finding_takes_severity_and_remedy_from_the_catalogue_unless_told() -> None:
    plain = find("fragile-rule", "/a", "dies")
    assert (plain.severity, plain.remedy) == (Severity.LOW, CATALOGUE["fragile-rule"].remedy)
    told = find("fragile-rule", "/a", "dies", severity=Severity.HIGH, remedy="move it")
    assert (told.severity, told.remedy) == (Severity.HIGH, "move it")


def test_a_kind_that_is_not_in_the_catalogue_cannot_be_found() -> None:
    with pytest.raises(KeyError):
        find("no-such-kind", "/a", "m")
