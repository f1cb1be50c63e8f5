"""The whole test in the real kernel: what it finds, what it says of denials, and that it leaves nothing."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.domain.finding import Finding, Severity
from assistant.domain.ruleset import Ruleset
from assistant.domain.scenario import load
from assistant.enforce import launcher
from assistant.enforce.probes import Probe
from assistant.enforce.support import Support
from assistant.enforce.trial import ProbeResult
from assistant.errors import SandboxError
from assistant.proving.findings import of_probes
from assistant.proving.learning import learn
from assistant.proving.minimal import Effort, prove_minimal
from assistant.proving.trial import Setting, TrialResult, trial


Make = Callable[..., Ruleset]
Set = Callable[..., Setting]
pytestmark = pytest.mark.kernel


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "granted").mkdir()
    (tmp_path / "granted/file").write_text("text")
    yield tmp_path / "granted/file"
    assert (tmp_path / "granted/file").read_text() == "text"


def about(result: TrialResult, kind: str) -> list[Finding]:
    return [finding for finding in result.findings if finding.id == kind]


def test_a_tight_ruleset_passes_both_sides(
    ruleset: Make, setting: Set, system: dict[str, str], file: Path
) -> None:
    tight = ruleset({**system, str(file.parent): "read_file", "/etc/locale.alias": "read_file"})

    result = trial(tight, setting("cat", str(file)))

    assert result.works
    assert [finding for finding in result.findings if finding.severity > Severity.INFO] == []
    assert sum(item.verdict == "denied" for item in result.probes) > 20


@pytest.mark.root
def test_a_denial_that_stops_the_command_names_the_right_the_object_and_the_cure(
    ruleset: Make, setting: Set, system: dict[str, str], file: Path
) -> None:
    result = trial(ruleset(system), setting("cat", str(file)), keep="nginx-denials")

    (denied,) = [finding for finding in about(result, "denied-access") if finding.subject == str(file)]
    assert denied.severity is Severity.HIGH
    assert denied.message == "openat by /usr/bin/cat in 'command': read_file missing"
    assert denied.remedy == "grant read_file on it"
    (citation,) = denied.evidence
    line = int(citation.removeprefix("nginx-denials:"))
    assert str(file).encode() in result.records.text().splitlines()[line - 1]
    assert [finding.subject for finding in about(result, "command-failed")] == ["cat"]


@pytest.mark.root
def test_a_denial_that_stops_nothing_weighs_little_and_one_that_was_decided_nothing(
    ruleset: Make, setting: Set, system: dict[str, str], file: Path
) -> None:
    harmless = setting("sh", "-c", f"cat {file}; cat /etc/hostname; touch {file.parent}/lost; true")
    granted = {**system, "/dev/null": "write_file"}

    result = trial(ruleset(granted, refused={"/etc/hostname": "read_file"}), harmless)

    weights = {finding.subject: finding.severity for finding in about(result, "denied-access")}
    assert result.works
    (file.parent / "lost").unlink()
    assert weights[str(file)] is Severity.INFO
    assert weights[str(file.parent)] is Severity.LOW
    assert weights["/etc/hostname"] is Severity.INFO
    assert "as the ruleset has decided" in {f.subject: f.message for f in result.findings}["/etc/hostname"]


@pytest.mark.root
def test_denials_of_ports_signals_and_other_processes_are_named(
    ruleset: Make, setting: Set, system: dict[str, str]
) -> None:
    code = (
        "import os, socket\n"
        "for ask in (lambda: socket.create_server(('127.0.0.1', 18123)), lambda: os.kill(os.getppid(), 0)):\n"
        "    try: ask()\n"
        "    except OSError: pass\n"
    )
    granted = {**system, "/": "read_file read_dir"}

    result = trial(ruleset(granted), setting("/usr/bin/python3", "-I", "-c", code))

    said = {finding.subject: finding.remedy for finding in about(result, "denied-access")}
    assert said["port 18123"] == "grant bind_tcp on it"
    assert said["scope signal"].startswith("no rule can make an exception")


def test_without_audit_a_failure_is_explained_by_strace(
    ruleset: Make, setting: Set, system: dict[str, str], file: Path
) -> None:
    result = trial(ruleset(system), setting("cat", str(file), audit=False))

    (denied,) = [finding for finding in about(result, "denied-access") if finding.subject == str(file)]
    assert (denied.remedy, denied.evidence) == ("grant read_file on it", ())
    assert result.scenarios[0].source == "strace"


def test_without_audit_and_strace_the_reasons_are_told(
    ruleset: Make, setting: Set, system: dict[str, str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.enforce.looking.find_tracer.__defaults__", ("no-such-strace",))

    result = trial(ruleset(system), setting("cat", str(file), audit=False))

    (unseen,) = about(result, "denials-unseen")
    assert unseen.message == "audit was not to be used; strace: there is no no-such-strace on this machine"
    assert about(result, "denied-access") == []


def test_a_command_that_fails_is_a_finding_with_its_last_words(
    ruleset: Make, setting: Set, system: dict[str, str], file: Path
) -> None:
    result = trial(ruleset(system), setting("cat", str(file)))

    (failed,) = about(result, "command-failed")
    assert failed.subject == "cat"
    assert failed.message.endswith("Permission denied); outside it works")


def test_a_broken_command_is_a_finding(ruleset: Make, setting: Set, system: dict[str, str]) -> None:
    result = trial(ruleset(system), setting("sh", "-c", "kill -KILL $$"))

    assert [finding.message for finding in about(result, "command-broken")] == [
        "outside the sandbox it was ended by signal 9; inside it was ended by signal 9"
    ]


def test_each_scenario_is_judged_by_itself(
    ruleset: Make, setting: Set, system: dict[str, str], file: Path
) -> None:
    document = load(
        f"""
