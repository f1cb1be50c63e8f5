"""What a ruleset learns from the kernel's denials, in real sandboxes: exactly what is needed, and nothing dangerous."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.domain.document import dump, load
from assistant.domain.mutation import units, without
from assistant.domain.ruleset import Ruleset
from assistant.domain.scenario import load as scenarios
from assistant.enforce.room import Room
from assistant.host import LocalHost
from assistant.pipeline.reading import read_traces
from assistant.pipeline.verifying import hold_against
from assistant.proving.learning import Learned, learn
from assistant.proving.trial import Setting, trial


Make = Callable[..., Ruleset]
Set = Callable[..., Setting]
pytestmark = [pytest.mark.kernel, pytest.mark.root]


@pytest.fixture
def loader() -> dict[str, str]:
    """What a shell and cat need on this machine, and no more."""
    said = subprocess.run(
        ["ldd", "/usr/bin/cat", "/usr/bin/dash"], capture_output=True, text=True, check=True
    ).stdout
    libraries = {str(Path(path).resolve()) for path in re.findall(r"(/\S+\.so\S*)", said)}
    interpreter = next(path for path in libraries if "/ld" in path)
    programs = dict.fromkeys(("/usr/bin/cat", "/usr/bin/dash", interpreter), "read_file execute")
    return {**dict.fromkeys(sorted(libraries), "read_file"), **programs, "/dev/null": "read_file write_file"}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A service's directories: configuration and state."""
    for name in ("conf", "state"):
        (tmp_path / name).mkdir()
    (tmp_path / "conf/app.conf").write_text("text")
    return tmp_path


def learnt(result: Learned, before: Ruleset) -> dict[str, str]:
    """New rights by path, in words."""
    assert result.ruleset is not None
    had = before.paths()
    new = {
        path: rights & ~had[path] if path in had else rights
        for path, rights in result.ruleset.paths().items()
    }
    return {
        path: " ".join(str(right.name).lower() for right in rights) for path, rights in new.items() if rights
    }


SCRIPT = "cat {0}/conf/app.conf; echo x > {0}/state/new; echo y > {0}/state/new; cat {0}/state/new"


def test_whichever_right_is_dropped_exactly_that_one_is_learnt(
    ruleset: Make, setting: Set, loader: dict[str, str], app: Path
) -> None:
    whole = ruleset(
        {**loader, f"{app}/conf": "read_file", f"{app}/state": "read_file write_file make_reg truncate"}
    )
    run = setting("/usr/bin/dash", "-euc", SCRIPT.format(app))
    for unit in units(whole):
        if unit.path == "/dev/null":
            continue
        (app / "state/new").unlink(missing_ok=True)

        result = learn(without(whole, [unit]), run, "denials")

        assert result.works, unit
        assert result.ruleset is not None, unit
        assert result.ruleset.digest() == whole.digest(), unit
        assert [finding.id for finding in result.findings] == ["learnt-grant"], unit


def test_a_port_is_learnt(ruleset: Make, setting: Set, system: dict[str, str]) -> None:
    code = "import socket; socket.create_server(('127.0.0.1', 18124)).close()"
    granted = ruleset({**system, "/": "read_file read_dir"})

    result = learn(granted, setting("/usr/bin/python3", "-I", "-c", code), "denials")

    assert result.ruleset is not None
    (port,) = result.ruleset.port
    assert (port.port, str(port.rights), port.by) == (18124, "NetRight.BIND_TCP", "offline")
    assert [line.split(":")[0] for line in port.evidence] == ["denials"]


def test_what_was_learnt_says_so_cites_the_kernel_and_passes_verification(
    ruleset: Make, setting: Set, loader: dict[str, str], app: Path
) -> None:
    result = learn(ruleset(loader), setting("/usr/bin/dash", "-euc", SCRIPT.format(app)), "denials")

    assert result.ruleset is not None
    new = [grant for grant in result.ruleset.path if grant.by == "offline"]
    assert {Path(grant.path).name for grant in new} in ({"app.conf", "state"}, {"conf", "state"})
    assert all(grant.why.startswith("Learnt in a test, where the kernel denied it.") for grant in new)
    assert all(line.startswith("denials:") for grant in new for line in grant.evidence)
    (record,) = result.ruleset.provenance.trace
    (kept,) = result.kept
    raw = b"".join(kept.blocks())
    assert (record.name, record.lines) == ("denials", raw.count(b"\n"))
    host = LocalHost()
    report = hold_against(result.ruleset, read_traces(result.kept, host), result.kept, host)
    assert [
        f for f in report.findings if f.id in ("false-citation", "unsupported-right", "missing-access")
    ] == []
    assert load(dump(result.ruleset)) == result.ruleset


