"""A model on this machine: the shim's wire with a model of clay, and a real model where one is installed."""

import contextlib
import importlib.util
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from assistant.author.claude import ClaudeAuthor
from assistant.author.local import PATIENCE, LocalEndpoint, installed_model, load, serving
from assistant.author.platforms import Endpoint, anthropic
from assistant.author.terms import Terms
from assistant.author.transport import Checks
from assistant.errors import (
    CredentialsError,
    LandscribeError,
    RejectedError,
    TruncatedError,
    UnreachableError,
    UsageError,
)
from redaction.text import literal
from tests.author.conftest import AGENT, PROMPT, Desk


def missing_local_model() -> str:
    """Why no model can be asked here, or ""."""
    if importlib.util.find_spec("xllamacpp") is None:
        return "the extra local is not installed"
    try:
        installed_model()
    except UsageError as error:
        return error.what
    return ""


with_model = [
    pytest.mark.local_model,
    pytest.mark.skipif(bool(missing_local_model()), reason=missing_local_model() or "it is there"),
]


def chunk(text: str | None, finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}


USAGE = {"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 3}}
PROGRESS = chunk(None) | {"prompt_progress": {"total": 11, "processed": 5}}
ANSWER = [PROGRESS, chunk(None), chunk('{"groups"'), chunk(": []}"), chunk(None, "stop"), USAGE]


@dataclass
class Clay:
    """An engine that says what it is told to."""

    chunks: list[dict[str, Any]] = field(default_factory=lambda: list(ANSWER))
    error: Exception | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    said: int = 0

    def chat(self, request: dict[str, Any], each: Callable[[dict[str, Any]], bool]) -> None:
        self.asked.append(request)
        if self.error is not None:
            raise self.error
        for one in self.chunks:
            self.said += 1
            if each(one):
                return


def author_at(desk: Desk, local: LocalEndpoint, key: str = "") -> ClaudeAuthor:
    author = ClaudeAuthor(
        local.model,
        Endpoint(anthropic(local.url), key or local.key, AGENT),
        Checks(desk.approvals, desk.guard, desk.notebook),
        Terms(patience=replace(PATIENCE, sleep=desk.watch.sleep)),
    )
    desk.made.append(author)
    return author


@pytest.fixture
def clay() -> Clay:
    return Clay()


@pytest.fixture
def local(clay: Clay) -> Iterator[LocalEndpoint]:
    with serving(clay, "clay", most_output=500) as made:
        yield made


def test_the_schema_becomes_binding_and_the_answer_comes_back(
    clay: Clay, local: LocalEndpoint, desk: Desk
) -> None:
    author = author_at(desk, local)
    body = author.body(PROMPT)
    desk.approvals.approve(body)

    reply = author.ask(PROMPT)

    (asked,) = clay.asked
    assert (reply.text, reply.model) == ('{"groups": []}', "clay")
    assert (reply.usage.sent, reply.usage.received, reply.usage.cost) == (11, 3, None)
    assert asked["messages"] == [
        {"role": "system", "content": str(PROMPT.system)},
        {"role": "user", "content": str(PROMPT.turns[0])},
    ]
    wanted = json.loads(body)["output_config"]["format"]["schema"]
    assert asked["response_format"]["json_schema"]["schema"] == wanted
    assert asked["max_tokens"] == 500


def test_a_prompt_that_does_not_fit_is_said_clearly(clay: Clay, local: LocalEndpoint, desk: Desk) -> None:
    why = {"type": "exceed_context_size_error", "n_prompt_tokens": 28031, "n_ctx": 8192, "message": "m"}
    clay.chunks = [{"error": why}]
    author = author_at(desk, local)
    desk.approvals.approve(author.body(PROMPT))

    with pytest.raises(RejectedError) as caught:
        author.ask(PROMPT)

    assert "prompt is too long: 28031 tokens > 8192 maximum" in caught.value.why
    assert len(clay.asked) == 1


ENDS: list[tuple[list[dict[str, Any]], Exception | None, type[LandscribeError]]] = [
    ([chunk("{"), chunk(None, "length"), USAGE], None, TruncatedError),
    ([chunk("{")], None, UnreachableError),
    ([PROGRESS], None, UnreachableError),
    ([], None, UnreachableError),
    ([], ValueError("no grammar for this schema"), RejectedError),
    ([{"error": {"message": "odd", "type": "server_error"}}], None, RejectedError),
    ([chunk("{"), {"error": {"message": "odd"}}], None, UnreachableError),
]


@pytest.mark.parametrize(("chunks", "error", "ends"), ENDS)
def test_what_goes_wrong_inside_is_an_error_of_the_author(
    chunks: list[dict[str, Any]],
    error: Exception | None,
    ends: type[LandscribeError],
    clay: Clay,
    local: LocalEndpoint,
    desk: Desk,
) -> None:
    clay.chunks, clay.error = chunks, error
    author = author_at(desk, local)
    desk.approvals.approve(author.body(PROMPT))

    with pytest.raises(ends):
        author.ask(PROMPT)


def test_who_does_not_know_the_key_is_not_answered(clay: Clay, local: LocalEndpoint, desk: Desk) -> None:
    author = author_at(desk, local, key="guess")
    desk.approvals.approve(author.body(PROMPT))

    with pytest.raises(CredentialsError):
        author.ask(PROMPT)

    assert clay.asked == []
    assert local.key not in repr(local)


def say(local: LocalEndpoint, request: bytes) -> bytes:
    """The first line that a raw request is answered with."""
    with socket.create_connection(("127.0.0.1", int(local.url.rpartition(":")[2])), timeout=30) as wire:
        wire.sendall(request)
        wire.shutdown(socket.SHUT_WR)
        return wire.makefile("rb").readline().strip()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/messages", b"{}", b"400"),
        ("/v1/messages", b"no json", b"400"),
        ("/v1/messages", b'{"stream": false, "messages": []}', b"400"),
        ("/v1/messages", b'{"stream": true, "messages": [7]}', b"400"),
        ("/v1/messages", b'{"stream": true, "messages": []}', b"400"),
        ("/v1/messages", b"[" * 100_000, b"400"),
        ("/v1/models", b"{}", b"404"),
    ],
)
def test_what_is_no_request_is_refused(
    path: str, body: bytes, status: bytes, clay: Clay, local: LocalEndpoint
) -> None:
    head = f"POST {path} HTTP/1.1\r\nAuthorization: Bearer {local.key}\r\nContent-Length: {len(body)}\r\n\r\n"

    assert say(local, head.encode() + body).split()[1] == status
    assert clay.asked == []


