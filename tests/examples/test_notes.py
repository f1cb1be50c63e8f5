"""The committed notes are what the committed traces, rulesets and test results give, byte for byte, on any machine."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.domain.document import load


REPO = Path(__file__).parents[2]
EXAMPLES = REPO / "examples"
NAMES = ("nginx", "postgresql", "redis")
FORMATS = ("md", "json", "sarif", "html")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("examples")
    script = ["env", "TZ=Pacific/Chatham", sys.executable, str(REPO / "scripts/make_examples.py"), str(into)]
    subprocess.run(script, check=True, cwd=into, timeout=300)
    return into


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", FORMATS)
def test_the_committed_notes_are_those_that_are_made_now(name: str, suffix: str, made: Path) -> None:
    file = f"{name}/notes.{suffix}"

    # After a change of the notes: make examples, and read the difference.
    assert (made / file).read_bytes() == (EXAMPLES / file).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_the_test_result_is_of_the_committed_ruleset_and_passed(name: str) -> None:
    ruleset = load((EXAMPLES / name / f"{name}.toml").read_text("utf-8"))
    result = json.loads((EXAMPLES / name / "test.json").read_text("utf-8"))

    assert result["digest"] == ruleset.digest()
    assert result["work"]["verdict"] == "works"
    assert "allowed" not in {probe["verdict"] for probe in result["probes"]}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_machine_of_the_recording_is_in_an_example(name: str) -> None:
    texts = {path.name: path.read_text("utf-8") for path in (EXAMPLES / name).iterdir()}

    for text in texts.values():
        assert not re.search(r"/home/|\.ssh|id_rsa|BEGIN [A-Z ]*PRIVATE|[\w.]+@[\w-]+\.[a-z]{2,}\b", text)
        assert str(REPO) not in text
    recorded = json.loads(texts[f"{name}.json"])
    assert recorded["cwd"] == "/"
    assert re.fullmatch(r"\d+\.\d+", recorded["kernel"])


def test_each_of_ten_questions_of_a_reviewer_is_answered_by_a_line_of_the_notes() -> None:
    part = (
        (REPO / "docs/reviewing.md")
        .read_text("utf-8")
        .split("## The notes, and ten questions")[1]
        .split("\n## ")[0]
    )
    asked = re.findall(r"^(\d+)\. (.*\?)\n\n   ```text\n   (.+)\n   ```$", part, re.MULTILINE)
    notes = (EXAMPLES / "redis/notes.md").read_text("utf-8").splitlines()

    assert [int(number) for number, _, _ in asked] == list(range(1, 11))
    assert len({line for _, _, line in asked}) == 10
    assert [line for _, _, line in asked if line not in notes] == []
