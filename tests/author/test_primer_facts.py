"""The primer's right answers are what this kernel does, wherever a question says that it was tried."""

import os
from pathlib import Path

import pytest

from assistant.author.primer import Question, questions
from tests.author.facts import FACTS, in_child


TRIED = [question for question in questions() if question.tried]

pytestmark = [pytest.mark.kernel, pytest.mark.root]


def test_every_question_that_says_so_is_tried_and_no_other() -> None:
    assert sorted(FACTS) == sorted(question.id for question in TRIED)


@pytest.mark.parametrize("question", TRIED, ids=lambda question: question.id)
def test_the_kernel_does_what_the_right_answer_says(question: Question, tmp_path: Path) -> None:
    def there() -> bool:
        tmp_path.chmod(0o755)
        os.chdir(tmp_path)
        return FACTS[question.id]()

    assert in_child(there), question.because
