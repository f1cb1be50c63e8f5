"""A recording is whole, private and without secrets, and leaves no process behind."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.domain.recording import Recording
from assistant.enforce import launcher, ptrace
from assistant.enforce.following import Manner, descendants
from assistant.enforce.record import Order, Recorded, record
from assistant.enforce.recordings import name_of, recording_of
from assistant.enforce.tracer import find_tracer, rehearse
from assistant.errors import InputError, RecordError, UsageError


pytestmark = pytest.mark.strace
PYTHON = [sys.executable, "-I", "-S", "-c"]
NOBODY = 65534
DAEMON = """
import os, signal, sys
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
def end(*_):
    open("stopped", "w").close()
    os._exit(0)
signal.signal(signal.SIGTERM, end)
with open("pid", "w") as file:
    file.write(str(os.getpid()))
if sys.argv[1:]:
    os.kill(int(sys.argv[1]), signal.SIGTERM)
while True:
    signal.pause()
"""
"""Leaves its session, says its process id, and when it is ready tells a process that it may be stopped."""


def _record(
    tmp_path: Path, *command: str, timeout: float | None = None, grace: float = 10, **options: Any
) -> Recorded:
    order = Order(command, tmp_path / "runs", manner=Manner(timeout, grace), **options)
    return record(order, lambda _: None)


def _files(tmp_path: Path) -> list[str]:
    runs = tmp_path / "runs"
    return sorted(path.name for path in runs.iterdir()) if runs.exists() else []


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _open(folder: Path) -> None:
    """Let other users into a test's directory."""
    for one in (folder, *folder.parents):
        if one.stat().st_mode & 0o5 != 0o5:
            one.chmod(one.stat().st_mode | 0o5)


def _wait_for(path: Path) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if path.exists() and path.read_text("ascii"):
            return path.read_text("ascii")
        time.sleep(0.02)  # noqa: TID251 - a test waits for a process
    pytest.fail(f"{path} never came")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_leaves_a_trace_and_what_is_known_about_it(here: Path) -> None:
    before = os.umask(0o027)
    try:
        made = _record(here, "sh", "-c", "cat /etc/hostname >/dev/null; exit 3", run="first")
    finally:
        os.umask(before)
    known = made.recording

    assert _files(here) == ["first.json", "first.trace"]
    assert (known.run, known.command[0], known.cwd, known.umask) == ("first", "sh", str(here), "0027")
    assert (known.uid, known.gid, known.kernel) == (os.geteuid(), os.getegid(), os.uname().release)
    assert (known.end.code, known.end.signal, known.end.stopped_by) == (3, "", "itself")
    assert known.lines == len(made.trace.read_bytes().splitlines())
    assert known.whole
    assert b'"/etc/hostname", O_RDONLY' in made.trace.read_bytes()
    assert recording_of(made.trace) == known
    assert {"%file", "ftruncate", "close"} <= known.calls


def test_only_the_owner_may_read_a_recording(here: Path) -> None:
    made = _record(here, "true")

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (made.trace, made.metadata, made.trace.parent)]
    assert modes == [0o600, 0o600, 0o700]


