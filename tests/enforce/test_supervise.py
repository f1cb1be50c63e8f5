import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.domain.life import Life
from assistant.enforce import launcher
from assistant.enforce.starting import Terms
from assistant.enforce.supervise import Run, supervise


def _run(*command: str, timeout: float = 20, grace: float = 0.5) -> Run:
    made = Life("a life", command, timeout=timeout)
    return supervise(made, Terms().free(made), grace=grace)


def _alive(marker: str) -> list[str]:
    """Processes with a word of ours in their arguments."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if marker.encode() in line:
                found.append(entry.name)
    return found


@pytest.fixture
def marker(tmp_path: Path) -> str:
    """A word that no other process has in its arguments."""
    return f"marker-{os.getpid()}-{tmp_path.name}"


def test_a_command_that_ends_says_how_and_what() -> None:
    run = _run("sh", "-c", "echo out; echo err >&2; exit 3")

    assert (run.code, run.timed_out, run.left_behind, run.error) == (3, False, 0, ())
    assert (run.stdout, run.stderr) == (b"out\n", b"err\n")
    assert not run.ok


def test_a_command_that_a_signal_ended_says_which() -> None:
    assert _run("sh", "-c", "kill -SEGV $$").code == -signal.SIGSEGV


def test_only_the_end_of_much_output_is_kept() -> None:
    run = _run("sh", "-c", "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; echo last")

    assert run.ok
    assert len(run.stdout) == 16384
    assert run.stdout.endswith(b"line 19999\nlast\n")


def test_a_command_has_no_input_and_a_session_of_its_own() -> None:
    run = _run("sh", "-c", "cat; cut -d' ' -f6 /proc/$$/stat; echo $$")

    session, pid = run.stdout.split()
    assert session == pid


def test_a_command_that_was_not_found_was_not_started() -> None:
    run = _run("no-such-command")

    assert run.code is None
    assert run.error[0] == "cannot find 'no-such-command'"
    assert run.error_code == launcher.NOT_FOUND


def test_a_deadline_ends_the_whole_group_politely(marker: str) -> None:
    run = _run("sh", "-c", f"trap 'echo bye; exit 0' TERM; sleep 300 & : {marker}; wait", timeout=0.5)

    assert run.timed_out
    assert run.stdout == b"bye\n"
    assert not run.ok
    assert _alive(marker) == []


def test_a_command_that_ignores_the_deadline_is_killed(marker: str) -> None:
    run = _run("sh", "-c", f"trap '' TERM; : {marker}; while :; do sleep 0.1; done", timeout=0.3, grace=0.3)

    assert run.timed_out
    assert run.code == -signal.SIGKILL
    assert _alive(marker) == []


DAEMON = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open(sys.argv[2], "w").close()
        time.sleep(300)
    os._exit(0)
while not os.path.exists(sys.argv[2]):
    time.sleep(0.01)
"""


def test_a_daemon_that_a_command_leaves_behind_is_ended_and_counted(tmp_path: Path, marker: str) -> None:
    run = _run(sys.executable, "-c", DAEMON, marker, str(tmp_path / "ready"), grace=0.3)

    assert run.ok
    assert run.left_behind == 1
    assert _alive(marker) == []


def test_a_daemon_that_holds_the_output_does_not_hold_up_the_run(marker: str) -> None:
    run = _run("sh", "-c", f"sh -c 'sleep 300; : {marker}' & echo done", grace=0.2)

    assert run.stdout == b"done\n"
    assert run.left_behind >= 1
    assert _alive(marker) == []


def test_the_callers_own_children_are_left_alone() -> None:
    with subprocess.Popen(["sleep", "300"]) as mine:
        _run("true")
        assert mine.poll() is None
        mine.terminate()


def test_an_interrupted_caller_leaves_nothing_behind(marker: str) -> None:
    program = f"""
from assistant.domain.life import Life
from assistant.enforce.starting import Terms
from assistant.enforce.supervise import supervise
life = Life("", ("sh", "-c", "echo; : {marker}-child; sleep 300; :"))
supervise(life, Terms().free(life))
"""
    caller = subprocess.Popen(
        [sys.executable, "-c", program],
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    )
    deadline = time.monotonic() + 20
    while not _started(marker) and time.monotonic() < deadline:
        time.sleep(0.05)  # noqa: TID251 - another process starts
    caller.send_signal(signal.SIGINT)
    _, said = caller.communicate(timeout=20)

    assert b"KeyboardInterrupt" in said
    assert _alive(f"{marker}-child") == []


def _started(marker: str) -> bool:
    """The command itself, and not only the program that will start it."""
    return any(
        b"sleep 300" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[2]
        for pid in _alive(marker)
        if _first(pid) == b"sh"
    )


def _first(pid: str) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
