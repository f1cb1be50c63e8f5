"""The twin says what it is told to say, and keeps what it was asked."""

from dataclasses import replace

import pytest

from assistant.author.client import Author, Prompt, Reply
from assistant.author.scripted import ScriptedAuthor
from assistant.errors import DeclinedError, UnreachableError
from redaction.text import literal
from tests.author.conftest import PROMPT


def test_a_list_is_said_in_turn_and_then_nobody_answers() -> None:
    author: Author = ScriptedAuthor(["one", Reply("two", "other"), DeclinedError("no")])

    assert (author.ask(PROMPT).text, author.ask(PROMPT).model) == ("one", "other")
    with pytest.raises(DeclinedError):
        author.ask(PROMPT)
    with pytest.raises(UnreachableError):
        author.ask(PROMPT)


def test_a_function_answers_what_it_is_asked() -> None:
    author = ScriptedAuthor(lambda prompt: f"{len(prompt.turns)} turns", model="echo")
    longer = replace(PROMPT, turns=(*PROMPT.turns, literal("x"), literal("y")))

    assert [author.ask(prompt).text for prompt in (PROMPT, longer)] == ["1 turns", "3 turns"]
    assert author.prompts == [PROMPT, longer]
    assert author.ask(PROMPT).usage.requests == 1


@pytest.mark.parametrize(
    "change", [{"system": literal("y")}, {"turns": (literal("y"),)}, {"schema": {}}, {"most_output": 9}]
)
def test_its_bytes_are_the_same_for_the_same_prompt_and_for_no_other(change: dict[str, object]) -> None:
    author = ScriptedAuthor([])
    other: Prompt = replace(PROMPT, **change)  # type: ignore[arg-type]

    assert author.body(PROMPT) == ScriptedAuthor(["x"]).body(PROMPT) != author.body(other)