def test_a_secret_in_buffers_arguments_or_environment_is_not_in_the_trace(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "canary" + str(os.getpid())
    monkeypatch.setenv("PASSWORD", secret)
    program = (
        "import os, socket, subprocess, sys\n"
        "word = sys.argv[1].encode()\n"
        "open('named-file', 'wb').write(word)\n"
        "try: os.setxattr('named-file', 'user.word', word)\n"
        "except OSError: pass\n"
        "one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
        "one.send(word); two.recv(99)\n"
        "one.sendmsg([word], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, (1).to_bytes(4, 'little'))])\n"
        "two.recvmsg(99, 99)\n"
        "import ctypes\n"
        "buffer, address = ctypes.create_string_buffer(word), ctypes.addressof\n"
        "name = ctypes.create_string_buffer(b'\\2\\0' + (2305).to_bytes(2, 'big') + b'\\x7f\\0\\0\\1', 16)\n"
        "vector = (ctypes.c_void_p * 2)(address(buffer), len(word))\n"
        "words = [address(name), 16, address(vector), 1, 0, 0, 0, 0]\n"
        "udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "ctypes.CDLL(None).sendmmsg(udp.fileno(), (ctypes.c_uint64 * 8)(*words), 1, 0)\n"
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(word, ('127.0.0.1', 9))\n"
        "subprocess.run(['true', sys.argv[1]], env={'WORD': sys.argv[1], 'PATH': os.environ['PATH']})\n"
    )

    made = _record(here, *PYTHON, program, secret, run="secret")
    trace = made.trace.read_bytes()

    assert made.recording.end.code == 0
    for call in (b"sendto(", b"sendmsg(", b"recvmsg(", b"sendmmsg(", b"execve("):
        assert call in trace
    # Lists of addresses and descriptors are written out, of what is sent with them nothing.
    assert b"sin_port=htons(2305)" in trace
    assert re.search(rb"recvmsg\(.*cmsg_data=\[[0-9]+<", trace)
    assert b"named-file" in trace
    assert b"inet_addr(" in trace
    assert secret.encode() not in trace
    # The command is kept beside it, the environment nowhere.
    assert secret in made.recording.command
    assert "PASSWORD" not in made.metadata.read_text("ascii")


def test_a_command_is_stopped_at_the_timeout_and_its_trace_is_whole(here: Path) -> None:
    made = _record(here, "sh", "-c", "sleep 60; :", timeout=0.3)

    assert (made.recording.end.signal, made.recording.end.stopped_by) == ("SIGTERM", "timeout")
    assert made.recording.end.good
    assert made.recording.whole
    assert made.trace.read_bytes().count(b"+++ killed by SIGTERM +++\n") == 2


def test_a_daemon_that_leaves_its_session_is_recorded_and_stopped(here: Path) -> None:
    made = _record(here, *PYTHON, DAEMON, str(os.getpid()), run="daemon")
    pid = int((here / "pid").read_text("ascii"))
    trace = made.trace.read_bytes()

    assert (here / "stopped").exists()
    assert not _alive(pid)
    assert re.search(rf'^{pid} +openat\(AT_FDCWD<.*>, "stopped", O_WRONLY'.encode(), trace, re.MULTILINE)
    assert re.search(rf"^{pid} +\+\+\+ exited with 0 \+\+\+\n\Z".encode(), trace, re.MULTILINE)
    assert (made.recording.end.code, made.recording.end.stopped_by) == (0, "interrupt")
    assert made.recording.end.good


def test_what_ignores_sigterm_is_killed_after_the_grace_and_that_is_said(here: Path) -> None:
    program = f"trap '' TERM; echo $$ >pid; kill -TERM {os.getpid()}; while :; do sleep 0.05; done"
    made = _record(here, "sh", "-c", program, grace=0.2)

    assert made.recording.end.killed >= 1
    assert not made.recording.end.good
    assert made.recording.whole
    assert "were killed" in " ".join(made.remarks)
    assert not _alive(int((here / "pid").read_text("ascii")))


def test_a_halted_process_is_continued_so_that_it_can_end(here: Path) -> None:
    program = f"trap ': >ended; exit 0' TERM; (sleep 0.2; kill -TERM {os.getpid()}) & kill -STOP $$; sleep 60"
    made = _record(here, "sh", "-c", program)

    assert (here / "ended").exists()
    assert made.recording.end.killed == 0


def test_what_a_service_starts_to_clean_up_when_it_is_stopped_may_finish(here: Path) -> None:
    clean = 'sh -c "sleep 0.4; : >cleaned"; exit 0'
    program = f"trap '{clean}' TERM; kill -TERM {os.getpid()}; while :; do sleep 0.05; done"
    made = _record(here, "sh", "-c", program)

    assert (here / "cleaned").exists()
    assert b'"cleaned", O_WRONLY|O_CREAT' in made.trace.read_bytes()
    assert made.recording.end.killed == 0


def test_children_of_a_shell_that_ended_are_recorded_to_their_end(here: Path) -> None:
    made = _record(here, "sh", "-c", "(sleep 0.3; : >late) & exit 5")

    assert (made.recording.end.code, made.recording.end.stopped_by) == (5, "itself")
    assert b'"late", O_WRONLY|O_CREAT' in made.trace.read_bytes()


def test_nothing_is_left_when_landscribe_itself_is_killed(here: Path) -> None:
    child = os.fork()
    if child == 0:
        try:
            _record(here, *PYTHON, DAEMON, grace=1.0)
        finally:
            os._exit(1)
    pid = int(_wait_for(here / "pid"))

    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)

    deadline = time.monotonic() + 10
    while _running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)  # noqa: TID251 - a test waits for a process
    assert (here / "stopped").exists()
    assert not _running(pid)


