"""Every scenario of the table, seen through the real SDK."""

import json
import threading
from collections.abc import Callable
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic
from pydantic import ValidationError

from tests.endpoint import lies
from tests.endpoint.conftest import GOOD, SMALL, Ask, Plan, Post, good_answer, text_of
from tests.endpoint.fixture import Endpoint
from tests.endpoint.scenario import (
    OVERLOADED,
    SCENARIOS,
    failing,
    in_turn,
    lying,
    ok,
    prose,
    rate_limited,
    refusal,
    slow,
)


GOOD_ONES = ("ok", "thinking-first", "two-blocks", "wrong-content-type")

FAILING: dict[str, tuple[type[Exception], int | None, str | None]] = {
    "rate-limited": (anthropic.RateLimitError, 429, "rate_limit_error"),
    "spend-limit": (anthropic.RateLimitError, 429, "rate_limit_error"),
    "overloaded": (anthropic.OverloadedError, 529, "overloaded_error"),
    "overloaded-once": (anthropic.OverloadedError, 529, "overloaded_error"),
    "breaks-mid-stream": (anthropic.OverloadedError, 529, "overloaded_error"),
    "internal-error": (anthropic.InternalServerError, 500, "api_error"),
    "unauthenticated": (anthropic.AuthenticationError, 401, "authentication_error"),
    "forbidden": (anthropic.PermissionDeniedError, 403, "permission_error"),
    "not-found": (anthropic.NotFoundError, 404, "not_found_error"),
    "bad-gateway": (anthropic.InternalServerError, 502, None),
    "reset": (anthropic.APIConnectionError, None, None),
    "cut-off": (anthropic.APIConnectionError, None, None),
    # The SDK lets these two out as they are.
    "invalid-utf8": (UnicodeDecodeError, None, None),
    "half-document": (json.JSONDecodeError, None, None),
}

SPOILT: dict[str, tuple[str, Callable[[str], bool]]] = {
    "truncated": ("max_tokens", lambda text: GOOD.model_dump_json().startswith(text) and text != ""),
    "half": ("end_turn", lambda text: GOOD.model_dump_json().startswith(text) and text != ""),
    "prose": ("end_turn", lambda text: text.startswith("Happy to help")),
    "fenced": ("end_turn", lambda text: "```json\n" + GOOD.model_dump_json() + "\n```" in text),
    "empty": ("end_turn", lambda text: text == ""),
    "refusal": ("refusal", lambda text: text == ""),
    "huge": ("end_turn", lambda text: len(text) > 10_000_000 and "padding" in json.loads(text)),
}

LIES: dict[str, Callable[[Any], bool]] = {
    "ids-as-strings": lambda plan: plan["groups"][0]["ids"] == ["1", "2"],
    "bad-ids": lambda plan: plan["groups"][0]["ids"] == [1_000_001, -3],
    "duplicate-ids": lambda plan: plan["groups"][0]["ids"] == [1, 2, 1, 2] and len(plan["groups"]) == 4,
    "over-broad": lambda plan: {1, 2, 3} <= set(plan["groups"][1]["ids"]),
    "obedient": lambda plan: plan["groups"][0]["why"] == lies.HOSTILE,
    "obedient-with-paths": lambda plan: plan["groups"][0]["paths"] == ["/etc/shadow", "/"],
}

TIMED = {"slow", "never-answers"}
STRANGE = {"web-page", "not-a-message"}


def test_every_scenario_of_the_table_is_tried_below() -> None:
    assert {*GOOD_ONES, *FAILING, *SPOILT, *LIES, *TIMED, *STRANGE} == set(SCENARIOS)


@pytest.mark.parametrize("name", GOOD_ONES)
def test_a_good_answer_arrives_whole(name: str, endpoint: Endpoint, ask: Ask) -> None:
    endpoint.scenario = SCENARIOS[name](good_answer)

    answer = ask()

    assert Plan.model_validate_json(text_of(answer)) == GOOD
    assert (answer.stop_reason, answer._request_id) == ("end_turn", "req_00000001")
    assert [block.type for block in answer.content] == {
        "thinking-first": ["thinking", "text"],
        "two-blocks": ["text", "text"],
    }.get(name, ["text"])


@pytest.mark.parametrize("name", FAILING)
def test_a_failure_is_the_error_that_the_sdk_has_for_it(name: str, endpoint: Endpoint, ask: Ask) -> None:
    kind, status, said = FAILING[name]
    endpoint.scenario = SCENARIOS[name](good_answer)

    with pytest.raises(kind) as caught:
        ask()

    assert getattr(caught.value, "status_code", None) == status
    assert getattr(caught.value, "type", None) == said
    assert len(endpoint.exchanges) == 1


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_answer_arrives_as_it_was_spoilt(name: str, endpoint: Endpoint, ask: Ask) -> None:
    stop_reason, spoilt = SPOILT[name]
    endpoint.scenario = SCENARIOS[name](good_answer)

    answer = ask()

    assert answer.stop_reason == stop_reason
    assert spoilt(text_of(answer))


