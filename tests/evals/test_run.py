"""Real cases in real rooms: nothing outside changes, two runs agree, and a planted regression is found."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import assistant
from evals import case, run
from evals.case import names
from evals.command import BASELINE
from evals.compare import regressions
from evals.score import Score


REPO = Path(__file__).parent.parent.parent


def quiet(line: str) -> None:
    del line


def contents(*places: str) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for place in places
        for path in Path(place).rglob("*")
    }


def processes() -> set[str]:
    return {
        path.read_bytes().decode(errors="replace")
        for path in Path("/proc").glob("[0-9]*/comm")
        if b"nginx" in path.read_bytes()
    }


def scored(*cases: str, subjects: tuple[str, ...] = ("offline",)) -> list[Score]:
    return run.run(cases, subjects, at_once=1, tell=quiet)


@pytest.mark.kernel
@pytest.mark.root
@pytest.mark.strace
@pytest.mark.services
def test_two_runs_give_equal_scores_and_leave_nothing_behind() -> None:
    before, alive = contents("/etc/nginx", "/var/log/nginx", "/mnt"), processes()

    first, second = scored("nginx"), scored("nginx")

    assert first == second
    assert first[0].digest == second[0].digest != ""
    assert (first[0].first, first[0].second, first[0].secrets) == (True, True, ())
    assert contents("/etc/nginx", "/var/log/nginx", "/mnt") == before
    assert processes() == alive


def no_refusals(package: Path) -> None:
    """The guard that refuses credential stores."""
    with (package / "domain/places.py").open("a") as file:
        file.write("\nCREDENTIALS = Places(())\n")


def careless_reading(package: Path) -> None:
    """A weight: what a directory rule opens costs nothing any more."""
    change(package, "read_private: float = 0.25", "read_private: float = 0.0")
    change(package, "rule: float = 1.0", "rule: float = 50.0")


def files_only(package: Path) -> None:
    """Directories that the second life needs give way to the files of the first."""
    change(package, "fragile_inside: float = 3.0", "fragile_inside: float = 0.0")
    change(package, "rule: float = 1.0", "rule: float = 0.0")


def change(package: Path, old: str, new: str) -> None:
    weights = package / "drafting/weights.py"
    text = weights.read_text()
    assert text.count(old) == 1
    weights.write_text(text.replace(old, new))


@pytest.mark.kernel
@pytest.mark.root
@pytest.mark.strace
@pytest.mark.services
@pytest.mark.parametrize(
    ("plant", "name", "said"),
    [
        (no_refusals, "python-app", "does not refuse '/etc/shadow' any more"),
        (careless_reading, "nginx", "nginx, offline: "),
        (files_only, "nginx", "second life works no more"),
    ],
)
def test_a_planted_regression_is_found_with_the_case_that_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Callable[[Path], None], name: str, said: str
) -> None:
    before = [score for score in run.saved(BASELINE) if (score.case, score.subject) == (name, "offline")]
    source = Path(assistant.__file__).parent
    shutil.copytree(source, tmp_path / "assistant", ignore=shutil.ignore_patterns("__pycache__"))
    for other in ("redaction", "prompts"):
        if (source.parent / other).is_dir():
            shutil.copytree(source.parent / other, tmp_path / other)
    plant(tmp_path / "assistant")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    found = regressions(before, scored(name))

    assert found != []
    assert all(line.startswith(f"{name}, offline: ") for line in found)
    assert any(said in line for line in found)


def test_a_service_that_is_not_installed_is_not_run_and_never_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case, "CASES", tmp_path)
    (tmp_path / "absent").mkdir()
    (tmp_path / "absent" / "case.toml").write_text(
        "why = 'a test'\npackages = ['absent-pkg']\nprogram = '/usr/sbin/absent'\ncommand = ['/usr/sbin/absent']\n"
    )
    (tmp_path / "absent" / "recipe.sh").write_text("request() { true; }\n")

    (score,) = scored("absent")

    assert (score.status, score.first, score.second) == ("not run", False, False)
    assert "absent-pkg" in score.reason or "root" in score.reason


def test_without_root_every_case_is_not_run_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    scores = scored(*names())

    assert {score.status for score in scores} == {"not run"}
    assert all("not root" in score.reason for score in scores)


def test_an_unknown_case_is_a_wrong_call() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "evals", "--case", "no-such"],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "no-such" in done.stderr
    assert "Traceback" not in done.stderr