def _running(pid: int) -> bool:
    """It lives; a zombie that init has not collected yet does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


def test_the_command_keeps_its_streams_and_other_descriptors(here: Path) -> None:
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    program = f"import os, sys; os.write({writer}, sys.stdin.buffer.read())"
    stdin = os.dup(0)
    try:
        with Path("in").open("w+", encoding="ascii") as file:
            file.write("from stdin")
            file.seek(0)
            os.dup2(file.fileno(), 0)
        _record(here, *PYTHON, program)
    finally:
        os.dup2(stdin, 0)
        for descriptor in (stdin, writer):
            os.close(descriptor)
    with os.fdopen(reader, "rb") as pipe:
        assert pipe.read() == b"from stdin"


def test_a_run_is_never_overwritten_without_being_asked(here: Path) -> None:
    _record(here, "true", run="run")
    before = (here / "runs/run.trace").read_bytes()

    with pytest.raises(UsageError, match="exists") as caught:
        _record(here, "echo", "other", run="run")
    assert "--replace" in caught.value.hint
    assert (here / "runs/run.trace").read_bytes() == before

    _record(here, "sh", "-c", ": >other", run="run", replace=True)
    assert b'"other"' in (here / "runs/run.trace").read_bytes()
    assert _files(here) == ["run.json", "run.trace"]


def test_a_name_that_came_meanwhile_is_not_overwritten_either(here: Path) -> None:
    with pytest.raises(RecordError, match="put in its place") as caught:
        _record(here, "sh", "-c", "echo mine >runs/run.trace", run="run")

    assert (here / "runs/run.trace").read_text("ascii") == "mine\n"
    (hidden,) = [name for name in _files(here) if name != "run.trace"]
    assert hidden in caught.value.hint


def test_a_command_that_cannot_start_leaves_no_recording(here: Path) -> None:
    script = here / "script"
    script.write_text("#!/no/such/interpreter\n", "ascii")
    script.chmod(0o755)

    with pytest.raises(RecordError, match="could not be started") as caught:
        _record(here, "./script")
    assert caught.value.why == "ENOENT"
    with pytest.raises(UsageError, match="was not found"):
        _record(here, "no-such-program")
    assert _files(here) == []


def test_a_failed_recording_leaves_an_older_one_as_it_was(here: Path) -> None:
    _record(here, "true", run="run")
    before = {name: (here / "runs" / name).read_bytes() for name in _files(here)}
    (here / "script").write_text("#!/no/such/interpreter\n", "ascii")
    (here / "script").chmod(0o755)

    with pytest.raises(RecordError):
        _record(here, "./script", run="run", replace=True)

    assert {name: (here / "runs" / name).read_bytes() for name in _files(here)} == before


@pytest.mark.parametrize("name", ["", "a/b", ".hidden", "-x", "a b", "a\n", "..", "x" * 101])
def test_a_run_has_a_plain_name(name: str, here: Path) -> None:
    if name:
        with pytest.raises(UsageError, match="no name for a run"):
            _record(here, "true", run=name)
    assert _files(here) == []


def test_a_run_without_a_name_is_called_like_its_program() -> None:
    assert name_of("/usr/sbin/nginx") == "nginx"
    assert name_of("./my service") == "my_service"
    assert name_of("/usr/bin/[") == "run"


def test_a_directory_that_cannot_be_written_is_a_usage_error(here: Path) -> None:
    (here / "runs").write_text("a file", "ascii")

    with pytest.raises(UsageError, match="cannot hold recordings"):
        _record(here, "true")


@pytest.mark.root
def test_a_user_is_switched_to_and_recorded(here: Path) -> None:
    _open(here)
    made = _record(here, "sh", "-c", "id -u; cat /proc/self/status >/dev/null", user="nobody")

    assert (made.recording.user, made.recording.uid) == ("nobody", NOBODY)
    assert stat.S_IMODE(made.trace.stat().st_mode) == 0o600
    assert made.trace.stat().st_uid == 0
    assert b"newfstatat" in made.trace.read_bytes()


@pytest.mark.root
@pytest.mark.parametrize(("rights", "options"), [("65534\n", {}), ("0\n", {"set_id": True})])
def test_set_user_id_programs_have_their_rights_only_when_asked_for(
    rights: str, options: dict[str, bool], here: Path
) -> None:
    program = here / "id"
    program.write_bytes(Path("/usr/bin/id").read_bytes())
    program.chmod(0o4755)
    _open(here)
    (here / "out").touch()
    (here / "out").chmod(0o666)

    made = _record(here, "sh", "-c", "./id -u >out", user="nobody", **options)

    assert (here / "out").read_text("ascii") == rights
    assert ("--seccomp-bpf" in made.recording.flags) == (not options)


def test_an_unknown_user_is_a_usage_error(here: Path) -> None:
    with pytest.raises(UsageError):
        _record(here, "true", user="no-such-user")
    assert _files(here) == []


def _as_nobody(action: Callable[[], str]) -> str:
    """What an action says in a child that is not root."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = "died"
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            launcher.prctl(4, 1)  # Dumpable again, as a process that a user started is.
            said = action()
        except Exception as error:  # noqa: BLE001 - the parent compares it
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


