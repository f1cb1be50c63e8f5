"""A person carries the prompt to a chat and the answer back."""

import time
from dataclasses import replace

import pytest

from assistant.author.chat import LONGEST, ChatAuthor, unwrapped
from assistant.errors import AnswerError, AwaitedError, Exit
from redaction.text import literal
from tests.author.conftest import PROMPT


FORM = literal("Answer with one JSON object of this form, and nothing else.")
JSON = '{"groups": [{"why": "a } and a ``` in it"}]}'


def test_asking_without_an_answer_hands_out_the_prompt() -> None:
    author = ChatAuthor(FORM)

    with pytest.raises(AwaitedError) as awaited:
        author.ask(PROMPT)

    assert awaited.value.body == author.body(PROMPT) == ChatAuthor(FORM).body(PROMPT)
    assert awaited.value.code is Exit.INTERNAL
    assert awaited.value.hint


def test_the_prompt_stands_by_itself_and_in_order() -> None:
    prompt = replace(PROMPT, turns=(literal("first"), literal("{}"), literal("second")))

    text = ChatAuthor(FORM).body(prompt).decode()

    parts = ["Group these accesses.", str(FORM), '"necessity"', "# Request", "first", "# Your answer", "{}"]
    places = [text.index(part) for part in [*parts, "second"]]
    assert places == sorted(places)
    assert text.isascii()


def test_an_answer_that_was_brought_back_answers_one_question() -> None:
    author = ChatAuthor(FORM, f"Sure!\n```json\n{JSON}\n```\n", model="claude in a browser")

    reply = author.ask(PROMPT)

    assert (reply.text, reply.model, reply.usage.requests) == (JSON, "claude in a browser", 0)
    with pytest.raises(AwaitedError):
        author.ask(PROMPT)


@pytest.mark.parametrize(
    "answer",
    [
        JSON,
        f"\n {JSON}\n\n",
        f"```\n{JSON}\n```",
        f"Here it is:\n\n```json\n{JSON}\n```\nTell me if you need more.",
        f"~~~~ json\n{JSON}\n~~~~",
        f"````\n{JSON}\n````",
        f"Here it is: {JSON} Anything else?",
        f"```json\n{JSON}",
        f"```json\r\n{JSON}\r\n```\r\n",
    ],
)
def test_fences_and_sentences_around_one_object_are_taken_away(answer: str) -> None:
    assert unwrapped(answer) == JSON


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ("I cannot do that.", "I cannot do that."),
        ("", ""),
        (f"```\n{JSON}\n```\nor\n```\n{JSON}\n```", f"{JSON}\n```\nor\n```\n{JSON}"),
        ("} {", "} {"),
    ],
)
def test_nothing_cleverer_is_tried(answer: str, left: str) -> None:
    assert unwrapped(answer) == left


def test_an_answer_of_ten_megabytes_is_none() -> None:
    with pytest.raises(AnswerError):
        ChatAuthor(FORM, "x" * (LONGEST + 1)).ask(PROMPT)


def test_an_answer_made_of_fences_takes_no_time_that_grows_with_their_square() -> None:
    def seconds(fences: int) -> float:
        answer = "\n".join("`" * size for size in range(fences, 2, -1))
        began = time.process_time()
        unwrapped(answer)
        return time.process_time() - began

    # Four times the text; a square would make it sixteen times the time.
    assert seconds(2000) < 10 * seconds(1000) + 0.05
