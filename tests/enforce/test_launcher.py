import ctypes
import errno
import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from assistant.domain.rights import NEWEST_ABI, FsRight, NetRight, Scope, known_at
from assistant.enforce import launcher


Policy = Callable[..., dict[str, Any]]
Inside = Callable[..., str]
kernel = pytest.mark.kernel
root = pytest.mark.root

# ---------------------------------------------------------------- plan


def test_the_launchers_bits_are_the_domains() -> None:
    assert launcher.NEWEST_ABI == NEWEST_ABI
    for table, kind in ((launcher.FS, FsRight), (launcher.NET, NetRight), (launcher.SCOPE, Scope)):
        assert {name: bit for name, (bit, _) in table.items()} == {
            str(right.name).lower(): right.value for right in kind
        }


@pytest.mark.parametrize("abi", range(1, launcher.NEWEST_ABI + 1))
def test_the_launcher_and_the_domain_agree_on_every_abi(policy: Policy, abi: int) -> None:
    planned = launcher.plan(policy(scope=list(launcher.SCOPE), target_abi=abi), launcher.NEWEST_ABI)

    assert planned.fs == known_at(FsRight, abi).value
    assert planned.net == known_at(NetRight, abi).value
    assert planned.scope == known_at(Scope, abi).value


@pytest.mark.parametrize(
    ("abi", "fs"),
    [
        (1, 0x1FFF),
        (2, 0x3FFF),
        (3, 0x7FFF),
        (4, 0x7FFF),
        (5, 0xFFFF),
        (8, 0xFFFF),
        (9, 0x1FFFF),
        (11, 0x1FFFF),
    ],
)
def test_all_file_rights_of_an_abi_are_handled_although_none_is_granted(
    policy: Policy, abi: int, fs: int
) -> None:
    assert launcher.plan(policy(target_abi=11), abi).fs == fs
    assert launcher.plan(policy(target_abi=abi), 11).fs == fs


@pytest.mark.parametrize(("abi", "net"), [(3, 0), (4, 3), (9, 3), (10, 15)])
def test_all_port_rights_of_an_abi_are_handled(policy: Policy, abi: int, net: int) -> None:
    assert launcher.plan(policy(target_abi=11), abi).net == net


def test_only_the_scopes_of_the_policy_are_handled(policy: Policy) -> None:
    wanted = policy(scope=["signal"], target_abi=6)

    assert launcher.plan(wanted, 6).scope == 2
    assert launcher.plan(wanted, 5).scope == 0
    assert launcher.plan(wanted, 5).losses == ("this kernel (Landlock ABI 5) cannot deny signal (ABI 6)",)


def test_a_kernel_above_or_at_the_target_loses_nothing(policy: Policy) -> None:
    assert launcher.plan(policy({"/x": ["read_file"]}, target_abi=5), 5).losses == ()
    assert launcher.plan(policy({"/x": ["read_file"]}, target_abi=5), 11).losses == ()


def test_a_lower_abi_that_brought_no_right_loses_nothing(policy: Policy) -> None:
    assert launcher.plan(policy(target_abi=8), 6).losses == ()


def test_what_a_lower_abi_cannot_deny_is_lost_by_name(policy: Policy) -> None:
    losses = launcher.plan(policy(target_abi=5), 2).losses

    assert [loss.rsplit(" ", 3)[1] for loss in losses] == ["truncate", "ioctl_dev", "bind_tcp", "connect_tcp"]


def test_what_the_root_directory_grants_is_no_loss(policy: Policy) -> None:
    assert launcher.plan(policy({"/": ["ioctl_dev"]}, target_abi=5), 4).losses == ()
    assert launcher.plan(policy({"/dev": ["ioctl_dev"]}, target_abi=5), 4).losses != ()


def test_refer_is_never_lost_but_cannot_be_granted_before_abi_2(policy: Policy) -> None:
    planned = launcher.plan(policy({"/x": ["refer"]}, target_abi=2), 1)

    assert planned.losses == ()
    assert "cannot grant refer" in planned.notes[0]


