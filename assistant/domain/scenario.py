"""What a service does when it is tested: how it starts, what is asked of it, how it stops. Runs nothing.

Written by a person as TOML (docs/scenarios.md). A scenario is one life of the command: a fresh start, steps
that are taken outside the sandbox while it runs, and its end.
"""

import signal
import tomllib
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from assistant.errors import ScenarioError


_SHELL = ("/bin/sh", "-c")
_LONGEST_SECONDS = 86_400.0


def _signal_name(value: Any) -> str:
    name = value.removeprefix("SIG") if isinstance(value, str) else ""
    if f"SIG{name}" not in signal.Signals.__members__:
        raise ValueError(f"{value!r} is no signal; write a name like HUP")
    return name


def _words(value: Any) -> tuple[str, ...]:
    """A program and its arguments; one string is for the shell."""
    words = (*_SHELL, value) if isinstance(value, str) and value else value
    good = isinstance(words, (list, tuple)) and words and all(isinstance(word, str) for word in words)
    if not good or not words[0]:
        raise ValueError("a command is a string for the shell, or a list of strings")
    if any("\0" in word for word in words):
        raise ValueError("a command cannot hold a NUL")
    return tuple(words)


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


SignalName = Annotated[
    str, BeforeValidator(_signal_name), WithJsonSchema({"type": "string", "pattern": "^(SIG)?[A-Z0-9]+$"})
]
Words = Annotated[
    tuple[str, ...],
    PlainValidator(_words),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
            ]
        }
    ),
]
Seconds = Annotated[float, Field(gt=0, le=_LONGEST_SECONDS, allow_inf_nan=False)]
ExitCode = Annotated[int, Field(ge=0, le=255)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Step(_Part):
    """One thing that is done to the service from outside: a command that must succeed, or a signal.

    Attributes:
        name: What to call it; else its command or signal.
        run: Program and arguments; PID in its environment is the service.
        signal: Sent to the service instead.
        exit: The exit code that counts as success.
        retry: Try again until it succeeds or its time is over.
        timeout: Seconds; None: the document's.
    """

    name: str = ""
    run: Words | None = None
    signal: SignalName | None = None
    exit: ExitCode = 0
    retry: bool = False
    timeout: Seconds | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Step":
        if (self.run is None) == (self.signal is None):
            raise ValueError("a step has either 'run' or 'signal'")
        if self.signal is not None and (self.retry or self.exit):
            raise ValueError("a signal has no exit code and is sent once")
        return self

    @property
    def title(self) -> str:
        """What to call it. Raw: escape before showing."""
        if self.run is None:
            return self.name or f"SIG{self.signal}"
        shell = self.run[:2] == _SHELL
        return self.name or (self.run[2] if shell else " ".join(self.run))


class Stop(_Part):
    """How the service is stopped, and how it may end then.

    Attributes:
        run: A command that stops it, instead of the signal.
        signal: What stops it.
        exit: Exit codes that are a good end; none: 0, the signal, or how it ends without a sandbox.
        timeout: Seconds until it is killed, which is no good end.
    """

    run: Words | None = None
    signal: SignalName = "TERM"
    exit: Annotated[tuple[ExitCode, ...], BeforeValidator(_listed)] = ()
    timeout: Seconds = 10.0


class Scenario(_Part):
    """One life: a fresh start, the steps, and the end.

    Attributes:
        name: What to call it.
        command: Another command than the document's, in the same sandbox; ``ready`` and ``stop`` are not its.
        exit: The exit code with which it must end, when nothing stops it.
        timeout: Seconds for a command that ends by itself; None: the document's.
        step: What is done while it runs, in this order.
        after: What is done when it has ended, such as a look at what it made.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    command: Words | None = None
    exit: ExitCode = 0
    timeout: Seconds | None = None
    step: Annotated[tuple[Step, ...], BeforeValidator(_listed)] = ()
    after: Annotated[tuple[Step, ...], BeforeValidator(_listed)] = ()


class Scenarios(_Part):
    """The document.

    Attributes:
        command: The service, in the foreground.
        user: Whom to run it as; empty: as ourselves.
        cwd: Where to start it; empty: here.
        environment: Added to what it inherits; steps get it too.
        timeout: Seconds for each step, and for a command that ends by itself.
        before: Done before each start.
        ready: Tried after each start until it succeeds.
        stop: How it is stopped.
        scenario: At least one; names are unique.
    """

    schema_version: Literal[1] = Field(default=1, alias="schema")
    command: Words
    user: str = ""
    cwd: str = ""
    environment: dict[str, str] = Field(default_factory=dict)
    timeout: Seconds = 60.0
    before: Annotated[tuple[Step, ...], BeforeValidator(_listed)] = ()
    ready: Step | None = None
    stop: Stop = Stop()
    scenario: Annotated[tuple[Scenario, ...], BeforeValidator(_listed), Field(min_length=1)]

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_by_alias=True)

    @model_validator(mode="after")
    def _makes_sense(self) -> "Scenarios":
        names = [scenario.name for scenario in self.scenario]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two scenarios are called {twice[0]!r}")
        if any("=" in name or "\0" in name + value or not name for name, value in self.environment.items()):
            raise ValueError(
                "a name in 'environment' cannot be empty or hold '=', and nothing can hold a NUL"
            )
        alone = [*self.before, *(step for scenario in self.scenario for step in scenario.after)]
        if any(step.signal is not None for step in (*alone, *([self.ready] if self.ready else []))):
            raise ValueError("'before', 'ready' and 'after' take 'run': there is nobody to send a signal to")
        return self


def single(command: Sequence[str], *, timeout: float, check: str = "", user: str = "") -> Scenarios:
    """A document for one command, as given on a command line.

    Args:
        command: Program and arguments.
        timeout: Seconds.
        check: For a command that does not end by itself: run by a shell until it succeeds.
        user: Whom to run it as.
    """
    ready = Step(name="check", run=(*_SHELL, check), timeout=timeout) if check else None
    return Scenarios(
        command=tuple(command),
        user=user,
        timeout=timeout,
        ready=ready,
        scenario=(Scenario(name="command"),),
    )


def load(text: str, *, source: str) -> Scenarios:
    """Read a scenarios document.

    Args:
        text: The TOML text.
        source: What to call it in errors.

    Raises:
        ScenarioError: not TOML, an unknown key or version, or a value that cannot be.
    """
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ScenarioError(
            f"{source} is not TOML", why=str(error), hint="fix the line named above"
        ) from error
    if type(data.get("schema")) is not int or data["schema"] != 1:
        hint = "a scenarios file starts with: schema = 1"
        raise ScenarioError(f"{source} is no scenarios file of schema 1", hint=hint)
    try:
        return Scenarios.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(ascii(part).strip("'") for part in first["loc"])
        kind = "unknown key" if first["type"] == "extra_forbidden" else first["msg"]
        raise ScenarioError(
            f"{source} is not a valid scenarios file",
            why=f"{where or 'document'}: {kind.removeprefix('Value error, ')}",
            hint="docs/scenarios.md shows the keys; schema/scenarios.schema.json describes them",
        ) from error
