"""``landscribe record`` as people use it: a service that never ends, Ctrl-C, what comes next."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


pytestmark = pytest.mark.strace
LISTEN = (
    "import signal, socket, sys; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen();"
    "print(s.getsockname()[1], flush=True); sys.stdin.readline(); signal.pause()"
)


def _code(landscribe: Callable[..., Any], *arguments: str) -> int:
    return int(landscribe("record", *arguments).code)


def test_a_recorded_command_is_ready_to_be_drafted(service: Any, landscribe: Callable[..., Any]) -> None:
    done = landscribe("record", "-o", "runs", "--run", "one", "--", "cat", f"{service.home}/etc/app.conf")

    assert (done.code, done.out) == (0, "colour = blue\n")
    assert "recorded runs/one.trace: " in done.err
    assert "the command ended by itself: exit code 0" in done.err
    assert done.err.splitlines()[-1] == "next: landscribe draft runs/*.trace"
    read = landscribe("trace", "runs/one.trace")
    assert f"{service.home}/etc/app.conf" in read.out
    assert " 0 not understood" in read.out


def test_two_runs_stand_in_one_directory(service: Any, landscribe: Callable[..., Any]) -> None:
    assert _code(landscribe, "-o", "runs", "--run", "a", "--", "true") == 0
    assert _code(landscribe, "-o", "runs", "--", "true") == 0

    assert sorted(path.name for path in (service.root / "runs").iterdir()) == [
        *("a.json", "a.trace", "true.json", "true.trace")
    ]


def _started(popen: Callable[..., subprocess.Popen[str]], *options: str) -> tuple[subprocess.Popen[str], int]:
    """A recording of a server that listens, in a process group of its own; the server's port."""
    running = popen(
        "record", "--run", "server", *options, "--", sys.executable, "-I", "-S", "-c", LISTEN,
        stdin=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert running.stdout is not None
    return running, int(running.stdout.readline())


def test_ctrl_c_ends_the_recording_of_a_server_and_saves_it(
    service: Any, popen: Callable[..., subprocess.Popen[str]]
) -> None:
    running, port = _started(popen)

    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=60)

    assert running.returncode == 130
    assert "stopping: SIGTERM" in err
    assert "the command was stopped when it was interrupted: ended by SIGTERM" in err
    trace = (service.root / "server.trace").read_text("ascii")
    assert "listen(" in trace
    # The server is asked to end as a service manager asks, not by the terminal's own signal.
    assert "SIGINT" not in trace
    assert trace.endswith("+++ killed by SIGTERM +++\n")
    assert json.loads((service.root / "server.json").read_text("ascii"))["end"]["stopped_by"] == "interrupt"
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_terminated_saves_the_recording_too(
    number: signal.Signals, service: Any, popen: Callable[..., subprocess.Popen[str]]
) -> None:
    running, _ = _started(popen)

    running.send_signal(number)
    running.communicate(timeout=60)

    assert running.returncode == 130
    assert (service.root / "server.trace").read_text("ascii").endswith(" +++\n")


def test_a_second_ctrl_c_does_not_wait_for_the_grace(
    service: Any, popen: Callable[..., subprocess.Popen[str]]
) -> None:
    running = popen(
        "record", "--run", "deaf", "--grace", "600", "--", "sh", "-c", "trap '' TERM INT; echo ready; while :; do sleep 0.05; done",
        start_new_session=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stderr is not None
    assert running.stdout.readline() == "ready\n"

    os.killpg(running.pid, signal.SIGINT)
    while "stopping" not in running.stderr.readline():
        pass
    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=60)

    assert running.returncode == 130
    assert "were killed" in err
    trace = (service.root / "deaf.trace").read_text("ascii")
    # The shell may die while its sleep ends by itself.
    assert "+++ killed by SIGKILL +++\n" in trace
    assert trace.endswith(" +++\n")


def test_in_the_foreground_the_command_gets_ctrl_c_itself(
    service: Any, popen: Callable[..., subprocess.Popen[str]]
) -> None:
    running, _ = _started(popen, "--foreground")

    os.killpg(running.pid, signal.SIGINT)
    running.communicate(timeout=60)

    assert running.returncode == 130
    assert "--- SIGINT" in (service.root / "server.trace").read_text("ascii")


