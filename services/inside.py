"""The stages of a service: recorded and drafted in a room, then tested in rooms that begin where it ended.

Started by services.run as a program; the result is JSON on stdout. Nothing outside the rooms is changed but
the kernel's audit, which is put back.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from assistant.domain import document
from assistant.domain.rights import NEWEST_ABI
from assistant.domain.ruleset import Provenance, Ruleset
from assistant.drafting.offline import Options
from assistant.enforce.following import descendants
from assistant.enforce.room import Room
from assistant.enforce.support import probe
from assistant.errors import LandscribeError, SandboxError
from assistant.host import LocalHost
from assistant.pipeline.drafting import draft_offline
from assistant.proving.findings import ended
from assistant.proving.learning import learn
from assistant.proving.minimal import Effort, prove_minimal
from assistant.proving.trial import Setting, TrialResult, trial
from assistant.reading.naming import name_traces
from evals.case import Case
from evals.exposure import plant
from evals.lives import failed
from evals.room import PLACE, RoomError, furnish, furnish_place
from evals.tracing import traced_life
from services.case import load
from services.recipe import do, scenarios_of
from services.score import Score
from services.stage import in_room


_RULESET = PLACE / "app.toml"


def _first(name: str) -> dict[str, int]:
    """Prepare, record the first life, and draft from it alone."""
    case = load(name)
    furnish("first")
    plant()
    do(case, "prepare")
    do(case, "boot")
    trace = PLACE / f"{name}.trace"
    steps = traced_life(case, trace, PLACE)
    if failed(steps):
        raise RoomError(f"under strace: {failed(steps)}")
    options = Options(service=case.name, target_abi=min(probe().abi, NEWEST_ABI))
    drafted = draft_offline(name_traces([trace]), LocalHost(), options, Provenance(tool="services"))
    _RULESET.write_text(document.dump(drafted.ruleset), encoding="utf-8")
    return {"grants": len(drafted.ruleset.path) + len(drafted.ruleset.port)}


def _case(name: str, *words: str) -> dict[str, object]:
    """The whole service, in the place that is private to it."""
    began = time.monotonic()
    case = load(name)
    furnish_place()
    drafted = in_room("first", name)
    if isinstance(drafted, str):
        return Score(name, case.traits, "not run", drafted).to_data()
    score = _tested(case, Score(name, case.traits, grants=drafted["grants"]), prove="prove" in words)
    seconds = round(time.monotonic() - began, 1)
    return replace(score, left_behind=len(descendants(os.getpid())), seconds=seconds).to_data()


def _tested(case: Case, score: Score, *, prove: bool) -> Score:
    ruleset = document.load(_RULESET.read_text(encoding="utf-8"), source=case.name)
    setting = Setting(scenarios_of(case), LocalHost(), room=Room(layers=(PLACE / "first",)))
    try:
        result = trial(ruleset, setting)
    except SandboxError as error:
        return replace(score, scenarios={"start": "fails"}, failed=f"{error}: {error.why}")
    score = _with_trial(score, result)
    if "broken" in (score.scenarios or {}).values():
        return replace(score, status="not run", reason=f"without a sandbox it fails as well: {score.failed}")
    if not result.works:
        score, ruleset = _learnt(score, ruleset, setting)
    return _proven(score, ruleset, setting) if prove and score.works else score


def _with_trial(score: Score, result: TrialResult) -> Score:
    wrong = [tested for tested in result.scenarios if tested.work.verdict != "works"]
    unclear = [item for item in result.probes if item.verdict == "inconclusive"]
    open_ = [item for item in result.probes if item.verdict == "allowed"]
    said = ""
    if wrong:
        work = wrong[0].work
        said = f"{wrong[0].name}: {ended(work.inside if work.verdict == 'fails' else work.control)}"
    return replace(
        score,
        scenarios={tested.name: tested.work.verdict for tested in result.scenarios},
        failed=ascii(said)[1:-1],
        works=result.works,
        denied=sum(item.verdict == "denied" and item.layer == "Landlock" for item in result.probes),
        inconclusive=dict(sorted(Counter(item.layer or "not tried" for item in unclear).items())),
        allowed=tuple(f"{item.probe.action} {item.probe.subject!a}" for item in open_),
    )


def _learnt(score: Score, ruleset: Ruleset, setting: Setting) -> tuple[Score, Ruleset]:
    learned = learn(ruleset, setting, "denials")
    new = [f for f in learned.findings if f.id == "learnt-grant"]
    held = [f for f in learned.findings if f.id == "not-learnt"]
    works = learned.ruleset is not None and trial(learned.ruleset, setting).works
    score = replace(
        score,
        learnt=tuple(f"{f.subject!a}: {f.message.partition(':')[0]}" for f in new),
        held_back=tuple(f"{f.subject!a}: {ascii(f.message)[1:-1]}" for f in held),
        works=works,
    )
    return score, learned.ruleset or ruleset


def _proven(score: Score, ruleset: Ruleset, setting: Setting) -> Score:
    result = prove_minimal(ruleset, setting, Effort(at_once=os.cpu_count() or 1, narrow=False))
    if result.document is None:
        return replace(score, failed="; ".join(f.message for f in result.findings), works=False)
    others = [right for right in result.document.rights if right.verdict != "needed"]
    return replace(
        score,
        proven=result.document.proven,
        rights=len(result.document.rights),
        unproven=tuple(f"{r.right} on {r.object!a} ({r.verdict}): {ascii(r.why)[1:-1]}" for r in others),
        runs=result.document.runs,
    )


_STAGES: dict[str, Callable[..., Any]] = {"case": _case, "first": _first}


def main(words: Sequence[str]) -> int:
    """Run one stage; what stops it is the last line on stderr."""
    stage, *rest = words
    try:
        answer = _STAGES[stage](*rest)
    except (RoomError, LandscribeError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        why = f": {error.why}" if isinstance(error, LandscribeError) and error.why else ""
        sys.stderr.write(f"{error}{why}".replace("\n", " ").strip() + "\n")
        return 1
    sys.stdout.write(json.dumps(answer))
    return 0
