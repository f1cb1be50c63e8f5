"""JUnit XML as an XML parser reads it back."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from assistant.domain.finding import find
from assistant.domain.report import Report
from assistant.render.junit import Case, junit, trial_cases, verify_cases
from assistant.render.plain import printable
from tests.render.hostile import NAMES


EXAMPLES = Path(__file__).parents[2] / "examples"


def outcomes(text: str) -> dict[str, str]:
    """Name to what became of it."""
    cases = ET.fromstring(text).iter("testcase")  # noqa: S314 - our own
    return {case.get("name", ""): next((child.tag for child in case), "passed") for case in cases}


def test_blocking_findings_and_drift_fail_and_others_only_say_something() -> None:
    found = Report.of(find(kind, f"/{kind}", "m") for kind in ("invented-path", "drift", "dangerous-grant"))

    text = junit("verify s", verify_cases(found))

    assert outcomes(text) == {
        "every path, right and citation": "failure",
        "invented-path: /invented-path": "failure",
        "drift: /drift": "failure",
        "dangerous-grant: /dangerous-grant": "system-out",
    }
    suite = ET.fromstring(text)  # noqa: S314 - our own
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "3", "0")


def test_without_findings_one_case_passes() -> None:
    assert outcomes(junit("s", verify_cases(Report.of(())))) == {"every path, right and citation": "passed"}


def test_of_a_real_test_each_probe_is_a_case_and_what_shows_nothing_is_skipped() -> None:
    data = json.loads((EXAMPLES / "postgresql/test.json").read_text("utf-8"))

    found = outcomes(junit("test", trial_cases(data)))
    holed = {**data, "work": {"verdict": "fails"}, "probes": [{**data["probes"][0], "verdict": "allowed"}]}

    assert next(iter(found)) == "the command works inside the sandbox"
    assert len(list(ET.fromstring(junit("test", trial_cases(data))).iter("skipped"))) == 6  # noqa: S314 - our own
    assert set(outcomes(junit("test", trial_cases(holed))).values()) == {"failure"}


@pytest.mark.parametrize("name", NAMES)
def test_no_name_gets_out_of_its_attribute(name: str) -> None:
    cases = [Case(name, "failed", name), Case(name, "skipped", name), Case(name, "passed", name)]

    suite = ET.fromstring(junit(name, cases))  # noqa: S314 - our own

    assert [case.tag for case in suite] == ["testcase"] * 3
    assert {case.get("name") for case in suite} == {printable(name)}
    assert [case[0].tag for case in suite] == ["failure", "skipped", "system-out"]
    assert suite[0][0].get("message") == suite[2][0].text == printable(name)
