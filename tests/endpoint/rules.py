"""What the Messages API takes: its fields as tables, and the rules that hold between fields.

Source: the parameter types and docstrings of the anthropic SDK 2.12 and the API version that it sends.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from tests.endpoint.failure import Failure, invalid
from tests.endpoint.models import MODELS
from tests.endpoint.output_schema import output_schema
from tests.endpoint.shape import (
    Shape,
    fields,
    flag,
    list_of,
    not_here,
    nullable,
    one_of,
    said,
    tagged,
    text,
    text_or,
    whole,
)
from tests.endpoint.tokens import request_tokens


MOST_BREAKPOINTS = 4
MOST_MESSAGES = 100_000

CACHE_CONTROL = nullable(fields({"type": one_of("ephemeral")}, {"ttl": one_of("5m", "1h")}))

TEXT_BLOCK = fields(
    {"type": one_of("text"), "text": said}, {"cache_control": CACHE_CONTROL, "citations": not_here}
)
TEXTS = text_or(list_of(tagged("type", {"text": TEXT_BLOCK}), 1))

# Of an assistant's turn that is sent back. Images, documents and tools are of no use here.
BLOCKS = text_or(
    list_of(
        tagged(
            "type",
            {
                "text": TEXT_BLOCK,
                "thinking": fields({"type": text, "thinking": text, "signature": text}),
                "redacted_thinking": fields({"type": text, "data": text}),
            },
        ),
        1,
    )
)

MESSAGE = tagged(
    "role",
    {
        "user": fields({"role": text, "content": TEXTS}),
        "assistant": fields({"role": text, "content": BLOCKS}),
        "system": fields({"role": text, "content": TEXTS}),
    },
)

DISPLAY = nullable(one_of("summarized", "omitted"))
THINKING = tagged(
    "type",
    {
        "adaptive": fields({"type": text}, {"display": DISPLAY}),
        "enabled": fields({"type": text, "budget_tokens": whole(1024)}, {"display": DISPLAY}),
        "disabled": fields({"type": text}),
        "between_tools": fields({"type": text}),
    },
)

OUTPUT_CONFIG = fields(
    {},
    {
        "effort": nullable(one_of("low", "medium", "high", "xhigh", "max")),
        "format": nullable(fields({"type": one_of("json_schema"), "schema": output_schema})),
    },
)

COUNTED: dict[str, Shape] = {
    "system": TEXTS,
    "cache_control": CACHE_CONTROL,
    "output_config": OUTPUT_CONFIG,
    "thinking": THINKING,
    "speed": not_here,
    "tools": not_here,
    "tool_choice": not_here,
    "user_profile_id": not_here,
}
"""Optional fields of both requests. temperature, top_p and top_k are none: this version has removed them."""

COUNT_TOKENS = fields({"model": text, "messages": list_of(MESSAGE, 1)}, COUNTED)

CREATE = fields(
    {"model": text, "messages": list_of(MESSAGE, 1), "max_tokens": whole(0)},
    {
        **COUNTED,
        "metadata": fields({}, {"user_id": nullable(text)}),
        "service_tier": one_of("auto", "standard_only"),
        "stop_sequences": list_of(said),
        "stream": flag,
        "container": not_here,
        "diagnostics": not_here,
        "inference_geo": not_here,
    },
)


def check(body: Any, shape: Shape) -> None:
    """Holds a parsed body against its table and then against the rules between fields."""
    shape(body, "")
    for rule in BETWEEN_FIELDS:
        rule(body)


def model_exists(body: dict[str, Any]) -> None:
    """A model that does not exist, or that is retired, is not found: 404, not 400."""
    model = MODELS.get(body["model"])
    if model is None or model.lifecycle == "retired":
        raise Failure("not_found_error", f"model: {body['model']}")


def fits_the_model(body: dict[str, Any]) -> None:
    """The answer's bound and the prompt stay within what the model can do."""
    model, bound, prompt = MODELS[body["model"]], body.get("max_tokens", 0), request_tokens(body)
    if bound > model.most_output:
        why = f"which is the maximum allowed number of output tokens for {body['model']}"
        raise invalid("max_tokens", f"{bound} > {model.most_output}, {why}")
    if prompt > model.most_input:
        raise Failure(
            "invalid_request_error", f"prompt is too long: {prompt} tokens > {model.most_input} maximum"
        )


def turns(body: dict[str, Any]) -> None:
    """The user opens, and nobody puts words into the model's mouth: no prefill."""
    messages = body["messages"]
    if len(messages) > MOST_MESSAGES:
        raise invalid("messages", f"at most {MOST_MESSAGES} messages are allowed")
    if messages[0]["role"] == "assistant":
        raise invalid("messages", 'first message must use the "user" role')
    if messages[-1]["role"] == "assistant":
        why = "The conversation must end with a user message."
        raise Failure(
            "invalid_request_error", f"This model does not support assistant message prefill. {why}"
        )


def breakpoints(body: dict[str, Any]) -> None:
    """At most four cache breakpoints; what is kept for an hour comes before what is kept for minutes."""
    marks = [(at, block["cache_control"]) for at, block in text_blocks(body) if block.get("cache_control")]
    if body.get("cache_control"):
        marks.append(("cache_control", body["cache_control"]))
    if len(marks) > MOST_BREAKPOINTS:
        found = f"Found {len(marks)}."
        raise Failure(
            "invalid_request_error",
            f"A maximum of {MOST_BREAKPOINTS} blocks with cache_control may be provided. {found}",
        )
    short = False
    for at, mark in marks:
        if mark.get("ttl") == "1h" and short:
            raise invalid(
                f"{at}.ttl",
                "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block",
            )
        short = short or mark.get("ttl") != "1h"


def thinking_fits(body: dict[str, Any]) -> None:
    """The budget for thinking leaves room for the answer."""
    budget = body.get("thinking", {}).get("budget_tokens")
    if budget is not None and "max_tokens" in body and budget >= body["max_tokens"]:
        raise invalid("max_tokens", "must be greater than `thinking.budget_tokens`")


def thinking_is_our_own(body: dict[str, Any]) -> None:
    """A thinking block comes back exactly as it was sent."""
    for index, message in enumerate(body["messages"]):
        for number, block in enumerate(message["content"] if isinstance(message["content"], list) else []):
            if block["type"] == "thinking" and block["signature"] != signature(block["thinking"]):
                raise invalid(f"messages.{index}.content.{number}", "Invalid `signature` in `thinking` block")


BETWEEN_FIELDS: tuple[Callable[[dict[str, Any]], None], ...] = (
    model_exists,
    turns,
    breakpoints,
    thinking_fits,
    thinking_is_our_own,
    fits_the_model,
)
"""What a table cannot say; in this order, as one request is told of one fault."""


def text_blocks(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Place and block of each block of the system prompt and of the messages, in the order of the cache."""
    places = [("system", body.get("system", ""))]
    places += [(f"messages.{index}.content", one["content"]) for index, one in enumerate(body["messages"])]
    for at, content in places:
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        yield from ((f"{at}.{index}", block) for index, block in enumerate(blocks))


def signature(thought: str) -> str:
    """What marks a thought as the endpoint's own."""
    return base64.b64encode(hashlib.sha256(b"endpoint:" + thought.encode()).digest()).decode()
