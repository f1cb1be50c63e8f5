"""Other programs are asked what they can say; stand-ins answer as their versions do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.domain.machine import State
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import PathGrant, Provenance, Ruleset
from assistant.enforce import launcher, programs
from assistant.render.launcher import python_launcher


Stand = Callable[[str, str], str]


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    def make(name: str, script: str) -> str:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return make


VERSION = 'case "$1" in --version) echo "setpriv from util-linux 2.41.1";;'


@pytest.mark.parametrize(
    ("script", "state", "said"),
    [
        (f"{VERSION} --help) echo nothing;; esac", State.WITHOUT, "util-linux 2.41.1 knows no Landlock"),
        (f"{VERSION} --help) echo ' --landlock-access';; esac", State.WITHOUT, "ignores ports and scopes"),
        (f"{VERSION} --help) echo ' --landlock-access';; *) exit 1;; esac", State.WORKS, "ports and scopes"),
    ],
)
def test_setpriv_is_asked_what_it_knows(stand: Stand, script: str, state: State, said: str) -> None:
    check = programs.setpriv(stand("setpriv", script))

    assert check.state is state
    assert said in check.said
    assert bool(check.next) is (state is not State.WORKS)


@pytest.mark.parametrize(
    ("version", "state"), [("0.1.16", State.WITHOUT), ("0.1.17", State.WORKS), ("0.2", State.WORKS)]
)
def test_landrun_closes_scopes_from_0_1_17_on(stand: Stand, version: str, state: State) -> None:
    assert programs.landrun(stand("landrun", f"echo landrun version {version}")).state is state


def test_what_is_not_installed_is_said_with_what_needs_it() -> None:
    for check in (programs.setpriv("no-such"), programs.landrun("no-such"), programs.systemd("no-such")):
        assert (check.state, check.said) == (State.WITHOUT, "not installed")
        assert check.next


def test_the_groups_with_landlocks_calls_are_systemds_own_words(stand: Stand, tmp_path: Path) -> None:
    listed = "@sandbox\\n    # Sandboxing\\n    landlock_add_rule\\n    landlock_restrict_self\\n@swap\\n    swapon"
    program = stand(
        "systemd-analyze", f'case "$1" in --version) echo systemd 255;; *) printf "{listed}";; esac'
    )

    check = programs.systemd(program, str(tmp_path))

    assert check.said == "255; systemd runs here; groups with Landlock's calls: @sandbox"


@pytest.mark.systemd
def test_systemd_of_this_machine_is_read() -> None:
    said = programs.systemd().said

    assert "groups with Landlock's calls: " in said
    assert "calls: none" not in said


def _text() -> str:
    rights = FsRight.EXECUTE | FsRight.READ_FILE | FsRight.READ_DIR
    whole = PathGrant(path="/", rights=rights, by="person")
    ruleset = Ruleset(service="s", target_abi=1, provenance=Provenance(tool="t"), path=(whole,))
    return python_launcher(ruleset, Path(launcher.__file__).read_text("utf-8")).text


@pytest.mark.kernel
def test_the_launcher_is_tried_and_not_taken_for_granted() -> None:
    assert programs.python_launcher(_text()).state is State.WORKS


def test_a_launcher_that_starts_nothing_is_a_lack_with_its_own_words(stand: Stand) -> None:
    broken = programs.python_launcher("raise SystemExit('no ctypes here')")
    strange = programs.python_launcher(_text(), stand("python3", "echo Python 2.7"))
    absent = programs.python_launcher(_text(), "/no/such/python3")

    assert [check.state for check in (broken, strange, absent)] == [State.LACKS] * 3
    assert "no ctypes here" in broken.said
    assert all(check.next for check in (broken, strange, absent))


def test_a_program_that_hangs_or_babbles_is_no_trap(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_SECONDS", 0.5)

    assert programs.landrun(stand("landrun", "exec sleep 60")).state is State.WITHOUT
    assert programs.setpriv(stand("setpriv", "printf '\\033[2J\\377'")).state is State.WITHOUT
