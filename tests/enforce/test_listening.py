"""The real kernel's records of real sandboxes; audit is afterwards what it was before, whoever dies."""

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import assistant
from assistant.enforce import audit, launcher, switch
from assistant.enforce.hearing import Heard
from assistant.enforce.listening import Listener, listening


pytestmark = [pytest.mark.kernel, pytest.mark.root]
LISTENS = """
import select, sys
from assistant.enforce.listening import listening
with listening() as listener:
    print(listener.reason or "listening", flush=True)
    sys.stdin.read()
"""
SECONDS = 60


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < until
        select.select([], [], [], 0.02)


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[audit.Status]:
    """Audit's state, which must be the same afterwards. Nobody else on this machine listens meanwhile."""
    theirs = switch.PLACE
    while True:
        lock = os.open(theirs, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fstat(lock).st_nlink:
            break
        os.close(lock)
    monkeypatch.setattr(switch, "PLACE", tmp_path / "state")
    state = audit.status()
    try:
        yield state
        wait_until(lambda: audit.status() == state)
        assert not (tmp_path / "state").exists()
    finally:
        theirs.unlink()
        os.close(lock)


def in_sandbox(listener: Listener, policy: dict[str, Any], *command: str) -> Heard:
    """Run a command in a sandbox to its end; what the kernel said of it."""
    number = listener.number()
    child = os.fork()
    if child == 0:
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for stream in (1, 2):
                os.dup2(null, stream)
            launcher.enforce(policy, log_new_exec=True)
            listener.make_known(number)
            launcher.execute(list(command), ())
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    return listener.heard(number, seconds=SECONDS)


@pytest.fixture
def programs(policy: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """A sandbox in which programs start and nothing else is allowed."""
    granted = {"/usr": ["execute", "read_file", "read_dir"], "/etc/ld.so.cache": ["read_file"]}
    return policy(granted, target_abi=6)


@pytest.fixture
def other(before: audit.Status, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that listens."""
    del before
    source = f"from pathlib import Path\nfrom assistant.enforce import switch\nswitch.PLACE = Path({str(tmp_path / 'state')!r})\n"
    running = subprocess.Popen(
        [sys.executable, "-P", "-c", source + LISTENS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={"PYTHONPATH": str(Path(assistant.__file__).parents[1])},
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "listening\n"
    yield running
    running.communicate()


def test_the_kernel_names_what_is_denied_and_who_asked(
    before: audit.Status, programs: dict[str, Any]
) -> None:
    with listening() as listener:
        assert audit.status().enabled == 1
        heard = in_sandbox(listener, programs, "cat", "/etc/hostname", "/etc/hostname")

    denial, call = heard.lines[-2:]
    assert b'blockers=fs.read_file path="/etc/hostname"' in denial
    assert call.startswith(b"type=SYSCALL msg=audit(")
    assert b'exe="/usr/bin/cat"' in call
    assert heard.lost == 0
    assert heard.count > len(heard.lines) // 2
    assert audit.status() == before


def test_every_denial_of_a_burst_arrives(before: audit.Status, programs: dict[str, Any]) -> None:
    del before
    with listening() as listener:
        heard = in_sandbox(
            listener,
            programs,
            "sh",
            "-c",
            "n=0; while [ $n -lt 20000 ]; do n=$((n+1)); test -r x; : < /etc/passwd; done",
        )

    assert heard.denied is not None
    assert heard.count == heard.denied


def test_the_denials_of_another_sandbox_are_not_heard(before: audit.Status, programs: dict[str, Any]) -> None:
    del before
    with listening() as listener, listening() as stranger:
        theirs = in_sandbox(stranger, programs, "cat", "/etc/hostname")
        ours = in_sandbox(listener, programs, "true")

    assert any(b"/etc/hostname" in line for line in theirs.lines)
    assert not any(b"/etc/hostname" in line for line in ours.lines)


def test_a_sandbox_that_never_was_has_no_records_and_nobody_waits_for_it_for_ever(
    before: audit.Status,
) -> None:
    del before
    with listening() as listener:
        heard = listener.heard(listener.number(), seconds=0.1)

    assert (heard.lines, heard.lost) == ([], None)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_audit_is_put_back_when_the_listeners_whole_session_is_ended(
    before: audit.Status, other: subprocess.Popen[str], how: signal.Signals
) -> None:
    assert audit.status().enabled == 1

    os.killpg(other.pid, how)

    wait_until(lambda: audit.status() == before)


def test_audit_is_put_back_when_the_guardian_is_killed(before: audit.Status) -> None:
    listener = Listener()
    os.kill(listener._guardian, signal.SIGKILL)

    heard = listener.heard(listener.number())
    left = listener.close()

    assert (heard.lines, "killed" in listener.reason, left) == ([], True, "")
    assert audit.status() == before


def test_a_guardian_that_is_killed_before_it_is_asked_anything_is_missed_at_the_end(
    before: audit.Status,
) -> None:
    listener = Listener()
    os.kill(listener._guardian, signal.SIGKILL)

    assert listener.close() == ""
    assert audit.status() == before


def test_audit_is_put_back_by_the_next_one_when_both_were_killed(
    before: audit.Status, other: subprocess.Popen[str], tmp_path: Path
) -> None:
    # Both at once, as when the machine runs out of memory: nobody is left to do it.
    children = Path(f"/proc/{other.pid}/task/{other.pid}/children").read_text("ascii").split()
    os.kill(other.pid, signal.SIGSTOP)
    for pid in children:
        os.kill(int(pid), signal.SIGKILL)
    other.kill()
    other.wait()
    assert (audit.status().enabled, (tmp_path / "state").exists()) == (1, True)

    with listening() as listener:
        assert listener.reason == ""

    assert audit.status() == before


def test_audit_stays_on_until_the_last_of_several_is_gone(
    before: audit.Status, other: subprocess.Popen[str], programs: dict[str, Any]
) -> None:
    with listening() as listener:
        other.communicate()
        assert audit.status().enabled == 1
        heard = in_sandbox(listener, programs, "cat", "/etc/hostname")

    assert any(b"/etc/hostname" in line for line in heard.lines)
    assert audit.status() == before


def test_nothing_is_changed_where_audit_was_on_already(
    before: audit.Status, programs: dict[str, Any]
) -> None:
    audit.change(enabled=1, backlog_limit=321)
    try:
        on = audit.status()
        with listening() as listener:
            assert audit.status() == on
            heard = in_sandbox(listener, programs, "cat", "/etc/hostname")
        assert audit.status() == on
    finally:
        audit.change(enabled=before.enabled, backlog_limit=before.backlog_limit)

    assert any(b"/etc/hostname" in line for line in heard.lines)


def test_audit_that_somebody_locked_or_changed_meanwhile_is_left_to_him(
    before: audit.Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = switch.Switch()
    ours = audit.status()
    theirs = audit.Status(**{**asdict(ours), "auditd": 77})
    monkeypatch.setattr(audit, "status", lambda: theirs)

    said = on.off()

    monkeypatch.undo()
    assert said == "auditd was started meanwhile: the kernel's audit was left on"
    assert audit.status() == ours
    audit.change(enabled=before.enabled, backlog_limit=before.backlog_limit)


def test_a_limit_that_somebody_set_meanwhile_is_his(before: audit.Status) -> None:
    on = switch.Switch()
    audit.change(backlog_limit=777)

    on.off()

    assert audit.status().backlog_limit == 777
    assert audit.status().enabled == before.enabled
    audit.change(backlog_limit=before.backlog_limit)


@pytest.mark.parametrize("rubbish", [b"", b"{", b"[]", b'{"enabled": 1}', b"\xff\0"])
def test_a_state_file_that_is_damaged_is_written_anew(
    before: audit.Status, rubbish: bytes, tmp_path: Path
) -> None:
    (tmp_path / "state").write_bytes(rubbish)

    on = switch.Switch()

    assert json.loads((tmp_path / "state").read_bytes()) == asdict(before)
    on.off()


def test_an_ordinary_user_changes_nothing_and_hears_why(before: audit.Status) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setresuid(65534, 65534, 65534)
            left: list[str] = []
            with listening(tell=left.append) as listener:
                os.write(writer, listener.reason.encode())
            os.write(writer, "".join(left).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)

    assert os.read(reader, 999) == b"the kernel's audit takes root, outside of containers"
    assert audit.status() == before


def test_nothing_is_touched_when_nothing_shall_be_heard(before: audit.Status) -> None:
    with listening("it was not asked for") as listener:
        assert audit.status() == before
        assert listener.reason == "it was not asked for"
