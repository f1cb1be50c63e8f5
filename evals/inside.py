"""The stages of a case, each in a room of its own: trace and draft, then live in each draft's sandbox.

Started by evals.run as a program; the result is JSON on stdout. Nothing outside the rooms is changed.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.domain import document
from assistant.domain.host import Host, NoHost
from assistant.domain.rights import NEWEST_ABI
from assistant.enforce import launcher
from assistant.enforce.probes import Probe
from assistant.enforce.support import probe
from assistant.errors import LandscribeError
from assistant.host import LocalHost
from assistant.pipeline.reading import read_traces
from assistant.reading.naming import name_traces
from assistant.render.launcher import python_launcher
from evals import bounds, score
from evals.case import CASES, Case, load
from evals.exposure import Machine, plant
from evals.lives import failed, first_life, second_life
from evals.room import PLACE, ROOT, RoomError, apart, furnish, furnish_place
from evals.score import Score
from evals.service import PATIENCE, Service
from evals.subjects import SUBJECTS, Material
from evals.tracing import traced_life


CONTROL = "control"
"""The subject without a sandbox."""
_LEAST, _TIMES = 15.0, 4.0
"""Seconds for a step in a sandbox, and how often the longest step without one besides: machines are busy."""
KEEP = "EVALS_KEEP"
"""The variable that names where traces and drafts are kept."""


def _case(name: str, subjects: Sequence[str]) -> list[dict[str, Any]]:
    """The whole case; runs in the place that is private to it."""
    furnish_place()
    try:
        return _scores(load(name), subjects)
    finally:
        _keep(name)


def _keep(name: str) -> None:
    """Copy the trace, the drafts and what the service said to where somebody wants to look at them."""
    if wanted := os.environ.get(KEEP):
        kept = Path(wanted) / name
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for file in (*PLACE.glob("*.trace"), *PLACE.glob("*.toml"), *PLACE.glob("output of *")):
            copy = shutil.copytree if file.is_dir() else shutil.copy
            copy(file, kept / file.name)


def _scores(case: Case, subjects: Sequence[str]) -> list[dict[str, Any]]:
    name = case.name
    drafted = _stage("draft", name, *subjects)
    if isinstance(drafted, str):
        return [Score(name, subject, "not run", drafted).to_data() for subject in subjects]
    control = _stage("live", name, CONTROL)
    if isinstance(control, str) or failed_in(control):
        reason = control if isinstance(control, str) else failed_in(control)
        why = f"without any sandbox it fails as well: {reason}"
        return [Score(name, subject, "not run", why).to_data() for subject in subjects]
    patience = _LEAST + _TIMES * control["longest"]
    return [_scored(case, subject, drafted[subject], patience) for subject in subjects]


def _scored(case: Case, subject: str, draft: dict[str, Any], patience: float) -> dict[str, Any]:
    if not draft["digest"]:
        return draft
    lived = _stage("live", case.name, subject, f"{patience:.1f}")
    if isinstance(lived, str):
        return {**draft, "failed": lived}
    return {
        **draft,
        "first": not lived["first"],
        "second": not lived["second"],
        "failed": failed_in(lived),
    }


def failed_in(lived: dict[str, Any]) -> str:
    """What failed first, of both lives."""
    return str(lived["first"] or lived["second"])


def _stage(stage: str, *words: str) -> Any:
    """Run a stage in a room; its answer, or why there is none."""
    done = subprocess.run(apart(stage, *words), capture_output=True, check=False, start_new_session=True)
    if done.returncode == 0:
        return json.loads(done.stdout)
    return (
        done.stderr.decode("ascii", "backslashreplace").strip().rpartition("\n")[2]
        or f"exit {done.returncode}"
    )


def _draft(name: str, *subjects: str) -> dict[str, Any]:
    """Prepare, trace, draft with every subject, and look at what each draft opens."""
    case = load(name)
    furnish("first")
    plant()
    _do(case, "prepare", "boot")
    trace = PLACE / "app.trace"
    steps = traced_life(case, trace, PLACE)
    if failed(steps):
        raise RoomError(f"under strace: {failed(steps)}")
    material = _material(case, trace)
    machine = Machine.look([str(place) for place in (ROOT, CASES, Path(sys.prefix))])
    probes = bounds.out_of_bounds(case, material.inventory, machine)
    return {subject: _drafted(case, subject, material, machine, probes).to_data() for subject in subjects}


def _do(case: Case, *names: str) -> None:
    """Steps that come before any life."""
    for name in names:
        step = Service(case, (), PLACE).step(name)
        if not step.worked:
            raise RoomError(f"{name}: {step.said}")


def _material(case: Case, trace: Path) -> Material:
    host: Host = NoHost() if case.trace == "foreign" else LocalHost()
    traces = name_traces([trace])
    command = case.command[0] if case.trace in ("seed", "attached") else ""
    abi = min(probe().abi, NEWEST_ABI)
    return Material(case.like or case.name, traces, read_traces(traces, host), host, command, abi)


def _drafted(
    case: Case, subject: str, material: Material, machine: Machine, probes: Sequence[Probe]
) -> Score:
    """One subject's score, less the lives. A subject that breaks has failed, and the others have not."""
    try:
        return _measured(case, subject, material, machine, probes)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this subject's
        return Score(
            case.name, subject, failed=f"draft: {type(error).__name__}: {' '.join(str(error).split())}"
        )