@pytest.mark.root
def test_a_user_records_their_own_commands_and_nobody_elses(here: Path) -> None:
    _open(here)
    (here / "runs").mkdir(mode=0o777)
    (here / "runs").chmod(0o777)

    assert _as_nobody(lambda: str(_record(here, "true").recording.uid)) == str(NOBODY)
    assert _as_nobody(lambda: str(_record(here, "true", user="root"))) == "UsageError: --user takes root"
    assert _as_nobody(lambda: str(_record(here, "true", set_id=True))) == "UsageError: --set-id takes root"


def test_without_strace_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.enforce.tracer.shutil.which", lambda _: None)

    with pytest.raises(RecordError, match="there is no strace on this machine") as caught:
        find_tracer()
    assert "apt install strace" in caught.value.hint
    assert caught.value.code == 1


def _other_strace(folder: Path, says: str) -> str:
    real = find_tracer().path
    program = folder / "strace"
    program.write_text(
        f'#!/bin/sh\n[ "$1" = -V ] && echo "{says}" && exit\n[ "$2" = --seccomp-bpf ] && exit 1\nexec {real} "$@"\n',
        "ascii",
    )
    program.chmod(0o755)
    return str(program)


def test_an_old_strace_is_used_without_the_flag_that_it_lacks_and_that_is_said(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _other_strace(here, "strace -- version 5.2")
    monkeypatch.setenv("PATH", f"{here}:{os.defpath}")

    made = _record(here, "true")

    assert made.recording.strace == "5.2"
    assert "--seccomp-bpf" not in made.recording.flags
    assert any("much slower" in remark for remark in made.remarks)


def test_a_program_that_only_is_called_strace_is_refused(here: Path) -> None:
    with pytest.raises(RecordError, match="no strace that is known"):
        find_tracer(_other_strace(here, "hello"))


def test_every_flag_is_known_to_the_strace_of_this_machine() -> None:
    tracer = find_tracer()

    assert rehearse(tracer) == tracer
    assert tracer.flags[:5] == ("-f", "--seccomp-bpf", "-s", "0", "-y")


_REHEARSE = """
import sys
from assistant.enforce.tracer import find_tracer, rehearse
from assistant.errors import RecordError
try:
    rehearse(find_tracer(), *sys.argv[1:])
    print("allowed")
except RecordError as error:
    print(error.what, "|", error.why, "|", error.hint)
"""


def _rehearsed(*prefix: str, user: str = "") -> str:
    words = [*prefix, sys.executable, "-c", _REHEARSE, *([user] if user else [])]
    root = str(Path(launcher.__file__).parents[2])
    done = subprocess.run(
        words, capture_output=True, text=True, check=True, env={"PYTHONPATH": root, "PATH": os.defpath}
    )
    return done.stdout


def test_within_another_strace_it_says_who_traces_already() -> None:
    said = _rehearsed("strace", "-f", "-o", "/dev/null")

    assert re.search(r"may not trace a command here \| process \d+ traces landscribe already", said)
    assert "outside that strace" in said


def test_behind_a_seccomp_filter_that_forbids_ptrace_it_says_so() -> None:
    deny = (
        "import ctypes, os, struct, sys\n"
        "number = {'x86_64': 101, 'aarch64': 117}[os.uname().machine]\n"
        "rules = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (6, 0, 0, 0x50001), (6, 0, 0, 0x7fff0000)]\n"
        "code = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *rule) for rule in rules))\n"
        "program = struct.pack('HxxxxxxP', 4, ctypes.addressof(code))\n"
        "libc = ctypes.CDLL(None)\n"
        "assert libc.prctl(38, 1, 0, 0, 0) == 0\n"
        "assert libc.prctl(22, 2, ctypes.create_string_buffer(program), 0, 0) == 0\n"
        "os.execv(sys.argv[1], sys.argv[1:])\n"
    )

    said = _rehearsed(sys.executable, "-c", deny)

    assert "a seccomp filter is on this process" in said
    assert "--cap-add SYS_PTRACE" in said


@pytest.mark.root
def test_root_without_the_capability_may_not_trace_another_user() -> None:
    bare = ["setpriv", "--bounding-set", "-sys_ptrace", "--inh-caps", "-sys_ptrace"]

    assert _rehearsed(*bare) == "allowed\n"
    assert "lacks CAP_SYS_PTRACE, which tracing another user's process takes" in _rehearsed(
        *bare, user="nobody"
    )


@pytest.mark.parametrize(
    ("known", "why", "hint"),
    [
        (ptrace.Facts(3, 0, False, True, False), "ptrace_scope is 3: nobody", "boot again"),
        (ptrace.Facts(2, 0, False, False, False), "ptrace_scope is 2 and", "ptrace_scope=1"),
        (ptrace.Facts(None, 0, False, True, True), "deny_ptrace is on", "setsebool"),
        (ptrace.Facts(1, 7, True, True, False), "process 7 traces", "outside"),
        (ptrace.Facts(2, 0, False, True, False), "strace said", "security module"),
    ],
)
def test_each_thing_that_can_forbid_ptrace_has_its_own_words(
    known: ptrace.Facts, why: str, hint: str
) -> None:
    said = ptrace.explain(known, "strace: ptrace(PTRACE_SEIZE, 1): Operation not permitted")

    assert why in said[0]
    assert hint in said[1]


def test_a_strace_that_does_not_know_its_options_is_no_question_of_permission() -> None:
    why, hint = ptrace.explain(ptrace.Facts(2, 7, True, False, True), "strace: invalid system call '?dup'")

    assert "invalid system call" in why
    assert "newer" in hint


def test_descendants_of_a_process_are_found_across_sessions() -> None:
    program = "setsid sh -c 'sleep 60 & wait' & wait"
    with subprocess.Popen(["sh", "-c", program], start_new_session=True) as shell:
        deadline = time.monotonic() + 10
        while len(descendants(shell.pid)) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)  # noqa: TID251 - a test waits for a process
        found = descendants(shell.pid)
        for pid in [*found, shell.pid]:
            os.kill(pid, signal.SIGKILL)

    assert len(found) >= 2
    assert descendants(shell.pid) == []


