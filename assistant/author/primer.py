"""What a model knows of Landlock: questions that the kernel has answered, asked before a draft is trusted."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.author.client import Prompt
from assistant.author.library import library
from assistant.errors import AnswerError, LandscribeError
from redaction.text import Redacted, literal, shipped


LETTERS = "ABCDEF"
NEWEST_ASKED = 9
ENOUGH = 0.8
"""Share of right answers below which a draft warns."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        number: Its place, from 1.
        id: Its name, for tests and reports.
        topic: What it is about.
        ask: The question.
        choices: In the order in which they are shown; the same each time, and another for each question.
        letter: The letter of the right one.
        because: The fact.
        tried: Whether a test of this project shows it on a real kernel.
    """

    number: int
    id: str
    topic: str
    ask: str
    choices: tuple[str, ...]
    letter: str
    because: str
    tried: bool


@dataclass(frozen=True, slots=True)
class Score:
    """How a model did: right answers and questions, by topic, and what it got wrong."""

    topics: Mapping[str, tuple[int, int]]
    wrong: tuple[Question, ...]

    @property
    def share(self) -> float:
        """Of all questions, how many were answered right; an answer that is missing is wrong."""
        right = sum(one for one, _ in self.topics.values())
        asked = sum(of for _, of in self.topics.values())
        return right / asked if asked else 0.0


class _Choice(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    question: int
    choice: Annotated[str, Field(pattern=f"^[{LETTERS}]$")]


class _Answers(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    answers: Annotated[list[_Choice], Field(max_length=1000)]


@cache
def questions() -> tuple[Question, ...]:
    """The shipped questions.

    Raises:
        LandscribeError: the file is damaged.
    """
    try:
        rows = tomllib.loads((files("prompts") / "primer.toml").read_text("utf-8"))
        return tuple(_question(number, name, row) for number, (name, row) in enumerate(rows.items(), 1))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise LandscribeError(
            "the primer's questions are damaged", why=str(error), hint="install again"
        ) from error


def _question(number: int, name: str, row: Mapping[str, Any]) -> Question:
    def place(choice: str) -> bytes:
        return hashlib.sha256(f"{name} {choice}".encode()).digest()

    choices = tuple(sorted([row["right"], *row["wrong"]], key=place))
    letter = LETTERS[choices.index(row["right"])]
    return Question(number, name, row["topic"], row["ask"], choices, letter, row["because"], row["tried"])


def primer_prompt() -> Prompt:
    """All questions as a prompt. Nothing of any trace is in it."""
    asked = literal("\n\n").join(map(_shown, questions()))
    system = library()["primer"].filled({"abi": NEWEST_ASKED})
    user = library()["questions"].filled({"questions": asked, "count": len(questions())})
    return Prompt(system, (user,), _Answers.model_json_schema())


def _shown(question: Question) -> Redacted:
    lines = [f"{question.number}. {question.ask}"]
    lines += [f"{letter}) {choice}" for letter, choice in zip(LETTERS, question.choices, strict=False)]
    return shipped("\n".join(lines))


def score(text: str) -> Score:
    """What an answer is worth. What is answered twice, differently, is wrong.

    Raises:
        AnswerError: it is no answer.
    """
    try:
        given = _Answers.model_validate_json(text)
    except ValidationError:
        raise AnswerError("the model's answer to the primer is not of the form that was asked for") from None
    said: dict[int, set[str]] = {}
    for one in given.answers:
        said.setdefault(one.question, set()).add(one.choice)
    topics: dict[str, tuple[int, int]] = {}
    wrong = []
    for question in questions():
        good = said.get(question.number) == {question.letter}
        right, asked = topics.get(question.topic, (0, 0))
        topics[question.topic] = (right + good, asked + 1)
        if not good:
            wrong.append(question)
    return Score(topics, tuple(wrong))