def test_the_timeout_is_a_planned_end(landscribe: Callable[..., Any]) -> None:
    done = landscribe("record", "--timeout", "0.3", "--", "sleep", "60")

    assert done.code == 0
    assert "the command was stopped at the timeout: ended by SIGTERM" in done.err


def test_a_command_that_fails_is_something_to_review(service: Any, landscribe: Callable[..., Any]) -> None:
    assert _code(landscribe, "--run", "bad", "--", "sh", "-c", "exit 3") == 10
    assert (service.root / "bad.trace").exists()


def test_json_is_alone_on_stdout(landscribe: Callable[..., Any]) -> None:
    done = landscribe("record", "--json", "--run", "x", "--", "sh", "-c", "echo out; echo err >&2")
    data = json.loads(done.out)

    assert done.code == 0
    assert (data["schema_version"], data["trace"], data["recording"]["end"]["code"]) == (1, "x.trace", 0)
    assert "out\n" in done.err
    assert "err\n" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--", "no-such-program"],
        ["--run", "a/b", "--", "true"],
        ["--run", "app", "--", "true"],
        ["-o", "app.trace", "--", "true"],
        ["--user", "no-such-user", "--", "true"],
        ["--timeout", "-1", "--", "true"],
        ["--unit", "nginx", "--", "true"],
        ["--unit", "a b"],
    ],
    ids=" ".join,
)
def test_a_command_line_without_meaning_is_exit_code_2_and_leaves_nothing(
    arguments: list[str], service: Any, landscribe: Callable[..., Any]
) -> None:
    before = service.snapshot()

    done = landscribe("record", *arguments)

    assert done.code == 2
    assert "\n  next: " in done.plain_error
    assert service.snapshot() == before


def test_where_ptrace_is_forbidden_it_is_the_environments_fault(
    service: Any, landscribe: Callable[..., Any]
) -> None:
    before = service.snapshot()

    done = landscribe("record", "--", "true", prefix=["strace", "-f", "-o", "/dev/null"])

    assert done.code == 1
    assert "traces landscribe already" in done.err
    assert "\n  next: run landscribe outside" in done.err
    assert service.snapshot() == before


def test_names_of_a_hostile_directory_are_not_acted_on(service: Any, landscribe: Callable[..., Any]) -> None:
    name = "a\x1b[31m b\n"
    done = landscribe("record", "-o", name, "--", "true")

    assert done.code == 0
    assert "\x1b" not in done.err
    assert (service.root / name / "true.trace").exists()


def _unit(service: Any, *lines: str) -> Path:
    path: Path = service.root / "app.service"
    path.write_text("[Service]\n" + "\n".join(lines) + "\n", "utf-8")
    return path


def test_a_unit_becomes_a_drop_in_with_its_undo(service: Any, landscribe: Callable[..., Any]) -> None:
    path = _unit(service, "ExecStart=/usr/bin/app", "ExecReload=/bin/kill -HUP $MAINPID")

    done = landscribe("record", "--unit", path)

    assert done.code == 0
    assert "ExecStart=\nExecStart=/" in done.out
    assert " -s 0 -y -e " in done.out
    assert " -e trace=%%file,%%network,%%process," in done.out
    assert (
        "to stop recording:\n  rm '/run/systemd/system/app.service.d/zz-landscribe-record.conf'" in done.err
    )
    assert "outside the sandbox as well: ExecReload=" in done.err
    assert done.err.splitlines()[-1] == "next: landscribe draft /run/landscribe/app.service/traces/*.trace"


def test_a_drop_in_goes_to_a_file_or_into_json(service: Any, landscribe: Callable[..., Any]) -> None:
    path = _unit(service, "ExecStart=/usr/bin/app")

    written = landscribe("record", "--unit", path, "-o", "record.conf")
    data = json.loads(landscribe("record", "--unit", path, "--json").out)

    assert (written.code, written.out) == (0, "")
    assert "cp record.conf '/run/systemd/system/app.service.d/" in written.err
    assert (service.root / "record.conf").read_text("utf-8") == data["text"]
    assert (data["unit"], data["undo"][0].split()[0]) == ("app.service", "rm")


def test_a_unit_that_does_not_exist_is_no_input(landscribe: Callable[..., Any]) -> None:
    done = landscribe("record", "--unit", "no-such-unit")

    assert done.code == 3
    assert "\n  next: " in done.plain_error
