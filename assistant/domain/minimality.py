"""Which rights of a ruleset earn their place: the result of dropping each and living the scenarios again."""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from assistant.domain.recording import Raw
from assistant.errors import InputError


RightVerdict = Literal["needed", "not needed", "unsteady", "not tried"]


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RightTried(_Part):
    """One right on one object.

    Attributes:
        object: A path, or "port 80". Raw: escape before showing, as ``why``.
        right: The kernel's name of the right.
        verdict: "needed": a scenario fails without it; "not needed": all of them work without it;
            "unsteady": a scenario failed once without it and once not; "not tried": there was no time.
        why: What failed without it, or what became of the requests for it.
        evidence: What the ruleset cites for the grant.
    """

    object: Raw
    right: str
    verdict: RightVerdict
    why: Raw = ""
    evidence: Annotated[tuple[Raw, ...], BeforeValidator(_listed)] = ()


class Narrowing(_Part):
    """What a directory's grant could be replaced by, as far as the scenarios go.

    Attributes:
        directory: The granted directory. Raw, as ``needed`` and ``why``.
        entries: How many entries it has.
        needed: Names of those that the scenarios need; empty when the directory itself is needed.
        why: Why the directory itself is needed, or what speaks against the narrower rules.
    """

    directory: Raw
    entries: int
    needed: Annotated[tuple[Raw, ...], BeforeValidator(_listed)] = ()
    why: Raw = ""


class Minimality(_Part):
    """The document.

    Attributes:
        service: The ruleset's.
        digest: Of the grants that were tried.
        kernel: The kernel's release; ``abi`` its Landlock ABI.
        scenarios: Names of the scenarios.
        rights: Every right on every object, in the document's order.
        together: Of the rights that are not needed one by one, those that stay so that the others can go.
        directories: Granted directories that were tried to be narrowed.
        runs: How many lives were lived.
        seconds: How long it took.
        complete: Whether everything was tried; else ``reason`` says why not.
    """

    kind: Literal["minimality"] = "minimality"
    schema_version: Literal[1] = 1
    service: Raw
    digest: str
    kernel: str
    abi: int
    scenarios: Annotated[tuple[Raw, ...], BeforeValidator(_listed)]
    rights: Annotated[tuple[RightTried, ...], BeforeValidator(_listed)]
    together: Annotated[tuple[Raw, ...], BeforeValidator(_listed)] = ()
    directories: Annotated[tuple[Narrowing, ...], BeforeValidator(_listed)] = ()
    runs: Annotated[int, Field(ge=0)]
    seconds: float
    complete: bool
    reason: str = ""

    @property
    def proven(self) -> int:
        """How many rights are needed."""
        return sum(right.verdict == "needed" for right in self.rights)

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON; "proven" and "of" say how many rights are needed of all."""
        return {**self.model_dump(), "proven": self.proven, "of": len(self.rights)}


def load(text: str, *, source: str) -> Minimality:
    """Read the document back.

    Args:
        text: JSON, as ``test --prove-minimal -o`` writes it.
        source: What to call it in errors.

    Raises:
        InputError: it is none, or of a version that is not known here.
    """
    hint = "write one with: landscribe test RULESET --prove-minimal -o FILE -- CMD"
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or data.get("kind") != "minimality":
            raise InputError(f"{source} is no result of --prove-minimal", hint=hint)
        return Minimality.model_validate({k: v for k, v in data.items() if k not in ("proven", "of")})
    except (ValueError, RecursionError) as error:
        first = error.errors(include_url=False)[0] if isinstance(error, ValidationError) else None
        why = f"{'.'.join(map(str, first['loc']))!a}: {first['msg']}" if first else "it is no JSON"
        raise InputError(f"{source} is no result of --prove-minimal", why=why, hint=hint) from error
