"""``landscribe test --learn``: a ruleset is written when all works, with its evidence, and with a person's comments."""

import json
from collections.abc import Callable
from typing import Any

import pytest


pytestmark = [pytest.mark.kernel, pytest.mark.root]


def planted(drafted: Any) -> tuple[str, str]:
    """A command that needs a file which the draft does not grant, and that file."""
    other = drafted.home / "other.conf"
    other.write_text("other\n")
    return "cat", str(other)


def test_a_needed_right_is_learnt_and_what_is_written_passes_test_and_verify(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.add("\n# A person's word.\n")
    command = planted(drafted)

    fails = landscribe("test", "app.toml", "--", *command)
    done = landscribe("test", "app.toml", "--learn", "-o", "learnt.toml", "--", *command)
    works = landscribe("test", "learnt.toml", "--", *command)
    verified = landscribe("verify", "learnt.toml", "app.trace", "learnt.denials.log", "--json")

    assert fails.code == 11
    assert f"denied: read_file on {command[1]}" in fails.out
    assert done.code == 10, done.err
    assert "learnt: read_file on" in done.err
    assert works.code == 0, works.err
    text = (drafted.root / "learnt.toml").read_text("utf-8")
    assert "# A person's word." in text
    assert "Learnt in a test, where the kernel denied it" in text
    serious = [f for f in json.loads(verified.out)["findings"] if f["severity"] in ("high", "blocking")]
    assert [f for f in serious if "other.conf" in f["subject"] or f["evidence"][:1] == ["denials:1"]] == []


def test_the_ruleset_itself_may_be_completed_in_its_place(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    command = planted(drafted)

    first = landscribe("test", "app.toml", "--learn", "-o", "app.toml", "--", *command)
    again = landscribe("test", "app.toml", "--learn", "-o", "app.toml", "--", *command)

    assert first.code == 10
    assert (again.code, "nothing to learn" in again.out) == (0, True)
    assert (drafted.root / "app.denials.log").exists()
    assert not (drafted.root / "app.denials-2.log").exists()


def test_nothing_is_written_while_the_scenarios_fail(drafted: Any, landscribe: Callable[..., Any]) -> None:
    before = drafted.snapshot()

    done = landscribe("test", "app.toml", "--learn", "-o", "app.toml", "--", "cat", "/etc/shadow")

    assert done.code == 11
    assert "not-learnt: /etc/shadow" in done.err
    assert "nothing was written" in done.out
    assert drafted.snapshot() == before


def test_without_an_output_the_ruleset_is_shown(drafted: Any, landscribe: Callable[..., Any]) -> None:
    command = planted(drafted)
    before = drafted.snapshot()

    shown = landscribe("test", "app.toml", "--learn", "--", *command)
    data = json.loads(landscribe("test", "app.toml", "--learn", "--json", "--", *command).out)

    assert 'evidence = ["denials:1"]' in shown.out
    assert (data["works"], data["report"]["exit"]) == (True, 10)
    assert data["ruleset"]["service"] == "cat"
    assert drafted.snapshot() == before


@pytest.mark.parametrize(
    ("exists", "code", "words"),
    [
        ("learnt.denials.log", 2, "it may be another ruleset's evidence"),
        ("learnt.toml", 3, "is no ruleset of schema 1"),
    ],
)
def test_what_is_in_the_way_is_told_before_anything_runs(
    drafted: Any, landscribe: Callable[..., Any], exists: str, code: int, words: str
) -> None:
    (drafted.root / exists).write_text("colour = 1\n")

    done = landscribe(
        "test", "app.toml", "--learn", "-o", "learnt.toml", "--", "touch", drafted.home / "etc/ran"
    )

    assert done.code == code
    assert words in done.plain_error
    assert not (drafted.home / "etc/ran").exists()


@pytest.mark.usefixtures("drafted")
@pytest.mark.parametrize("other", [["--prove-minimal"], ["--denials", "x.log"]])
def test_learning_goes_alone(landscribe: Callable[..., Any], other: list[str]) -> None:
    done = landscribe("test", "app.toml", "--learn", *other, "--", "true")

    assert done.code == 2
    assert "--learn goes alone" in done.plain_error
