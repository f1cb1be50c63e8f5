"""What docs/ci.md and the hook tell others to run, run."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import check_jsonschema  # type: ignore[import-untyped]
import pytest
import yaml  # type: ignore[import-untyped]
from pre_commit import clientlib  # type: ignore[import-untyped]

from tests.cli.recipes import GITHUB, GITLAB, HOOKS, PAGE, PRE_COMMIT


RECIPES = [yaml.safe_load(text) for text in (GITHUB, GITLAB, PRE_COMMIT)]
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


def _published(name: str, *more: str) -> Callable[[Path], bool]:
    """Whether a file fits a schema that its host publishes."""
    return lambda path: (
        check_jsonschema.main(["--builtin-schema", name, *more, str(path)], standalone_mode=False) == 0
    )


def _read_by(load: Callable[[str], Any]) -> Callable[[Path], bool]:
    """Whether pre-commit takes a file."""

    def read(path: Path) -> bool:
        try:
            load(str(path))
        except (clientlib.InvalidConfigError, clientlib.InvalidManifestError):
            return False
        return True

    return read


CHECKERS = {
    "github": ("sandbox.yml", GITHUB, _published("vendor.github-workflows")),
    "gitlab": (".gitlab-ci.yml", GITLAB, _published("vendor.gitlab-ci", "--data-transform", "gitlab-ci")),
    "pre-commit": (".pre-commit-config.yaml", PRE_COMMIT, _read_by(clientlib.load_config)),
    "hooks": (".pre-commit-hooks.yaml", HOOKS, _read_by(clientlib.load_manifest)),
}
"""What a file is called, what we say should stand in it, and who knows whether that is right."""

PLANTED = [
    ("github", "on: pull_request", "on: pull_requests"),
    ("github", "on: pull_request\n", ""),
    ("github", "    runs-on: ubuntu-24.04\n", ""),
    ("github", "pull-requests: write", "pull-request: write"),
    ("github", "security-events: write", "security-events: writes"),
    ("github", "        run: landscribe record", "        runs: landscribe record"),
    ("github", "    steps:", "    step:"),
    ("github", "RULESET: deploy/app.landlock.toml", "RULESET: [deploy/app.landlock.toml]"),
    ("github", "          sarif_file: landscribe.sarif", "          - landscribe.sarif"),
    ("gitlab", "    when: always", "    when: allways"),
    ("gitlab", "    paths: [notes.html, notes.md]", "    paths: notes.html"),
    ("gitlab", "    reports:", "    report:"),
    ("gitlab", "      junit: verify.xml", "      junit: {file: verify.xml}"),
    ("gitlab", "  script:", "  scripts:"),
    ("gitlab", "  artifacts:", "  artefacts:"),
    ("gitlab", 'GIT_DEPTH: "0"', "GIT_DEPTH: [0]"),
    ("pre-commit", "    rev: v0.1.0\n", ""),
    ("pre-commit", "    hooks:", "    hook:"),
    ("pre-commit", "- id: landscribe-verify", "- name: landscribe-verify"),
    ("hooks", "  language: python", "  language: pythons"),
    ("hooks", "  entry:", "  run:"),
    ("hooks", "  files: ", "  files: ["),
]
"""In which recipe, what, and the slip in its place."""


def taken(recipe: str, text: str, into: Path) -> bool:
    """Whether a recipe's host takes a text."""
    name, _, takes = CHECKERS[recipe]
    (into / name).write_text(text, "utf-8")
    return takes(into / name)


@pytest.mark.parametrize("recipe", CHECKERS)
def test_the_recipe_is_what_its_host_takes(recipe: str, tmp_path: Path) -> None:
    assert taken(recipe, CHECKERS[recipe][1], tmp_path)


@pytest.mark.parametrize(("recipe", "right", "slip"), PLANTED)
def test_a_slip_in_a_recipe_is_noticed(recipe: str, right: str, slip: str, tmp_path: Path) -> None:
    text = CHECKERS[recipe][1]
    assert text.count(right) == 1

    assert not taken(recipe, text.replace(right, slip), tmp_path)