def test_what_only_the_way_around_a_denial_needs_goes_again(
    ruleset: Make, setting: Set, loader: dict[str, str], app: Path
) -> None:
    (app / "conf/other.conf").write_text("other")
    # It looks elsewhere when it is denied, and fails in the end for want of the state.
    script = f"cat {app}/conf/app.conf || cat {app}/conf/other.conf; echo x > {app}/state/new"
    granted = ruleset({**loader, f"{app}/state": "write_file"})

    result = learn(granted, setting("/usr/bin/dash", "-euc", f"set +e; {script}"), "denials")

    # It works once, and then once more, when the file is there.
    assert learnt(result, granted) == {f"{app}/state": "make_reg truncate"}
    assert result.ruleset is not None
    raw = b"".join(result.kept[0].blocks())
    assert b"other.conf" not in raw


def test_several_rounds_learn_what_each_denial_hid(
    ruleset: Make, setting: Set, loader: dict[str, str], app: Path
) -> None:
    result = learn(ruleset(loader), setting("/usr/bin/dash", "-euc", SCRIPT.format(app)), "denials")

    assert result.works
    assert result.rounds > 2


@pytest.mark.parametrize(
    ("script", "subject"),
    [
        ("cat /etc/shadow", "/etc/shadow"),
        ("echo x > /etc/landscribe-learnt", "/etc"),
        ("echo x > /etc/cron.d/landscribe-learnt", "/etc/cron.d"),
    ],
)
def test_what_is_shared_secret_or_a_way_out_is_told_and_not_granted(
    ruleset: Make, setting: Set, loader: dict[str, str], script: str, subject: str
) -> None:
    made = Path("/etc/landscribe-learnt"), Path("/etc/cron.d/landscribe-learnt")
    try:
        result = learn(ruleset(loader), setting("/usr/bin/dash", "-euc", script), "denials")
    finally:
        for path in made:
            path.unlink(missing_ok=True)

    assert (result.works, result.ruleset) == (False, None)
    assert subject in {finding.subject for finding in result.findings if finding.id == "not-learnt"}


def test_what_may_be_written_is_never_made_executable(
    ruleset: Make, setting: Set, loader: dict[str, str], app: Path
) -> None:
    (app / "state/tool").write_bytes(Path("/usr/bin/cat").read_bytes())
    (app / "state/tool").chmod(0o755)
    granted = ruleset({**loader, f"{app}/state": "read_file write_file make_reg", f"{app}/conf": "read_file"})

    result = learn(granted, setting(f"{app}/state/tool", f"{app}/conf/app.conf"), "denials")

    assert (result.works, result.ruleset) == (False, None)
    assert {finding.id for finding in result.findings} == {"command-failed", "not-learnt"}


def test_what_a_person_refused_stays_refused(
    ruleset: Make, setting: Set, loader: dict[str, str], app: Path
) -> None:
    refusing = ruleset(loader, refused={f"{app}/conf/app.conf": "read_file"})

    result = learn(refusing, setting("/usr/bin/cat", f"{app}/conf/app.conf"), "denials")

    (held,) = [finding for finding in result.findings if finding.id == "not-learnt"]
    assert (held.subject, held.message) == (f"{app}/conf/app.conf", "read_file: not its business")
    assert not result.works


def test_a_persons_grant_is_left_alone(
    ruleset: Make, setting: Set, loader: dict[str, str], app: Path
) -> None:
    granted = ruleset({**loader, f"{app}/state": "write_file"})

    result = learn(granted, setting("/usr/bin/dash", "-euc", f"echo x > {app}/state/new"), "denials")

    assert result.ruleset is not None
    mine, new = [grant for grant in result.ruleset.path if grant.path == f"{app}/state"]
    assert mine in granted.path
    assert new.by == "offline"


def test_a_drafters_grant_is_extended_and_says_by_what(
    ruleset: Make, setting: Set, loader: dict[str, str], app: Path
) -> None:
    granted = ruleset({**loader, f"{app}/state": "write_file"})
    drafted = granted.path[-1].model_copy(update={"by": "offline", "evidence": ("run:7",), "why": "State."})
    granted = granted.model_copy(update={"path": (*granted.path[:-1], drafted)})

    result = learn(granted, setting("/usr/bin/dash", "-euc", f"echo x > {app}/state/new"), "denials-2")

    assert result.ruleset is not None
    (grant,) = [grant for grant in result.ruleset.path if grant.path == f"{app}/state"]
    assert grant.why == "State. Learnt in a test, where the kernel denied it: make_reg, truncate."
    assert grant.evidence == ("run:7", "denials-2:1", "denials-2:3")


