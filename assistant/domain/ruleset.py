"""The ruleset document: what a service may do, why, and what proves it. Everything else is rendered from it.

The digest covers what the kernel would enforce (paths, rights, ports, scopes, target ABI) and no prose, so an
approval is bound to the grants and survives a better sentence. An empty ruleset means "deny everything".
"""

import posixpath
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from assistant.domain.access import Evidence, parent
from assistant.domain.effect import Effect
from assistant.domain.rights import (
    NEWEST_ABI,
    NO_FS,
    NO_NET,
    FsRight,
    FsRights,
    NetRight,
    NetRights,
    Scope,
)


Author = Literal["model", "offline", "person", "unit"]
"""Who proposed a grant. A person's grant and a unit's declaration need no trace line."""


_THROUGH_PROC = re.compile(r"^/proc/[^/]+/(?:task/[0-9]+/)?(?:root|cwd|exe|fd|map_files)(?:/|$)")


def _check_path(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a path is a string")
    if "\0" in value:
        raise ValueError("a path cannot hold a NUL")
    try:
        # Surrogates stand for single bytes; a run of them that spells UTF-8 is that character.
        spelled = value.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ValueError(f"the path {value!a} holds a surrogate that stands for no byte") from None
    if not value.startswith("/"):
        raise ValueError(f"the path {value!r} is not absolute")
    if ".." in value.split("/"):
        raise ValueError(f"the path {value!r} holds '..'; write the path it means")
    path = posixpath.normpath("/" + spelled.lstrip("/"))
    if _THROUGH_PROC.match(path):
        raise ValueError(f"the path {value!r} leads elsewhere through /proc; write the path it means")
    return path


AbsolutePath = Annotated[
    str,
    # Plain: pydantic's own check of str refuses the surrogates that stand for undecodable bytes.
    PlainValidator(_check_path),
    WithJsonSchema({"type": "string", "pattern": "^/"}),
]


def _check_citation(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a citation is a string like 'run1:412'")
    parse_citation(value)
    return value


@lru_cache(maxsize=50_000)
def parse_citation(citation: str) -> Evidence:
    """``"run1:412"`` as Evidence.

    Raises:
        ValueError: it is not a trace's name, a colon and a line number from 1.
    """
    trace, colon, line = citation.rpartition(":")
    if not (colon and trace and line.isascii() and line.isdigit() and int(line) > 0):
        raise ValueError(f"{citation!r} is not a citation like 'run1:412'")
    return Evidence(trace, int(line))


Citation = Annotated[str, PlainValidator(_check_citation), WithJsonSchema({"type": "string"})]


_MADE = r"^(?:[0-7]{3,4}(?: [A-Za-z0-9_.][A-Za-z0-9_.-]*\$?){2})?$"
"""A mode, a user and a group, as in tmpfiles.d(5)."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class TraceRecord(_Part):
    """One trace that the draft was made from. ``name`` is what citations use."""

    name: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    lines: Annotated[int, Field(ge=0)]
    not_understood: Annotated[int, Field(ge=0)] = 0


class ModelRecord(_Part):
    """The model that took part: what it was asked with, and what it took. Sizes in tokens, cost in dollars.

    ``request`` is the SHA-256 of the first bytes that were sent; ``knowledge`` the share of the primer's
    questions about Landlock that the model answered right, unless it was never asked.
    """

    name: str
    endpoint: str = ""
    prompts: tuple[str, ...] = ()
    redaction: str = ""
    request: str = ""
    turns: Annotated[int, Field(ge=0)] = 0
    sent: Annotated[int, Field(ge=0)] = 0
    received: Annotated[int, Field(ge=0)] = 0
    cost: float | None = None
    knowledge: float | None = None

    @field_validator("prompts", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value


class LinkRecord(_Part):
    """A symbolic link of the machine that was drafted on: traces name by it what a grant names without it.

    ``target`` has no links in it. Whoever verifies on another machine takes it on trust.
    """

    path: AbsolutePath
    target: AbsolutePath


class Provenance(_Part):
    """What made the draft, from what, where and when. Not part of the digest."""

    tool: str
    author: str = "offline"
    created: str = ""
    kernel: str = ""
    kernel_abi: Annotated[int, Field(ge=0)] = 0
    command: str = ""
    model: ModelRecord | None = None
    trace: tuple[TraceRecord, ...] = ()
    link: tuple[LinkRecord, ...] = ()


class ScopeGrant(_Part):
    """Which scopes cut the domain off, each with its reason. Both are on unless the trace shows a need."""

    abstract_unix_socket: bool = True
    abstract_unix_socket_why: str = ""
    signal: bool = True
    signal_why: str = ""

    @property
    def on(self) -> Scope:
        """The scopes that are on."""
        abstract = Scope.ABSTRACT_UNIX_SOCKET if self.abstract_unix_socket else Scope(0)
        return abstract | (Scope.SIGNAL if self.signal else Scope(0))


class _Grant(_Part):
    group: str = ""
    why: str = ""
    by: Author
    evidence: tuple[Citation, ...] = ()
    weakness: str = ""
    necessity: Literal["", "required", "optional", "suspicious"] = ""
    doubts: tuple[str, ...] = ()

    @field_validator("evidence", "doubts", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _cited(self) -> "_Grant":
        if self.by in ("offline", "model") and not self.evidence:
            raise ValueError(f"a grant by {self.by!r} must cite at least one trace line in 'evidence'")
        return self


class PathGrant(_Grant):
    """Rights on one file, or on a directory and everything beneath it.

    ``made``, "0750 user group", says how the launcher makes a directory beneath /run that is missing: one
    that the service makes itself and that no boot leaves.
    """

    path: AbsolutePath
    rights: FsRights
    optional: bool = False
    """The sandbox starts also where the path does not exist, without this rule."""
    alternatives: tuple[str, ...] = ()
    made: Annotated[str, Field(pattern=_MADE)] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_hex(cls, data: Any) -> Any:
        return read_path_hex(data)

    @field_validator("alternatives", mode="before")
    @classmethod
    def _alternatives(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("rights")
    @classmethod
    def _some(cls, value: FsRight) -> FsRight:
        if not value:
            raise ValueError("a grant without rights grants nothing; remove it")
        return value

    @model_validator(mode="after")
    def _made_in_run(self) -> "PathGrant":
        if self.made and not self.path.startswith("/run/"):
            raise ValueError("only what lies beneath /run can be 'made' by the launcher")
        return self


class PortGrant(_Grant):
    """Rights on one port, whatever the address. Port 0 with bind means any port the kernel picks."""

    port: Annotated[int, Field(ge=0, le=65535)]
    rights: NetRights

    @field_validator("rights")
    @classmethod
    def _some(cls, value: NetRight) -> NetRight:
        if not value:
            raise ValueError("a grant without rights grants nothing; remove it")
        return value


class Refused(_Part):
    """Seen in the trace and deliberately not granted."""

    path: AbsolutePath
    rights: FsRights = NO_FS
    why: str
    evidence: tuple[Citation, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_hex(cls, data: Any) -> Any:
        return read_path_hex(data)

    @field_validator("evidence", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value


class Probed(Refused):
    """Looked for and absent: nothing is granted. ``why`` says what happens if it appears later."""


class Unexercised(_Part):
    """A code path that the traces are thought not to show, and what it would touch. Grants nothing."""

    code_path: str
    touches: str = ""
    why: str = ""
    by: Author


class Question(_Part):
    """Something that only the operator can answer."""

    text: str
    by: Author


class Approval(_Part):
    """A person's approval, bound to the digest of the grants."""

    digest: Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")]
    who: str
    when: str
    comment: str = ""


class Ruleset(_Part):
    """The ruleset document of one service."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    service: Annotated[str, Field(min_length=1)]
    target_abi: Annotated[int, Field(ge=1, le=NEWEST_ABI)]
    provenance: Provenance
    scope: ScopeGrant = ScopeGrant()
    path: tuple[PathGrant, ...] = ()
    port: tuple[PortGrant, ...] = ()
    refused: tuple[Refused, ...] = ()
    probed: tuple[Probed, ...] = ()
    unexercised: tuple[Unexercised, ...] = ()
    question: tuple[Question, ...] = ()
    approval: Approval | None = None

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_by_alias=True)

    def paths(self) -> dict[str, FsRight]:
        """Rights by path; grants that name the same path are joined, as the kernel joins them."""
        joined: dict[str, FsRight] = {}
        for grant in self.path:
            joined[grant.path] = joined.get(grant.path, NO_FS) | grant.rights
        return joined

    def ports(self) -> dict[int, NetRight]:
        """Rights by port, joined likewise."""
        joined: dict[int, NetRight] = {}
        for grant in self.port:
            joined[grant.port] = joined.get(grant.port, NO_NET) | grant.rights
        return joined

    def duplicates(self) -> list[str]:
        """Paths and ports that more than one grant names, as the document spells them."""
        counted = Counter(grant.path for grant in self.path)
        counted.update(f"port {grant.port}" for grant in self.port)
        return sorted(name for name, count in counted.items() if count > 1)

    def effect(self) -> Effect:
        """What the kernel would be told, and what the launcher makes before."""
        made = tuple(sorted((grant.path, grant.made) for grant in self.path if grant.made))
        return Effect(self.target_abi, self.scope.on, self.paths(), self.ports(), made)

    def digest(self) -> str:
        """``sha256:...`` over what the kernel would be told, and what the launcher makes; no prose."""
        return self.effect().digest()


class Reach:
    """What a set of path rules allows where: as in the kernel, rights add up from the object to the root.

    Args:
        paths: Rights by absolute, resolved path.
    """

    def __init__(self, paths: Mapping[str, FsRight]) -> None:
        self._paths = paths
        self._above: dict[str, FsRight] = {"/": paths.get("/", NO_FS)}

    def rights(self, path: str) -> FsRight:
        """All rights on ``path``: those of a rule on it and of every rule above it."""
        above = self.inside(path[: path.rfind("/")] or "/")
        own = self._paths.get(path)
        return above if own is None else above | own

    def inside(self, directory: str) -> FsRight:
        """All rights that hold for anything in ``directory``. Without recursion: names nest at will."""
        known_already = self._above.get(directory)
        if known_already is not None:
            return known_already
        unknown: list[str] = []
        here = directory
        while here not in self._above:
            unknown.append(here)
            here = parent(here) if here.strip("/") else "/"
        rights = self._above[here]
        for known in reversed(unknown):
            rights |= self._paths.get(known, NO_FS)
            self._above[known] = rights
        return rights


def read_path_hex(data: Any) -> Any:
    """A table with ``path_hex`` (bytes that are not UTF-8, in hex) as one with ``path``.

    Raises:
        ValueError: both are there, or the hex is not hex.
    """
    if not isinstance(data, dict) or "path_hex" not in data:
        return data
    if "path" in data:
        raise ValueError("give path or path_hex, not both")
    rest = {key: value for key, value in data.items() if key != "path_hex"}
    try:
        raw = bytes.fromhex(data["path_hex"])
    except (TypeError, ValueError):
        raise ValueError("path_hex is not a string of hex digits") from None
    return {**rest, "path": raw.decode("utf-8", "surrogateescape")}
