"""The demo service is a real one: its self-test passes only when each of its code paths worked."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.examples.ledger import install


NOBODY = 65534

Install = Callable[..., list[str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def command(root: Path) -> list[str]:
    return install(root)


def _selftest(command: list[str], user: int | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, "--selftest"], capture_output=True, text=True, check=False, timeout=30, user=user
    )


def _ask(command: list[str], request: str) -> str:
    config = Path(command[-1]).parent / "conf.d/10-server.conf"
    port = int(config.read_text().split()[-1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(f"{request}\n".encode())
        return client.makefile().readline().strip()


@pytest.fixture
def running(command: list[str], root: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started = []

    def start() -> subprocess.Popen[bytes]:
        log = root / "var/log/ledger/ledger.log"
        entries = log.read_text().count("listening") if log.exists() else 0
        service = subprocess.Popen(command)
        started.append(service)
        deadline = time.monotonic() + 20
        while not (log.exists() and log.read_text().count("listening") > entries):
            assert service.poll() is None
            assert time.monotonic() < deadline
            os.sched_yield()
        return service

    yield start
    for service in started:
        service.kill()
        service.wait()


def test_the_selftest_passes_when_run_again_and_leaves_state_and_rotated_logs(
    command: list[str], root: Path
) -> None:
    for _ in range(2):
        done = _selftest(command)

        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == [
            *("add: ok", "snapshot: ok", "rotation: ok", "digest: ok", "refusal: ok")
        ]
    assert '"selftest": 10' in (root / "var/lib/ledger/ledger.json").read_text()
    assert {path.name for path in (root / "var/log/ledger").iterdir()} == {
        *("ledger.log", "ledger.log.1", "ledger.log.2")
    }
    assert list((root / "run/ledger").iterdir()) == []


def test_a_code_path_that_does_not_work_fails_the_selftest(command: list[str], root: Path) -> None:
    (root / "lib/ledger/ledger-digest").write_text("#!/bin/sh\nexit 1\n")

    done = _selftest(command)

    assert done.returncode == 1
    assert "digest: FAILED" in done.stdout


def test_a_missing_directory_ends_the_selftest_with_one_line_and_an_exit_code(
    command: list[str], root: Path
) -> None:
    shutil.rmtree(root / "var/lib/ledger")

    done = _selftest(command)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


def test_without_a_compiler_a_script_gives_the_digest(root: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "dirname", "mkdir", "cp", "chmod", "cat"):
        (tools / tool).symlink_to(shutil.which(tool) or tool)
    command = install(root, PATH=str(tools))

    assert _selftest(command).returncode == 0
    assert (root / "lib/ledger/ledger-digest").read_bytes().startswith(b"#!/bin/sh")


def test_what_was_added_survives_a_kill_and_a_term_leaves_no_pid_file(
    command: list[str], root: Path, running: Callable[[], subprocess.Popen[bytes]]
) -> None:
    first = running()
    assert _ask(command, "add tea 3") == "3"
    assert _ask(command, "add tea 4") == "7"
    first.kill()
    first.wait()
    second = running()
    assert _ask(command, "total tea") == "7"
    assert _ask(command, "add tea not-a-number").startswith("error")

    second.send_signal(signal.SIGTERM)

    assert second.wait(20) == 0
    assert not (root / "run/ledger/ledger.pid").exists()


def test_a_second_service_on_the_same_state_refuses_to_start(
    command: list[str], running: Callable[[], subprocess.Popen[bytes]]
) -> None:
    running()

    second = _selftest(command)

    assert second.returncode == 1
    assert _ask(command, "add tea 1") == "1"


def test_a_snapshot_empties_the_journal_and_loses_nothing(
    command: list[str], root: Path, running: Callable[[], subprocess.Popen[bytes]]
) -> None:
    first = running()
    _ask(command, "add tea 3")
    _ask(command, "snapshot")
    assert (root / "var/lib/ledger/journal").read_text() == ""
    _ask(command, "add tea 4")
    first.kill()
    first.wait()

    running()

    assert _ask(command, "total tea") == "7"


@pytest.mark.root
def test_an_ordinary_user_passes_the_selftest_and_is_denied_the_shadow_file() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        command = install(root)
        for path in (root, *root.rglob("*")):
            os.chown(path, NOBODY, NOBODY)

        done = _selftest(command, user=NOBODY)

        assert done.returncode == 0, done.stderr
        assert (
            "account check left out: Permission denied" in (root / "var/log/ledger/ledger.log.1").read_text()
        )


@pytest.mark.strace
def test_a_trace_of_the_selftest_shows_every_habit_that_the_demo_speaks_of(
    command: list[str], root: Path, tmp_path: Path
) -> None:
    trace = tmp_path / "full.trace"
    flags = ["-f", "-y", "-e", "trace=%file,%network,%process"]

    subprocess.run(["strace", *flags, "-o", trace, *command, "--selftest"], check=True, capture_output=True)

    text = trace.read_text()
    root_name = re.escape(str(root))
    for habit in (
        r'"/etc/shadow"',
        rf'execve\("{root_name}/lib/ledger/ledger-digest"',
        rf'rename.*"{root_name}/var/log/ledger/ledger.log".*/ledger.log.1"',
        rf'rename.*"{root_name}/var/lib/ledger/ledger.json.new".*/ledger.json"',
        rf'unlink.*"{root_name}/run/ledger/ledger.pid"',
        rf'open.*"{root_name}/etc/ledger/conf.d/20-log.conf"',
        r"bind\(",
        r"connect\(",
    ):
        assert re.search(habit, text), habit
