"""Runs services, several at once, each with a place of its own. One that cannot run never passes."""

import json
import os
import subprocess
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

from assistant.enforce.support import probe
from evals.room import possible
from evals.service import ENVIRONMENT
from services.case import load
from services.score import Score
from services.stage import with_place


_SECONDS = 3600.0
"""After this a service hangs: it is killed with all that it started, and counts as not run."""


def run(
    names: Sequence[str], *, prove: Collection[str], at_once: int, tell: Callable[[str], None]
) -> list[Score]:
    """Test services.

    Args:
        names: Which.
        prove: Those whose rights are tried one by one as well.
        at_once: How many at the same time.
        tell: Is told when one is done.
    """
    support = probe()
    impossible = possible() or ("" if support.abi else f"no Landlock: {support.reason}")

    def one(name: str) -> Score:
        reason = impossible or _absent(name)
        score = Score(name, status="not run", reason=reason) if reason else _run(name, prove=name in prove)
        tell(f"{name}: {summary(score)}")
        return score

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, names))


def _absent(name: str) -> str:
    case = load(name)
    if case.program and not os.access(case.program, os.X_OK):
        return f"{case.program} is not there; install {' '.join(case.packages)}"
    return ""


def _run(name: str, *, prove: bool) -> Score:
    command = with_place("case", name, *(["prove"] if prove else []))
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            env=ENVIRONMENT,  # What was recorded had no other: nothing that SHELL names is needed.
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Score(name, status="not run", reason=f"it hung for {_SECONDS:.0f} s")
    if done.returncode:
        said = done.stderr.decode("ascii", "backslashreplace").strip().rpartition("\n")[2]
        return Score(name, status="not run", reason=said or f"exit {done.returncode}")
    return Score.from_data(json.loads(done.stdout))


def summary(score: Score) -> str:
    """One line."""
    if score.status != "run":
        return f"not run: {score.reason}"
    probes = f"{score.denied} denied, {score.unclear} inconclusive, {len(score.allowed)} allowed"
    proven = "" if score.proven is None else f"; {score.proven} of {score.rights} rights proven"
    return f"{_worked(score)}; {probes}{proven}; {score.seconds:g} s"


def _worked(score: Score) -> str:
    if score.at_once:
        return "works at once"
    return f"works after learning {len(score.learnt)}" if score.works else f"FAILS ({score.failed})"
