"""Runs cases, several at once, each in rooms of its own. One that cannot run says so and never passes."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from assistant.enforce.support import probe
from evals.case import load
from evals.room import outer, possible
from evals.score import Score


CASE_SECONDS = 1200.0
"""After this a case hangs: it is killed with all that it started, and counts as not run."""


def run(
    cases: Sequence[str],
    subjects: Sequence[str],
    *,
    at_once: int = 2,
    tell: Callable[[str], None],
) -> list[Score]:
    """Run every case with every subject.

    Args:
        cases: Their names.
        subjects: Names of ways to draft.
        at_once: How many cases run at the same time.
        tell: Is told when a case is done.

    Returns:
        A score for each pair, in the order of the cases.

    Raises:
        CaseError: a case's files make no sense.
    """
    impossible = _impossible()
    with ThreadPoolExecutor(at_once) as pool:
        return [
            score
            for scores in pool.map(lambda name: _one(name, subjects, impossible, tell), cases)
            for score in scores
        ]


def _one(name: str, subjects: Sequence[str], impossible: str, tell: Callable[[str], None]) -> list[Score]:
    reason = impossible or _absent(name)
    scores = _not_run(name, subjects, reason) if reason else _in_room(name, subjects)
    tell(f"{name}: {_summary(scores)}")
    return scores


def _in_room(name: str, subjects: Sequence[str]) -> list[Score]:
    command = outer("case", name, *subjects)
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=CASE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return _not_run(name, subjects, f"it hung for {CASE_SECONDS:.0f} s")
    if done.returncode != 0:
        said = done.stderr.decode("ascii", "backslashreplace").strip().rpartition("\n")[2]
        return _not_run(name, subjects, said or f"exit {done.returncode}")
    return [Score.from_data(data) for data in json.loads(done.stdout)]


def _not_run(name: str, subjects: Sequence[str], reason: str) -> list[Score]:
    return [Score(name, subject, "not run", reason) for subject in subjects]


def _impossible() -> str:
    support = probe()
    return "" if support.abi and not possible() else possible() or f"no Landlock: {support.reason}"


def _absent(name: str) -> str:
    case = load(name)
    if case.program and not os.access(case.program, os.X_OK):
        return f"{case.program} is not there; install {' '.join(case.packages)}"
    return ""


def _summary(scores: Sequence[Score]) -> str:
    ran = [score for score in scores if score.status == "run"]
    if not ran:
        return f"not run: {scores[0].reason}" if scores else "nothing to do"
    return ", ".join(f"{score.subject} {_worked(score)}" for score in ran)


def _worked(score: Score) -> str:
    if score.first and score.second:
        return "works"
    return f"FAILS ({score.failed})"


def save(scores: Sequence[Score], path: Path) -> None:
    """Write scores as JSON, one line for each."""
    lines = [json.dumps(score.to_data(), sort_keys=True) for score in scores]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def saved(path: Path) -> list[Score]:
    """Read them back."""
    return [Score.from_data(data) for data in json.loads(path.read_text(encoding="utf-8"))]
