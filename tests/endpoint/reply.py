"""What can be said to a request, and the bytes that say it: one JSON document, or server-sent events."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.endpoint.exchange import Request
from tests.endpoint.failure import Failure
from tests.endpoint.rules import signature
from tests.endpoint.tokens import BYTES_A_TOKEN, tokens


DELTAS = 8
"""Into how many pieces a streamed block is cut."""

Event = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Message:
    """A model's answer; id, model and usage are added when it is sent."""

    texts: tuple[str, ...]
    """One text block each."""
    thought: str | None = None
    """A thinking block before the texts."""
    stop_reason: str = "end_turn"
    stop_details: dict[str, Any] | None = None
    cut: bool = True
    """Whether the request's max_tokens cuts it, as it cuts a real answer."""
    content_type: str = "application/json"
    distort: Callable[[bytes], bytes] = bytes
    """What happens to the document on its way out."""
    fails_after: tuple[int, Failure] | None = None
    """Streamed only: the events that go out before this error breaks the stream."""


@dataclass(frozen=True)
class Page:
    """What something between client and API says, such as a proxy: no document of the API at all."""

    status: int
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Reset:
    """The connection is reset: at once, or after half of a message."""

    message: Message | None = None


@dataclass(frozen=True)
class Silence:
    """The request is read, the connection stays open, and nothing comes back."""


@dataclass(frozen=True)
class Late:
    """A reply that takes ``seconds`` to begin."""

    seconds: float
    reply: "Reply"


Reply = Message | Failure | Page | Reset | Silence | Late


def bounded(message: Message, request: Request) -> Message:
    """The message as far as ``max_tokens`` lets it come."""
    room = request.body["max_tokens"] * BYTES_A_TOKEN
    if not message.cut or sum(len(text.encode()) for text in message.texts) <= room:
        return message
    kept: list[str] = []
    for text in message.texts:
        part = text.encode()[:room].decode(errors="ignore")
        room -= len(part.encode())
        kept += [part] if part else []
    return replace(message, texts=tuple(kept), stop_reason="max_tokens", stop_details=None)


def document(message: Message, request: Request, usage: dict[str, Any]) -> dict[str, Any]:
    """The message as the API writes it."""
    thinking = tokens(message.thought or "")
    output = max(1, thinking + sum(map(tokens, message.texts)))
    return {
        "id": f"msg_{request.number:08d}",
        "type": "message",
        "role": "assistant",
        "model": request.body["model"],
        "content": _content(message),
        "stop_reason": message.stop_reason,
        "stop_sequence": None,
        "stop_details": message.stop_details,
        "usage": {
            **usage,
            "output_tokens": output,
            "output_tokens_details": {"thinking_tokens": thinking},
            "service_tier": "standard",
        },
    }


def events(whole: dict[str, Any]) -> Iterator[Event]:
    """A whole message as the events of its stream."""
    started = {**whole, "content": [], "stop_reason": None, "stop_details": None}
    started["usage"] = {**whole["usage"], "output_tokens": 1}
    yield "message_start", {"message": started}
    yield "ping", {}
    for index, block in enumerate(whole["content"]):
        what = block["type"]
        empty = {"type": what, what: "", **({"signature": ""} if what == "thinking" else {})}
        yield "content_block_start", {"index": index, "content_block": empty}
        size = max(1, -(-len(block[what]) // DELTAS))
        for begin in range(0, len(block[what]), size):
            delta = {"type": f"{what}_delta", what: block[what][begin : begin + size]}
            yield "content_block_delta", {"index": index, "delta": delta}
        if what == "thinking":
            delta = {"type": "signature_delta", "signature": block["signature"]}
            yield "content_block_delta", {"index": index, "delta": delta}
        yield "content_block_stop", {"index": index}
    stop = {name: whole[name] for name in ("stop_reason", "stop_sequence", "stop_details")}
    yield "message_delta", {"delta": stop, "usage": whole["usage"]}
    yield "message_stop", {}


def stream(whole: dict[str, Any], message: Message, request_id: str) -> list[bytes]:
    """The events of a stream as they go over the wire, up to the error that breaks it if there is one."""
    sent = [event_bytes(name, {"type": name, **data}) for name, data in events(whole)]
    if message.fails_after is None:
        return sent
    count, failure = message.fails_after
    return [*sent[:count], event_bytes("error", failure.document(request_id))]


def event_bytes(name: str, data: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def _content(message: Message) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    if message.thought is not None:
        blocks.append(
            {"type": "thinking", "thinking": message.thought, "signature": signature(message.thought)}
        )
    return blocks + [{"type": "text", "text": text} for text in message.texts]
