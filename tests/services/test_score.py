"""What is no success is said, each in a sentence; what was not run never passes."""

from dataclasses import replace

import pytest

from services.case import load, names, own_names
from services.command import PROVEN, QUICK, main
from services.recipe import has, scenarios_of
from services.score import Score, faults
from services.table import page


GOOD = Score(
    "app", grants=3, scenarios={"serve": "works", "change": "works"}, works=True, denied=60, inconclusive={}
)


def test_a_good_score_has_no_fault() -> None:
    assert faults([GOOD] * 10) == []
    assert GOOD.at_once


@pytest.mark.parametrize(
    ("score", "fault"),
    [
        (Score("app", status="not run", reason="no package"), "app was not run: no package"),
        (replace(GOOD, works=False, failed="serve: exit 1"), "app does not work: serve: exit 1"),
        (replace(GOOD, allowed=("read /x",)), "app: not denied: read /x"),
        (replace(GOOD, left_behind=2), "app left 2 processes"),
        (replace(GOOD, scenarios={"serve": "fails"}), "only 0 of 1 services work with their first draft"),
        (replace(GOOD, denied=9, inconclusive={"permissions": 1}), "1 of 10 probes were inconclusive"),
        (replace(GOOD, denied=0), "app: nothing was denied"),
    ],
)
def test_each_broken_promise_is_a_fault(score: Score, fault: str) -> None:
    assert fault in faults([score])


def test_nine_in_ten_first_drafts_are_enough_and_eight_are_not() -> None:
    learnt = replace(GOOD, scenarios={"serve": "works", "change": "fails"}, learnt=("'/x': read_file",))

    assert faults([*[GOOD] * 9, learnt]) == []
    assert faults([*[GOOD] * 8, learnt, learnt]) == ["only 8 of 10 services work with their first draft"]


def test_a_score_survives_its_file() -> None:
    proven = replace(GOOD, proven=1, rights=2, unproven=("a",), allowed=("x", "y"), traits=("t",))

    assert Score.from_data(proven.to_data()) == proven


def test_the_page_shows_every_service_and_every_unproven_right() -> None:
    proven = replace(GOOD, proven=1, rights=2, unproven=("read_file on '/x' (not needed): why",))
    text = "\n".join(page([proven, Score("other", status="not run", reason="a | b")]))

    assert "1 of 2 services were run." in text
    assert "`read_file on '/x' (not needed): why`" in text
    assert r"not run: a \| b" in text
    assert "Rights proven in 1 services: 1 of 2 (50%)." in text


def test_there_are_more_services_than_the_drafter_was_tuned_with() -> None:
    assert len(own_names()) >= 4
    assert set(own_names()).isdisjoint({"nginx", "redis", "postgresql"})
    assert {*QUICK, *PROVEN} <= set(names())
    assert len(QUICK) >= 5
    assert len(PROVEN) >= 5


@pytest.mark.parametrize("name", names())
def test_every_service_has_scenarios_that_start_it_ask_it_and_change_it(name: str) -> None:
    case = load(name)
    document = scenarios_of(case)

    assert has(case, "request")
    assert document.scenario[0].name == ("run" if case.oneshot else "serve")
    assert document.scenario[0].after if case.oneshot else document.scenario[0].step


def test_an_unknown_service_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--service", "no-such"]) == 2
    assert "there is no 'no-such'" in capsys.readouterr().err
