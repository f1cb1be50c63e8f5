"""Cases say what they are, and a wrong one is told apart from a service that fails."""

import subprocess
from pathlib import Path

import pytest

from evals import case
from evals.case import CaseError, load, names


WANTED = {
    *("web", "cache", "database", "mail", "DNS", "message broker", "log daemon", "Python", "Node", "shell"),
    *("forks workers", "drops privileges", "unix socket", "helpers", "timer job"),
}


@pytest.mark.parametrize("name", names())
def test_every_case_has_a_recipe_that_bash_can_read_and_the_steps_that_a_life_needs(name: str) -> None:
    found = load(name)
    listed = subprocess.run(
        ["bash", "-euc", 'source "$1"; declare -F', "recipe", found.recipe],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    steps = set(listed.replace("declare -f ", "").split())

    assert {"prepare", "request", "replace", "again"} <= steps
    assert found.oneshot or "ready" in steps
    assert len(found.why) > 20


def test_the_services_cover_what_people_run() -> None:
    services = [load(name) for name in names() if load(name).kind == "service"]

    assert len(services) >= 16
    assert {trait for service in services for trait in service.traits} >= WANTED


def test_at_least_six_cases_are_tried_with_every_change() -> None:
    assert sum(load(name).ci for name in names()) >= 6


def test_poor_and_hostile_traces_are_among_the_cases() -> None:
    cases = [load(name) for name in names()]

    assert {"seed", "attached", "foreign"} <= {found.trace for found in cases}
    assert any(found.kind == "hostile" for found in cases)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("why = 3", "why"),
        ("why = 'x'\nsurprise = 1", "surprise"),
        ("why = 'x'\ncommand = ['/bin/true']", "recipe"),
        ("why = ", "cannot be read"),
    ],
)
def test_a_case_that_makes_no_sense_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "case.toml").write_text(text)
    monkeypatch.setattr(case, "CASES", tmp_path)

    with pytest.raises(CaseError, match=said):
        load("odd")


def test_a_case_that_is_like_another_takes_its_service_and_keeps_its_own_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case, "CASES", tmp_path)
    for name, text in (
        ("one", "why = 'first'\ncommand = ['/bin/x', 'y']\nport = [80]\ntraits = ['web']"),
        ("two", "why = 'second'\nlike = 'one'\nkind = 'poor'\ntrace = 'seed'"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "case.toml").write_text(text)
    (tmp_path / "one" / "recipe.sh").write_text("request() { true; }\n")

    found = load("two")

    assert (found.why, found.command, found.port, found.traits) == ("second", ("/bin/x", "y"), (80,), ())
    assert found.recipe == tmp_path / "one" / "recipe.sh"


def test_inspect_is_imported_by_its_wrapper_alone() -> None:
    root = Path(case.__file__).parent
    importing = {path.name for path in root.rglob("*.py") if "inspect_ai" in path.read_text("utf-8")}

    assert importing == {"inspecting.py"}
