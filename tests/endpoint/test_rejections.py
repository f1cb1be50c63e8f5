"""Each rule of the API is enforced: one good request, and one change of it for each way to be wrong."""

from typing import Any

import pytest

from tests.endpoint.conftest import SMALL, USER, Post
from tests.endpoint.rules import signature


SHORT = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}


def texts(*marks: Any) -> list[dict[str, Any]]:
    """Text blocks, one for each mark, None for a block without."""
    return [
        {"type": "text", "text": "x"} | ({"cache_control": mark} if mark is not None else {})
        for mark in marks
    ]


def turn(*blocks: dict[str, Any], role: str = "user") -> list[dict[str, Any]]:
    return [{"role": role, "content": list(blocks)}]


GOOD_CHANGES: dict[str, dict[str, Any]] = {
    "nothing more": {},
    "all that the product sends": {
        "system": texts(HOUR, SHORT),
        "messages": turn(*texts(None, SHORT)),
        "thinking": {"type": "adaptive", "display": "omitted"},
        "output_config": {"effort": "low", "format": None},
        "metadata": {"user_id": None},
        "service_tier": "auto",
        "stop_sequences": [],
        "cache_control": SHORT,
    },
    "a budget for thinking": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    "a repair turn": {"messages": [USER, {"role": "assistant", "content": "{}"}, USER]},
    "a thought that is sent back": {
        "messages": [
            USER,
            *turn({"type": "thinking", "thinking": "x", "signature": signature("x")}, role="assistant"),
            USER,
        ]
    },
    "a note of the operator among the turns": {"messages": [USER, {"role": "system", "content": "be brief"}]},
    "a warm-up of the cache": {"max_tokens": 0},
}

BAD_CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown field": ({"tempreature": 0}, "tempreature: Extra inputs are not permitted"),
    "temperature": ({"temperature": 0}, "temperature: Extra inputs"),
    "top_p": ({"top_p": 0.5}, "top_p: Extra inputs"),
    "top_k": ({"top_k": 5}, "top_k: Extra inputs"),
    "the SDK's own parameter": ({"output_format": {}}, "output_format: Extra inputs"),
    "tools": ({"tools": []}, "tools: this test endpoint does not know"),
    "a number as model": ({"model": 5}, "model: Input should be a valid string"),
    "a string as bound": ({"max_tokens": "2000"}, "max_tokens: Input should be a valid integer"),
    "a truth value as bound": ({"max_tokens": True}, "max_tokens: Input should be a valid integer"),
    "a negative bound": ({"max_tokens": -1}, "max_tokens: Input should be greater than or equal to 0"),
    "more than the model can say": ({"max_tokens": 128_001}, "128001 > 128000"),
    "no message": ({"messages": []}, "messages: List should have at least 1 item"),
    "messages that are no list": ({"messages": USER}, "messages: Input should be a valid list"),
    "an unknown field of a message": ({"messages": [USER | {"name": "x"}]}, "messages.0.name: Extra"),
    "an unknown role": ({"messages": [USER | {"role": "tool"}]}, "messages.0.role: Input should be 'user'"),
    "no content": ({"messages": [{"role": "user"}]}, "messages.0.content: Field required"),
    "blank content": ({"messages": [USER | {"content": " \n"}]}, "non-whitespace"),
    "an unknown block": ({"messages": turn({"type": "blob"})}, "messages.0.content.0.type: Input"),
    "an unknown field of a block": (
        {"messages": turn({"type": "text", "text": "x", "id": 1})},
        "messages.0.content.0.id: Extra",
    ),
    "an assistant who opens": ({"messages": [USER | {"role": "assistant"}, USER]}, "first message"),
    "prefill": ({"messages": [USER, {"role": "assistant", "content": "{"}]}, "prefill"),
    "a thought of somebody else": (
        {
            "messages": [
                USER,
                *turn({"type": "thinking", "thinking": "x", "signature": "y"}, role="assistant"),
                USER,
            ]
        },
        "messages.1.content.0: Invalid `signature`",
    ),
    "a system prompt that is an object": ({"system": {"text": "x"}}, "system: Input should be a valid list"),
    "cache_control as a word": (
        {"system": texts("ephemeral")},
        "system.0.cache_control: Input should be an object",
    ),
    "cache_control of another type": ({"system": texts({"type": "persistent"})}, "cache_control.type: Input"),
    "cache_control for a day": ({"system": texts(SHORT | {"ttl": "24h"})}, "cache_control.ttl: Input"),
    "cache_control with more": ({"cache_control": SHORT | {"scope": "x"}}, "cache_control.scope: Extra"),
    "five breakpoints": (
        {"system": texts(SHORT, SHORT, SHORT), "messages": turn(*texts(SHORT)), "cache_control": SHORT},
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    "an hour after minutes": ({"system": texts(SHORT, HOUR)}, "must not come after a ttl='5m'"),
    "an unknown way to think": ({"thinking": {"type": "hard"}}, "thinking.type: Input should be 'adaptive'"),
    "thinking without a budget": (
        {"thinking": {"type": "enabled"}},
        "thinking.budget_tokens: Field required",
    ),
    "too small a budget": (
        {"thinking": {"type": "enabled", "budget_tokens": 1023}},
        "thinking.budget_tokens: Input should be greater than or equal to 1024",
    ),
    "a budget that leaves no room": (
        {"thinking": {"type": "enabled", "budget_tokens": 2000}},
        "must be greater than `thinking.budget_tokens`",
    ),
    "a budget for adaptive thinking": (
        {"thinking": {"type": "adaptive", "budget_tokens": 2000}},
        "thinking.budget_tokens: Extra",
    ),
    "an unknown effort": ({"output_config": {"effort": "extreme"}}, "output_config.effort: Input should be"),
    "an unknown output option": ({"output_config": {"strict": True}}, "output_config.strict: Extra"),
    "a format that is not json_schema": (
        {"output_config": {"format": {"type": "json", "schema": {}}}},
        "output_config.format.type: Input",
    ),
    "a format without schema": (
        {"output_config": {"format": {"type": "json_schema"}}},
        "schema: Field required",
    ),
    "a schema that nobody transformed": (
        {"output_config": {"format": {"type": "json_schema", "schema": {"type": "string", "maxLength": 5}}}},
        "output_config.format.schema: For 'string' schema, 'maxLength' is not supported",
    ),
    "a prompt beyond the model": (
        {"system": "x" * 4_000_004},
        "prompt is too long: 1000003 tokens > 1000000",
    ),
}


