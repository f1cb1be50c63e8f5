"""What docs/ci.md and the hook tell others to run, run."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml  # type: ignore[import-untyped]


REPO = Path(__file__).parents[2]
PAGE = (REPO / "docs/ci.md").read_text("utf-8")
RECIPES = [
    yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
]
COMMANDS = sorted(
    set(re.findall(r"^ +(?:- |run: )?landscribe (\w+) (.*?)(?: \|\| .*)?$", PAGE, re.MULTILINE))
)


def test_the_recipes_are_yaml_and_hold_commands() -> None:
    github, gitlab, hook = RECIPES

    assert github["jobs"]["sandbox"]["steps"]
    assert gitlab["sandbox"]["artifacts"]["reports"]["junit"] == "verify.xml"
    assert hook["repos"][0]["hooks"] == [{"id": "landscribe-verify"}]
    assert len(COMMANDS) >= 6


@pytest.mark.parametrize(("command", "rest"), COMMANDS)
def test_every_option_of_a_recipe_exists(command: str, rest: str, landscribe: Callable[..., Any]) -> None:
    shown = landscribe(command, "--help").out

    options = re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest.partition(" -- ")[0])
    assert [option for option in options if not re.search(rf"(?<!\S){option}\b", shown)] == []


def test_verify_writes_junit_and_refuses_to_have_nothing_to_verify(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    done = landscribe("verify", "app.toml", "app.trace", "--junit", "verify.xml")
    nothing = landscribe("verify", "app.toml")
    both = landscribe("verify", "app.toml", "app.trace", "--alone")

    suite = ET.parse(drafted.root / "verify.xml").getroot()  # noqa: S314 - our own
    assert done.code in (0, 10)
    assert suite.get("failures") == "0"
    assert (nothing.code, both.code) == (2, 2)
    assert "no trace to verify against" in nothing.plain_error


def hook(*files: str, landscribe: str, cwd: Path) -> int:
    """What pre-commit does with the definition: the entry, and the files behind it."""
    defined = yaml.safe_load((REPO / ".pre-commit-hooks.yaml").read_text("utf-8"))[0]
    script = re.fullmatch(r"sh -c '(.*)' --", defined["entry"])
    assert script
    told = script[1].replace("landscribe ", f"{landscribe} ")
    return subprocess.run(
        ["sh", "-c", told, "--", *files], cwd=cwd, capture_output=True, check=False
    ).returncode


def test_the_hook_lets_a_good_ruleset_through_and_stops_a_conflict_and_a_stale_approval(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    run_it = "import sys; from assistant.cli.main import main; sys.exit(main())"
    (drafted.root / "landscribe.sh").write_text(
        f"#!/bin/sh\nexec {sys.executable} -c '{run_it}' \"$@\"\n", "utf-8"
    )
    (drafted.root / "landscribe.sh").chmod(0o755)
    tool = str(drafted.root / "landscribe.sh")
    text = (drafted.root / "app.toml").read_text("utf-8")
    (drafted.root / "good.landlock.toml").write_text(text, "utf-8")
    (drafted.root / "conflict.landlock.toml").write_text("<<<<<<< HEAD\n" + text, "utf-8")
    approval = f'\n[approval]\ndigest = "sha256:{"0" * 64}"\nwho = "ada"\nwhen = "2026-11-23"\n'
    (drafted.root / "stale.landlock.toml").write_text(text + approval, "utf-8")

    def run(*names: str) -> int:
        return hook(*(f"{name}.landlock.toml" for name in names), landscribe=tool, cwd=drafted.root)

    assert run("good") == 0
    assert run("good", "conflict") == 1
    assert run("stale", "good") == 1
    assert landscribe("verify", "stale.landlock.toml", "--alone").code == 11
