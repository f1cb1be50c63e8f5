"""A model's text becomes a proposal only if it is one; its sentences are harmless from then on."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.author.answer import LONGEST, parse
from assistant.errors import AnswerError


GOOD: dict[str, Any] = {
    "groups": [{"purpose": "logs", "rules": [1], "why": "a1", "necessity": "required", "doubts": []}],
    "unneeded": [{"rule": 1, "rights": ["truncate"], "why": "w"}],
    "objections": [{"access": 2, "why": "w"}],
    "unexercised": [{"code_path": "log rotation", "touches": "t", "why": "w"}],
    "questions": ["q"],
}


def test_a_good_answer_is_read() -> None:
    proposal = parse(json.dumps(GOOD))

    assert proposal.model_dump(mode="json") == GOOD


def changed(**parts: Any) -> str:
    return json.dumps({**GOOD, **parts})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I think that these are the logs.",
        "```json\n" + json.dumps(GOOD) + "\n```",
        json.dumps(GOOD)[: len(json.dumps(GOOD)) // 2],
        "[]",
        "null",
        changed(groups=[{**GOOD["groups"][0], "rules": ["1"]}]),
        changed(groups=[{**GOOD["groups"][0], "rules": [1.5]}]),
        changed(groups=[{**GOOD["groups"][0], "rules": [True]}]),
        changed(groups=[{**GOOD["groups"][0], "path": "/"}]),
        changed(grants=["/"]),
        changed(groups=[{**GOOD["groups"][0], "necessity": "please"}]),
        changed(unneeded=[{"rule": 1, "rights": ["everything"], "why": "w"}]),
        changed(groups=[GOOD["groups"][0]] * 3000),
        changed(questions=["q"] * 100),
        json.dumps({key: value for key, value in GOOD.items() if key != "questions"}),
        '{"groups": ' + "[" * 100_000,
        '"' + "x" * LONGEST + '"',
    ],
)
def test_what_is_no_answer_is_an_error_that_does_not_repeat_it(text: str) -> None:
    with pytest.raises(AnswerError) as caught:
        parse(text)

    assert len(str(caught.value)) + len(caught.value.why) < 200


@given(st.text())
def test_any_text_is_an_answer_or_an_error_and_nothing_else(text: str) -> None:
    with contextlib.suppress(AnswerError):
        parse(text)


@given(st.text(max_size=3000))
def test_sentences_are_one_line_without_anything_invisible_and_bounded(text: str) -> None:
    group = {**GOOD["groups"][0], "why": text, "purpose": text, "doubts": [text]}

    (read,) = parse(changed(groups=[group])).groups

    for sentence, limit in ((read.why, 400), (read.purpose, 60), (read.doubts[0], 400)):
        assert len(sentence) <= limit
        assert sentence.isprintable()