@pytest.mark.parametrize("name", GOOD_CHANGES)
def test_a_request_that_keeps_the_rules_is_answered(name: str, post: Post) -> None:
    status, answer = post(SMALL | GOOD_CHANGES[name])

    assert (status, answer["type"]) == (200, "message"), answer


@pytest.mark.parametrize("name", BAD_CHANGES)
def test_a_request_that_breaks_a_rule_is_told_which(name: str, post: Post) -> None:
    change, message = BAD_CHANGES[name]

    status, answer = post(SMALL | change)

    assert (status, answer["error"]["type"]) == (400, "invalid_request_error")
    assert message in answer["error"]["message"]
    assert sorted(answer) == ["error", "request_id", "type"]


@pytest.mark.parametrize("field", sorted(SMALL))
def test_what_is_required_is_missed(field: str, post: Post) -> None:
    status, answer = post({name: value for name, value in SMALL.items() if name != field})

    assert (status, answer["error"]["message"]) == (400, f"{field}: Field required")


@pytest.mark.parametrize("model", ["claude-opus-9", "", "claude-mythos-preview"])
def test_a_model_that_does_not_exist_or_has_retired_is_not_found(model: str, post: Post) -> None:
    status, answer = post(SMALL | {"model": model})

    assert (status, answer["error"]) == (404, {"type": "not_found_error", "message": f"model: {model}"})


def test_tokens_are_counted_for_a_prompt_without_a_bound_for_its_answer(post: Post) -> None:
    prompt = {name: value for name, value in SMALL.items() if name != "max_tokens"}

    assert post(prompt, path="/v1/messages/count_tokens") == (200, {"input_tokens": 2})
    assert post(SMALL, path="/v1/messages/count_tokens")[1]["error"]["message"].startswith(
        "max_tokens: Extra"
    )