@pytest.mark.parametrize("name", LIES)
def test_a_lie_changes_the_good_answer_and_nothing_else(name: str, endpoint: Endpoint, ask: Ask) -> None:
    endpoint.scenario = SCENARIOS[name](good_answer)

    answer = ask()

    assert answer.stop_reason == "end_turn"
    assert LIES[name](json.loads(text_of(answer)))


def test_a_lie_can_know_what_is_wide(endpoint: Endpoint, ask: Ask) -> None:
    endpoint.scenario = lying(good_answer, lies.widest("candidate", lambda chosen: chosen + 10))

    plan = Plan.model_validate_json(text_of(ask()))

    assert [group.candidate for group in plan.groups] == [17, 18]
    assert plan.groups[0].ids == [1, 2]


@pytest.mark.parametrize("lie", [lies.duplicate_ids, lies.everything_everywhere])
def test_most_lies_follow_the_schema_and_so_reach_the_verifier(lie: lies.Lie) -> None:
    Plan.model_validate_json(lies.told(GOOD.model_dump_json(), lie), strict=True)


def test_ids_as_strings_are_against_the_schema() -> None:
    with pytest.raises(ValidationError):
        Plan.model_validate_json(lies.told(GOOD.model_dump_json(), lies.ids_as_strings), strict=True)


def test_a_refusal_names_its_category_or_none(endpoint: Endpoint, ask: Ask) -> None:
    endpoint.scenario = in_turn(refusal("cyber"), refusal(None))

    first, second = ask(), ask()

    assert first.stop_details is not None
    assert first.stop_details.category == "cyber"
    assert second.stop_details is not None
    assert second.stop_details.category is None


def test_a_rate_limit_says_how_long_to_wait_and_passes(endpoint: Endpoint, ask: Ask) -> None:
    endpoint.scenario = rate_limited(good_answer, times=2, retry_after="7")

    for _ in range(2):
        with pytest.raises(anthropic.RateLimitError) as caught:
            ask()
        assert caught.value.response.headers["retry-after"] == "7"

    assert text_of(ask()) == GOOD.model_dump_json()


def test_a_spend_limit_is_told_from_a_rate_limit_by_its_code(endpoint: Endpoint, ask: Ask) -> None:
    endpoint.scenario = SCENARIOS["spend-limit"](good_answer)

    with pytest.raises(anthropic.EnforcedSpendLimitReachedError) as caught:
        ask()

    assert caught.value.error_code == "enforced_spend_limit_reached"


def test_the_sdk_repeats_what_an_overload_lost(endpoint: Endpoint) -> None:
    endpoint.scenario = failing(OVERLOADED, 1, ok(good_answer))

    with Anthropic(api_key=endpoint.key, base_url=endpoint.url, max_retries=1) as client:
        client.messages.create(
            model="claude-opus-5-5", max_tokens=99, messages=[{"role": "user", "content": "x"}]
        )

    assert [exchange.status for exchange in endpoint.exchanges] == [529, 200]


def test_an_answer_longer_than_the_bound_is_cut_there(endpoint: Endpoint, ask: Ask) -> None:
    endpoint.scenario = ok(good_answer)

    answer = ask(max_tokens=10)

    assert (answer.stop_reason, answer.usage.output_tokens) == ("max_tokens", 10)
    assert text_of(answer) == GOOD.model_dump_json()[:40]


def test_a_slow_answer_comes_and_an_impatient_client_goes(endpoint: Endpoint, ask: Ask) -> None:
    endpoint.scenario = in_turn(slow(good_answer, 0.2), SCENARIOS["never-answers"](good_answer))

    assert text_of(ask()) == GOOD.model_dump_json()
    with pytest.raises(anthropic.APITimeoutError):
        ask(timeout=0.2)

    endpoint.wait_for(2)
    assert [exchange.status for exchange in endpoint.exchanges] == [200, None]


def test_a_reset_is_one_for_the_kernel_too_and_no_quiet_close(endpoint: Endpoint, post: Post) -> None:
    endpoint.scenario = SCENARIOS["reset"](good_answer)

    with pytest.raises(ConnectionResetError) as caught:
        post(SMALL)

    # A connection that merely ended is a subclass, RemoteDisconnected.
    assert type(caught.value) is ConnectionResetError


def test_the_sdk_hands_out_what_is_no_message_so_who_asks_must_look(endpoint: Endpoint, ask: Ask) -> None:
    endpoint.scenario = in_turn(*[SCENARIOS[name](good_answer) for name in ("web-page", "not-a-message")])

    page: Any = ask()
    other: Any = ask()

    assert isinstance(page, str)
    assert (type(other), other.content, other.stop_reason) == (anthropic.types.Message, None, None)


def test_scenarios_take_turns_even_when_requests_come_at_once(endpoint: Endpoint, ask: Ask) -> None:
    endpoint.scenario = in_turn(prose(good_answer), ok(good_answer))
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(text_of(ask()))) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(text.startswith("Happy") for text in found) == 1
    assert found.count(GOOD.model_dump_json()) == 3
