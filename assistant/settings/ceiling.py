"""What the machine's owner allows at the most: flags and files can only ask for less.

A policy that cannot be read, or says what is not understood, allows nothing.
"""

import tomllib
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

from assistant.errors import CeilingError
from assistant.settings import SYSTEM, Settings


FILE = f"{SYSTEM}/policy.toml"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the machine's owner allows at the most. None allows all.

    Attributes:
        egress: Whether anything may be sent at all.
        endpoints: Base URLs that requests may go to.
        models: Models that may be asked; ``*`` stands for anything.
        max_cost: US dollars that one command may be allowed to spend.
        declared: Whether operators may declare names public.
        host_packages: Whether names of this host's packages may leave, beside the shipped vocabulary.
        batches: Whether requests may be kept at the endpoint, as message batches are.
    """

    egress: bool = True
    endpoints: tuple[str, ...] | None = None
    models: tuple[str, ...] | None = None
    max_cost: float | None = None
    declared: bool = True
    host_packages: bool = True
    batches: bool = True

    def check(self, settings: Settings, endpoint: str) -> None:
        """Hold what would be done against the ceiling, before anything is sent.

        Raises:
            CeilingError: it is forbidden.
        """
        if not self.egress:
            raise _forbidden("nothing is sent from it", "draft with --offline")
        endpoints, models = self.endpoints, self.models
        if endpoints is not None and endpoint.rstrip("/") not in {one.rstrip("/") for one in endpoints}:
            raise _forbidden(f"not the endpoint {endpoint!a}", _allowed(endpoints))
        if models is not None and not any(fnmatchcase(settings.model, one) for one in models):
            raise _forbidden(f"not the model {settings.model!a}", _allowed(models))
        asked = settings.max_cost
        if self.max_cost is not None and (asked is None or asked > self.max_cost):
            most = f"{self.max_cost:.2f}"
            raise _forbidden(f"no command may spend more than {most} dollars", f"--max-cost {most}")
        if not self.declared and (settings.public or settings.maintainers):
            raise _forbidden("operators declare no names public", "leave 'public' and 'maintainers' out")


def _forbidden(why: str, hint: str) -> CeilingError:
    return CeilingError(f"this machine's policy ({FILE}) forbids it", why=why, hint=hint)


def _allowed(names: tuple[str, ...]) -> str:
    return f"allowed: {', '.join(names) or 'none'}"


def read_policy(path: str = FILE) -> Policy:
    """The ceiling of this machine; without a file there is none.

    Raises:
        CeilingError: it cannot be read or is not understood, so nothing is allowed.
    """
    kinds = {one.name: one for one in fields(Policy)}
    try:
        with open(path, "rb") as file:
            found = tomllib.load(file)
    except FileNotFoundError:
        return Policy()
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CeilingError("the policy of this machine cannot be read", why=f"{path!a}: {error}") from None
    values: dict[str, Any] = {}
    for name, value in found.items():
        if name not in kinds or not _may_be(name, value):
            raise CeilingError(
                "the policy of this machine is not understood",
                why=f"{path!a}: {name!a} = {value!a}",
                hint=f"it may hold {', '.join(kinds)}",
            )
        values[name] = tuple(value) if isinstance(value, list) else value
    return Policy(**values)


def _may_be(name: str, value: Any) -> bool:
    if name in ("endpoints", "models"):
        return isinstance(value, list) and all(isinstance(part, str) for part in value)
    if name == "max_cost":
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
    return isinstance(value, bool)