@pytest.mark.parametrize("length", ["", "-1", "many", "99999999999"])
def test_a_length_without_sense_is_refused(length: str, local: LocalEndpoint) -> None:
    head = (
        f"POST /v1/messages HTTP/1.1\r\nAuthorization: Bearer {local.key}\r\nContent-Length: {length}\r\n\r\n"
    )

    assert say(local, head.encode()).split()[1] == b"400"


def test_when_nobody_listens_any_more_the_model_stops(clay: Clay, desk: Desk) -> None:
    clay.chunks = [chunk("x" * 65536)] * 10_000

    with serving(clay, "clay") as local:
        author = author_at(desk, local)
        desk.approvals.approve(author.body(PROMPT))
        with pytest.raises(LandscribeError, match="longer than the model may write"):
            author.ask(PROMPT)

    assert 0 < clay.said < 10_000


def test_a_fault_of_the_shim_itself_is_not_lost(desk: Desk) -> None:
    def ask() -> None:
        with serving(Clay(error=ZeroDivisionError()), "clay") as local:
            author = author_at(desk, local)
            desk.approvals.approve(author.body(PROMPT))
            with pytest.raises(UnreachableError):
                author.ask(PROMPT)

    with pytest.raises(ZeroDivisionError):
        ask()


def test_a_model_that_is_not_there_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xllamacpp", None)

    with pytest.raises(UsageError, match="extra") as caught, load("/nonexistent.gguf"):
        pass

    assert "landscribe[local]" in caught.value.hint


@pytest.fixture(scope="module")
def real() -> Iterator[LocalEndpoint]:
    with load(installed_model()) as engine, serving(engine, "smollm2", most_output=60) as made:
        yield made


class TestRealModel:
    pytestmark = with_model

    def test_it_answers_in_the_form_that_is_asked_for(self, real: LocalEndpoint, desk: Desk) -> None:
        schema = {
            "type": "object",
            "properties": {"first": {"enum": ["logs", "configuration"]}, "second": {"type": "integer"}},
            "required": ["first", "second"],
        }
        prompt = replace(PROMPT, schema=schema)
        author = author_at(desk, real)
        desk.approvals.approve(author.body(prompt))

        reply = author.ask(prompt)

        answer = json.loads(reply.text)
        assert answer.keys() == {"first", "second"}
        assert answer["first"] in ("logs", "configuration")
        assert reply.usage.sent > 0
        assert 0 < reply.usage.received <= 60

    def test_an_answer_without_an_end_is_cut_at_the_bound(self, real: LocalEndpoint, desk: Desk) -> None:
        many = {"type": "array", "minItems": 1, "items": {"type": "string"}}
        prompt = replace(PROMPT, schema={"type": "object", "properties": {"a": many}, "required": ["a"]})
        author = author_at(desk, real)
        desk.approvals.approve(author.body(prompt))

        with contextlib.suppress(TruncatedError):
            author.ask(prompt)

        assert 0 < author._terms.budget.used.received <= 60

    def test_a_prompt_beyond_its_context_is_said(self, real: LocalEndpoint, desk: Desk) -> None:
        prompt = replace(PROMPT, turns=(literal("group this access " * 4000),))
        author = author_at(desk, real)
        desk.approvals.approve(author.body(prompt))

        with pytest.raises(RejectedError) as caught:
            author.ask(prompt)

        assert "8192 maximum" in caught.value.why

    def test_a_file_that_is_no_model_is_a_usage_error(self) -> None:
        for path in ("/etc/passwd", "/nonexistent.gguf"):
            with pytest.raises(UsageError, match="cannot be loaded"), load(path):
                pass
