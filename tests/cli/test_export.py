"""``landscribe export``: what is written elsewhere means the same, and what is lost is said."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def _grants(text: str) -> dict[str, list[str]]:
    return {grant["path"]: grant["rights"] for grant in tomllib.loads(text)["path"]}


def test_landlockconfig_grants_exactly_what_the_ruleset_grants(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    done = landscribe("export", "app.toml", "--to", "landlockconfig-toml")

    assert done.code == 0
    exported = tomllib.loads(done.out)
    rules = [(path, rule["allowed_access"]) for rule in exported["path_beneath"] for path in rule["parent"]]
    assert dict(rules) == _grants(drafted.ruleset.read_text("utf-8"))
    assert exported["net_port"] == [{"allowed_access": ["bind_tcp"], "port": [8080]}]


def test_what_a_format_cannot_say_is_said_on_stderr(drafted: Any, landscribe: Callable[..., Any]) -> None:
    drafted.add('\n[[path]]\npath_hex = "2f61ff"\nrights = ["read_file"]\nby = "person"\n')

    done = landscribe("export", "app.toml", "--to", "landlockconfig-toml")

    assert r"lacks /a\xff: read_file is denied: the format cannot name a path that is not UTF-8" in done.err
    assert done.code == 10


def _launch(launcher: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", launcher, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )


@pytest.mark.kernel
def test_the_exported_launcher_works_alone_and_enforces_the_ruleset(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    done = landscribe("export", "app.toml", "--to", "python", "-o", "launcher.py")
    launcher = drafted.root / "launcher.py"

    granted = _launch(launcher, "--", "cat", drafted.home / "etc/app.conf")
    denied = _launch(launcher, "--", "cat", "/etc/passwd")

    assert done.code == 0
    assert launcher.stat().st_mode & 0o777 == 0o755
    assert (granted.returncode, granted.stdout, granted.stderr) == (0, "colour = blue\n", "")
    assert denied.returncode == 1
    assert "Permission denied" in denied.stderr
    assert _launch(launcher, "--check").returncode == 0


@pytest.mark.kernel
def test_the_launchers_own_failures_have_the_codes_that_env_and_chroot_use(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    landscribe("export", "app.toml", "--to", "python", "-o", "launcher.py")
    launcher = drafted.root / "launcher.py"

    assert _launch(launcher, "--", "no-such-program").returncode == 127
    assert _launch(launcher, "--", "/usr/bin/env").returncode == 126
    assert _launch(launcher).returncode == 125
    assert _launch(launcher, "--nonsense", "--", "true").returncode == 125


def test_the_exported_policy_is_the_ruleset(drafted: Any, landscribe: Callable[..., Any]) -> None:
    landscribe("export", "app.toml", "--to", "python", "-o", "launcher.py")
    show = "import json, runpy, sys; print(json.dumps(runpy.run_path(sys.argv[1])['POLICY']))"

    done = subprocess.run(
        [sys.executable, "-I", "-c", show, drafted.root / "launcher.py"],
        capture_output=True,
        text=True,
        check=True,
    )

    policy = json.loads(done.stdout)
    assert {rule["path"]: rule["rights"] for rule in policy["paths"]} == _grants(
        drafted.ruleset.read_text("utf-8")
    )
    assert policy["ports"] == [{"port": 8080, "rights": ["bind_tcp"]}]
    assert policy["service"] == "cat"


FORMATS = ("python", "landlockconfig-toml", "landlockconfig-json", "landrun", "setpriv", "sandboxer")


@pytest.mark.usefixtures("drafted")
@pytest.mark.parametrize("to", FORMATS)
def test_the_exit_code_says_whether_something_is_lost(landscribe: Callable[..., Any], to: str) -> None:
    done = landscribe("export", "app.toml", "--to", to, "--json")

    data = json.loads(done.out)
    assert done.code == data["exit"] == (10 if data["losses"] else 0)
    assert bool(data["losses"]) is (to in ("landrun", "sandboxer"))
    opened = [loss for loss in data["losses"] if loss["effect"] == "opens"]
    assert len(opened) == done.err.count("opens ")
    assert data["text"] == landscribe("export", "app.toml", "--to", to).out


@pytest.mark.parametrize("to", ["python", "landrun", "setpriv", "sandboxer"])
def test_what_can_be_run_may_be_executed(drafted: Any, landscribe: Callable[..., Any], to: str) -> None:
    landscribe("export", "app.toml", "--to", to, "-o", "out")

    out = drafted.root / "out"
    assert out.stat().st_mode & 0o777 == 0o755
    assert out.read_text("utf-8").startswith("#!/")


def test_a_drop_in_is_for_the_unit_that_is_named(drafted: Any, landscribe: Callable[..., Any]) -> None:
    (drafted.root / "cat.service").write_text("[Service]\nExecStart=/bin/cat 'a b'\nExecStop=/bin/kill 1\n")

    done = landscribe("export", "app.toml", "--to", "systemd", "--unit", "./cat.service")

    assert done.code == 0
    assert "ExecStart=/usr/bin/python3 -I /etc/landscribe/cat.py -- /bin/cat 'a b'\n" in done.out
    assert "note  Outside of the sandbox: ExecStop=" in done.err
    named = landscribe(
        "export", "app.toml", "--to", "systemd", "--unit", "./cat.service", "--launcher", "/l.py"
    )
    assert " /l.py -- /bin/cat" in named.out


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        (["--to", "systemd"], 2, "none was named"),
        (["--to", "python", "--unit", "nginx"], 2, "--unit and --launcher are for --to systemd"),
        (["--to", "systemd", "--unit", "./absent.service"], 3, "cannot be read"),
        (["--to", "systemd", "--unit", "a b"], 2, "is no name of a service"),
        (["--to", "docker"], 2, "no format 'docker'"),
        (["--to", "systemd", "--unit", "./bare.service"], 3, "it has no ExecStart="),
        (["--to", "systemd", "--unit", "./cat.service", "--launcher", "l.py"], 2, "cannot be the launcher"),
    ],
)
def test_an_export_without_meaning_is_one_clear_error(
    drafted: Any, landscribe: Callable[..., Any], arguments: list[str], code: int, what: str
) -> None:
    (drafted.root / "cat.service").write_text("[Service]\nExecStart=/bin/cat\n")
    (drafted.root / "bare.service").write_text("[Service]\nType=oneshot\n")

    done = landscribe("export", "app.toml", *arguments)

    assert done.code == code
    assert what in done.plain_error
    assert "next: " in done.plain_error


def test_files_of_this_machine_are_not_looked_at_for_another(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.add('\n[[path]]\npath = "/etc/passwd"\nrights = ["read_file", "read_dir"]\nby = "person"\n')

    here = landscribe("export", "app.toml", "--to", "setpriv").out
    there = landscribe("export", "app.toml", "--to", "setpriv", "--foreign").out

    assert "path-beneath:read-file:/etc/passwd" in here
    assert "path-beneath:read-file,read-dir:/etc/passwd" in there
