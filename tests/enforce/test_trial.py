import errno
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.domain.life import Life
from assistant.domain.ruleset import Ruleset
from assistant.domain.scenario import Step, Stop
from assistant.enforce import launcher
from assistant.enforce.account import Account
from assistant.enforce.attempts import attempt
from assistant.enforce.layers import layer
from assistant.enforce.probes import Probe
from assistant.enforce.room import Room
from assistant.enforce.starting import Terms
from assistant.enforce.support import Support
from assistant.enforce.trial import WorkResult, landlock, must_fail, must_work, out_of_bounds
from assistant.enforce.visit import do_in
from assistant.errors import SandboxError
from assistant.host import LocalHost


Make = Callable[..., Ruleset]
pytestmark = pytest.mark.kernel


def work(
    ruleset: Ruleset, *command: str, timeout: float = 20, terms: Terms | None = None, **life: Any
) -> WorkResult:
    return must_work(ruleset, Life("a life", command, timeout=timeout, **life), terms or Terms())


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "granted").mkdir()
    (tmp_path / "granted/file").write_text("text")
    yield tmp_path / "granted/file"
    assert (tmp_path / "granted/file").read_text() == "text"


def test_a_command_that_its_ruleset_serves_works(ruleset: Make, system: dict[str, str], file: Path) -> None:
    done = work(ruleset({**system, str(file): "read_file"}), "cat", str(file))

    assert done.verdict == "works"
    assert done.inside.stdout == b"text"
    assert done.control.stdout == b"text"


def test_a_command_that_only_the_sandbox_stops_fails(
    ruleset: Make, system: dict[str, str], file: Path
) -> None:
    done = work(ruleset(system), "cat", str(file))

    assert done.verdict == "fails"
    assert done.control.stdout == b"text"


def test_a_command_that_fails_outside_too_is_broken(ruleset: Make, system: dict[str, str]) -> None:
    assert work(ruleset(system), "false").verdict == "broken"
    assert work(ruleset(system), "no-such-command").verdict == "broken"


def test_a_command_that_works_only_once_shows_nothing(
    ruleset: Make, system: dict[str, str], tmp_path: Path
) -> None:
    writes = ruleset({**system, str(tmp_path): "make_dir", "/dev/null": "write_file"})

    assert work(writes, "mkdir", str(tmp_path / "once")).verdict == "broken"


def test_a_command_that_never_ends_is_no_success(ruleset: Make, system: dict[str, str]) -> None:
    done = work(ruleset(system), "sleep", "300", timeout=0.3)

    assert done.verdict == "broken"
    assert done.inside.timed_out


def test_a_service_that_ends_in_its_own_way_when_it_is_stopped_works_if_it_does_so_outside_too(
    ruleset: Make, system: dict[str, str]
) -> None:
    script = "trap 'exit 9' TERM; while :; do sleep 0.05; done"
    steps = (Step(run=("sleep", "0.3"), timeout=20),)
    granted = ruleset({**system, "/dev/null": "write_file"})

    assert work(granted, "sh", "-c", script, steps=steps, stop=Stop()).verdict == "works"
    assert work(granted, "sh", "-c", script, steps=steps, stop=Stop(exit=(0,))).verdict == "broken"


def test_a_program_that_may_not_be_executed_fails_with_the_launchers_hint(ruleset: Make) -> None:
    done = work(ruleset(), "true")

    assert done.verdict == "fails"
    assert done.inside.error_code == launcher.NOT_EXECUTABLE
    assert "must grant execute and read_file" in done.inside.error[2]


def test_a_sandbox_that_cannot_be_set_up_is_an_error_and_no_verdict(ruleset: Make, tmp_path: Path) -> None:
    missing = ruleset({str(tmp_path / "gone"): "read_file"})

    with pytest.raises(SandboxError, match="do not exist"):
        work(missing, "true")
    with pytest.raises(SandboxError, match="do not exist"):
        must_fail(missing, [Probe("list", "/", "")])


def test_a_leak_is_reported_as_allowed(ruleset: Make, file: Path) -> None:
    planted = [Probe("read", str(file), "planted"), Probe("write", str(file), "planted")]

    read, write = must_fail(ruleset({"/": "read_file"}), planted)

    assert (read.verdict, read.control, read.inside) == ("allowed", "ok", "ok")
    assert (write.verdict, write.control, write.inside) == ("denied", "ok", "EACCES")


def test_what_landlock_did_not_decide_is_never_a_pass(ruleset: Make, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    probes = [
        Probe("read", str(tmp_path / "gone"), ""),
        Probe("create", str(tmp_path / "gone/deeper"), ""),
        Probe("connect", "1", "nobody listens"),
        Probe("signal", "999999999", "no such process"),
        Probe("read", str(tmp_path / "file"), "", skip="told not to"),
    ]

    results = must_fail(ruleset(), probes)

    assert {result.verdict for result in results} == {"inconclusive"}
    assert [result.control for result in results] == ["ENOENT", "ENOENT", "ECONNREFUSED", "ESRCH", ""]
    assert results[-1].reason == "told not to"
    assert results[0].reason == "without a sandbox it is ENOENT as well"


def test_a_wrong_errno_is_inconclusive(ruleset: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["ok", "ok"], ["EROFS", "EACCES"]])
    monkeypatch.setattr("assistant.enforce.trial.attempt_all", lambda *_: next(answers))

    results = must_fail(ruleset(), [Probe("write", "/x", ""), Probe("signal", "1", "")])

    assert [result.verdict for result in results] == ["inconclusive", "inconclusive"]
    assert results[0].reason == "EROFS is not how Landlock refuses"


