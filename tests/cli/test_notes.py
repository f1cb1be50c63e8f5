"""``landscribe notes``: says what was verified and tested, and never more."""

import json
from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.usefixtures("drafted")
def test_without_traces_the_notes_say_that_nothing_was_verified(landscribe: Callable[..., Any]) -> None:
    alone, verified = landscribe("notes", "app.toml"), landscribe("notes", "app.toml", "app.trace")

    assert (alone.code, verified.code) == (0, 0)
    assert "not verified" in alone.out
    assert "not verified" not in verified.out
    assert "not tested" in alone.out
    assert "not tested" in verified.out


def test_the_notes_of_a_ruleset_that_does_not_hold_say_so(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.edit('evidence = ["app:7"]', 'evidence = ["app:9"]')

    done = landscribe("notes", "app.toml", "app.trace")

    assert done.code == 0
    assert "blocking" in done.out
    assert "false-citation" in done.out


@pytest.mark.parametrize(
    "contents",
    ["", "[]", "{}", '{"probes": [1]}', "not JSON", '{"probes": [], "work": {}, "command": []}'],
)
def test_a_file_that_is_no_test_result_is_exit_code_3(
    contents: str, drafted: Any, landscribe: Callable[..., Any]
) -> None:
    (drafted.root / "test.json").write_text(contents, "utf-8")

    done = landscribe("notes", "app.toml", "--test", "test.json")

    assert done.code == 3
    assert "'test.json' is no test result" in done.plain_error


def test_the_blast_radius_is_there_as_numbers_and_unknown_for_another_machine(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.add('\n[[path]]\npath = "/root"\nrights = ["read_file"]\nby = "person"\n')

    here = json.loads(landscribe("notes", "app.toml", "app.trace", "--json").out)
    untraced = json.loads(landscribe("notes", "app.toml", "--json").out)
    there = json.loads(landscribe("notes", "app.toml", "--foreign", "--json").out)

    assert here["radius"]["figure"] == sum(here["radius"]["counted"].values()) > 0
    assert here["radius"]["figure"] == untraced["radius"]["figure"]
    assert here["radius"]["used"]["execute"] >= 1
    assert untraced["radius"]["used"]["execute"] is None
    assert there["radius"] is None
    assert "Unknown: the files of the machine" in there["text"]
