"""One life of a command, worked out from a scenario: everything that running it takes. Runs nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assistant.domain.scenario import Scenario, Scenarios, Step, Stop


@dataclass(frozen=True, slots=True)
class Life:
    """One life of a command.

    Attributes:
        name: The scenario's.
        command: Program and arguments.
        before: Done first, outside the sandbox.
        steps: Done while it runs, outside; each has a timeout.
        after: Done when it has ended well.
        stop: How it is stopped then; None: it ends by itself.
        exit: The exit code that is a good end, if nothing stops it.
        timeout: Seconds that it may take to end by itself.
        cwd: Where it starts; empty: here.
        environment: Added to what is inherited.
    """

    name: str
    command: tuple[str, ...]
    before: tuple[Step, ...] = ()
    steps: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()
    stop: Stop | None = None
    exit: int = 0
    timeout: float = 60.0
    cwd: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


def lives(document: Scenarios) -> tuple[Life, ...]:
    """The lives of a document, in its order."""
    return tuple(_life(document, scenario) for scenario in document.scenario)


def _life(document: Scenarios, scenario: Scenario) -> Life:
    own = scenario.command is not None
    ready = [] if own or document.ready is None else [document.ready.model_copy(update={"retry": True})]
    steps = _timed((*ready, *scenario.step), document.timeout)
    return Life(
        name=scenario.name,
        command=scenario.command or document.command,
        before=_timed(document.before, document.timeout),
        steps=steps,
        after=_timed(scenario.after, document.timeout),
        stop=None if not steps else Stop() if own else document.stop,
        exit=scenario.exit,
        timeout=scenario.timeout or document.timeout,
        cwd=document.cwd,
        environment=document.environment,
    )


def _timed(steps: Iterable[Step], seconds: float) -> tuple[Step, ...]:
    return tuple(step.model_copy(update={"timeout": step.timeout or seconds}) for step in steps)
