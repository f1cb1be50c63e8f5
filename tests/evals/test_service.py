"""A recipe that hangs, fails or never answers is a step that did not work, and leaves no process behind."""

import os
from pathlib import Path

import pytest

from evals import case
from evals.case import Case, load
from evals.lives import failed, first_life
from evals.service import Service


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(case, "CASES", tmp_path)
    return tmp_path


def a_case(place: Path, recipe: str, command: str, *, oneshot: bool = False) -> Case:
    folder = place / "made"
    folder.mkdir()
    flag = "true" if oneshot else "false"
    (folder / "case.toml").write_text(f"why = 'a test'\ncommand = {command}\noneshot = {flag}\n")
    (folder / "recipe.sh").write_text(recipe)
    return load("made")


def test_a_service_that_answers_lives_its_first_life(made: Path) -> None:
    found = a_case(made, "ready() { kill -0 $PID; }\nrequest() { true; }\n", "['/bin/sleep', '60']")

    steps = first_life(found, (), made)

    assert [(step.name, step.worked) for step in steps] == [
        ("start", True),
        ("request", True),
        ("stop", True),
    ]


def test_a_service_that_never_answers_does_not_work_and_is_stopped(made: Path) -> None:
    found = a_case(made, "ready() { false; }\n", "['/bin/sleep', '4711']")
    alive = Service(found, (), made, patience=1.0)

    step = alive.start()
    alive.stop()

    assert not step.worked
    assert not Path(f"/proc/{alive.pid}").exists()


def test_a_service_that_ends_at_once_is_known_by_its_last_words(made: Path) -> None:
    found = a_case(made, "ready() { false; }\n", "['/bin/sh', '-c', 'echo no licence; exit 4']")

    assert "no licence" in failed(first_life(found, (), made))


def test_a_step_that_hangs_is_ended(made: Path) -> None:
    found = a_case(made, "request() { sleep 600; }\n", "['/bin/true']")

    step = Service(found, (), made, patience=0.5).step("request")

    assert (step.worked, "hung" in step.said) == (False, True)


def test_the_first_command_of_a_step_that_fails_fails_the_step(made: Path) -> None:
    found = a_case(made, "request() { false; true; }\n", "['/bin/true']")

    assert not Service(found, (), made).step("request").worked


def test_a_service_that_ignores_sigterm_is_killed_and_does_not_count_as_stopped(made: Path) -> None:
    command = """['/bin/sh', '-c', "trap '' TERM; while :; do sleep 0.1; done"]"""
    alive = Service(a_case(made, "ready() { true; }\n", command), (), made, patience=1.0)
    alive.start()

    assert not alive.stop().worked
    assert not Path(f"/proc/{alive.pid}").exists()


def test_a_job_works_when_it_ends_with_status_0(made: Path) -> None:
    found = a_case(made, "request() { true; }\n", "['/bin/sh', '-c', 'exit 3']", oneshot=True)

    assert failed(first_life(found, (), made)).startswith("start: exit 3")


@pytest.mark.strace
def test_a_service_whose_first_process_left_others_behind_takes_nobody_along(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = """['/bin/sh', '-c', "(trap '' TERM; exec sleep 60) & exit 0"]"""
    found = a_case(made, "ready() { false; }\nstop() { true; }\n", command)
    struck: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, _: struck.append(pid))
    alive = Service(found, ("strace", "-f", "-o", str(made / "t.trace")), made, patience=2.0)

    started, stopped = alive.start(), alive.stop()

    assert not started.worked
    assert not stopped.worked
    assert 0 not in struck
