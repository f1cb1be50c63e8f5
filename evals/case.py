"""A case: one real service, how to run it, and what a good draft of it looks like. cases/NAME/case.toml."""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError


CASES = Path(os.environ.get("EVALS_CASES") or Path(__file__).parent / "cases").resolve()
"""Where the cases are. ``EVALS_CASES`` names another folder: of services that this project has never seen."""


class CaseError(Exception):
    """A case's files are missing or make no sense."""


class Case(BaseModel):
    """What case.toml says; recipe.sh beside it holds the steps (docs/evals.md lists them).

    Attributes:
        name: The directory's.
        why: Why the case exists, in one or two sentences.
        kind: A service that is drafted from a good trace; one drafted from a poor trace; one whose trace is
            hostile.
        traits: What it stands for, such as "drops privileges".
        packages: Debian packages, beside the ones that every Debian has.
        program: What must be there when the packages are, an absolute path.
        command: The service, in the foreground.
        cwd: Where it is started.
        oneshot: It ends by itself, with status 0: a job, not a daemon.
        like: Another case whose recipe, packages, program and command are used.
        trace: How it is traced: as ``landscribe record`` does, with the seed form (openat, open and connect
            only), attached after it started, as the first and drafted as another machine's, or mixed with
            what the service itself says.
        own: Directories of the service's own. However many files they hold, a draft that opens them is
            counted as opening one.
        refused: What is in the trace and must not be granted.
        ours: Secrets that the service itself reads, such as its TLS key.
        port: Ports that it serves, which no out-of-bounds probe uses.
        ci: It is one of those that every change is tried with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str
    why: str
    kind: Literal["service", "poor", "hostile"] = "service"
    traits: Annotated[tuple[str, ...], Field(strict=False)] = ()
    packages: Annotated[tuple[str, ...], Field(strict=False)] = ()
    program: str = ""
    command: Annotated[tuple[str, ...], Field(strict=False)] = ()
    cwd: str = "/"
    oneshot: bool = False
    like: str = ""
    trace: Literal["recorded", "seed", "attached", "foreign", "mixed"] = "recorded"
    own: Annotated[tuple[str, ...], Field(strict=False)] = ()
    refused: Annotated[tuple[str, ...], Field(strict=False)] = ()
    ours: Annotated[tuple[str, ...], Field(strict=False)] = ()
    port: Annotated[tuple[int, ...], Field(strict=False)] = ()
    ci: bool = False

    @property
    def recipe(self) -> Path:
        """The script that holds the steps."""
        return CASES / (self.like or self.name) / "recipe.sh"


_SHARED = ("packages", "program", "command", "cwd", "oneshot", "own", "ours", "port")


def load(name: str) -> Case:
    """One case by name.

    Raises:
        CaseError: there is none, or its files make no sense.
    """
    data = _read(name)
    like = data.get("like")
    if like:
        data = {key: value for key, value in _read(str(like)).items() if key in _SHARED} | data
    try:
        case = Case.model_validate({**data, "name": name})
    except ValidationError as error:
        raise CaseError(f"cases/{name}/case.toml: {error}") from error
    if not case.command or not case.recipe.is_file():
        raise CaseError(f"cases/{name}: there is no command, or no recipe.sh")
    return case


def _read(name: str) -> dict[str, object]:
    path = CASES / name / "case.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        known = ", ".join(names())
        raise CaseError(f"cases/{name}/case.toml cannot be read: {error}; there are {known}") from error


def names() -> list[str]:
    """All cases, sorted."""
    return sorted(path.parent.name for path in CASES.glob("*/case.toml"))
