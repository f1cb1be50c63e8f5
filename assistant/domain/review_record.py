"""The review record: what was approved, by whom, and what they saw. One line of JSON for each approval.

It stands beside the ruleset as RULESET.review.jsonl and is only ever added to. The approval in the ruleset
says that these grants were approved; the record says what they were, so that the next reviewer reads what has
changed since.
"""

import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from assistant.domain.effect import Effect
from assistant.domain.finding import Finding, Severity
from assistant.domain.policy import spelled
from assistant.domain.rights import NEWEST_ABI, FsRights, NetRights, Scope, names, parse_names
from assistant.domain.ruleset import AbsolutePath, read_path_hex
from assistant.errors import InputError


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeenFinding(_Part):
    """A finding that the reviewer was shown. ``accepted``: it blocks, and the reviewer typed its name."""

    id: str
    severity: Literal["info", "low", "medium", "high", "blocking"]
    subject: str
    accepted: bool = False

    @classmethod
    def of(cls, finding: Finding, *, accepted: bool) -> "SeenFinding":
        """From the finding itself; what JSON cannot hold of its subject is escaped."""
        subject = finding.subject.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        severity: Any = Severity(finding.severity).name.lower()
        return cls(id=finding.id, severity=severity, subject=subject, accepted=accepted)


class SeenTrace(_Part):
    """A trace that the grants were verified against."""

    name: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    lines: Annotated[int, Field(ge=0)]


class _OnPath(_Part):
    path: AbsolutePath

    @model_validator(mode="before")
    @classmethod
    def _from_hex(cls, data: Any) -> Any:
        return read_path_hex(data)


class _PathRights(_OnPath):
    rights: FsRights


class _PortRights(_Part):
    port: Annotated[int, Field(ge=0, le=65535)]
    rights: NetRights


class _Made(_OnPath):
    how: str


class Grants(_Part):
    """What the kernel would be told: the effect of a ruleset, to be read back."""

    target_abi: Annotated[int, Field(ge=1, le=NEWEST_ABI)]
    scope: tuple[str, ...]
    path: tuple[_PathRights, ...] = ()
    port: tuple[_PortRights, ...] = ()
    made: tuple[_Made, ...] = ()

    @field_validator("scope")
    @classmethod
    def _scopes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        parse_names(Scope, value)
        return value

    def effect(self) -> Effect:
        """The effect that was written."""
        paths = {one.path: one.rights for one in self.path}
        ports = {one.port: one.rights for one in self.port}
        made = tuple((one.path, one.how) for one in self.made)
        return Effect(self.target_abi, parse_names(Scope, self.scope), paths, ports, made)

    @classmethod
    def of(cls, effect: Effect) -> "Grants":
        """What is written of an effect, in canonical order."""
        return cls(
            target_abi=effect.target_abi,
            scope=tuple(names(effect.scope)),
            path=tuple(_PathRights(path=path, rights=effect.paths[path]) for path in sorted(effect.paths)),
            port=tuple(_PortRights(port=port, rights=effect.ports[port]) for port in sorted(effect.ports)),
            made=tuple(_Made(path=path, how=how) for path, how in effect.made),
        )


class ReviewRecord(_Part):
    """One approval.

    Attributes:
        service: Of the ruleset.
        digest: Of the grants that were approved; ``grants`` are these.
        previous: The digest that was approved before, as far as it was known; else empty.
        who: As the person said; nothing proves it but a signature on what holds this record.
        when: UTC, ISO 8601.
        comment: Of the person.
        tool: What wrote it.
        traces: What the grants were verified against.
        unchecked: What could not be checked, a sentence each.
        findings: All that were shown.
    """

    kind: Literal["approval"] = "approval"
    schema_version: Literal[1] = 1
    service: str
    digest: str
    previous: str = ""
    who: Annotated[str, Field(min_length=1)]
    when: str
    comment: str = ""
    tool: str
    traces: tuple[SeenTrace, ...] = ()
    unchecked: tuple[str, ...] = ()
    findings: tuple[SeenFinding, ...] = ()
    grants: Grants

    @model_validator(mode="after")
    def _bound(self) -> "ReviewRecord":
        if self.grants.effect().digest() != self.digest:
            raise ValueError("its grants do not have its digest: one of them was changed afterwards")
        return self

    def as_line(self) -> str:
        """One line of JSON, ASCII only, with its end."""
        data = self.model_dump(exclude={"grants"})
        paths = [{**spelled(one.path), "rights": names(one.rights)} for one in self.grants.path]
        ports = [{"port": one.port, "rights": names(one.rights)} for one in self.grants.port]
        made = [{**spelled(one.path), "how": one.how} for one in self.grants.made]
        first = {"target_abi": self.grants.target_abi, "scope": list(self.grants.scope)}
        grants = {**first, "path": paths, "port": ports, **({"made": made} if made else {})}
        return json.dumps({**data, "grants": grants}, ensure_ascii=True) + "\n"


def load(lines: Iterable[str], *, source: str) -> list[ReviewRecord]:
    """Read a review record, oldest approval first.

    Args:
        lines: Of the file, with their ends.
        source: What to call it in errors.

    Raises:
        InputError: a line is none of a review record, was cut off, or does not bear its digest.
    """
    return [_read(line, f"line {number} of {source}") for number, line in enumerate(lines, 1)]


def _read(line: str, where: str) -> ReviewRecord:
    hint = "restore it from its history: a review record is only ever added to"
    if not line.endswith("\n"):
        raise InputError(f"{where} is cut off", why="it has no end of line", hint=hint)
    try:
        return ReviewRecord.model_validate(json.loads(line))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"][:3])
        why = f"{place!a}: {first['msg']!a}" if place else first["msg"].removeprefix("Value error, ")
        raise InputError(f"{where} is no approval of schema 1", why=why, hint=hint) from error
    except (ValueError, RecursionError) as error:
        conflict = line.startswith(("<<<<<<<", "=======", ">>>>>>>"))
        resolve = "resolve the merge conflict: the lines of both sides stay"
        raise InputError(
            f"{where} is not JSON", why=str(error), hint=resolve if conflict else hint
        ) from error
