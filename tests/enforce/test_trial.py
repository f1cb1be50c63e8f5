import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.domain.finding import Severity
from assistant.domain.ruleset import Ruleset
from assistant.enforce import launcher
from assistant.enforce.probes import Probe
from assistant.enforce.support import Support
from assistant.enforce.trial import ProbeResult, must_fail, must_work, of_probes, trial
from assistant.errors import SandboxError
from assistant.host import LocalHost


Make = Callable[..., Ruleset]
pytestmark = pytest.mark.kernel


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "granted").mkdir()
    (tmp_path / "granted/file").write_text("text")
    yield tmp_path / "granted/file"
    assert (tmp_path / "granted/file").read_text() == "text"


def test_a_command_that_its_ruleset_serves_works(ruleset: Make, system: dict[str, str], file: Path) -> None:
    work = must_work(ruleset({**system, str(file): "read_file"}), ["cat", str(file)], timeout=10)

    assert work.verdict == "works"
    assert work.inside.stdout == b"text"
    assert work.control is None


def test_a_command_that_only_the_sandbox_stops_fails(
    ruleset: Make, system: dict[str, str], file: Path
) -> None:
    work = must_work(ruleset(system), ["cat", str(file)], timeout=10)

    assert work.verdict == "fails"
    assert work.control is not None
    assert work.control.stdout == b"text"


def test_a_command_that_fails_outside_too_is_broken(ruleset: Make, system: dict[str, str]) -> None:
    assert must_work(ruleset(system), ["false"], timeout=10).verdict == "broken"
    assert must_work(ruleset(system), ["no-such-command"], timeout=10).verdict == "broken"


def test_a_command_that_never_ends_is_no_success(ruleset: Make, system: dict[str, str]) -> None:
    work = must_work(ruleset(system), ["sleep", "300"], timeout=0.3)

    assert work.verdict == "broken"
    assert work.inside.timed_out


def test_a_program_that_may_not_be_executed_fails_with_the_launchers_hint(ruleset: Make) -> None:
    work = must_work(ruleset(), ["true"], timeout=10)

    assert work.verdict == "fails"
    assert work.inside.error_code == launcher.NOT_EXECUTABLE
    assert "must grant execute and read_file" in work.inside.error[2]


def test_a_sandbox_that_cannot_be_set_up_is_an_error_and_no_verdict(ruleset: Make, tmp_path: Path) -> None:
    missing = ruleset({str(tmp_path / "gone"): "read_file"})

    with pytest.raises(SandboxError, match="do not exist"):
        must_work(missing, ["true"], timeout=10)
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
    monkeypatch.setattr("assistant.enforce.trial.attempt_all", lambda *_, **__: next(answers))

    results = must_fail(ruleset(), [Probe("write", "/x", ""), Probe("signal", "1", "")])

    assert [result.verdict for result in results] == ["inconclusive", "inconclusive"]
    assert results[0].reason == "EROFS is not how Landlock refuses"


def test_a_tight_ruleset_passes_both_sides(ruleset: Make, system: dict[str, str], file: Path) -> None:
    tight = ruleset({**system, str(file.parent): "read_file"})

    result = trial(tight, ["cat", str(file)], LocalHost(), timeout=10)

    denied = {item.probe.action for item in result.probes if item.verdict == "denied"}
    assert result.work.verdict == "works"
    assert [finding for finding in result.findings if finding.severity > Severity.INFO] == []
    assert denied >= {"read", "list", "write", "tmpfile", "create", "mkdir", "symlink", "rename", "run"}
    assert denied >= {"connect", "bind", "signal", "abstract", "truncate"}


