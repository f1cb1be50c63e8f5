"""Prompts are files with an id and a version, and are filled strictly."""

import re
from importlib.resources import files

import pytest

from assistant.author.library import Entry, library
from assistant.errors import LandscribeError
from redaction.text import literal


@pytest.mark.parametrize("entry", library().values(), ids=str)
def test_every_prompt_has_a_version_a_use_and_a_list_of_changes_up_to_it(entry: Entry) -> None:
    assert entry.use in ("system", "user")
    assert entry.title
    assert [change.partition(":")[0] for change in entry.changes] == [
        str(n + 1) for n in range(entry.version)
    ]
    assert entry.name == f"{entry.id}@{entry.version}"


def test_every_file_of_the_package_is_a_prompt_of_the_catalog() -> None:
    names = {entry.name for entry in files("prompts").iterdir() if entry.name.endswith(".md")}

    assert names == {f"{name}.md" for name in library()}


@pytest.mark.parametrize("entry", library().values(), ids=str)
def test_a_prompt_holds_plain_text_without_anything_invisible(entry: Entry) -> None:
    assert entry.text.isascii()
    assert not re.search(r"[^\n -~]", entry.text)


def entry(text: str, *names: str) -> Entry:
    return Entry("x", 1, "t", "user", "prose", text, dict.fromkeys(names, "what it is"))


def test_a_prompt_is_filled_with_redacted_text_and_numbers() -> None:
    filled = entry("$who has $count files, $$5", "who", "count").filled({"who": literal("nginx"), "count": 3})

    assert str(filled) == "nginx has 3 files, $5"


def test_a_value_that_looks_like_a_variable_is_none() -> None:
    filled = entry("$a-$b", "a", "b").filled({"a": literal("$b"), "b": literal("${a}")})

    assert str(filled) == "$b-${a}"


@pytest.mark.parametrize("given", [{}, {"who": 1, "more": 2}])
def test_a_missing_or_an_unknown_variable_is_an_error(given: dict[str, int]) -> None:
    with pytest.raises(LandscribeError, match="cannot be filled"):
        entry("$who", "who").filled(given)


def test_raw_text_is_not_filled_in() -> None:
    with pytest.raises(TypeError):
        entry("$who", "who").filled({"who": "raw"})  # type: ignore[dict-item]