schema = 1
command = ["true"]
[[scenario]]
name = "starts"
[[scenario]]
name = "reads"
command = "cat {file}"
[[scenario]]
name = "fails"
command = "exit 3"
exit = 3
""",
        source="it",
    )

    result = trial(ruleset({**system, "/dev/null": "write_file"}), setting(document=document))

    assert [(tested.name, tested.work.verdict) for tested in result.scenarios] == [
        *(("starts", "works"), ("reads", "fails"), ("fails", "works"))
    ]
    assert [finding.subject for finding in about(result, "command-failed")] == ["reads"]


def test_a_kernel_below_the_target_is_a_finding_and_its_probes_are_skipped(
    ruleset: Make, setting: Set, system: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    older = Support(5, 0, "6.10")
    monkeypatch.setattr("assistant.enforce.trial.probe", lambda: older)
    monkeypatch.setattr(launcher, "landlock_abi", lambda: (older.abi, ""))

    result = trial(ruleset(system), setting("true"))

    below = [finding.message for finding in about(result, "kernel-below-target")]
    assert len(below) == 2
    assert "cannot deny signal" in below[1]
    assert {item.verdict for item in result.probes if item.probe.action in ("signal", "abstract")} == {
        "inconclusive"
    }


@pytest.mark.parametrize("abi", range(1, 8))
def test_on_every_older_kernel_the_test_runs_and_says_what_is_lost(
    abi: int, ruleset: Make, setting: Set, system: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a kernel with this ABI would be asked for is asked of this one.
    monkeypatch.setattr("assistant.enforce.trial.probe", lambda: Support(abi, 0, "old"))
    monkeypatch.setattr(launcher, "landlock_abi", lambda: (abi, ""))

    result = trial(ruleset(system, target_abi=7), setting("true"))

    lost = [finding.message for finding in about(result, "kernel-below-target")]
    assert result.works
    assert all(f"(Landlock ABI {abi}) cannot deny" in message for message in lost)
    assert bool(lost) == (abi < 6)
    assert [item for item in result.probes if item.verdict == "allowed"] == []


def test_each_leak_is_a_finding_and_doubts_are_one() -> None:
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
def test_the_whole_test_can_be_done_in_rooms(
    ruleset: Make, setting: Set, system: dict[str, str], file: Path
) -> None:
    from assistant.enforce.room import Room

    script = f"echo changed > {file}; cat {file}"
    granted = ruleset(
        {**system, str(file.parent): "read_file write_file truncate", "/dev/null": "write_file"}
    )

    result = trial(granted, setting("sh", "-c", script, room=Room()))

    assert result.works
    assert result.scenarios[0].work.inside.stdout == b"changed\n"
    assert sum(item.verdict == "denied" for item in result.probes) > 20


@pytest.mark.root
def test_an_ordinary_user_can_run_the_whole_test(
    ruleset: Make, setting: Set, system: dict[str, str], file: Path
) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = "died"
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            result = trial(ruleset(system), setting("cat", "/etc/hostname"))
            denied = sum(item.verdict == "denied" for item in result.probes) > 10
            seen = {tested.source for tested in result.scenarios}
            named = [f.subject for f in about(result, "denied-access") if f.subject == "/etc/hostname"]
            said = f"{result.works} {denied} {seen} {named}"
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)

    assert file.exists()
    assert answer == b"False True {'strace'} ['/etc/hostname']"


@pytest.mark.parametrize("what", ["test", "learn", "prove"])
def test_without_landlock_nothing_is_run_and_the_reason_is_told(
    what: str, ruleset: Make, setting: Set, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.enforce.trial.probe", lambda: Support(0, 0, "5.10", "it was not built"))
    run = setting("touch", str(tmp_path / "ran"))
    attempts: dict[str, Callable[[], object]] = {
        "test": lambda: trial(ruleset(), run),
        "learn": lambda: learn(ruleset(), run, "denials"),
        "prove": lambda: prove_minimal(ruleset(), run, Effort()),
    }

    with pytest.raises(SandboxError) as caught:
        attempts[what]()

    assert caught.value.why == "it was not built"
    assert not (tmp_path / "ran").exists()