def test_a_trial_leaves_the_tree_as_it_was(ruleset: Make, everything: list[str], file: Path) -> None:
    def state() -> list[tuple[str, int, int]]:
        return [(str(p), p.stat().st_mtime_ns, p.stat().st_ctime_ns) for p in sorted(file.parent.rglob("*"))]

    before = state()
    lax = ruleset({"/": " ".join(set(everything) - {"write_file"})}, refused={str(file): "write_file"})
    result = trial(lax, ["true"], LocalHost(), timeout=10)

    assert ("write", str(file)) in {(item.probe.action, item.probe.subject) for item in result.probes}
    assert state() == before


def test_a_command_that_fails_is_a_finding_with_its_last_words(
    ruleset: Make, system: dict[str, str], file: Path
) -> None:
    result = trial(ruleset(system), ["cat", str(file)], LocalHost(), timeout=10)
    failed = [finding for finding in result.findings if finding.id == "command-failed"]

    assert [finding.subject for finding in failed] == ["cat"]
    assert failed[0].message.endswith("Permission denied); outside it works")


def test_a_broken_command_is_a_finding(ruleset: Make, system: dict[str, str]) -> None:
    result = trial(ruleset(system), ["sh", "-c", "kill -KILL $$"], LocalHost(), timeout=10)

    assert [f.message for f in result.findings if f.id == "command-broken"] == [
        "outside the sandbox it was ended by signal 9; inside it was ended by signal 9"
    ]


def test_a_kernel_below_the_target_is_a_finding_and_its_probes_are_skipped(
    ruleset: Make, system: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    older = Support(5, 0, "6.10")
    monkeypatch.setattr("assistant.enforce.trial.probe", lambda: older)
    monkeypatch.setattr(launcher, "landlock_abi", lambda: (older.abi, ""))

    result = trial(ruleset(system), ["true"], LocalHost(), timeout=10)

    below = [finding.message for finding in result.findings if finding.id == "kernel-below-target"]
    assert len(below) == 2
    assert "cannot deny signal" in below[1]
    assert {item.verdict for item in result.probes if item.probe.action in ("signal", "abstract")} == {
        "inconclusive"
    }


def test_without_landlock_nothing_is_tested(ruleset: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.enforce.trial.probe", lambda: Support(0, 0, "5.10", "it was not built"))

    with pytest.raises(SandboxError) as caught:
        trial(ruleset(), ["true"], LocalHost(), timeout=10)

    assert caught.value.why == "it was not built"


def test_each_leak_is_a_finding_and_doubts_are_one(ruleset: Make) -> None:
    del ruleset
    leak = Probe("read", "/secret\n", "the ruleset refuses it")
    results = [
        ProbeResult(leak, "ok", "ok", "allowed"),
        ProbeResult(Probe("list", "/a", ""), "ENOENT", "EACCES", "inconclusive", "gone"),
        ProbeResult(Probe("list", "/b", ""), "ENOENT", "EACCES", "inconclusive", "gone"),
    ]

    leaked, doubt = of_probes("app", results)

    assert (leaked.id, leaked.subject, leaked.severity) == ("not-denied", "/secret\n", Severity.BLOCKING)
    assert leaked.message == "read succeeded although the ruleset refuses it"
    assert (doubt.id, doubt.message) == ("probe-inconclusive", "2 of 3 probes (2: gone)")


def test_without_a_conclusive_probe_nothing_is_proven() -> None:
    unclear = ProbeResult(Probe("list", "/a", ""), "", "", "inconclusive", "skipped")

    assert [finding.id for finding in of_probes("app", [])] == ["nothing-proven"]
    assert [finding.id for finding in of_probes("app", [unclear])] == ["probe-inconclusive", "nothing-proven"]


@pytest.mark.root
def test_an_ordinary_user_can_run_the_whole_test(ruleset: Make, system: dict[str, str], file: Path) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = "died"
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            result = trial(ruleset(system), ["true"], LocalHost(), timeout=10)
            said = f"{result.work.verdict} {sum(item.verdict == 'denied' for item in result.probes) > 10}"
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)

    assert file.exists()
    assert answer == b"works True"
