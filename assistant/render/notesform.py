"""The published form of reviewer notes as data, schema/notes.schema.json.

Apart from the models that the rest works with: those may change.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(_Part):
    """What an entry is about: one of the three. A path that is not UTF-8 stands as its bytes in hex."""

    path: str | None = None
    path_hex: str | None = None
    port: int | None = None


class GrantData(Place):
    """One grant. ``stands_out`` says why a reviewer should look at it first; sentences are by ``by``."""

    rights: list[str]
    by: str
    group: str
    why: str
    necessity: str
    doubts: list[str]
    weakness: str
    evidence: list[str]
    optional: bool
    made: str
    alternatives: list[str]
    stands_out: list[str]


class NotGranted(Place):
    """Seen and refused, or looked for and absent."""

    rights: list[str]
    why: str
    by: str
    evidence: list[str]


class FindingData(_Part):
    """One finding, as ``landscribe verify --json`` has it."""

    id: str
    severity: Literal["blocking", "high", "medium", "low", "info"]
    subject: str
    message: str
    evidence: list[str]
    remedy: str


class ModelData(_Part):
    """The model that took part. ``primer``: share of its questions about Landlock that it answered right."""

    name: str
    endpoint: str
    prompts: list[str]
    redaction: str
    request: str
    turns: int
    tokens_sent: int
    tokens_received: int
    dollars: float | None
    primer: float | None


class TraceData(_Part):
    """One trace that the draft was made from."""

    name: str
    sha256: str
    lines: int
    not_understood: int


class ProvenanceData(_Part):
    """What made the ruleset, from what, where and when."""

    tool: str
    author: str
    created: str
    command: str
    kernel: str
    kernel_abi: int
    traces: list[TraceData]
    model: ModelData | None


class ApprovalData(_Part):
    """The approval that the ruleset bears; ``stale`` when a grant has changed since."""

    who: str
    when: str
    comment: str
    digest: str
    stale: bool


class Told(_Part):
    """A sentence and who said it."""

    text: str
    by: str


class TestData(_Part):
    """What the test in the kernel showed; ``worked`` is null when that could not be told."""

    worked: bool | None
    command: str
    denied: int
    allowed: int
    inconclusive: int
    kernel: str
    abi: int
    skipped: list[str]


class SourceData(_Part):
    """What was read of one trace for these notes."""

    name: str
    lines: int
    understood: int
    without_access: int
    not_understood: int
    complete: bool


class NotesData(_Part):
    """The notes. What is null was not looked at: it is unknown.

    ``difference``, ``layers``, ``radius``, ``code_paths`` and ``minimality`` are as ``landscribe diff``,
    ``context``, ``notes``, ``paths`` and ``test --prove-minimal`` give them with --json.
    """

    schema_version: Literal[1] = 1
    kind: Literal["notes"] = "notes"
    service: str
    digest: str
    target_abi: int
    verdict: str
    exit: int | None
    against: str
    difference: dict[str, Any] | None
    findings: list[FindingData] | None
    grants: list[GrantData]
    refused: list[NotGranted]
    probed: list[NotGranted]
    scope: dict[str, bool]
    still_allowed: list[str]
    layers: dict[str, Any] | None
    radius: dict[str, Any] | None
    traces: list[SourceData] | None
    code_paths: dict[str, Any] | None
    unexercised: list[Told]
    questions: list[Told]
    test: TestData | None
    minimality: dict[str, Any] | None
    provenance: ProvenanceData
    approval: ApprovalData | None
