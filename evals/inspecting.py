"""The cases as a task of Inspect, for people who keep their evaluations there. Needs the extra ``evals``.

As root, from the checkout: ``inspect eval evals/inspecting.py --model none/none -T subject=offline``. What is
run and how it is scored is the same as in ``make evals``; Inspect is imported only here.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any


# Inspect loads this file from anywhere.
sys.path.append(str(Path(__file__).parent.parent))

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from evals.case import load, names
from evals.run import run


_COUNTS = ("first", "second", "rules", "read", "written", "executed", "without_evidence", "understood")
_MEASURED = ("leaked", "tokens", "cost")
"""Only where a model takes part."""


@task
def drafts(subject: str = "offline", case: str = "") -> Task:
    """Every case, or one, with one way to draft."""
    chosen = [case] if case else names()
    samples = [Sample(id=name, input=load(name).why, metadata={"case": name}) for name in chosen]
    return Task(dataset=MemoryDataset(samples), solver=live(subject), scorer=lives())


@solver
def live(subject: str) -> Solver:
    """Draft, enforce and live the case; the score is the sample's answer."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        (score,) = await asyncio.to_thread(run, [state.metadata["case"]], [subject], at_once=1, tell=print)
        state.output.completion = json.dumps(score.to_data())
        return state

    return solve


@scorer(metrics={"*": [mean()]})
def lives() -> Scorer:
    """The figures of one case. A case that was not run has no score: it is neither a pass nor a failure."""

    async def score(state: TaskState, target: Target) -> Score:
        del target
        found: dict[str, Any] = json.loads(state.output.completion)
        if found["status"] != "run":
            return Score.unscored(explanation=found["reason"])
        value = {key: float(found[key]) for key in _COUNTS}
        value |= {key: float(len(found[key])) for key in ("secrets", "refusals_missed", "allowed")}
        value |= {key: float(found[key]) for key in _MEASURED if found[key] is not None}
        return Score(value=value, explanation=found["failed"], metadata={"digest": found["digest"]})

    return score
