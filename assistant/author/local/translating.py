"""Between two ways to say the same: a request of the Messages API, and one of the chat that llama.cpp knows.

The schema of the answer is what this is for: llama.cpp's own Messages API leaves it out without a word.
"""

from collections.abc import Iterator
from typing import Any


STOPS = {"stop": "end_turn", "length": "max_tokens"}


class MisfitError(Exception):
    """The model cannot be asked this; the text says why."""


def as_chat(body: Any, most_output: int) -> dict[str, Any]:
    """The chat that a body of the Messages API asks for.

    Args:
        body: The parsed body, from anybody.
        most_output: Tokens that the model may write at most, whatever is asked for.

    Raises:
        MisfitError: it is no such body, or asks for what is not done here.
    """
    try:
        if body["stream"] is not True:
            raise MisfitError("stream: only true is served here")
        messages = [_turn("system", body["system"])] if body.get("system") else []
        messages += [_turn(message["role"], message["content"]) for message in body["messages"]]
        schema = body["output_config"]["format"]["schema"]
        bound = min(int(body["max_tokens"]), most_output)
    except (KeyError, TypeError, ValueError) as error:
        raise MisfitError(f"not a request that is understood here: {error!r:.100}") from None
    return {
        "messages": messages,
        "max_tokens": max(bound, 1),
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}},
        "stream": True,
        "stream_options": {"include_usage": True},
        # Reading a prompt may take minutes, in which nobody could tell it from a dead end, or stop it.
        "return_progress": True,
    }


def _turn(role: str, content: Any) -> dict[str, str]:
    text = content if isinstance(content, str) else "".join(block["text"] for block in content)
    return {"role": role, "content": text}


def first_events(model: str) -> Iterator[dict[str, Any]]:
    """How an answer begins. What was read is not known yet."""
    usage = {"input_tokens": 0, "output_tokens": 0}
    message = {"id": "msg_local", "type": "message", "role": "assistant", "model": model, "content": []}
    yield {"type": "message_start", "message": {**message, "stop_reason": None, "usage": usage}}
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}


def last_events(stop: str, usage: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """How it ends."""
    counted = {
        "input_tokens": usage.get("prompt_tokens", 0),
        "output_tokens": usage.get("completion_tokens", 0),
    }
    yield {"type": "content_block_stop", "index": 0}
    yield {"type": "message_delta", "delta": {"stop_reason": STOPS.get(stop, stop)}, "usage": counted}
    yield {"type": "message_stop"}


def text_event(text: str) -> dict[str, Any]:
    """A piece of the answer."""
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}


def fault(chunk: dict[str, Any]) -> str:
    """What llama.cpp has against a request, in the words of the Messages API; "" for nothing."""
    error = chunk.get("error")
    if error is None:
        return ""
    if error.get("type") == "exceed_context_size_error":
        return f"prompt is too long: {error.get('n_prompt_tokens')} tokens > {error.get('n_ctx')} maximum"
    return str(error.get("message", error))
