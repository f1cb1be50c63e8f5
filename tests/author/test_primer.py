"""The primer: at least forty questions, each with one right choice, scored by topic."""

import json
from collections import Counter

import pytest

from assistant.author.primer import LETTERS, primer_prompt, questions, score
from assistant.errors import AnswerError


def answer(**changes: str) -> str:
    """Every question right but for those changed, by their ids."""
    given = [
        {"question": q.number, "choice": changes.get(q.id.replace("-", "_"), q.letter)} for q in questions()
    ]
    return json.dumps({"answers": given})


def other(name: str) -> str:
    letter = next(q.letter for q in questions() if q.id == name)
    return next(one for one in LETTERS if one != letter)


def test_there_are_at_least_forty_questions_on_every_topic_of_the_kernel_that_drafts_hang_on() -> None:
    topics = Counter(question.topic for question in questions())

    assert topics.total() >= 40
    assert {
        "domains",
        "rules",
        "files",
        "symbolic links",
        "renaming",
        "truncating",
        "running programs",
    } <= topics.keys()
    assert {"descriptors", "devices", "network", "sockets and signals", "errors"} <= topics.keys()


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.id)
def test_a_question_has_different_choices_and_a_reason(question: object) -> None:
    from assistant.author.primer import Question

    assert isinstance(question, Question)
    assert len(set(question.choices)) == len(question.choices) >= 3
    assert question.because


def test_no_letter_is_right_much_more_often_than_another() -> None:
    counted = Counter(question.letter for question in questions())

    assert max(counted.values()) < len(questions()) / 2


def test_the_prompt_holds_every_question_and_choice_and_no_answer_of_another_trace() -> None:
    prompt = primer_prompt()
    text = str(prompt.turns[0])

    for question in questions():
        assert question.ask in text
        assert all(choice in text for choice in question.choices)
        assert question.because not in text
    assert primer_prompt() == prompt


def test_right_answers_are_the_full_score() -> None:
    scored = score(answer())

    assert (scored.share, scored.wrong) == (1.0, ())
    assert sum(asked for _, asked in scored.topics.values()) == len(questions())


def test_a_wrong_a_missing_and_a_double_answer_are_wrong() -> None:
    data = json.loads(answer(stat=other("stat")))
    by_number = {q.number: q for q in questions()}
    missing, double = data["answers"][0]["question"], data["answers"][1]["question"]
    data["answers"] = [*data["answers"][1:], {"question": double, "choice": other(by_number[double].id)}]

    scored = score(json.dumps(data))

    assert {q.id for q in scored.wrong} == {"stat", by_number[missing].id, by_number[double].id}
    assert scored.share == pytest.approx(1 - 3 / len(questions()))


def test_answers_to_questions_that_were_not_asked_count_for_nothing() -> None:
    data = json.loads(answer())
    data["answers"] += [{"question": 9999, "choice": "A"}]

    assert score(json.dumps(data)).share == 1.0


@pytest.mark.parametrize(
    "text", ["", "A B C", "{}", '{"answers": [{"question": "1", "choice": "A"}]}', "[1]"]
)
def test_what_is_no_answer_is_an_error(text: str) -> None:
    with pytest.raises(AnswerError):
        score(text)
