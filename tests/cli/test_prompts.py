"""``landscribe prompts``: every prompt can be read, and filled ones leave only through the gate."""

import json
from collections.abc import Callable

import pytest

from assistant.author.library import library
from tests.cli.conftest import Done, Service, digest_in


Inside = Callable[..., Done]
FILLED = [name for name, entry in library().items() if {"lines", "mark"} <= entry.variables.keys()]


def test_the_list_names_every_prompt_with_its_version(inside: Inside) -> None:
    done = inside("prompts", "list")

    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()] == [entry.name for entry in library().values()]


@pytest.mark.parametrize("name", library())
def test_a_prompt_is_shown_with_its_variables_explained(inside: Inside, name: str) -> None:
    done = inside("prompts", "show", name)

    assert done.code == 0
    assert done.out.startswith(library()[name].text[:40])
    assert all(f"${variable}: " in done.out for variable in library()[name].variables)


@pytest.mark.parametrize("name", FILLED)
def test_a_filled_prompt_leaves_only_when_it_was_approved_and_holds_no_private_name(
    inside: Inside, service: Service, name: str
) -> None:
    closed = inside("prompts", "show", name, "app.trace")
    opened = inside("prompts", "show", name, "app.trace", "--approve-send", digest_in(closed.err))

    assert (closed.code, closed.out) == (13, "")
    assert opened.code == 0
    assert "read_file" in opened.out
    assert service.home.name not in opened.out
    assert "$" not in opened.out


def test_a_question_is_redacted_word_by_word(inside: Inside) -> None:
    arguments = (
        "prompts",
        "show",
        "ask",
        "app.trace",
        "--question",
        "Why does kim.smith@initech.example read it?",
    )

    shown = inside(*arguments, "--approve-send", digest_in(inside(*arguments).err))

    assert shown.code == 0
    assert "kim.smith" not in shown.out
    assert "initech" not in shown.out
    assert "Why does <EMAIL_" in shown.out


def test_a_prompt_that_takes_no_trace_and_one_that_does_not_exist_are_usage_errors(inside: Inside) -> None:
    assert inside("prompts", "show", "primer", "app.trace").code == 2
    assert inside("prompts", "show", "nonsense").code == 2


def test_json_holds_what_the_catalog_says(inside: Inside) -> None:
    told = json.loads(inside("prompts", "list", "--json").out)

    assert {row["id"] for row in told["prompts"]} == set(library())
