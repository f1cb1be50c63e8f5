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

    assert r"not expressed: /a\xff: not granted" in done.err


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
