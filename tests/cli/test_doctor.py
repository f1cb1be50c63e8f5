"""``landscribe doctor``: exit code 0 where the main job works, 10 where it does not, and never a key on a screen."""

import json
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import COMMAND, ENVIRONMENT


def _doctor(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, "doctor", *arguments],
        env={**ENVIRONMENT, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.kernel
@pytest.mark.strace
def test_where_everything_is_there_the_exit_code_is_0(landscribe: Callable[..., Any]) -> None:
    done = landscribe("doctor")

    assert (done.code, done.err) == (0, "")
    for name in ("reader", "landlock", "strace", "python launcher"):
        assert f"works    {name}: " in done.out
    assert "lacks" not in done.out


@pytest.mark.kernel
def test_without_strace_the_exit_code_is_10_and_what_next_is_said(tmp_path: Path) -> None:
    for name in ("python3", "setpriv", "true", "sh"):
        (tmp_path / name).symlink_to(shutil.which(name, path=ENVIRONMENT["PATH"]) or name)

    done = _doctor(PATH=str(tmp_path))

    assert done.returncode == 10
    lines = done.stdout.splitlines()
    at = next(
        number for number, line in enumerate(lines) if line.startswith("lacks    strace: there is no strace")
    )
    assert lines[at + 1].startswith("         next: install it")


def test_json_has_every_check_and_its_finding() -> None:
    done = _doctor("--json")

    data = json.loads(done.stdout)
    states = {check["name"]: check["state"] for check in data["checks"]}
    assert set(states.values()) <= {"works", "lacks", "without"}
    missing = {name for name, state in states.items() if state != "works"}
    assert {finding["subject"] for finding in data["report"]["findings"]} == missing
    assert all(check["next"] for check in data["checks"] if check["state"] != "works")
    assert data["report"]["exit"] == done.returncode


def test_a_key_is_named_and_never_shown() -> None:
    done = _doctor(ANTHROPIC_API_KEY="sk-planted-canary", ANTHROPIC_BASE_URL="http://127.0.0.1:9")

    assert "there is a key for claude-opus-5-5 at http://127.0.0.1:9" in done.stdout
    assert "canary" not in done.stdout + done.stderr


@pytest.mark.strace
def test_no_network_is_used_unless_it_is_asked_for(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    subprocess.run(
        ["strace", "-f", "-e", "trace=connect,sendto,sendmsg", "-o", trace, *COMMAND, "doctor"],
        env={**ENVIRONMENT, "ANTHROPIC_API_KEY": "x"},
        capture_output=True,
        check=False,
        timeout=300,
    )

    assert "AF_INET" not in trace.read_text("utf-8", "replace")


def test_when_asked_it_connects_and_sends_nothing() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        address = f"http://127.0.0.1:{server.getsockname()[1]}"

        done = _doctor("--connect", ANTHROPIC_BASE_URL=address)

        server.settimeout(60)
        with server.accept()[0] as client:
            heard = client.recv(100)
    assert f"works    endpoint: {address} answers" in done.stdout
    assert heard == b""


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:1", "without  endpoint: no connection to http://127.0.0.1:1: "),
        ("nonsense", "without  model: 'nonsense' is no address of an endpoint"),
        ("http://[::1", "is no address of an endpoint"),
        ("https://127.0.0.1:99999", "is no address of an endpoint"),
        ("http://u:canary", "is no address of an endpoint"),
        ("http://user:canary@127.0.0.1:9", "is no address of an endpoint"),
    ],
)
def test_an_endpoint_that_does_not_answer_is_said_and_is_no_lack(address: str, said: str) -> None:
    done = _doctor("--connect", ANTHROPIC_BASE_URL=address)

    assert said in done.stdout
    assert "canary" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "lacks" not in done.stdout


@pytest.mark.root
@pytest.mark.kernel
@pytest.mark.strace
def test_what_takes_a_capability_is_missing_without_it_and_is_no_lack() -> None:
    done = subprocess.run(
        ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *COMMAND, "doctor"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert "without  audit: the kernel's records of denials cannot be heard" in done.stdout
    assert "CAP_SYS_PTRACE not held" in done.stdout
    assert done.returncode == 0
