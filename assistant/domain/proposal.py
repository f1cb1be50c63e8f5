"""What a model may answer to an offer: numbers of the offer, and sentences. It never names a path or a right.

The shape is the same for every trace, so that endpoints can hold models to it. Whether the numbers mean
anything is for the verifier; that the sentences are harmless to show is seen to here.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from assistant.domain.prose import one_line
from assistant.domain.rights import FsRight, NetRight


TITLE, SENTENCES = 60, 400
"""Characters of a purpose, and of a reason or a doubt, that are kept."""
_MOST = 2_000
_FEW = 40

Title = Annotated[str, AfterValidator(lambda text: one_line(text, TITLE))]
Sentences = Annotated[str, AfterValidator(lambda text: one_line(text, SENTENCES))]
Numbers = Annotated[list[int], Field(max_length=_MOST)]


class Necessity(StrEnum):
    """What a model thinks of a grant."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    SUSPICIOUS = "suspicious"


class CodePath(StrEnum):
    """Parts of a service's life that a trace may not show."""

    FIRST_START = "first start"
    RESTART = "restart"
    RELOAD = "reload"
    LOG_ROTATION = "log rotation"
    UPGRADE = "upgrade"
    CRASH_RECOVERY = "crash recovery"
    CERTIFICATE_RENEWAL = "certificate renewal"
    BACKUP = "backup"
    ERROR_HANDLING = "error handling"
    REAL_LOAD = "real load"
    SHUTDOWN = "shutdown"
    OTHER = "other"


_RIGHTS = {name: name.lower() for name in (*FsRight.__members__, *NetRight.__members__)}
RightName = StrEnum("RightName", _RIGHTS)  # type: ignore[misc] # the rights are listed once, in rights.py


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Group(_Part):
    """Rules that serve one purpose. ``rules`` are choices of the offer, one for each place."""

    purpose: Title
    rules: Numbers
    why: Sentences
    necessity: Necessity
    doubts: Annotated[list[Sentences], Field(max_length=_FEW)]


class Unneeded(_Part):
    """Rights of a chosen rule that the model thinks the service can do without."""

    rule: int
    rights: Annotated[list[RightName], Field(max_length=_FEW)]
    why: Sentences


class Objection(_Part):
    """An access that the model would refuse. ``access`` is a number of what was observed."""

    access: int
    why: Sentences


class Unexercised(_Part):
    """A code path that the model thinks was not traced, and what it would touch."""

    code_path: CodePath
    touches: Sentences
    why: Sentences


class Proposal(_Part):
    """A model's answer."""

    groups: Annotated[list[Group], Field(max_length=_MOST)]
    unneeded: Annotated[list[Unneeded], Field(max_length=_MOST)]
    objections: Annotated[list[Objection], Field(max_length=_MOST)]
    unexercised: Annotated[list[Unexercised], Field(max_length=_FEW)]
    questions: Annotated[list[Sentences], Field(max_length=_FEW)]


def schema() -> dict[str, Any]:
    """The JSON Schema of an answer, without our own words on it: those are in the prompts."""
    return _bare(Proposal.model_json_schema())


def _bare(part: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in part.items() if key not in ("title", "description")}
    for holder in ("$defs", "properties"):
        if holder in kept:
            kept[holder] = {name: _bare(inner) for name, inner in kept[holder].items()}
    if "items" in kept:
        kept["items"] = _bare(kept["items"])
    return kept