def _measured(
    case: Case, subject: str, material: Material, machine: Machine, probes: Sequence[Probe]
) -> Score:
    began = time.monotonic()
    ruleset = SUBJECTS[subject].draft(material)
    seconds = time.monotonic() - began
    _ruleset_file(subject).write_text(document.dump(ruleset), encoding="utf-8")
    denied, conclusive, allowed = bounds.try_all(ruleset, probes)
    opened = machine.opened(ruleset, case)
    return replace(
        Score(case.name, subject),
        rules=len(ruleset.path) + len(ruleset.port),
        read=opened.read,
        written=opened.written,
        executed=opened.executed,
        secrets=opened.secrets,
        denied=denied,
        probes=conclusive,
        allowed=tuple(f"{result.probe.action} {result.probe.subject!a}" for result in allowed),
        refusals_missed=score.missed(ruleset, case),
        refusals_false=score.false_refusals(ruleset, case),
        without_evidence=score.without_evidence(ruleset, material.inventory),
        understood=score.understood(ruleset.path),
        seconds=round(seconds, 2),
        digest=ruleset.digest(),
    )


def _ruleset_file(subject: str) -> Path:
    return PLACE / f"{subject}.toml"


def _live(name: str, subject: str, patience: str = str(PATIENCE)) -> dict[str, Any]:
    """Both lives from the state that the traced one left: what failed in each, and the longest step."""
    case = load(name)
    furnish(f"life of {subject}", frozen=["first"])
    wrapper = [] if subject == CONTROL else _launcher(subject)
    place = PLACE / f"output of {subject}"
    place.mkdir()
    _do(case, "boot")
    first = first_life(case, wrapper, place, float(patience))
    second = [] if failed(first) else second_life(case, wrapper, place, float(patience))
    return {
        "first": failed(first),
        "second": failed(first) or failed(second),
        "longest": max(step.seconds for step in (*first, *second)),
    }


def _launcher(subject: str) -> list[str]:
    """The sandbox as people ship it: the exported launcher, one file."""
    ruleset = document.load(_ruleset_file(subject).read_text(encoding="utf-8"), source=subject)
    file = PLACE / f"{subject}.py"
    file.write_text(
        python_launcher(ruleset, Path(launcher.__file__).read_text(encoding="utf-8")).text, encoding="utf-8"
    )
    lenient = [] if SUBJECTS[subject].strict else ["--ignore-missing"]
    return [sys.executable, "-I", str(file), *lenient, "--"]


def hear_signals() -> None:
    """What nohup or a background shell ignores, every service would ignore, and a shell could not trap."""
    for heard in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(heard) is signal.SIG_IGN:
            signal.signal(heard, signal.SIG_DFL)


_STAGES: dict[str, Callable[..., Any]] = {
    "case": lambda name, *subjects: _case(name, subjects),
    "draft": _draft,
    "live": _live,
}


def main(words: Sequence[str]) -> int:
    """Run one stage; what stops it is the last line on stderr."""
    stage, *rest = words
    hear_signals()
    try:
        answer = _STAGES[stage](*rest)
    except (RoomError, LandscribeError, OSError) as error:
        sys.stderr.write(f"{error}\n".replace("\n", " ").strip() + "\n")
        return 1
    sys.stdout.write(json.dumps(answer))
    return 0