def _known(here: Path) -> tuple[Path, dict[str, Any]]:
    made = _record(here, "true", run="run")
    return made.trace, json.loads(made.metadata.read_text("ascii"))


def test_metadata_of_another_trace_or_of_something_else_is_none(here: Path) -> None:
    trace, data = _known(here)
    beside = trace.with_suffix(".json")

    assert recording_of(here / "absent.trace") is None
    assert recording_of(trace.with_name("run.strace")) is None
    packed = trace.with_name("run.trace.gz")
    packed.write_bytes(b"")
    assert isinstance(recording_of(packed), Recording)
    with trace.open("ab") as file:
        file.write(b"1 +++ exited with 0 +++\n")
    assert recording_of(trace) is None
    for text in ("{}", "[]", "no json", json.dumps({**data, "kind": "ruleset"})):
        beside.write_text(text, "ascii")
        assert recording_of(trace) is None


@pytest.mark.parametrize(
    "change", [{"schema_version": 2}, {"cwd": 7}, {"more": 1}, {"command": "true"}, {"cwd": "\ud800"}]
)
def test_metadata_that_cannot_be_read_is_an_error_and_not_a_guess(change: dict[str, Any], here: Path) -> None:
    trace, data = _known(here)
    trace.with_suffix(".json").write_text(json.dumps({**data, **change}), "ascii")

    with pytest.raises(InputError, match="no recording of schema 1") as caught:
        recording_of(trace)
    assert "--cwd" in caught.value.hint


def test_a_command_with_bytes_that_are_no_utf_8_is_kept_as_it_was(here: Path) -> None:
    made = _record(here, "true", os.fsdecode(b"\xff\n\x1b[31m"))

    assert recording_of(made.trace) == made.recording
    assert made.recording.command[1] == os.fsdecode(b"\xff\n\x1b[31m")
    assert "\x1b" not in made.metadata.read_text("ascii")
