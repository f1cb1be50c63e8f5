"""A service's two lives: the one that is traced, and a different one that no trace has seen."""

from collections.abc import Sequence
from pathlib import Path

from evals.case import Case
from evals.service import PATIENCE, Service, Step


FIRST = ("request",)
SECOND = ("replace", "reload", "again", "rotate", "again", "rotated")
"""After a first start: the configuration is replaced by rename, the reload signal, requests with other names,
logs moved away and the signal for that, and again."""


def first_life(case: Case, wrapper: Sequence[str], place: Path, patience: float = PATIENCE) -> list[Step]:
    """Start, a real request, stop."""
    return _life(Service(case, wrapper, place, patience), FIRST)


def second_life(case: Case, wrapper: Sequence[str], place: Path, patience: float = PATIENCE) -> list[Step]:
    """All that changes in a service's days and is no other program's work; then a restart."""
    steps = _life(Service(case, wrapper, place, patience), SECOND)
    if steps[-1].worked:
        steps += _life(Service(case, wrapper, place, patience), ("again",))
    return steps


def _life(service: Service, inside: Sequence[str]) -> list[Step]:
    """Steps up to the first that does not work; the service is stopped in any case."""
    steps = [service.start()]
    for name in inside:
        if not steps[-1].worked:
            break
        steps.append(service.step(name))
    stopped = service.stop()
    return [*steps, stopped] if steps[-1].worked else steps


def failed(steps: Sequence[Step]) -> str:
    """The first step that did not work and what it said, or ""."""
    return next((f"{step.name}: {step.said}" for step in steps if not step.worked), "")
