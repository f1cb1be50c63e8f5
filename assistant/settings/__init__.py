"""Settings: flags > LANDSCRIBE_* > the nearest landscribe.toml > the user's file > /etc.

Each value knows where it came from. A project's file comes with a checkout, from anybody: it says nothing of
keys and endpoints. Above all of them stands the machine's ceiling (ceiling.py).
"""

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from assistant.errors import UsageError
from assistant.settings.folders import config_folder, project_file


SYSTEM = "/etc/landscribe"
PLATFORMS = ("anthropic", "bedrock", "vertex", "foundry")
_OWN = frozenset({"endpoint", "platform", "key_helper"})
"""What a project's file may not say: where things are sent, and what is run."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be set.

    Attributes:
        model: The model that is asked; "local" for one on this machine.
        endpoint: The base URL of the Messages API; "" for the platform's own.
        platform: anthropic, bedrock, vertex or foundry.
        key_helper: A command that prints the key, for whoever keeps no key in the environment.
        max_cost: US dollars that one command may spend; None for no bound.
        timeout: Seconds that one command waits for a model, repeated requests included.
        private: Words that never leave, besides what this machine says of itself.
        private_file: A file of such words.
        public: Names, or absolute paths, that may leave although no package has them.
        maintainers: Domains of maintainers of packages whose names may leave.
        origin: Where each value came from, by its name; defaults are not in it.
    """

    model: str = "claude-opus-5-5"
    endpoint: str = ""
    platform: str = "anthropic"
    key_helper: str = ""
    max_cost: float | None = 1.0
    timeout: float = 600.0
    private: tuple[str, ...] = ()
    private_file: str = ""
    public: tuple[str, ...] = ()
    maintainers: tuple[str, ...] = ()
    origin: Mapping[str, str] = field(default_factory=dict)


def read_settings(flags: Mapping[str, Any], environ: Mapping[str, str], folder: str) -> Settings:
    """All sources put together.

    Args:
        flags: What the command line says; None where it says nothing.
        environ: The environment.
        folder: Where to begin looking for a project's file, absolute.

    Raises:
        UsageError: a value cannot be, or a file is no TOML.
    """
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for source, found in _sources(flags, environ, folder):
        for name, value in found.items():
            values[name] = _checked(name, value, source)
            origin[name] = source
    return Settings(**values, origin=origin)


def _sources(
    flags: Mapping[str, Any], environ: Mapping[str, str], folder: str
) -> list[tuple[str, Mapping[str, Any]]]:
    """Where values come from, the weakest first."""
    system, user = f"{SYSTEM}/config.toml", os.path.join(config_folder(environ), "config.toml")
    project = project_file(folder)
    found: list[tuple[str, Mapping[str, Any]]] = [(path, _toml(path)) for path in (system, user)]
    if project:
        found.append((project, _of_project(project)))
    if environ.get("ANTHROPIC_BASE_URL"):
        found.append(("ANTHROPIC_BASE_URL", {"endpoint": environ["ANTHROPIC_BASE_URL"]}))
    named = {f"LANDSCRIBE_{name.upper()}": name for name in _KINDS}
    for variable, name in named.items():
        if variable in environ:
            found.append((variable, {name: _from_text(name, environ[variable])}))
    found.append(("the command line", {name: value for name, value in flags.items() if value is not None}))
    return found


_KINDS = {one.name: one.default for one in fields(Settings) if one.name != "origin"}


def _of_project(path: str) -> Mapping[str, Any]:
    found = _toml(path)
    own = sorted(_OWN & found.keys())
    if own:
        raise UsageError(
            f"{path!a} sets {', '.join(own)}, which a project may not",
            why="whoever wrote the project would say where names are sent, or what is run",
            hint="set it in your own configuration, in LANDSCRIBE_* or on the command line",
        )
    return found


def _toml(path: str) -> Mapping[str, Any]:
    try:
        with open(path, "rb") as file:
            found = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"settings cannot be read: {path!a}", why=str(error), hint="fix the file") from None
    unknown = sorted(found.keys() - _KINDS.keys())
    if unknown:
        known = ", ".join(_KINDS)
        raise UsageError(f"{path!a} sets {', '.join(map(ascii, unknown))}", hint=f"known settings: {known}")
    return found


def _from_text(name: str, text: str) -> Any:
    default = _KINDS[name]
    if isinstance(default, tuple):
        return [part for part in text.split(",") if part]
    if isinstance(default, float):
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _checked(name: str, value: Any, source: str) -> Any:
    default = _KINDS[name]
    if isinstance(default, float):
        good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf
    elif isinstance(default, tuple):
        good = isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value)
    else:
        good = isinstance(value, str)
    if name == "platform":
        good = value in PLATFORMS
    if not good:
        wanted = {float: "a number", tuple: "a list of strings"}.get(type(default), "a string")
        wanted = f"one of {', '.join(PLATFORMS)}" if name == "platform" else wanted
        raise UsageError(f"the setting {name} in {source!a} cannot be {value!a}", hint=f"it is {wanted}")
    return (
        tuple(value) if isinstance(default, tuple) else float(value) if isinstance(default, float) else value
    )
