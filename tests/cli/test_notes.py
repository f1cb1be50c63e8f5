"""``landscribe notes``: says what was verified and tested, and never more."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.render.sarif_rules import complaints


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


def test_each_format_is_written_and_an_unknown_one_is_a_usage_error(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    starts = {"markdown": "# Sandbox of `cat`", "json": "{", "sarif": "{", "html": "<!DOCTYPE html>"}

    for to, start in starts.items():
        done = landscribe("notes", "app.toml", "app.trace", "--to", to, "-o", f"notes.{to}")
        shown = landscribe("notes", "app.toml", "app.trace", "--to", to)
        assert (done.code, done.out, shown.code) == (0, "", 0)
        text = (drafted.root / f"notes.{to}").read_text("utf-8")
        assert text.startswith(start)
        assert shown.out == text
        assert json.loads(landscribe("notes", "app.toml", "--to", to, "--json").out)["format"] == to

    refused = landscribe("notes", "app.toml", "--to", "pdf")
    assert refused.code == 2
    assert "markdown, json, sarif, html" in refused.plain_error


def test_the_notes_say_what_is_new_against_another_version(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    (drafted.root / "old.toml").write_text((drafted.root / "app.toml").read_text("utf-8"), "utf-8")
    drafted.add('\n[[path]]\npath = "/srv/new"\nrights = ["write_file"]\nby = "person"\n')

    alone = landscribe("notes", "app.toml", "--foreign").out
    compared = landscribe("notes", "app.toml", "--foreign", "--against", "old.toml").out
    data = json.loads(
        landscribe("notes", "app.toml", "--foreign", "--against", "old.toml", "--to", "json").out
    )

    assert "Unknown: no earlier version was there" in alone
    assert "Against old.toml: wider (write): 1 added" in compared
    assert "**+** added: may now write `/srv/new` [write_file]" in compared
    assert "**+1** / -0" in compared.splitlines()[2]
    assert [change["path"] for change in data["difference"]["changes"]] == ["/srv/new"]


def test_without_another_version_the_notes_compare_with_the_last_approval(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    approved = landscribe(
        *("approve", "app.toml", "--foreign", "--unverified", "--name", "ada", "--comment", "read"),
        *("--digest", json.loads(landscribe("notes", "app.toml", "--foreign", "--to", "json").out)["digest"]),
    )
    drafted.add('\n[[path]]\npath = "/srv/new"\nrights = ["write_file"]\nby = "person"\n')

    text = landscribe("notes", "app.toml", "--foreign").out

    assert approved.code == 0
    assert "Against approved last by ada" in text
    assert "may now write `/srv/new`" in text
    assert "approval is stale" in text


@pytest.mark.parametrize(
    ("folder", "address"),
    [("a b", "a%20b"), ("\u00e9\udcff", "%C3%A9%FF"), ("[a]?#%", "%5Ba%5D%3F%23%25"), ("c:", "c%3A")],
)
def test_a_result_of_code_scanning_names_the_file_as_the_repository_does(
    folder: str, address: str, drafted: Any, landscribe: Callable[..., Any]
) -> None:
    (drafted.root / folder).mkdir()
    (drafted.root / "app.toml").rename(drafted.root / folder / "app.toml")

    made = landscribe("notes", f"{folder}/app.toml", "app.trace", "--to", "sarif").out

    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in json.loads(made)["runs"][0]["results"]
    }
    assert uris == {f"{address}/app.toml"}
    assert complaints(made) == []


def test_with_a_unit_the_notes_show_the_other_layers_and_the_code_paths(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    (drafted.root / "app.service").write_text("[Service]\nExecStart=/bin/true\nProtectHome=yes\n", "utf-8")

    text = landscribe("notes", "app.toml", "app.trace", "--unit", "./app.service").out
    data = json.loads(
        landscribe("notes", "app.toml", "app.trace", "--unit", "./app.service", "--to", "json").out
    )

    assert "| A service that was taken over | Verdict | user |" in text
    assert "code paths of the service were recorded**" in text
    assert data["layers"]["rows"]
    assert data["code_paths"]["counts"]["no"] + data["code_paths"]["counts"]["unknown"] > 0
