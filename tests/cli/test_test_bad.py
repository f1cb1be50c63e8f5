"""Scenarios that misbehave: each has a clear result, and leaves no process, no changed audit and no file."""

import json
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.enforce import audit, switch


pytestmark = pytest.mark.kernel
PROGRAMS = """
[[path]]
path = "/usr"
rights = ["execute", "read_file", "read_dir"]
by = "person"
[[path]]
path = "/dev/null"
rights = ["read_file", "write_file"]
by = "person"
"""
SECONDS = 60


def processes(marker: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if marker.encode() in (entry / "cmdline").read_bytes():
                    found.append(entry.name)
            except OSError:
                continue
    return found


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < until
        select.select([], [], [], 0.05)


def probe_directories() -> set[str]:
    places = ("/var/tmp", "/tmp", "/dev/shm", "/run")
    return {str(path) for place in places for path in Path(place).glob(".landscribe-probe-*")}


@pytest.fixture
def marker(tmp_path: Path) -> str:
    """A word that no other process has in its arguments."""
    return f"marker-{os.getpid()}-{tmp_path.name}"


@pytest.fixture(autouse=True)
def _leaves_nothing(drafted: Any, marker: str) -> Iterator[None]:
    """What every one of these tests ends with."""
    drafted.add(PROGRAMS)
    state = audit.status() if os.geteuid() == 0 and not switch.PLACE.exists() else None
    files = set(drafted.snapshot())
    yield
    wait_until(lambda: processes(marker) == [])
    if state is not None:
        wait_until(lambda: switch.PLACE.exists() or audit.status() == state)
    assert set(drafted.snapshot()) - files <= {"result.json"}


def result(drafted: Any, landscribe: Callable[..., Any], script: str, *options: str) -> dict[str, Any]:
    before = probe_directories()
    done = landscribe(
        "test", "app.toml", "--timeout", "1", "-o", "result.json", *options, "--", "sh", "-c", script
    )
    data: dict[str, Any] = json.loads((drafted.root / "result.json").read_text("utf-8"))
    assert data["report"]["exit"] == done.code
    # Others on this machine may test at the same time; ours are gone.
    assert "Traceback" not in done.err
    assert len(probe_directories() - before) < 20
    return data


def test_one_that_hangs(drafted: Any, landscribe: Callable[..., Any], marker: str) -> None:
    data = result(drafted, landscribe, f"sleep 300; : {marker}")

    (broken,) = [f for f in data["report"]["findings"] if f["id"] == "command-broken"]
    assert "did not end within 1 s" in broken["message"]
    assert data["scenarios"][0]["inside"]["timed_out"]


def test_one_that_ignores_sigterm(drafted: Any, landscribe: Callable[..., Any], marker: str) -> None:
    data = result(drafted, landscribe, f"trap '' TERM; : {marker}; while :; do sleep 0.1; done")

    assert data["scenarios"][0]["inside"]["code"] == -signal.SIGKILL


def test_one_that_forks_daemons(drafted: Any, landscribe: Callable[..., Any], marker: str) -> None:
    daemons = f"for n in 1 2 3; do setsid sh -c 'trap \"\" TERM; sleep 300; : {marker}' & done; sleep 0.3"

    data = result(drafted, landscribe, daemons, "--timeout", "60")

    assert data["work"]["verdict"] == "works"
    assert data["work"]["left_behind"] >= 3


def test_one_that_forks_without_end_is_swept(
    drafted: Any, landscribe: Callable[..., Any], marker: str
) -> None:
    script = f"f() {{ sleep 0.02; (f {marker}) & }}; f; f; sleep 300"

    data = result(drafted, landscribe, script)

    assert data["work"]["verdict"] == "broken"


@pytest.mark.root
def test_one_that_fills_the_disk(
    drafted: Any, landscribe: Callable[..., Any], marker: str, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    os.system(f"mount -t tmpfs -o size=256k none {small}")  # noqa: S605 - a small disk, ours
    try:
        drafted.add(
            f'\n[[path]]\npath = "{small}"\nrights = ["write_file", "make_reg", "truncate"]\nby = "person"\n'
        )
        data = result(drafted, landscribe, f"cat /dev/zero > {small}/{marker}", "--timeout", "60")
        full = landscribe("test", "app.toml", "-o", small / "result.json", "--", "true")
    finally:
        os.system(f"umount {small}")  # noqa: S605

    (found,) = [
        f for f in data["report"]["findings"] if f["id"] == "command-failed" or f["id"] == "command-broken"
    ]
    assert found["subject"] == "sh"
    assert full.code == 1
    assert "could not be written" in full.err


def test_one_that_talks_without_end(drafted: Any, landscribe: Callable[..., Any], marker: str) -> None:
    data = result(drafted, landscribe, f": {marker}; yes; :")

    assert data["scenarios"][0]["inside"]["timed_out"]


@pytest.mark.root
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_test_that_is_ended_in_the_middle(
    popen: Callable[..., Any], marker: str, how: signal.Signals
) -> None:
    running = popen("test", "app.toml", "--", "sh", "-c", f"sleep 300; : {marker}", start_new_session=True)
    wait_until(lambda: len(processes(marker)) >= 3)

    os.kill(running.pid, how)
    _, said = running.communicate(timeout=SECONDS)

    assert running.returncode == (-how if how is signal.SIGKILL else 130)
    assert "Traceback" not in said