def test_out_of_bounds_covers_each_kind_of_access_and_says_who_refused(
    ruleset: Make, system: dict[str, str], file: Path
) -> None:
    tight = ruleset({**system, str(file.parent): "read_file make_reg write_file"})

    results = out_of_bounds(tight, LocalHost(), Terms(), abi=landlock().abi)

    denied = {item.probe.action for item in results if item.verdict == "denied"}
    assert denied >= {
        "read",
        "list",
        "write",
        "tmpfile",
        "create",
        "mkdir",
        "symlink",
        "rename",
        "run",
        "move",
    }
    assert denied >= {"connect", "bind", "signal", "abstract", "truncate"}
    assert {item.layer for item in results if item.verdict == "denied"} == {"Landlock"}
    assert [item for item in results if item.verdict == "allowed"] == []


@pytest.mark.root
def test_out_of_bounds_is_tried_as_the_services_user(
    ruleset: Make, system: dict[str, str], tmp_path: Path
) -> None:
    private = tmp_path / "private"
    private.write_text("")
    private.chmod(0o600)
    nobody = Terms(Account("nobody", 65534, 65534, ()))

    results = must_fail(ruleset(system), [Probe("read", str(private), "")], terms=nobody)
    everything = out_of_bounds(ruleset(system), LocalHost(), nobody, abi=landlock().abi)

    assert [(item.verdict, item.layer) for item in results] == [("inconclusive", "permissions")]
    conclusive = [item for item in everything if item.verdict != "inconclusive"]
    assert {item.verdict for item in conclusive} == {"denied"}
    assert {"signal", "abstract", "create", "run"} <= {item.probe.action for item in conclusive}
    assert len(conclusive) >= 9 * (len(everything) - len(conclusive))


@pytest.mark.root
def test_the_command_runs_as_the_services_user_inside_and_outside(
    ruleset: Make, system: dict[str, str]
) -> None:
    done = work(ruleset(system), "id", "-u", terms=Terms(Account("nobody", 65534, 65534, (65534,))))

    assert (done.inside.stdout, done.control.stdout) == (b"65534\n", b"65534\n")


def test_out_of_bounds_leaves_the_tree_as_it_was(ruleset: Make, everything: list[str], file: Path) -> None:
    def state() -> list[tuple[str, int, int]]:
        return [(str(p), p.stat().st_mtime_ns, p.stat().st_ctime_ns) for p in sorted(file.parent.rglob("*"))]

    before = state()
    lax = ruleset({"/": " ".join(set(everything) - {"write_file"})}, refused={str(file): "write_file"})
    results = out_of_bounds(lax, LocalHost(), Terms(), abi=landlock().abi)

    assert ("write", str(file)) in {(item.probe.action, item.probe.subject) for item in results}
    assert state() == before


def test_without_landlock_nothing_is_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.enforce.trial.probe", lambda: Support(0, 0, "5.10", "it was not built"))

    with pytest.raises(SandboxError) as caught:
        landlock()

    assert caught.value.why == "it was not built"


@pytest.mark.parametrize(
    ("action", "control", "inside", "told"),
    [
        ("read", "ok", "EACCES", "Landlock"),
        ("signal", "ok", "EPERM", "Landlock"),
        ("move", "ok", "EXDEV", "Landlock"),
        ("read", "ok", "EXDEV", "unknown"),
        ("signal", "ok", "EACCES", "permissions"),
        ("write", "EROFS", "EROFS", "read-only mount"),
        ("write", "ok", "EROFS", "read-only mount"),
        ("read", "EACCES", "EACCES", "permissions"),
        ("read", "ENOENT", "EACCES", "absent"),
        ("bind", "EADDRINUSE", "EACCES", "in use"),
        ("create", "ENOSPC", "ENOSPC", "limit"),
        ("read", "ok", "ok", ""),
    ],
)
def test_the_layer_that_said_no_is_told_from_both_answers(
    action: Any, control: str, inside: str, told: str
) -> None:
    assert layer(Probe(action, "/x", ""), control, inside) == told
    assert control == "ok" or hasattr(errno, control)


@pytest.mark.root
def test_a_mount_without_execution_is_told_from_permissions(tmp_path: Path) -> None:
    def tried() -> str:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "noexec", "none", tmp_path], check=True)
        shutil.copy("/bin/true", tmp_path)
        answer = attempt(Probe("run", str(tmp_path / "true"), ""))
        return layer(Probe("run", str(tmp_path / "true"), ""), answer, answer)

    assert do_in(Room(), tried) == "noexec mount"
