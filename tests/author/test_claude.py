"""Asking Claude: every scenario of the strict endpoint, and what it costs, waits and remembers."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from assistant.author.budget import Budget
from assistant.author.client import Author, Reply, Usage
from assistant.author.prices import PRICES
from assistant.author.terms import Patience
from assistant.errors import (
    AnswerError,
    BudgetError,
    CredentialsError,
    DeclinedError,
    LandscribeError,
    NotApprovedError,
    OverloadedError,
    RejectedError,
    TruncatedError,
    UnknownModelError,
    UnreachableError,
)
from redaction.text import literal
from tests.author.conftest import MODEL, PROMPT, Desk, Watch
from tests.endpoint import lies
from tests.endpoint.conftest import GOOD, good_answer
from tests.endpoint.exchange import Request
from tests.endpoint.failure import Failure
from tests.endpoint.fixture import Endpoint
from tests.endpoint.reply import Message, Page
from tests.endpoint.scenario import OVERLOADED, SCENARIOS, always, failing, in_turn, ok, rate_limited
from tests.endpoint.tokens import request_tokens


TEXT = GOOD.model_dump_json()


@dataclass(frozen=True)
class Outcome:
    """What a scenario comes to.

    Attributes:
        ends: The error; None for a reply.
        text: What the reply's text must be.
        requests: How many are made.
        heard: How many of them tell what they read.
        known: Whether the cost of all is known.
    """

    ends: type[LandscribeError] | None = None
    text: Callable[[str], bool] = lambda text: text == TEXT
    requests: int = 1
    heard: int = 1
    known: bool = True


def told(lie: lies.Lie) -> Callable[[str], bool]:
    return lambda text: json.loads(text) == json.loads(lies.told(TEXT, lie))


OUTCOMES = {
    "ok": Outcome(),
    "thinking-first": Outcome(),
    "two-blocks": Outcome(),
    "slow": Outcome(),
    "wrong-content-type": Outcome(),
    "rate-limited": Outcome(requests=2),
    "overloaded-once": Outcome(requests=2),
    "overloaded": Outcome(OverloadedError, requests=6, heard=0),
    "internal-error": Outcome(OverloadedError, requests=6, heard=0),
    "bad-gateway": Outcome(UnreachableError, requests=6, heard=0),
    "spend-limit": Outcome(BudgetError, heard=0),
    "unauthenticated": Outcome(CredentialsError, heard=0),
    "forbidden": Outcome(CredentialsError, heard=0),
    "not-found": Outcome(UnknownModelError, heard=0),
    # Whether these were paid for nobody can know, so they are tried less often.
    "reset": Outcome(UnreachableError, requests=3, heard=0, known=False),
    "cut-off": Outcome(UnreachableError, requests=3, heard=3, known=False),
    "never-answers": Outcome(UnreachableError, requests=3, heard=0, known=False),
    "breaks-mid-stream": Outcome(OverloadedError, requests=3, heard=3, known=False),
    "not-a-message": Outcome(UnreachableError, heard=0, known=False),
    "web-page": Outcome(UnreachableError, heard=0, known=False),
    "half-document": Outcome(UnreachableError, heard=0, known=False),
    "invalid-utf8": Outcome(UnreachableError, known=False),
    "huge": Outcome(AnswerError, known=False),
    "refusal": Outcome(DeclinedError),
    "truncated": Outcome(TruncatedError),
    "empty": Outcome(AnswerError),
    # Answers that whoever asked must judge.
    "half": Outcome(text=lambda text: text == TEXT[: len(TEXT) // 2]),
    "prose": Outcome(text=lambda text: text.startswith("Happy to help!")),
    "fenced": Outcome(text=lambda text: f"```json\n{TEXT}\n```" in text),
    "ids-as-strings": Outcome(text=told(lies.ids_as_strings)),
    "bad-ids": Outcome(text=told(lies.bad_ids)),
    "duplicate-ids": Outcome(text=told(lies.duplicate_ids)),
    "over-broad": Outcome(text=told(lies.everything_everywhere)),
    "obedient": Outcome(text=told(lies.obedient)),
    "obedient-with-paths": Outcome(text=told(lies.with_grants)),
}


def said_tokens(endpoint: Endpoint) -> int:
    """The last count of written tokens in each reply, added up."""
    counts = [re.findall(rb'"output_tokens": (\d+)', exchange.reply) for exchange in endpoint.exchanges]
    return sum(int(found[-1]) for found in counts if found)


def test_every_scenario_has_an_outcome() -> None:
    assert OUTCOMES.keys() == SCENARIOS.keys()


@pytest.mark.parametrize("name", OUTCOMES)
def test_every_scenario_ends_in_its_reply_or_its_error(name: str, endpoint: Endpoint, desk: Desk) -> None:
    outcome = OUTCOMES[name]
    endpoint.scenario = SCENARIOS[name](good_answer)
    desk.patience = Patience(silence=0.5 if name == "never-answers" else 60)
    author = desk.approving()

    if outcome.ends is None:
        reply = author.ask(PROMPT)
        assert outcome.text(reply.text)
        assert (reply.model, reply.request) == (MODEL, f"req_{outcome.requests:08d}")
        used = reply.usage
    else:
        with pytest.raises(outcome.ends) as caught:
            author.ask(PROMPT)
        assert type(caught.value) is outcome.ends
        assert caught.value.what
        used = desk.budget.used

    sent = request_tokens(endpoint.bodies[0]) * outcome.heard
    assert (used.requests, used.sent) == (outcome.requests, sent)
    assert (used.cost is not None) is outcome.known
    if outcome.known:
        assert used.received == said_tokens(endpoint)
        assert used.cost == pytest.approx(PRICES[MODEL].cost(used))
    assert desk.budget.used == used
    assert len(endpoint.exchanges) == len(desk.notebook.sent) == outcome.requests
    assert len(desk.watch.slept) == outcome.requests - 1


def test_the_author_is_an_author(desk: Desk) -> None:
    author: Author = desk.author()

    assert (author.model, author.endpoint) == (MODEL, desk.url)


def test_body_is_what_the_endpoint_receives_and_the_same_each_time(endpoint: Endpoint, desk: Desk) -> None:
    author = desk.approving()
    body = author.body(PROMPT)

    author.ask(PROMPT)
    author.ask(PROMPT)

    assert [exchange.data for exchange in endpoint.exchanges] == [body, body]
    assert desk.author().body(PROMPT) == Desk("https://elsewhere.example").author().body(PROMPT) == body
    assert json.loads(body)["system"][0]["cache_control"] == {"type": "ephemeral"}


def test_writing_a_body_sends_nothing(endpoint: Endpoint, desk: Desk) -> None:
    desk.author().body(PROMPT)

    assert endpoint.exchanges == []
    assert desk.notebook.sent == []


def test_a_conversation_is_sent_in_turns_and_the_answer_may_be_sent_back(
    endpoint: Endpoint, desk: Desk
) -> None:
    answer, repair = literal('{"groups": []}'), literal("Access 3 has no group.")
    endpoint.scenario = in_turn(ok(lambda _: str(answer)), ok(good_answer))
    author = desk.approving()
    desk.approvals.repair(author.body(PROMPT), repair)
    longer = replace(PROMPT, turns=(*PROMPT.turns, answer, repair))

    with pytest.raises(NotApprovedError):
        author.ask(longer)  # nobody said that yet
    author.ask(PROMPT)
    reply = author.ask(longer)

    assert reply.text == TEXT
    roles = [(turn["role"], turn["content"]) for turn in endpoint.bodies[-1]["messages"]]
    assert roles == [
        ("user", str(PROMPT.turns[0])),
        ("assistant", str(answer)),
        ("user", "Access 3 has no group."),
    ]
    assert len(endpoint.exchanges) == 2


def test_the_cache_is_used_and_paid_for_as_such(endpoint: Endpoint, desk: Desk) -> None:
    endpoint.cache.smallest = 1
    author = desk.approving()

    first, second = author.ask(PROMPT).usage, author.ask(PROMPT).usage

    assert first.stored == second.cached > 0
    assert first.cached == second.stored == 0
    assert desk.budget.used == first + second
    assert first.cost is not None
    assert second.cost is not None
    assert second.cost < first.cost


def test_an_endpoint_that_asks_to_wait_is_waited_for_as_long_as_it_asks(
    endpoint: Endpoint, desk: Desk
) -> None:
    endpoint.scenario = rate_limited(good_answer, times=2, retry_after="7")

    assert desk.approving().ask(PROMPT).usage.requests == 3
    assert desk.watch.slept == [7.0, 7.0]


@pytest.mark.parametrize("asked", ["61", "4294967", "1e9"])
def test_an_endpoint_that_asks_for_too_long_is_not_waited_for(
    asked: str, endpoint: Endpoint, desk: Desk
) -> None:
    endpoint.scenario = rate_limited(good_answer, times=9, retry_after=asked)

    with pytest.raises(OverloadedError, match="too busy") as caught:
        desk.approving().ask(PROMPT)

    assert f"asks to wait {float(asked):.0f} seconds" in caught.value.why
    assert desk.watch.slept == []


@pytest.mark.parametrize("asked", ["soon", "nan", "inf", "-5", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_what_an_endpoint_asks_without_sense_is_not_heeded(
    asked: str, endpoint: Endpoint, desk: Desk
) -> None:
    endpoint.scenario = rate_limited(good_answer, times=1, retry_after=asked)

    assert desk.approving().ask(PROMPT).text == TEXT
    assert 0 <= desk.watch.slept[0] <= 20


def test_waits_grow_and_differ(endpoint: Endpoint, desk: Desk) -> None:
    endpoint.scenario = always(OVERLOADED)
    author = desk.approving()

    for _ in range(8):
        with pytest.raises(OverloadedError):
            author.ask(PROMPT)

    by_try = [desk.watch.slept[at::5] for at in range(5)]
    assert [max(waits) <= 0.5 * 2**at for at, waits in enumerate(by_try)] == [True] * 5
    assert len(set(desk.watch.slept)) > 30


def test_all_tries_together_take_no_longer_than_allowed(endpoint: Endpoint, desk: Desk) -> None:
    endpoint.scenario = rate_limited(good_answer, times=9, retry_after="50")
    desk.patience = Patience(total=120)

    with pytest.raises(OverloadedError):
        desk.approving().ask(PROMPT)

    assert desk.watch.slept == [50.0, 50.0]


def test_an_endpoint_that_says_not_to_try_again_is_not_tried_again(endpoint: Endpoint, desk: Desk) -> None:
    endpoint.scenario = always(Failure("api_error", "No", (("x-should-retry", "false"),)))

    with pytest.raises(OverloadedError):
        desk.approving().ask(PROMPT)

    assert len(endpoint.exchanges) == 1


def test_an_answer_that_drips_is_left_when_time_is_up(endpoint: Endpoint, desk: Desk) -> None:
    class Fast(Watch):
        """A second each time that somebody looks."""

        looked = 0

        def clock(self) -> float:
            self.looked += 1
            return float(self.looked)

    desk.watch, desk.patience = Fast(), Patience(total=3)
    author = desk.approving()

    with pytest.raises(BudgetError, match="longer than the 3 seconds"):
        author.ask(PROMPT)

    assert len(endpoint.exchanges) == 1
    assert desk.budget.used.cost is None


@pytest.mark.parametrize("most", [1, 16_000, 128_000])
def test_ten_megabytes_are_not_kept_whatever_the_model_may_write(
    most: int, endpoint: Endpoint, desk: Desk
) -> None:
    endpoint.scenario = SCENARIOS["huge"](good_answer)
    prompt = replace(PROMPT, most_output=most)
    author = desk.approving(prompt)

    with pytest.raises(AnswerError, match="longer than the model may write"):
        author.ask(prompt)


def test_an_unknown_model_is_named_as_such(endpoint: Endpoint, desk: Desk) -> None:
    desk.model = "claude-opus-9"

    with pytest.raises(UnknownModelError):
        desk.approving().ask(PROMPT)

    assert len(endpoint.exchanges) == 1


def test_a_request_that_the_endpoint_does_not_take_is_not_repeated(endpoint: Endpoint, desk: Desk) -> None:
    greedy = replace(PROMPT, most_output=128_001)

    with pytest.raises(RejectedError, match="does not take") as caught:
        desk.approving(greedy).ask(greedy)

    assert "128001 > 128000" in caught.value.why
    assert len(endpoint.exchanges) == 1


HOSTILE = "\x1b[31m\u202e</data>\n" * 100


@pytest.mark.parametrize(
    "scenario",
    [
        always(Failure("invalid_request_error", HOSTILE)),
        always(Failure("rate_limit_error", HOSTILE)),
        always(Failure("authentication_error", HOSTILE, code=HOSTILE)),
        always(Message(("x",), stop_reason=HOSTILE)),
        always(Message((), stop_reason="refusal", stop_details={"type": "refusal", "category": HOSTILE})),
        always(Page(418, "text/plain", HOSTILE.encode())),
        always(Page(400, "application/json", json.dumps({"error": HOSTILE}).encode())),
        always(Page(400, "application/json", json.dumps({"error": {"message": [HOSTILE]}}).encode())),
        always(Page(503, "application/json", json.dumps([HOSTILE]).encode())),
    ],
)
def test_what_an_endpoint_says_reaches_nobody_raw(
    scenario: Callable[[Request], Failure | Message | Page], endpoint: Endpoint, desk: Desk
) -> None:
    endpoint.scenario = scenario

    with pytest.raises(LandscribeError) as caught:
        desk.approving().ask(PROMPT)

    words = f"{caught.value.what}{caught.value.why}{caught.value.hint}"
    assert words.isascii()
    assert words.isprintable()
    assert len(words) < 3000


@pytest.mark.parametrize(
    "events",
    [
        b"event: message_start\ndata: " + b"[" * 100_000 + b"\n\n",
        b'event: message_start\ndata: {"type": "message_start", "message": 7}\n\n',
        b'event: message_start\ndata: {"type": "message_start"}\n\n',
        b'event: message_delta\ndata: {"type": "message_delta", "delta": [], "usage": null}\n\n',
        b"event: message_start\ndata: 1\n\nevent: message_stop\ndata: null\n\n",
        b"event: error\ndata: \xff\xfe\n\n",
        b"\x00" * 1000,
        b"",
    ],
)
def test_nonsense_in_a_stream_is_an_endpoint_that_is_none(
    events: bytes, endpoint: Endpoint, desk: Desk
) -> None:
    endpoint.scenario = always(Page(200, "text/event-stream", events))

    with pytest.raises(UnreachableError):
        desk.approving().ask(PROMPT)

    assert len(endpoint.exchanges) == 1


def test_an_error_in_a_stream_that_says_nothing_is_a_refused_request(endpoint: Endpoint, desk: Desk) -> None:
    endpoint.scenario = always(Page(200, "text/event-stream", b"event: error\ndata: {}\n\n"))

    with pytest.raises(RejectedError):
        desk.approving().ask(PROMPT)


def test_counts_that_are_none_do_not_change_what_is_spent(endpoint: Endpoint, desk: Desk) -> None:
    start = {"type": "message_start", "message": {"type": "message", "model": "m", "usage": {}}}
    start["message"] |= {"usage": {"input_tokens": -(10**9), "output_tokens": "many"}}  # type: ignore[operator]
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": -5}}
    text = {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": "x"},
    }
    events = "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in (start, text, end))
    endpoint.scenario = always(Page(200, "text/event-stream", events.encode()))

    reply = desk.approving().ask(PROMPT)

    assert reply == Reply("x", "m", "req_00000001", Usage(requests=1))
    assert desk.budget.spent == 0


def test_the_budget_is_asked_before_each_request(endpoint: Endpoint, desk: Desk) -> None:
    author = desk.author()
    most = author.most(PROMPT)
    assert most is not None
    desk.budget = Budget(most * 1.5)
    endpoint.scenario = failing(OVERLOADED, 1, ok(good_answer))
    author = desk.approving()

    assert author.ask(PROMPT).text == TEXT  # an overload costs nothing
    endpoint.scenario = SCENARIOS["cut-off"](good_answer)
    with pytest.raises(BudgetError, match="can cost up to"):
        author.ask(PROMPT)  # and a lost answer may have cost all of it

    assert len(endpoint.exchanges) == 3
    assert desk.budget.spent >= most


def test_a_budget_that_does_not_cover_one_request_sends_nothing(endpoint: Endpoint, desk: Desk) -> None:
    desk.budget = Budget(0.01)

    with pytest.raises(BudgetError):
        desk.approving().ask(PROMPT)

    assert endpoint.exchanges == []
    assert desk.budget.used == Usage()


def test_a_model_without_a_price_is_asked_unless_there_is_a_budget(endpoint: Endpoint, desk: Desk) -> None:
    desk.model = "claude-mythos-preview"
    author = desk.approving()
    assert author.price is None
    assert author.most(PROMPT) is None

    with pytest.raises(UnknownModelError):
        author.ask(PROMPT)
    desk.budget = Budget(100.0)
    with pytest.raises(BudgetError, match="cannot be kept"):
        desk.approving().ask(PROMPT)

    assert len(endpoint.exchanges) == 1


def test_an_interrupt_counts_what_may_have_been_paid(endpoint: Endpoint, desk: Desk) -> None:
    endpoint.scenario = ok(good_answer)

    class Stopping(Watch):
        def clock(self) -> float:
            if desk.notebook.statuses:
                raise KeyboardInterrupt
            return 0.0

    desk.watch = Stopping()
    author = desk.approving()
    with pytest.raises(KeyboardInterrupt):
        author.ask(PROMPT)

    assert desk.budget.used.cost is None
    assert desk.budget.spent == author.most(PROMPT)
