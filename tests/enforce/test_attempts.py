import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.enforce import launcher
from assistant.enforce.attempts import attempt, attempt_all
from assistant.enforce.probes import Action, Probe
from assistant.errors import SandboxError


Policy = Callable[..., dict[str, Any]]


def as_we_are() -> None:
    """Restrict nothing."""


def confined(rules: dict[str, Any]) -> Callable[[], object]:
    return lambda: launcher.enforce(rules)


def _probe(action: Action, subject: object) -> Probe:
    return Probe(action, str(subject), "a test")


def _snapshot(root: Path) -> list[tuple[str, int, int, int, bytes]]:
    found = []
    for path in sorted((root, *root.rglob("*"))):
        info = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found.append((str(path), info.st_mode, info.st_mtime_ns, info.st_ctime_ns, content))
    return found


def test_probes_of_what_was_found_change_nothing_when_they_succeed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    (tmp_path / "directory").mkdir()
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    program.chmod(0o755)
    before = _snapshot(tmp_path)

    answers = attempt_all(
        [
            _probe("read", tmp_path / "file"),
            _probe("write", tmp_path / "file"),
            _probe("rename", tmp_path / "file"),
            _probe("list", tmp_path / "directory"),
            _probe("tmpfile", tmp_path / "directory"),
            _probe("execute", program),
            _probe("signal", os.getpid()),
        ],
        as_we_are,
    )

    assert set(answers) <= {"ok", "EINVAL"}
    assert answers.count("ok") >= 6
    time.sleep(0.1)  # noqa: TID251 - a program that was started would need a moment to show
    assert _snapshot(tmp_path) == before


@pytest.mark.parametrize("action", ["read", "write"])
def test_only_regular_files_are_opened(tmp_path: Path, action: Action) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))

        for name in ("fifo", "link", "socket"):
            assert attempt(_probe(action, tmp_path / name)) == "EINVAL"
        assert attempt(_probe(action, "/dev/null")) == "EINVAL"
        assert attempt(_probe(action, tmp_path / "file")) == "ok"


def test_making_probes_leave_what_they_made_where_they_were_told(tmp_path: Path) -> None:
    answers = attempt_all(
        [_probe(action, tmp_path / "made") for action in ("create", "mkdir", "symlink")], as_we_are
    )

    assert answers == ["ok", "ok", "ok"]
    assert len(list(tmp_path.glob("made.*"))) == 3


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("rights", "answer"),
    [
        (["execute", "read_file"], "ok"),
        (["execute"], "EACCES"),
        (["read_file"], "EACCES"),
        (["read_dir"], "EACCES"),
    ],
)
def test_asking_about_a_program_gives_landlocks_answer_without_starting_it(
    policy: Policy, rights: list[str], answer: str
) -> None:
    true = os.path.realpath("/bin/true")
    if attempt(_probe("execute", true)) == "EINVAL":
        pytest.skip("this kernel cannot be asked about a program (AT_EXECVE_CHECK, Linux 6.14)")

    assert attempt_all([_probe("execute", true)], confined(policy({"/usr": rights}))) == [answer]


@pytest.mark.kernel
def test_the_harness_own_program_is_answered_on_every_kernel(
    policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "true").write_bytes(Path("/bin/true").read_bytes())
    (tmp_path / "true").chmod(0o755)
    probe = _probe("run", tmp_path / "true")

    assert attempt_all([probe], as_we_are) == ["ok"]
    assert attempt_all([probe], confined(policy())) == ["EACCES"]
    monkeypatch.setattr("assistant.enforce.attempts._AT_EXECVE_CHECK", 1 << 30)  # an older kernel: EINVAL
    assert attempt_all([probe], as_we_are) == ["ok"]
    assert attempt_all([probe], confined(policy())) == ["EACCES"]


def test_an_absent_object_answers_enoent(tmp_path: Path) -> None:
    assert attempt(_probe("read", tmp_path / "gone")) == "ENOENT"


def test_a_probe_that_kills_its_child_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    deadly = _probe("read", "a\0b")

    answers = attempt_all([deadly, _probe("read", tmp_path / "file"), deadly], as_we_are)

    assert answers == ["died", "ok", "died"]


def test_a_probe_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()

    def hang(_path: str) -> None:
        time.sleep(60)  # noqa: TID251 - the point

    monkeypatch.setattr("assistant.enforce.attempts._SECONDS", 0.2)
    monkeypatch.setitem(__import__("assistant.enforce.attempts").enforce.attempts._TRY, "list", hang)

    answers = attempt_all([_probe("list", tmp_path), _probe("read", tmp_path / "file")], as_we_are)

    assert answers == ["hung", "ok"]


@pytest.mark.kernel
def test_a_sandbox_that_cannot_be_made_is_an_error_and_no_answer(policy: Policy, tmp_path: Path) -> None:
    rules = policy({str(tmp_path / "gone"): ["read_file"]})

    with pytest.raises(SandboxError, match="paths of the policy do not exist"):
        attempt_all([_probe("read", tmp_path)], confined(rules))
