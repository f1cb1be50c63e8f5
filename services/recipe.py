"""A case's recipe as the steps of scenarios, and its preparation as commands."""

import subprocess
from collections.abc import Sequence

from assistant.domain.scenario import Scenario, Scenarios, Step, Stop
from evals.case import Case
from evals.lives import FIRST, SECOND
from evals.service import ENVIRONMENT


_SECONDS = 120.0
"""For one step; a loaded machine is no reason to fail."""

_SHELL = ("bash", "-euo", "pipefail", "-c")


def scenarios_of(case: Case) -> Scenarios:
    """What a service does: start, request, stop; and, for one that stays, all that changes in its days."""
    before = tuple(_steps(case, ("boot",)))
    environment = {**ENVIRONMENT, "RECIPE": str(case.recipe.parent)}
    if case.oneshot:
        job = Scenario(name="run", after=tuple(_steps(case, FIRST)))
        return Scenarios(
            command=case.command,
            cwd=case.cwd,
            environment=environment,
            timeout=_SECONDS,
            before=before,
            scenario=(job,),
        )
    stop = Stop(run=words(case, "stop") if has(case, "stop") else None, timeout=_SECONDS / 2)
    serve = Scenario(name="serve", step=tuple(_steps(case, FIRST)))
    change = Scenario(name="change", step=tuple(_steps(case, SECOND)))
    return Scenarios(
        command=case.command,
        cwd=case.cwd,
        environment=environment,
        timeout=_SECONDS,
        before=before,
        ready=Step(name="ready", run=words(case, "ready")),
        stop=stop,
        scenario=(serve, change) if change.step else (serve,),
    )


def _steps(case: Case, names: Sequence[str]) -> list[Step]:
    return [Step(name=name, run=words(case, name)) for name in names if has(case, name)]


def has(case: Case, step: str) -> bool:
    """Whether the recipe has a step."""
    return f"\n{step}()" in "\n" + case.recipe.read_text(encoding="utf-8")


def words(case: Case, step: str) -> tuple[str, ...]:
    """The command that does a step."""
    return (*_SHELL, f'source "$1"; {step}', "recipe", str(case.recipe))


def do(case: Case, step: str) -> None:
    """Do a step here and now, if the recipe has it.

    Raises:
        RuntimeError: it does not work.
    """
    if not has(case, step):
        return
    done = subprocess.run(
        words(case, step),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**ENVIRONMENT, "PID": "0", "RECIPE": str(case.recipe.parent)},
        cwd="/",
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout)[-400:].decode("ascii", "backslashreplace").strip()
        raise RuntimeError(f"{step}: exit {done.returncode}: {said}")
