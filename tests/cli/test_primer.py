"""``landscribe primer`` asks through the same gate, scores by topic, and remembers the score for drafts."""

import json
from collections.abc import Callable
from pathlib import Path

from assistant.author.primer import questions
from assistant.author.scores import keep, kept
from tests.cli.conftest import Done, digest_in
from tests.endpoint.exchange import Request
from tests.endpoint.fixture import Endpoint
from tests.endpoint.scenario import ok


Inside = Callable[..., Done]


def knowing(wrong: int) -> Callable[[Request], str]:
    """Answers everything right but for the first few."""

    def answer(_: Request) -> str:
        given = [
            {
                "question": q.number,
                "choice": ("A" if q.letter != "A" else "B") if q.number <= wrong else q.letter,
            }
            for q in questions()
        ]
        return json.dumps({"answers": given})

    return answer


def asked_and_scored(inside: Inside, *arguments: str) -> Done:
    shown = inside("primer", "--show-request")
    return inside("primer", "--approve-send", digest_in(shown.err), *arguments)


def test_a_model_that_knows_landlock_is_scored_and_remembered(
    inside: Inside, asked: Endpoint, home: Path
) -> None:
    asked.scenario = ok(knowing(0))

    done = asked_and_scored(inside)

    assert (done.code, f"{len(questions())} of {len(questions())} right" in done.out) == (0, True)
    assert kept(str(home / ".cache/landscribe"), "claude-opus-5-5") == 1.0
    assert len(asked.exchanges) == 1


def test_a_model_that_knows_little_ends_with_findings_and_is_told_the_facts(
    inside: Inside, asked: Endpoint
) -> None:
    asked.scenario = ok(knowing(20))

    done = asked_and_scored(inside, "--json")

    told = json.loads(done.out)
    assert done.code == 10
    assert len(told["wrong"]) == 20
    assert told["wrong"][0]["right"] == questions()[0].because


def test_an_answer_that_is_none_is_an_error(inside: Inside, asked: Endpoint) -> None:
    asked.scenario = ok(lambda _: "{}")

    done = asked_and_scored(inside)

    assert (done.code, done.out) == (1, ""), done.err


def test_without_an_approval_nothing_is_asked(inside: Inside, asked: Endpoint) -> None:
    assert inside("primer").code == 13
    assert asked.exchanges == []


def test_the_questions_hold_nothing_of_this_machine(inside: Inside, asked: Endpoint) -> None:
    del asked
    shown = inside("primer", "--show-request")

    assert "undecided" not in shown.err
    assert "pseudonymised" not in shown.err


def test_a_score_that_is_none_counts_as_never_asked(tmp_path: Path) -> None:
    (tmp_path / "primer.json").write_text("[1")

    assert kept(str(tmp_path), "m") is None
    from assistant.author.primer import Score

    keep(str(tmp_path), "m", Score({"files": (1, 2)}, ()))
    assert kept(str(tmp_path), "m") == 0.5
    assert kept(str(tmp_path), "other") is None
