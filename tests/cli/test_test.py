"""``landscribe test``: exit code 0 only when the command works inside and something was shown to be denied."""

import json
from collections.abc import Callable
from typing import Any

import pytest


pytestmark = pytest.mark.kernel


def test_a_command_that_works_passes(drafted: Any, landscribe: Callable[..., Any]) -> None:
    done = landscribe("test", "app.toml", "--", "cat", drafted.home / "etc/app.conf")

    assert done.code == 0
    assert "command: works" in done.out
    assert "two-sided test passed" in done.out
    assert "0 allowed" in done.out


def test_a_command_that_only_the_sandbox_stops_is_blocking(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    (drafted.home / "secret").write_text("")

    done = landscribe("test", "app.toml", "--", "cat", drafted.home / "secret")

    assert done.code == 11
    assert "command: fails" in done.out
    assert "two-sided test FAILED" in done.out
    assert "command-failed" in done.err
    assert "Permission denied" in done.err


@pytest.mark.usefixtures("drafted")
def test_a_command_that_fails_anyway_shows_nothing_and_is_blocking(landscribe: Callable[..., Any]) -> None:
    done = landscribe("test", "app.toml", "--", "cat", "/no/such/file")

    assert done.code == 11
    assert "command-broken" in done.err
    assert "two-sided test FAILED" in done.out


@pytest.mark.usefixtures("drafted")
def test_a_check_that_never_passes_ends_with_the_timeout(landscribe: Callable[..., Any]) -> None:
    done = landscribe("test", "app.toml", "--timeout", "0.5", "--check", "false", "--", "cat", "/dev/zero")

    assert done.code == 11
    assert "two-sided test FAILED" in done.out


def test_the_json_holds_every_probe_and_belongs_to_this_version_of_the_grants(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    done = landscribe("test", "app.toml", "--json", "--", "cat", drafted.home / "etc/app.conf")
    (drafted.root / "test.json").write_text(done.out, "utf-8")

    data = json.loads(done.out)
    fits = landscribe("notes", "app.toml", "--test", "test.json")
    drafted.edit("port = 8080", "port = 8081")
    stale = landscribe("notes", "app.toml", "--test", "test.json")

    assert done.code == data["report"]["exit"] == 0
    assert data["schema_version"] == 1
    assert {probe["verdict"] for probe in data["probes"]} >= {"denied"}
    assert fits.code == 0
    assert stale.code == 3
    assert "another version of the grants" in stale.plain_error


def test_a_hostile_command_is_shown_escaped(drafted: Any, landscribe: Callable[..., Any]) -> None:
    for more in ([], ["--json"]):
        done = landscribe("test", "app.toml", *more, "--", "cat", "\x1b[31m\u202e\n", "\udcff")

        assert done.code == 11
        assert not {"\x1b", "\u202e"} & set(done.out + done.err)
    assert drafted.ruleset.exists()


SCENARIOS = """
schema = 1
command = "cat; trap 'exit 0' TERM; touch {up}; while :; do sleep 0.05; done"
timeout = 60
[ready]
run = "test -e {up}"
[[scenario]]
name = "serve"
[[scenario.step]]
run = "kill -0 $PID"
[[scenario]]
name = "again\\u001b[31m"
"""


@pytest.fixture
def shell(drafted: Any) -> Any:
    """The service's ruleset with a shell and its tools, and scenarios in a file."""
    up = drafted.home / "state/up"
    drafted.add(
        f'\n[[path]]\npath = "/usr"\nrights = ["execute", "read_file", "read_dir"]\nby = "person"\n'
        f'[[path]]\npath = "{up.parent}"\nrights = ["write_file", "make_reg"]\nby = "person"\n'
        '[[path]]\npath = "/dev/null"\nrights = ["write_file"]\nby = "person"\n'
    )
    (drafted.root / "scenarios.toml").write_text(SCENARIOS.format(up=up), "utf-8")
    yield drafted
    up.unlink(missing_ok=True)


def test_each_scenario_of_a_file_is_reported(shell: Any, landscribe: Callable[..., Any]) -> None:
    done = landscribe("test", "app.toml", "--scenarios", "scenarios.toml", "-o", "result.json")

    data = json.loads((shell.root / "result.json").read_text("utf-8"))
    assert done.code == 0, done.err
    assert "2 of 2 scenarios work" in done.out
    assert [scenario["verdict"] for scenario in data["scenarios"]] == ["works", "works"]
    assert data["scenarios"][0]["inside"]["steps"] == [
        {"name": f"test -e {shell.home}/state/up", "failed": ""},
        {"name": "kill -0 $PID", "failed": ""},
    ]
    assert {probe["layer"] for probe in data["probes"] if probe["verdict"] == "denied"} == {"Landlock"}
    assert {probe["expected"] for probe in data["probes"]} == {"denied"}
    assert "\x1b" not in done.out + done.err + (shell.root / "result.json").read_text("utf-8")


@pytest.mark.root
def test_records_of_denials_are_kept_cited_and_read_again(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    (drafted.home / "secret").write_text("")
    done = landscribe(
        "test", "app.toml", "--denials", "app-denials.log", "--json", "--", "cat", drafted.home / "secret"
    )

    findings = json.loads(done.out)["report"]["findings"]
    (denied,) = [f for f in findings if f["subject"] == str(drafted.home / "secret")]
    line = int(denied["evidence"][0].removeprefix("app-denials:"))
    kept = (drafted.root / "app-denials.log").read_bytes().splitlines()
    read = landscribe("trace", "app-denials.log", "--json")

    unheard = landscribe("test", "app.toml", "--no-audit", "--denials", "none.log", "--", "true")

    assert done.code == 11
    assert "'none.log' was not written: no denial was recorded" in unheard.err
    assert not (drafted.root / "none.log").exists()
    assert f'path="{drafted.home}/secret"'.encode() in kept[line - 1]
    assert not any(b"proctitle" in record for record in kept)
    assert read.code == 10
    assert str(drafted.home / "secret") in read.out


@pytest.mark.usefixtures("drafted")
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["app.toml"], 2, "there is nothing to run"),
        (["app.toml", "--scenarios", "none.toml"], 3, "the scenarios file 'none.toml' cannot be read"),
        (["app.toml", "--scenarios", "app.toml"], 3, "not a valid scenarios file"),
        (["app.toml", "--scenarios", "app.trace"], 3, "is not TOML"),
        (["app.toml", "--scenarios", "x.toml", "--", "cat"], 2, "a scenarios file and a command at once"),
        (["app.toml", "--user", "no-such-user", "--", "cat"], 2, "there is no user 'no-such-user'"),
        (["app.toml", "--timeout", "0", "--", "cat"], 2, "--timeout"),
    ],
)
def test_what_cannot_be_tested_is_one_clear_error(
    landscribe: Callable[..., Any], arguments: list[str], code: int, words: str
) -> None:
    done = landscribe("test", *arguments)

    assert done.code == code
    assert words in done.plain_error


def test_a_path_that_vanished_since_the_draft_is_named_and_nothing_is_run(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.add('\n[[path]]\npath = "/srv/gone\\u001b"\nrights = ["read_file"]\nby = "person"\n')

    strict = landscribe("test", "app.toml", "--", "cat", drafted.home / "etc/app.conf")
    lenient = landscribe("test", "app.toml", "--ignore-missing", "--", "cat", drafted.home / "etc/app.conf")

    assert strict.code == 1
    assert r"/srv/gone\x1b" in strict.plain_error
    assert "--ignore-missing" in strict.err
    assert lenient.code == 0


@pytest.mark.root
def test_another_user_and_rooms_take_root(
    drafted: Any, landscribe: Callable[..., Any], tmp_path: Any
) -> None:
    del drafted, tmp_path
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    readable = landscribe("test", "app.toml", "--user", "root", "--", "cat", prefix=as_nobody)

    # The command itself may be unreadable for nobody here; what matters is that nothing was run as root.
    assert readable.code != 0
