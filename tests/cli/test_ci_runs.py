"""The recipes of docs/ci.md run, line by line, in a repository with a program of its own, and stop what they should."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml  # type: ignore[import-untyped]

from tests.cli.recipes import HOOKS, PRE_COMMIT, Project, artifacts, on_github, on_gitlab, project, upload
from tests.render.sarif_rules import complaints


pytestmark = pytest.mark.strace
RULESET = "deploy/app.landlock.toml"
STALE = f'\n[approval]\ndigest = "sha256:{"0" * 64}"\nwho = "ada"\nwhen = "2026-11-23"\n'


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return project(tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("beside"))


@pytest.fixture
def here(kept: Project) -> Iterator[Project]:
    kept.renew()
    yield kept
    kept.renew()


def _grant(path: str, right: str) -> Callable[[Project], None]:
    def add(here: Project) -> None:
        with (here.root / RULESET).open("a", encoding="utf-8") as file:
            file.write(
                f'\n[[path]]\npath = "{here.root / path}"\nrights = ["{right}"]\nby = "person"\nwhy = "w"\n'
            )

    return add


def _approve_another(here: Project) -> None:
    with (here.root / RULESET).open("a", encoding="utf-8") as file:
        file.write(STALE)


def _need_more(here: Project) -> None:
    here.edit("app", "cat conf/app", "cat conf/app other/file")


def _nothing(here: Project) -> None:
    del here


PASS = {"nothing changed": _nothing, "a file may be read": _grant("other/file", "read_file")}
STOP = {"the program needs more": _need_more, "an approval is stale": _approve_another}
WIDER = {right: _grant("other/file", right) for right in ("write_file", "execute")}


def failures(here: Project) -> int:
    """What the JUnit report shows as failed."""
    return int(ET.parse(here.root / "verify.xml").getroot().get("failures", "-1"))  # noqa: S314 - our own


@pytest.mark.parametrize("change", PASS)
def test_github_lets_a_harmless_change_through_and_shows_it(change: str, here: Project) -> None:
    PASS[change](here)

    ran = on_github(here)

    assert (ran.last, ran.code) == ("gate", 0), ran.said
    assert " ".join(here.told()) == "pr comment 7 --edit-last --create-if-none --body-file notes.md"
    assert (here.root / "notes.md").read_text("utf-8").startswith("# Sandbox of `app`")
    assert (here.root / "notes.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert failures(here) == 0
    uploaded = (here.root / upload()).read_text("utf-8")
    assert complaints(uploaded) == []
    assert f'"uri": "{RULESET}"' in uploaded


@pytest.mark.parametrize("change", STOP)
def test_github_stops_at_the_gate_after_the_reviewer_was_told(change: str, here: Project) -> None:
    STOP[change](here)

    ran = on_github(here)

    assert (ran.last, ran.code) == ("gate", 1), ran.said
    assert here.told()[:2] == ["pr", "comment"]
    assert failures(here) >= 1


@pytest.mark.parametrize("right", WIDER)
def test_github_stops_what_became_wider_though_it_verifies(right: str, here: Project) -> None:
    WIDER[right](here)

    ran = on_github(here)

    assert (ran.last, ran.code) == ("gate", 1), ran.said
    assert failures(here) == 0
    assert "other/file" in (here.root / "notes.md").read_text("utf-8")


def test_github_lets_the_first_ruleset_of_a_repository_through(here: Project) -> None:
    ran = on_github(here, base="older")

    assert (ran.last, ran.code) == ("gate", 0), ran.said
    assert (here.root / "before.toml").read_bytes() == (here.root / RULESET).read_bytes()


def test_github_stops_when_the_program_cannot_be_recorded(here: Project) -> None:
    (here.root / "app").unlink()

    ran = on_github(here)

    assert ran.last == "record", ran.said
    assert ran.code != 0
    assert here.told() == []


@pytest.mark.parametrize(("shell", "change"), [("bash", "a file may be read"), ("sh", "nothing changed")])
def test_gitlab_lets_a_harmless_change_through_and_keeps_all_that_it_shows(
    shell: str, change: str, here: Project
) -> None:
    PASS[change](here)

    ran = on_gitlab(here, shell)

    assert ran.code == 0, ran.said
    assert [name for name in artifacts() if not (here.root / name).is_file()] == []
    assert failures(here) == 0


@pytest.mark.parametrize("shell", ["bash", "sh"])
@pytest.mark.parametrize("change", STOP)
def test_gitlab_fails_and_still_keeps_all_that_it_shows(change: str, shell: str, here: Project) -> None:
    STOP[change](here)

    ran = on_gitlab(here, shell)

    assert ran.code == 1, ran.said
    assert [name for name in artifacts() if not (here.root / name).is_file()] == []
    assert failures(here) >= 1


def test_gitlab_lets_the_first_ruleset_of_a_repository_through(here: Project) -> None:
    ran = on_gitlab(here, "sh", base="older")

    assert ran.code == 0, ran.said


@pytest.fixture
def hooked(here: Project, tmp_path: Path) -> Project:
    """The project with the hook in its git, as pre-commit puts it there, from a repository with our definition."""
    source = Project(tmp_path, here.beside)
    # To be installed into an environment of its own it would have to be fetched: the one beside the project stands for it.
    assert "\n  language: python\n" in HOOKS
    (tmp_path / ".pre-commit-hooks.yaml").write_text(
        HOOKS.replace("language: python", "language: system"), "utf-8"
    )
    for command in ("git init -q", "git add .", "git commit -q -m hooks", "git tag v0.1.0"):
        source.call(*command.split())
    config = yaml.safe_load(PRE_COMMIT)
    assert config["repos"][0]["rev"] == "v0.1.0"
    config["repos"][0]["repo"] = str(tmp_path)
    (here.root / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), "utf-8")
    here.call(sys.executable, "-m", "pre_commit", "install", PRE_COMMIT_HOME=str(here.beside / "cache"))
    return here


def commit(here: Project, files: dict[str, str]) -> tuple[int, str]:
    """Commit files of these names with these texts."""
    for name, text in files.items():
        (here.root / name).write_text(text, "utf-8")
    here.call("git", "add", ".")
    done = here.call("git", "commit", "-m", "x", check=False, PRE_COMMIT_HOME=str(here.beside / "cache"))
    return done.returncode, done.stdout


def test_the_hook_lets_good_rulesets_be_committed_under_any_name(hooked: Project) -> None:
    text = (hooked.root / RULESET).read_text("utf-8")
    names = ("one", "two words", "$(exit 1)'\"", "-o", "\x1b]0;owned\x07")

    code, said = commit(hooked, {f"{name}.landlock.toml": text for name in names})

    assert code == 0, said
    assert "landscribe verify --alone" in said
    assert "Passed" in said


def test_the_hook_names_each_bad_ruleset_among_good_ones(hooked: Project) -> None:
    text = (hooked.root / RULESET).read_text("utf-8")
    broken = {"conflict": f"<<<<<<< HEAD\n{text}", "-stale": text + STALE, "\x1b[31mred": text + STALE}

    code, said = commit(
        hooked, {f"{name}.landlock.toml": text for name, text in {"a": text, **broken, "z": text}.items()}
    )

    assert code == 1, said
    assert "Failed" in said
    stopped = [line for line in said.splitlines() if line.startswith("stopped: ")]
    assert sorted(stopped) == [
        f"stopped: {name}.landlock.toml" for name in ("-stale", "?[31mred", "conflict")
    ]
    assert "\x1b[31m" not in said


def test_the_hook_leaves_other_files_alone(hooked: Project) -> None:
    code, said = commit(hooked, {"other.toml": "<<<<<<< HEAD\n"})

    assert code == 0, said
    assert "Skipped" in said
