"""The recipes of docs/ci.md, and runners that give their lines to a shell in the way of GitHub and of GitLab."""

import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from tests.cli.conftest import COMMAND, ENVIRONMENT


REPO = Path(__file__).parents[2]
PAGE = (REPO / "docs/ci.md").read_text("utf-8")
GITHUB, GITLAB, PRE_COMMIT = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
HOOKS = (REPO / ".pre-commit-hooks.yaml").read_text("utf-8")

GH = """#!/bin/sh
[ -n "$GH_TOKEN" ] || exit 4
printf '%s\\n' "$@" >"$TOLD"
"""
"""Stands for GitHub's own command, which needs GitHub: it keeps what it was told."""

KNOWN = {"github.token": "a-token", "github.event.number": "7"}
"""What the expressions of the recipe are on a pull request; any other is a mistake in the test or the recipe."""


@dataclass(frozen=True)
class Ran:
    """How far a pipeline came: its last step, how that ended, and all that was said."""

    last: str
    code: int
    said: str


@dataclass(frozen=True)
class Project:
    """A clone of a repository with a small program, its recorded ruleset on ``main``, and commands beside it."""

    root: Path
    beside: Path

    def environment(self, **more: str) -> dict[str, str]:
        """Nothing of the person who runs the tests."""
        own = {
            "HOME": str(self.beside),
            "PATH": f"{self.beside / 'bin'}:{ENVIRONMENT['PATH']}",
            "GIT_CONFIG_GLOBAL": str(self.beside / "gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "TOLD": str(self.beside / "told"),
        }
        return {**ENVIRONMENT, **own, **more}

    def call(self, *command: str, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
        """Run one command in the clone."""
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=check,
            timeout=120,
        )

    def renew(self) -> None:
        """A fresh branch from ``main``, without the files of an earlier run."""
        for command in ("checkout -q -f -B change origin/main", "clean -q -f -d -x"):
            self.call("git", *command.split())
        (self.beside / "told").unlink(missing_ok=True)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text that must be there."""
        text = (self.root / name).read_text("utf-8")
        assert old in text
        (self.root / name).write_text(text.replace(old, new), "utf-8")

    def told(self) -> list[str]:
        """What GitHub's command was asked to do."""
        path = self.beside / "told"
        return path.read_text("utf-8").splitlines() if path.exists() else []


def project(root: Path, beside: Path) -> Project:
    """Make the repository, its origin and the commands."""
    made = Project(root, beside)
    (beside / "bin").mkdir(parents=True)
    (beside / "gitconfig").write_text("[user]\n\tname = a\n\temail = a@example.org\n", "utf-8")
    for name, text in {"landscribe": f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n', "gh": GH}.items():
        (beside / "bin" / name).write_text(text, "utf-8")
        (beside / "bin" / name).chmod(0o755)
    for name, text in {"conf/app": "blue\n", "other/file": "x\n", "state/now": ""}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    (root / "app").write_text('#!/bin/sh\ncat conf/app\necho "$1" >state/now\n', "utf-8")
    (root / "app").chmod(0o755)
    (root / "deploy").mkdir()
    for command in (
        "git init -q -b older",
        "git add app conf other state",
        "git commit -q -m program",
        "git checkout -q -b main",
        "landscribe record -o traces --run first -- ./app --selftest",
        "landscribe draft traces/first.trace --offline -o deploy/app.landlock.toml",
        "git add deploy",
        "git commit -q -m ruleset",
        f"git init -q --bare {beside / 'origin'}",
        f"git remote add origin {beside / 'origin'}",
        "git push -q origin main older",
        "git fetch -q",
    ):
        made.call(*command.split())
    return made


def on_github(here: Project, base: str = "main") -> Ran:
    """Run the steps in turn until one fails, each in the shell that GitHub takes when a step names none."""
    job = yaml.safe_load(GITHUB)["jobs"]["sandbox"]
    variables = {name: _filled_in(text) for name, text in job["env"].items()}
    said, step = "", {}
    for step in job["steps"]:
        if "run" in step:
            script = here.beside / "step.sh"
            script.write_text(_filled_in(step["run"]), "utf-8")
            done = here.call("bash", "-e", str(script), check=False, GITHUB_BASE_REF=base, **variables)
            said += done.stdout
            if done.returncode:
                return Ran(step["name"], done.returncode, said)
    return Ran(step["name"], 0, said)


def _filled_in(text: str) -> str:
    return re.sub(r"\$\{\{ *(.*?) *\}\}", lambda found: KNOWN[found[1]], text)


def on_gitlab(here: Project, shell: str, base: str = "main") -> Ran:
    """Run the script as GitLab's runner does: all lines in one shell, which the first failure ends."""
    job = yaml.safe_load(GITLAB)["sandbox"]
    strict = "set -eo pipefail" if shell == "bash" else "set -e"
    script = here.beside / "script.sh"
    script.write_text("\n".join([strict, *job["script"], ""]), "utf-8")
    done = here.call(
        shutil.which(shell) or shell, str(script), check=False, CI_DEFAULT_BRANCH=base, **job["variables"]
    )
    return Ran("script", done.returncode, done.stdout)


def upload() -> str:
    """The file that GitHub's code scanning is given."""
    steps = yaml.safe_load(GITHUB)["jobs"]["sandbox"]["steps"]
    return next(str(step["with"]["sarif_file"]) for step in steps if "upload-sarif" in step.get("uses", ""))


def artifacts() -> list[str]:
    """The files that GitLab takes from the job."""
    kept: dict[str, Any] = yaml.safe_load(GITLAB)["sandbox"]["artifacts"]
    return [*kept["paths"], *kept["reports"].values()]
