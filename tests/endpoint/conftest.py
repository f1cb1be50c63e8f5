"""The real SDK against the endpoint, and the model of an answer that these tests ask for."""

import json
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from tests.endpoint.exchange import Request
from tests.endpoint.fixture import Endpoint


if TYPE_CHECKING:
    from anthropic import Anthropic
    from anthropic.types import Message


class Group(BaseModel):
    """One group of an answer."""

    model_config = ConfigDict(extra="forbid")
    ids: list[int]
    candidate: int = Field(ge=0)
    necessity: Literal["required", "optional"]
    why: str = Field(max_length=80)


class Plan(BaseModel):
    """An answer of the form that the product uses: ids, words of an enumeration, a little text."""

    model_config = ConfigDict(extra="forbid")
    groups: list[Group]


GOOD = Plan(
    groups=[
        Group(ids=[1, 2], candidate=7, necessity="required", why="its own configuration"),
        Group(ids=[3], candidate=8, necessity="optional", why="time zones, read once"),
    ]
)


USER = {"role": "user", "content": "1 2 3"}
SMALL: dict[str, Any] = {"model": "claude-opus-5-5", "max_tokens": 2000, "messages": [USER]}
"""The smallest request that keeps all rules."""


def good_answer(_: Request) -> str:
    return GOOD.model_dump_json()


def text_of(message: "Message") -> str:
    """The text blocks of an answer, joined."""
    return "".join(block.text for block in message.content if block.type == "text")


Post = Callable[..., tuple[int, Any]]


@pytest.fixture
def post(endpoint: Endpoint) -> Post:
    """Status and document of one POST over a bare connection, where the SDK would not let the mistake out.

    A header that is changed to None is not sent.
    """

    def send(
        body: Any,
        headers: dict[str, str | None] | None = None,
        path: str = "/v1/messages",
        method: str = "POST",
    ) -> tuple[int, Any]:
        given = {
            "Authorization": f"Bearer {endpoint.key}",
            "anthropic-version": "2026-10-21",
            "Content-Type": "application/json",
        } | (headers or {})
        connection = HTTPConnection("127.0.0.1", int(endpoint.url.rpartition(":")[2]), timeout=30)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {name: value for name, value in given.items() if value is not None}
        connection.request(method, path, data, sent)
        response = connection.getresponse()
        found = response.status, json.load(response)
        connection.close()
        return found

    return send


Ask = Callable[..., "Message"]


@pytest.fixture
def client(endpoint: Endpoint) -> "Iterator[Anthropic]":
    """The SDK as the product configures it, but it tries once."""
    from anthropic import Anthropic

    with Anthropic(api_key=endpoint.key, base_url=endpoint.url, max_retries=0, timeout=30) as made:
        yield made


@pytest.fixture
def ask(client: "Anthropic") -> Ask:
    """One structured request that keeps all rules, but for what the test changes."""
    import anthropic

    def create(**changes: Any) -> "Message":
        request = SMALL | {
            "system": [{"type": "text", "text": "Group these.", "cache_control": {"type": "ephemeral"}}],
            "output_config": {"format": {"type": "json_schema", "schema": anthropic.transform_schema(Plan)}},
        }
        sent = {name: value for name, value in (request | changes).items() if value is not None}
        answer: Message = client.messages.create(**sent)
        return answer

    return create