def test_a_rule_that_died_with_a_replaced_file_gives_way_to_its_directory(
    ruleset: Make, setting: Set, loader: dict[str, str], app: Path
) -> None:
    document = scenarios(
        f"""
schema = 1
command = "while [ ! -e {app}/go ]; do sleep 0.05; done; cat {app}/conf/app.conf && exec sleep 60"
timeout = 20
[[scenario]]
name = "replace"
[[scenario.step]]
run = "cp {app}/conf/app.conf {app}/conf/new && mv {app}/conf/new {app}/conf/app.conf && touch {app}/go"
[[scenario.step]]
run = "test $(readlink /proc/$PID/exe) = /usr/bin/sleep"
retry = true
""",
        source="it",
    )
    granted = ruleset({**loader, "/usr/bin/sleep": "read_file execute", f"{app}/conf/app.conf": "read_file"})

    tested = trial(granted, setting(document=document, room=Room()))
    result = learn(granted, setting(document=document, room=Room()), "denials")

    (dead,) = [f for f in tested.findings if f.id == "denied-access" and f.subject.endswith("app.conf")]
    assert "the object was replaced after the start" in dead.message
    assert learnt(result, granted) == {f"{app}/conf": "read_file"}


@pytest.mark.parametrize(
    "name", ["a b", "line\nbreak", "\x1b[31mred", 'quo"te', "back\\slash", "caf\u00e9", "bad\udcff"]
)
def test_names_are_learnt_exactly_as_they_are(
    name: str, ruleset: Make, setting: Set, loader: dict[str, str], app: Path
) -> None:
    hostile = app / "conf" / name
    hostile.write_text("text")
    granted = ruleset(loader, refused={f"{app}/conf/app.conf": "read_file"})

    result = learn(granted, setting("/usr/bin/cat", str(hostile)), "denials")

    assert result.ruleset is not None
    assert set(learnt(result, granted)) & {str(hostile), str(app / "conf")}
    assert load(dump(result.ruleset)) == result.ruleset


def test_that_a_name_means_another_file_in_a_chroot_is_told(
    ruleset: Make, setting: Set, system: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("text")
    script = f"import os; os.chroot({str(tmp_path)!r}); open('/etc/passwd').read()"
    run = setting("/usr/bin/python3", "-I", "-S", "-c", script)

    result = learn(ruleset(system), run, "denials")

    assert (result.works, result.ruleset) == (False, None)
    (told,) = (finding for finding in result.findings if finding.id == "not-learnt")
    assert told.subject == "/etc/passwd"
    assert "chroot" in told.message


def test_scenarios_that_work_teach_nothing(ruleset: Make, setting: Set, loader: dict[str, str]) -> None:
    result = learn(ruleset(loader), setting("/usr/bin/dash", "-c", ":"), "denials")

    assert (result.works, result.ruleset, result.kept) == (True, None, ())


def test_scenarios_that_fail_anyway_teach_nothing(
    ruleset: Make, setting: Set, loader: dict[str, str]
) -> None:
    result = learn(ruleset(loader), setting("/usr/bin/dash", "-c", "exit 1"), "denials")

    assert [finding.id for finding in result.findings] == ["command-broken"]


def test_without_audit_an_strace_of_the_scenarios_teaches_the_same(
    ruleset: Make, setting: Set, loader: dict[str, str], app: Path
) -> None:
    granted = ruleset({**loader, f"{app}/state": "write_file", "/etc/ld.so.cache": "read_file"})

    result = learn(
        granted, setting("/usr/bin/dash", "-euc", f"echo x > {app}/state/new", audit=False), "seen"
    )

    assert result.works
    assert "make_reg" in learnt(result, granted)[f"{app}/state"]
    host = LocalHost()
    assert result.ruleset is not None
    report = hold_against(result.ruleset, read_traces(result.kept, host), result.kept, host)
    assert [
        f for f in report.findings if f.id in ("false-citation", "unsupported-right", "missing-access")
    ] == []


@pytest.fixture(autouse=True)
def _leaves_no_process(app: Path) -> Iterator[None]:
    yield
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                assert os.fsencode(app) not in (entry / "cmdline").read_bytes()
            except OSError:
                continue
