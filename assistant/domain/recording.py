"""What is known about a recording beside its trace: what ran, where, as whom, and how it ended.

It stands as RUN.json beside RUN.trace. The environment of the command is never kept.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, WithJsonSchema

from assistant.errors import InputError


def _raw(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("text is a string")
    try:
        value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ValueError("the text holds a surrogate that stands for no byte") from None
    return value


Raw = Annotated[
    str,
    # Plain: pydantic's own check of str refuses the surrogates that stand for undecodable bytes.
    PlainValidator(_raw),
    WithJsonSchema({"type": "string"}),
]
"""Bytes of the system as text: UTF-8, with surrogate escapes for other bytes. Escape before showing."""

StoppedBy = Literal["itself", "timeout", "interrupt"]


class End(BaseModel):
    """How the command ended.

    Attributes:
        code: Exit status of the first process; None when a signal ended it.
        signal: Name of that signal ("SIGTERM"); empty when there was none.
        stopped_by: "itself", or why landscribe stopped it: "timeout", "interrupt" (Ctrl-C, SIGTERM, SIGHUP).
        killed: How many processes did not end by SIGTERM in time and were killed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: int | None
    signal: str = ""
    stopped_by: StoppedBy = "itself"
    killed: Annotated[int, Field(ge=0)] = 0

    @property
    def good(self) -> bool:
        """The command ended by itself with status 0, or it was stopped and nothing had to be killed."""
        if self.stopped_by == "itself":
            return self.code == 0
        return not self.killed


class Recording(BaseModel):
    """One recorded run.

    Attributes:
        run: Its name; the trace is RUN.trace.
        command: Program and arguments, as given.
        cwd: Directory in which the command was started, absolute.
        user: Who it was started as; ``uid`` and ``gid`` likewise.
        kernel: The kernel's release; ``machine`` its architecture, ``abi`` its Landlock ABI (0: none).
        umask: As an octal number, "0022".
        strace: The version of strace; ``flags`` what it was called with.
        started: UTC, ISO 8601.
        seconds: How long it ran.
        lines: Lines of the trace.
        size: Bytes of the trace: another size means another trace.
        whole: The trace ends with the end of its last process.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["recording"] = "recording"
    schema_version: Literal[1] = 1
    run: str
    command: tuple[Raw, ...]
    cwd: Raw
    user: str
    uid: int
    gid: int
    kernel: str
    machine: str
    abi: int
    umask: str
    strace: str
    flags: tuple[str, ...]
    started: str
    seconds: float
    end: End
    lines: int
    size: int
    whole: bool

    @property
    def calls(self) -> frozenset[str]:
        """The calls and groups ("%file") that strace was asked for: what the trace lacks did not happen."""
        words = [flag.removeprefix("trace=") for flag in self.flags if flag.startswith("trace=")]
        return frozenset(name.lstrip("?") for word in words for name in word.split(","))

    def as_json(self) -> str:
        """The document, ASCII only."""
        return json.dumps(self.model_dump(), indent=2, ensure_ascii=True) + "\n"


def load(text: str, *, source: str) -> Recording | None:
    """Read the document; None when it is some other JSON or none at all.

    Args:
        text: What the file holds.
        source: What to call it in errors.

    Raises:
        InputError: it says that it is a recording, and is none that this version can read.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or data.get("kind") != "recording":
        return None
    try:
        return Recording.model_validate({**data, **_tuples(data)})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"{source} is no recording of schema 1",
            why=f"{where!a}: {first['msg']}",
            hint="remove it, and say with --cwd where the command was started",
        ) from error


def _tuples(data: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(data[key]) for key in ("command", "flags") if isinstance(data.get(key), list)}