def test_a_right_above_the_target_is_said_and_not_handled(policy: Policy) -> None:
    planned = launcher.plan(policy({"/x": ["truncate"]}, target_abi=2), 7)

    assert not planned.fs & launcher.FS["truncate"][0]
    assert planned.losses == ()
    assert planned.notes == (
        "truncate is above the policy's own target ABI 2: it is neither granted nor denied",
    )


LOST = {
    "abstract_unix_socket, signal": 5,
    "ioctl_dev": 4,
    "bind_tcp, connect_tcp": 3,
    "truncate": 2,
    "resolve_unix": 8,
    "bind_udp, connect_send_udp": 9,
}
"""What is lost on kernels up to an ABI, written down by hand; refer is denied by all of them."""


@pytest.mark.parametrize("abi", range(launcher.NEWEST_ABI + 1))
def test_what_each_kernel_loses_of_the_newest_ruleset_is_said_right_by_right(
    policy: Policy, abi: int
) -> None:
    newest = policy(target_abi=11, scope=["abstract_unix_socket", "signal"])
    expected = {name for names, last in LOST.items() for name in names.split(", ") if abi <= last}
    if abi == 0:
        expected |= set(launcher.FS) - {"refer"}

    losses = launcher.plan(newest, abi).losses

    assert {loss.split(" cannot deny ")[1].split(" (")[0] for loss in losses} == expected
    assert all(loss.startswith(f"this kernel (Landlock ABI {abi}) cannot deny ") for loss in losses)
    refused = launcher.Sandbox(launcher.plan(newest, abi)).refusal()
    assert (refused is None) is (abi >= 10)
    assert launcher.Sandbox(launcher.plan(newest, abi)).refusal(best_effort=True) is None


def test_a_right_or_abi_from_the_future_is_refused(policy: Policy) -> None:
    with pytest.raises(launcher.LaunchError, match="unknown right 'fly'"):
        launcher.plan(policy({"/x": ["fly"]}), 7)
    with pytest.raises(launcher.LaunchError, match="Landlock ABI 12"):
        launcher.plan(policy(target_abi=12), 12)


# ---------------------------------------------------------------- rights in the kernel


def _execute(at: Path) -> None:
    subprocess.run([at / "true"], check=True)


def _ioctl(_at: Path) -> None:
    terminal = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(terminal, termios.TIOCGWINSZ, b"\0" * 8)


ACTIONS: dict[str, Callable[[Path], object]] = {
    "execute": _execute,
    "write_file": lambda at: os.open(at / "file", os.O_WRONLY),
    "read_file": lambda at: os.open(at / "file", os.O_RDONLY),
    "read_dir": os.listdir,
    "remove_dir": lambda at: (at / "empty").rmdir(),
    "remove_file": lambda at: (at / "file").unlink(),
    "make_char": lambda at: os.mknod(at / "made", 0o020600, os.makedev(1, 3)),
    "make_dir": lambda at: (at / "made").mkdir(),
    "make_reg": lambda at: (at / "made").touch(),
    "make_sock": lambda at: socket.socket(socket.AF_UNIX).bind(str(at / "made")),
    "make_fifo": lambda at: os.mkfifo(at / "made"),
    "make_block": lambda at: os.mknod(at / "made", 0o060600, os.makedev(7, 99)),
    "make_sym": lambda at: (at / "made").symlink_to("nowhere"),
    "refer": lambda at: (at / "file").rename(at / "empty/file"),
    "truncate": lambda at: os.truncate(at / "file", 0),
    "ioctl_dev": _ioctl,
}


