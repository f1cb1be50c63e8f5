"""One life of a command: what comes before, the start, the steps, the stop; with real processes."""

import signal
from pathlib import Path
from typing import Any

import pytest

from assistant.domain.life import Life
from assistant.domain.scenario import Step, Stop
from assistant.enforce.starting import Terms
from assistant.enforce.supervise import Run, supervise


SERVICE = "trap 'echo hup' HUP; trap 'echo usr; exit 7' USR1; trap 'echo bye; exit 0' TERM; echo up; "
WAITS = "while :; do sleep 0.05; done"


def live(script: str, *steps: Step, **life: Any) -> Run:
    timed = tuple(step.model_copy(update={"timeout": step.timeout or 20}) for step in steps)
    made = Life("a life", ("sh", "-c", script), steps=timed, **{"stop": Stop(), **life})
    return supervise(made, Terms().free(made), grace=0.5)


def run(words: str, **step: Any) -> Step:
    return Step(run=("/bin/sh", "-c", words), **step)


def test_a_service_is_asked_and_then_stopped(tmp_path: Path) -> None:
    ready = run(f"test -e {tmp_path}/ready", retry=True)
    done = live(f"{SERVICE}touch {tmp_path}/ready; {WAITS}", ready, run("kill -0 $PID"))

    assert (done.ok, done.code, done.early, done.timed_out) == (True, 0, False, False)
    assert done.stdout == b"up\nbye\n"
    assert [step.why for step in done.steps] == ["", ""]


def test_a_step_that_needs_time_is_tried_until_it_succeeds(tmp_path: Path) -> None:
    done = live(
        f"sleep 0.3; touch {tmp_path}/ready; {SERVICE}{WAITS}", run(f"test -e {tmp_path}/ready", retry=True)
    )

    assert done.ok


def test_a_signal_is_sent_to_the_service_itself(tmp_path: Path) -> None:
    script = f"trap 'touch {tmp_path}/hup' HUP; trap 'exit 0' TERM; touch {tmp_path}/up; {WAITS}"

    done = live(
        script,
        run(f"test -e {tmp_path}/up", retry=True),
        Step(signal="HUP"),
        run(f"test -e {tmp_path}/hup", retry=True),
    )

    assert done.ok
    assert [step.name for step in done.steps][1] == "SIGHUP"


def test_the_first_step_that_fails_ends_the_life_and_says_why() -> None:
    done = live(SERVICE + WAITS, run("true"), run("echo out of order >&2; exit 3"), run("true"))

    assert [step.why for step in done.steps] == ["", "it exited with 3, and not with 0"]
    assert done.failed_step is not None
    assert done.failed_step.said == b"out of order\n"
    assert (done.ok, done.answered) == (False, False)


def test_a_step_may_be_expected_to_fail() -> None:
    assert live(SERVICE + WAITS, run("exit 3", exit=3)).ok


def test_a_step_that_hangs_is_killed_with_what_it_started(tmp_path: Path) -> None:
    done = live(SERVICE + WAITS, run(f"sleep 60 & echo $! > {tmp_path}/pid; wait", timeout=0.4))

    assert [step.why for step in done.steps] == ["it was not done within 0.4 s"]
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text('ascii').strip()}").exists()


def test_a_step_that_never_succeeds_says_what_the_last_try_that_ended_did(tmp_path: Path) -> None:
    tried = tmp_path / "tried"
    once = f"test -e {tried} && sleep 60; touch {tried}; echo no; exit 4"

    done = live(SERVICE + WAITS, run(once, retry=True, timeout=3))

    assert done.steps[0].why == "it did not succeed within 3 s: the last try exited with 4"
    assert done.steps[0].said == b"no\n"


def test_a_step_whose_program_is_absent_fails() -> None:
    done = live(SERVICE + WAITS, Step(run=("no-such-program",)))

    assert done.steps[0].why == "it exited with 127, and not with 0"
    assert b"no-such-program" in done.steps[0].said


def test_a_service_that_ends_while_it_is_asked_fails_at_once() -> None:
    done = live("exit 5", run("false", retry=True))

    assert done.steps[0].why == "the command had exited with 5"


def test_a_service_that_ends_before_it_is_stopped_has_not_done_well() -> None:
    done = live("exit 0", run("sleep 0.3"))

    assert (done.early, done.answered, done.ok) == (True, True, False)


def test_a_service_may_be_stopped_by_another_signal_or_by_a_command() -> None:
    by_signal = live(SERVICE + WAITS, run("sleep 0.2"), stop=Stop(signal="USR1", exit=(7,)))
    by_command = live(
        SERVICE + WAITS, run("sleep 0.2"), stop=Stop(run=("sh", "-c", "kill -USR1 $PID"), exit=(7,))
    )
    wrong_end = live(SERVICE + WAITS, run("sleep 0.2"), stop=Stop(signal="USR1"))

    assert (by_signal.ok, by_command.ok) == (True, True)
    assert (wrong_end.ok, wrong_end.answered, wrong_end.code) == (False, True, 7)


def test_a_service_that_does_not_stop_is_killed_and_has_not_done_well() -> None:
    done = live(f"trap '' TERM; {WAITS}", run("sleep 0.2"), stop=Stop(timeout=0.3))

    assert (done.timed_out, done.code, done.ok) == (True, -signal.SIGKILL, False)


def test_what_comes_before_is_done_first_and_stops_all_when_it_fails(tmp_path: Path) -> None:
    done = live(
        f"test -e {tmp_path}/before", stop=None, before=(run(f"touch {tmp_path}/before", timeout=20),)
    )
    failed = live("true", stop=None, before=(run("exit 9", timeout=20),))

    assert done.ok
    assert failed.code is None
    assert failed.failed_step is not None
    assert failed.failed_step.why == "it exited with 9, and not with 0"


def test_what_a_job_made_is_looked_at_when_it_has_ended(tmp_path: Path) -> None:
    job = f"sleep 0.2; echo made > {tmp_path}/made"
    look, other = (run(f"grep {word} {tmp_path}/made", timeout=20) for word in ("made", "other"))

    good = live(job, stop=None, after=(look,))
    bad = live(job, stop=None, after=(look, other))

    assert good.ok
    assert (bad.ok, bad.code) == (False, 0)
    assert [step.why for step in bad.steps] == ["", "it exited with 1, and not with 0"]


def test_a_job_ends_with_the_exit_code_that_is_expected() -> None:
    assert live("exit 3", stop=None, exit=3).ok
    assert not live("exit 0", stop=None, exit=3).ok


def test_the_command_starts_where_and_with_what_it_was_told(tmp_path: Path) -> None:
    done = live("pwd; echo $COLOUR", stop=None, cwd=str(tmp_path), environment={"COLOUR": "blue"})

    assert done.stdout == f"{tmp_path}\nblue\n".encode()


def test_a_directory_that_is_gone_is_why_nothing_was_started(tmp_path: Path) -> None:
    done = live("true", stop=None, cwd=str(tmp_path / "gone"))

    assert done.error[:2] == (f"cannot start in '{tmp_path}/gone'", "No such file or directory")


@pytest.mark.parametrize("code", [0, -signal.SIGTERM, 128 + signal.SIGTERM])
def test_each_way_in_which_services_end_by_sigterm_is_a_good_end(code: int) -> None:
    ending = {0: "trap 'exit 0' TERM", 143: "trap 'exit 143' TERM"}.get(code, ":")

    done = live(f"{ending}; {WAITS}", run("sleep 0.2"))

    assert (done.code, done.ok) == (code, True)