@pytest.fixture
def ground(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("text")
    (tmp_path / "empty").mkdir()
    (tmp_path / "true").write_bytes(Path("/bin/true").read_bytes())
    (tmp_path / "true").chmod(0o755)
    return tmp_path


@kernel
@pytest.mark.parametrize(
    "right",
    [pytest.param(right, marks=root if right in ("make_char", "make_block") else ()) for right in ACTIONS],
)
def test_each_file_right_is_denied_without_its_grant_and_allowed_with_it(
    ground: Path, policy: Policy, inside: Inside, everything: list[str], right: str
) -> None:
    def action() -> object:
        return ACTIONS[right](ground)

    others = [name for name in everything if name != right]

    assert inside(policy({"/": others}), action) == ("EXDEV" if right == "refer" else "EACCES")
    assert inside(policy({"/": everything}), action) == "ok"


@kernel
@pytest.mark.parametrize("abi", range(1, 8))
def test_what_is_said_to_be_lost_is_open_in_the_kernel_and_all_else_is_denied(
    ground: Path, policy: Policy, inside: Inside, everything: list[str], abi: int
) -> None:
    if abi > launcher.landlock_abi()[0]:
        pytest.skip(f"this kernel has no ABI {abi}")
    for right in sorted(set(ACTIONS) - {"make_char", "make_block"}):
        without = policy({"/": [name for name in everything if name not in (right, "refer")]}, target_abi=5)
        lost = any(f" {right} " in loss for loss in launcher.plan(without, abi).losses)

        answer = inside(without, partial(ACTIONS[right], ground), abi=abi, best_effort=True)

        assert answer == ("ok" if lost else "EXDEV" if right == "refer" else "EACCES"), right
        _restore(ground)


def _restore(ground: Path) -> None:
    (ground / "empty").mkdir(exist_ok=True)
    (ground / "file").write_text("text")
    for made in ground.glob("made"):
        made.unlink()


@kernel
def test_an_empty_policy_denies_everything(ground: Path, policy: Policy, inside: Inside) -> None:
    assert inside(policy(), lambda: os.open(ground / "file", os.O_RDONLY)) == "EACCES"
    assert inside(policy(), lambda: os.listdir("/")) == "EACCES"
    assert inside(policy(), lambda: socket.socket().bind(("127.0.0.1", 0))) == "EACCES"


@kernel
def test_a_port_is_granted_by_number_and_direction(policy: Policy, inside: Inside) -> None:
    with socket.socket() as granted, socket.socket() as other:
        for listener in (granted, other):
            listener.bind(("127.0.0.1", 0))
            listener.listen()
        rules = policy(ports={granted.getsockname()[1]: ["connect_tcp"]})

        assert inside(rules, lambda: socket.socket().connect(granted.getsockname())) == "ok"
        assert inside(rules, lambda: socket.socket().connect(other.getsockname())) == "EACCES"
        assert inside(rules, lambda: socket.socket().bind(granted.getsockname())) == "EACCES"


@kernel
@pytest.mark.parametrize(
    ("scope", "answer"), [(["signal"], "EPERM"), (["abstract_unix_socket"], "ok"), ([], "ok")]
)
def test_the_signal_scope_keeps_signals_inside(
    policy: Policy, inside: Inside, scope: list[str], answer: str
) -> None:
    parent = os.getpid()

    assert inside(policy(scope=scope, target_abi=6), lambda: os.kill(parent, 0)) == answer


@kernel
@pytest.mark.parametrize(("scope", "answer"), [(["abstract_unix_socket"], "EPERM"), (["signal"], "ok")])
def test_the_abstract_scope_keeps_connections_inside(
    policy: Policy, inside: Inside, scope: list[str], answer: str
) -> None:
    name = f"\0landscribe-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()

        assert (
            inside(policy(scope=scope, target_abi=6), lambda: socket.socket(socket.AF_UNIX).connect(name))
            == answer
        )


# ---------------------------------------------------------------- fails closed


@kernel
def test_a_kernel_below_the_target_stops_the_launch(policy: Policy, inside: Inside) -> None:
    answer = inside(policy(target_abi=5), lambda: None, abi=4)

    assert answer == (
        "refused: this kernel enforces less than the policy: this kernel (Landlock ABI 4) cannot deny ioctl_dev (ABI 5)"
    )


@kernel
def test_best_effort_goes_on_with_what_the_kernel_has(ground: Path, policy: Policy, inside: Inside) -> None:
    def reads() -> None:
        os.open(ground / "file", os.O_RDONLY)

    assert inside(policy(target_abi=5), lambda: _ioctl(ground), abi=1, best_effort=True) == "EACCES"
    assert (
        inside(policy({"/dev": ["read_file", "write_file"]}), lambda: _ioctl(ground), abi=1, best_effort=True)
        == "ok"
    )
    assert inside(policy(target_abi=5), reads, abi=1, best_effort=True) == "EACCES"


def test_without_landlock_nothing_is_started_unless_best_effort_is_asked_for(
    ground: Path, policy: Policy, inside: Inside
) -> None:
    def reads() -> None:
        os.open(ground / "file", os.O_RDONLY)

    assert inside(policy(), reads, abi=0).startswith("refused: this kernel enforces less")
    assert inside(policy(), reads, abi=0, best_effort=True) == "ok"
    assert "nothing is enforced" in launcher.build(policy(), launcher.plan(policy(), 0)).said()[-1]


@kernel
def test_a_missing_path_stops_the_launch_unless_it_may_be_missing(
    ground: Path, policy: Policy, inside: Inside
) -> None:
    rules = policy({str(ground / "file"): ["read_file"], str(ground / "gone"): ["read_file"]})

    assert inside(rules, lambda: None) == f"refused: paths of the policy do not exist: '{ground}/gone'"
    assert inside(rules, lambda: os.open(ground / "file", os.O_RDONLY), ignore_missing=True) == "ok"
    sandbox = launcher.build(rules, launcher.plan(rules, 5))
    os.close(sandbox.ruleset)
    assert sandbox.said() == [f"'{ground}/gone' does not exist: no rule was made for it"]


@kernel
def test_an_optional_rule_is_left_out_where_its_path_is_absent_and_holds_where_it_is_not(
    ground: Path, policy: Policy, inside: Inside
) -> None:
    rules = policy({str(ground / "file"): ["read_file"], str(ground / "gone"): ["read_file"]})
    for rule in rules["paths"]:
        rule["optional"] = True

    assert inside(rules, lambda: os.open(ground / "file", os.O_RDONLY)) == "ok"
    assert inside(rules, lambda: os.open(ground / "true", os.O_RDONLY)) == "EACCES"
    sandbox = launcher.build(rules, launcher.plan(rules, 5))
    os.close(sandbox.ruleset)
    assert sandbox.said() == [f"'{ground}/gone' does not exist: its optional rule was left out"]


@kernel
def test_a_process_with_threads_is_not_restricted_by_half(policy: Policy, inside: Inside) -> None:
    def begin() -> None:
        Thread(target=Event().wait, daemon=True).start()
        launcher.enforce(policy())

    answer = inside(None, begin)

    assert answer == (
        "refused: this process has 2 threads: a sandbox holds the thread that makes it, and would leave the others free"
    )


@kernel
def test_it_reads_nothing_but_the_paths_of_its_rules(ground: Path, policy: Policy, inside: Inside) -> None:
    rules = policy({str(ground): ["read_file"], "/proc/meminfo": ["read_file"]})
    seen: list[tuple[object, object]] = []

    def watched() -> None:
        sys.addaudithook(lambda event, said: seen.append((said[0], said[2])) if event == "open" else None)
        launcher.enforce(rules)
        odd = [path for path, flags in seen if not int(str(flags)) & os.O_PATH]
        if odd or len(seen) != 2:
            raise OSError(errno.EPERM, str(seen))

    assert inside(None, watched) == "ok"


_ALLOW, _ERRNO, _LOAD, _EQUAL, _RETURN = 0x7FFF0000, 0x00050000, 0x20, 0x15, 0x06


def _forbid(number: int) -> None:
    """A seccomp filter that answers one system call with EPERM."""
    steps = [
        (_LOAD, 0, 0, 0),
        (_EQUAL, 0, 1, number),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    program = b"".join(struct.pack("HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(program)
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(buffer)))
    launcher.prctl(launcher.PR_SET_NO_NEW_PRIVS, 1)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(22, ctypes.c_ulong(2), header, 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


def test_a_seccomp_filter_that_forbids_landlock_is_named_as_the_reason(
    policy: Policy, inside: Inside
) -> None:
    def forbidden() -> None:
        _forbid(launcher.CREATE_RULESET)
        launcher.enforce(policy())

    assert inside(None, forbidden) == (
        "refused: this kernel enforces less than the policy: "
        "a seccomp filter forbids Landlock's calls (in a unit: SystemCallFilter=)"
    )


@kernel
def test_directory_rights_on_a_file_are_left_out_and_said(
    ground: Path, policy: Policy, inside: Inside
) -> None:
    rules = policy({str(ground / "file"): ["read_file", "read_dir", "make_reg"]})
    sandbox = launcher.build(rules, launcher.plan(rules, 5))
    os.close(sandbox.ruleset)

    assert sandbox.said() == [f"'{ground}/file' is no directory: left out read_dir, make_reg"]
    assert inside(rules, lambda: os.open(ground / "file", os.O_RDONLY)) == "ok"


@kernel
def test_a_rule_through_a_symbolic_link_binds_to_what_it_points_at(
    ground: Path, policy: Policy, inside: Inside
) -> None:
    (ground / "link").symlink_to("file")

    assert (
        inside(policy({str(ground / "link"): ["read_file"]}), lambda: os.open(ground / "file", os.O_RDONLY))
        == "ok"
    )


@kernel
@pytest.mark.parametrize("name", [b"caf\xc3\xa9", b"\xff\xfe", b"two\nlines", b"\x1b[31m'\"<b>"])
def test_names_are_bytes_to_the_kernel_and_escaped_in_words(
    tmp_path: Path, policy: Policy, inside: Inside, name: bytes
) -> None:
    path = os.fsencode(tmp_path) + b"/" + name
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    rules = policy()
    rules["paths"] = [{"path_hex": path.hex(), "rights": ["read_file", "read_dir"]}]
    sandbox = launcher.build(rules, launcher.plan(rules, 5))
    os.close(sandbox.ruleset)

    assert inside(rules, lambda: os.open(path, os.O_RDONLY)) == "ok"
    rules["paths"] = [{"path": path.decode("utf-8", "surrogateescape"), "rights": ["read_file"]}]
    assert inside(rules, lambda: os.open(path, os.O_RDONLY)) == "ok"
    assert all(character.isprintable() and character.isascii() for character in sandbox.said()[0])


@kernel
def test_only_rules_in_proc_keep_their_descriptor(ground: Path, policy: Policy) -> None:
    rules = policy(
        {"/proc/meminfo": ["read_file"], "/proc/self/status": ["read_file"], str(ground): ["read_file"]}
    )
    sandbox = launcher.build(rules, launcher.plan(rules, 5))

    assert len(sandbox.keep) == 2
    assert all(fd >= 200 and os.get_inheritable(fd) for fd in sandbox.keep)
    for fd in (*sandbox.keep, sandbox.ruleset):
        os.close(fd)


@kernel
def test_the_sandbox_takes_away_new_privileges(policy: Policy, inside: Inside, everything: list[str]) -> None:
    def look() -> None:
        if "NoNewPrivs:\t1" not in Path("/proc/self/status").read_text():
            raise OSError(errno.EPERM, "no_new_privs is not set")

    assert inside(policy({"/": everything}), look) == "ok"


@kernel
def test_a_seventeenth_sandbox_says_that_there_is_a_limit(
    policy: Policy, inside: Inside, everything: list[str]
) -> None:
    def nest() -> None:
        for _ in range(16):
            launcher.enforce(policy({"/": everything}))

    answer = inside(policy({"/": everything}), nest)

    assert answer == "refused: cannot enforce the ruleset: Argument list too long"


# ---------------------------------------------------------------- alone


PYTHONS = sorted({sys.executable, *(path for path in ("/usr/bin/python3",) if Path(path).exists())})
LINE = 'POLICY: "dict | None" = None'


@pytest.fixture
def alone(tmp_path: Path) -> Callable[..., list[str]]:
    """Argument list of an exported launcher: a copy of the file with a policy written into it."""

    def export(policy: dict[str, Any] | None, *options: str, python: str = sys.executable) -> list[str]:
        text = Path(launcher.__file__).read_text("utf-8")
        assert text.count(LINE) == 1
        place = tmp_path / "exported"
        place.mkdir(exist_ok=True)
        (place / "start.py").write_text(text.replace(LINE, f"POLICY = {policy!r}"))
        return [python, "-I", str(place / "start.py"), *options]

    return export


def _run(command: list[str], **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, **options)


@pytest.fixture
def programs(policy: Policy, ground: Path) -> dict[str, Any]:
    """A policy for the programs of /usr and one file."""
    readable = ["read_file", "read_dir", "execute"]
    return policy({"/usr": readable, "/etc/ld.so.cache": ["read_file"], str(ground / "file"): ["read_file"]})


@kernel
@pytest.mark.parametrize("python", PYTHONS)
def test_the_file_works_alone_with_a_policy_written_into_it(
    alone: Callable[..., list[str]], programs: dict[str, Any], ground: Path, python: str
) -> None:
    start = alone(programs, "--", python=python)

    granted = _run([*start, "cat", str(ground / "file")])
    denied = _run([*start, "cat", "/etc/passwd"])

    assert (granted.returncode, granted.stdout, granted.stderr) == (0, "text", "")
    assert denied.returncode == 1
    assert denied.stderr == "cat: /etc/passwd: Permission denied\n"


@kernel
def test_the_launchers_own_failures_have_their_exit_codes_and_one_line(
    alone: Callable[..., list[str]], programs: dict[str, Any], ground: Path, policy: Policy
) -> None:
    start = alone(programs, "--")
    (ground / "odd").write_text("no program")
    (ground / "odd").chmod(0o755)
    programs["paths"].append({"path": str(ground / "odd"), "rights": ["execute", "read_file"]})

    denied = _run([*start, str(ground / "true")])
    absent = _run([*start, "no\x1bsuch"])
    wrong = _run([*alone(programs, "--"), str(ground / "odd")])
    missing = _run([*alone(policy({"/no\nwhere": ["read_file"]}), "--"), "true"])

    assert [done.returncode for done in (denied, absent, wrong, missing)] == [126, 127, 126, 125]
    assert "must grant execute and read_file on it, its #! interpreter and its loader" in denied.stderr
    assert absent.stderr.startswith("landscribe-launcher: cannot find 'no\\x1bsuch': ")
    assert "is it a program for this machine?" in wrong.stderr
    assert missing.stderr == (
        "landscribe-launcher: paths of the policy do not exist: '/no\\nwhere'; "
        "create them, or go on with --ignore-missing\n"
    )
    assert all(done.stderr.count("\n") == 1 for done in (denied, absent, wrong, missing))


@kernel
def test_a_loader_that_is_not_granted_is_an_exec_denial(
    alone: Callable[..., list[str]], policy: Policy, ground: Path
) -> None:
    done = _run(
        [*alone(policy({str(ground / "true"): ["execute", "read_file"]}), "--"), str(ground / "true")]
    )

    assert done.returncode == 126


@pytest.mark.parametrize("arguments", [[], ["--"], ["--fast", "--", "true"], ["true"]])
def test_a_command_line_without_meaning_starts_nothing(
    alone: Callable[..., list[str]], policy: Policy, arguments: list[str]
) -> None:
    done = _run([*alone(policy()), *arguments])

    assert done.returncode == 125
    assert "--help shows the options" in done.stderr


def test_without_a_policy_nothing_is_started(alone: Callable[..., list[str]]) -> None:
    done = _run([*alone(None), "--", "echo", "started"])

    assert (done.returncode, done.stdout) == (125, "")
    assert "no policy" in done.stderr


@kernel
def test_check_starts_nothing_and_says_what_would_be_lost(
    alone: Callable[..., list[str]], programs: dict[str, Any], policy: Policy
) -> None:
    whole = _run([*alone(programs), "--check", "--", "echo", "started"])
    partial = _run([*alone(policy({"/no/where": ["read_file"]})), "--check"])

    assert (whole.returncode, partial.returncode) == (0, 1)
    assert "rules for 3 of 3 paths" in whole.stdout
    assert "started" not in whole.stdout.replace("'a service'", "")
    assert "'/no/where' does not exist" in partial.stdout


@kernel
def test_what_is_ignored_is_still_said(alone: Callable[..., list[str]], programs: dict[str, Any]) -> None:
    programs["paths"].append({"path": "/no/where", "rights": ["read_file"]})

    done = _run([*alone(programs, "--ignore-missing", "--"), "true"])

    assert done.returncode == 0
    assert done.stderr == "landscribe-launcher: '/no/where' does not exist: no rule was made for it\n"


@kernel
def test_inherited_descriptors_do_not_reach_around_the_sandbox(
    alone: Callable[..., list[str]], programs: dict[str, Any], ground: Path
) -> None:
    opened = ["sh", "-c", 'exec 9< "$0"; exec "$@"', str(ground / "file")]
    reads = ["sh", "-c", "cat <&9"]

    assert _run([*opened, *reads]).stdout == "text"
    done = _run([*opened, *alone(programs, "--"), *reads])

    assert done.returncode != 0
    assert done.stdout == ""


@kernel
def test_sockets_that_a_service_manager_passes_stay_open_and_others_do_not(
    alone: Callable[..., list[str]], programs: dict[str, Any], ground: Path
) -> None:
    # As systemd starts a service: two descriptors from 3 on, announced to this very process.
    manager = 'exec 3< "$0" 4< "$0" 5< "$0"; export LISTEN_FDS=2 LISTEN_PID=$$; exec "$@"'
    looks = ["sh", "-c", "cat <&3; cat <&4; test ! -e /proc/self/fd/5 || echo leaked"]
    programs["paths"].append({"path": "/proc", "rights": ["read_dir"]})

    done = _run(["sh", "-c", manager, str(ground / "file"), *alone(programs, "--"), *looks])
    others = _run(
        ["sh", "-c", manager.replace("$$", "1"), str(ground / "file"), *alone(programs, "--"), *looks]
    )

    absurd = manager.replace("LISTEN_FDS=2", f"LISTEN_FDS={'9' * 40}")
    boundless = _run(["sh", "-c", absurd, str(ground / "file"), *alone(programs, "--"), *looks])

    assert (done.returncode, done.stdout) == (0, "texttext")
    assert others.stdout == boundless.stdout == ""


@kernel
def test_it_starts_where_no_memory_may_be_written_and_executed(
    alone: Callable[..., list[str]], programs: dict[str, Any], ground: Path
) -> None:
    # MemoryDenyWriteExecute= of a unit; ctypes must do without such memory. Linux 6.3 and newer can forbid it.
    forbid = "import ctypes, os, sys; assert not ctypes.CDLL(None).prctl(65, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])"

    done = _run([sys.executable, "-c", forbid, *alone(programs, "--"), "cat", str(ground / "file")])

    assert (done.returncode, done.stdout, done.stderr) == (0, "text", "")


@kernel
@root
def test_any_user_may_start_it_and_what_that_user_cannot_reach_is_said(
    alone: Callable[..., list[str]], programs: dict[str, Any], ground: Path
) -> None:
    for directory in (ground, *list(ground.parents)[:-2]):
        directory.chmod(0o755)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    closed = ground / "closed"
    closed.mkdir(mode=0o700)
    python = "/usr/bin/python3"

    works = _run([*nobody, *alone(programs, "--", python=python), "cat", str(ground / "file")])
    denied = _run([*nobody, *alone(programs, "--", python=python), "cat", "/etc/passwd"])
    programs["paths"].append({"path": f"{closed}/x", "rights": ["read_file"]})
    unreachable = _run([*nobody, *alone(programs, "--", python=python), "true"])

    assert (works.returncode, works.stdout, works.stderr) == (0, "text", "")
    assert "Permission denied" in denied.stderr
    assert unreachable.returncode == 125
    assert "Permission denied; start as a user who can reach it" in unreachable.stderr


@kernel
def test_the_command_gets_the_default_for_broken_pipes(
    alone: Callable[..., list[str]], programs: dict[str, Any]
) -> None:
    done = _run([*alone(programs, "--"), "sh", "-c", "kill -PIPE $$"])

    assert done.returncode == -signal.SIGPIPE


@kernel
@root
def test_a_rule_on_a_proc_file_survives_exec_and_a_dropped_cache(
    alone: Callable[..., list[str]], programs: dict[str, Any]
) -> None:
    programs["paths"].append({"path": "/proc/meminfo", "rights": ["read_file"]})
    script = "echo ready; read go; read first < /proc/meminfo && echo $first"
    with subprocess.Popen(
        [*alone(programs, "--"), "sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as service:
        assert service.stdin is not None
        assert service.stdout is not None
        assert service.stdout.readline() == "ready\n"
        Path("/proc/sys/vm/drop_caches").write_text("2")
        answer, _ = service.communicate("go\n", timeout=30)

    assert answer.startswith("MemTotal:")


@kernel
def test_a_rule_on_proc_self_is_about_the_command_itself(
    alone: Callable[..., list[str]], programs: dict[str, Any]
) -> None:
    programs["paths"].append({"path": "/proc/self/status", "rights": ["read_file"]})

    done = _run([*alone(programs, "--"), "cat", "/proc/self/status"])

    assert done.returncode == 0
    assert done.stdout.startswith("Name:\tcat\n")


@pytest.fixture
def gone() -> Iterator[Path]:
    """A directory of /run that is not there, and is taken away afterwards."""
    place = Path(f"/run/landscribe-test-{os.getpid()}")
    yield place
    shutil.rmtree(place, ignore_errors=True)


@kernel
@root
def test_a_directory_that_no_boot_leaves_is_made_as_it_was(
    alone: Callable[..., list[str]], programs: dict[str, Any], gone: Path
) -> None:
    rule = {"path": str(gone), "rights": ["make_reg", "write_file"], "made": "2750 nobody root"}
    programs["paths"].append(rule)

    checked = _run([*alone(programs, "--check")])
    done = _run([*alone(programs, "--"), "sh", "-c", f"echo 7 > {gone}/pid"])

    assert f"'{gone}' is made at the start: 2750 nobody root" in checked.stdout
    assert (checked.returncode, done.returncode, (gone / "pid").read_text()) == (0, 0, "7\n")
    assert (gone.stat().st_mode & 0o7777, gone.owner(), gone.group()) == (0o2750, "nobody", "root")


@kernel
@root
def test_a_directory_that_is_there_stays_as_it_is(
    alone: Callable[..., list[str]], programs: dict[str, Any], gone: Path
) -> None:
    gone.mkdir(mode=0o700)
    programs["paths"].append({"path": str(gone), "rights": ["make_reg"], "made": "0755 nobody root"})

    assert _run([*alone(programs, "--"), "true"]).returncode == 0
    assert (gone.stat().st_mode & 0o7777, gone.owner()) == (0o700, "root")


@kernel
def test_a_user_that_is_unknown_here_stops_the_launch(
    alone: Callable[..., list[str]], programs: dict[str, Any], gone: Path
) -> None:
    programs["paths"].append({"path": str(gone), "rights": ["make_reg"], "made": "0755 no-such-user root"})

    done = _run([*alone(programs, "--"), "true"])

    assert done.returncode == launcher.NO_SANDBOX
    assert "no-such-user" in done.stderr
    assert not gone.exists()
