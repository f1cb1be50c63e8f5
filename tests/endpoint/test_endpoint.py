"""The endpoint as a whole: round trip, record, prompt cache, models, threads, and its life as a program."""

import json
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic
from anthropic.types import Message

from tests.endpoint.conftest import GOOD, Ask, Plan, Post, good_answer
from tests.endpoint.exchange import Request
from tests.endpoint.fixture import Endpoint
from tests.endpoint.scenario import ok


SERVE = Path(__file__).with_name("serve.py")
LONG = "a line of the stable prefix\n" * 300
LONG_TOKENS = len(LONG) // 4
MARK = {"type": "ephemeral"}


def system(text: str = LONG, **mark: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": text, "cache_control": MARK | mark}]


def cached(answer: Message) -> tuple[int | None, int | None]:
    """Tokens written to the cache and tokens read from it."""
    return answer.usage.cache_creation_input_tokens, answer.usage.cache_read_input_tokens


def test_a_scripted_answer_is_made_from_the_requests_own_user_block(endpoint: Endpoint, ask: Ask) -> None:
    def answer(request: Request) -> str:
        ids = [int(number) for number in re.findall(r"\d+", request.user)]
        return Plan(groups=[GOOD.groups[0].model_copy(update={"ids": ids})]).model_dump_json()

    endpoint.scenario = ok(answer)

    message = ask(messages=[{"role": "user", "content": [{"type": "text", "text": "accesses 4, 5 and 6"}]}])

    assert message.content[0].type == "text"
    assert Plan.model_validate_json(message.content[0].text).groups[0].ids == [4, 5, 6]
    assert endpoint.bodies[0]["output_config"]["format"]["schema"] == anthropic.transform_schema(Plan)


def test_parse_of_the_sdk_works_and_an_unscripted_endpoint_gives_the_smallest_answer(
    client: Anthropic,
) -> None:
    parsed = client.messages.parse(
        model="claude-opus-5-5",
        max_tokens=99,
        messages=[{"role": "user", "content": "x"}],
        output_format=Plan,
    )

    assert parsed.parsed_output == Plan(groups=[])


def test_a_wrong_key_of_the_sdk_is_an_authentication_error(endpoint: Endpoint) -> None:
    with (
        Anthropic(api_key="sk-wrong", base_url=endpoint.url, max_retries=0) as client,
        pytest.raises(anthropic.AuthenticationError),
    ):
        client.models.list()


def test_models_are_listed_and_found_by_their_id(client: Anthropic) -> None:
    listed = {model.id for model in client.models.list()}

    assert "claude-opus-5-5" in listed
    assert "claude-mythos-preview" not in listed
    assert client.models.retrieve("claude-opus-5-5").max_tokens == 128_000


def test_tokens_are_counted_as_they_are_billed(client: Anthropic, ask: Ask) -> None:
    usage = ask().usage
    counted = client.messages.count_tokens(
        model="claude-opus-5-5",
        system="Group these.",
        messages=[{"role": "user", "content": "1 2 3"}],
        output_config={"format": {"type": "json_schema", "schema": anthropic.transform_schema(Plan)}},
    )

    assert counted.input_tokens == usage.input_tokens
    assert usage.output_tokens == len('{"groups": []}') // 4 + 1


def test_every_request_is_kept_byte_for_byte_in_its_order_refused_or_not(
    endpoint: Endpoint, post: Post
) -> None:
    before = time.time()
    post(b'{"caf\xc3\xa9": 1}', {"X-Odd": "Yes"})
    post({"model": "x"})

    first, second = endpoint.exchanges

    assert first.raw.startswith(b"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nX-Odd: Yes\r\n" in first.raw
    assert first.raw.endswith(b'\r\n\r\n{"caf\xc3\xa9": 1}')
    assert endpoint.raw == [first.raw, second.raw]
    assert (endpoint.headers[0]["x-odd"], endpoint.bodies) == ("Yes", [{"caf\u00e9": 1}, {"model": "x"}])
    assert before <= first.at <= second.at <= time.time()
    assert [exchange.number for exchange in endpoint.exchanges] == [1, 2]
    assert (second.status, json.loads(second.reply)["request_id"]) == (400, "req_00000002")


def test_a_connection_serves_many_requests(endpoint: Endpoint) -> None:
    connection = HTTPConnection("127.0.0.1", int(endpoint.url.rpartition(":")[2]), timeout=30)
    sockets = set()
    for _ in range(3):
        connection.request("GET", "/v1/models", headers={"Authorization": f"Bearer {endpoint.key}"})
        connection.getresponse().read()
        sockets.add(connection.sock)
    connection.close()

    assert len(sockets) == 1
    assert len(endpoint.exchanges) == 3
    assert [raw.count(b"GET /v1/models HTTP/1.1\r\n") for raw in endpoint.raw] == [1, 1, 1]


def test_requests_that_come_at_once_are_all_answered_and_all_kept(endpoint: Endpoint, ask: Ask) -> None:
    together = threading.Barrier(6, timeout=30)

    def answer(request: Request) -> str:
        together.wait()
        return good_answer(request)

    endpoint.scenario = ok(answer)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: ask(), range(6)))

    assert len({answer.id for answer in answers}) == len(endpoint.exchanges) == 6


def test_the_cache_reads_the_prefix_that_an_earlier_request_wrote(ask: Ask) -> None:
    first = ask(system=system(), output_config=None)
    second = ask(system=system(), messages=[{"role": "user", "content": "others"}], output_config=None)

    assert cached(first) == (LONG_TOKENS, 0)
    assert cached(second) == (0, LONG_TOKENS)
    assert second.usage.input_tokens == 2


@pytest.mark.parametrize(
    "change",
    [
        {"system": system(LONG + " ")},
        {"model": "claude-sonnet-5-5"},
        {"output_config": {"format": {"type": "json_schema", "schema": {"type": "null"}}}},
    ],
)
def test_the_cache_misses_what_differs_by_a_byte_a_model_or_a_schema(
    ask: Ask, change: dict[str, Any]
) -> None:
    ask(system=system(), output_config=None)

    written, read = cached(ask(**({"system": system(), "output_config": None} | change)))

    assert read == 0
    assert written


def test_the_cache_takes_no_small_prefix_and_forgets(endpoint: Endpoint, ask: Ask) -> None:
    now = 0.0
    endpoint.cache.clock = lambda: now
    assert cached(ask(system=system("short"))) == (0, 0)
    ask(system=system(), output_config=None)
    now = 299.0
    assert cached(ask(system=system(), output_config=None)) == (0, LONG_TOKENS)
    now = 299.0 + 301.0

    late = ask(system=system(ttl="1h"), output_config=None)

    assert cached(late) == (LONG_TOKENS, 0)
    assert late.usage.cache_creation is not None
    assert late.usage.cache_creation.ephemeral_1h_input_tokens == LONG_TOKENS


def test_a_repair_turn_reads_the_conversation_so_far(ask: Ask) -> None:
    opening = [{"role": "user", "content": LONG}]
    ask(messages=opening, system=None, output_config=None, cache_control=MARK)

    repair = [*opening, {"role": "assistant", "content": "{}"}, {"role": "user", "content": "again"}]
    answer = ask(messages=repair, system=None, output_config=None, cache_control=MARK)

    assert answer.usage.cache_read_input_tokens == LONG_TOKENS


def test_a_mistake_in_a_tests_own_answer_is_not_taken_for_an_answer() -> None:
    def mistaken(_: Request) -> str:
        raise KeyError("no such id")

    def use() -> None:
        with Endpoint() as endpoint:
            endpoint.scenario = ok(mistaken)
            with Anthropic(api_key=endpoint.key, base_url=endpoint.url, max_retries=0) as client:
                client.messages.create(
                    model="claude-opus-5-5", max_tokens=9, messages=[{"role": "user", "content": "x"}]
                )

    with pytest.raises(BaseExceptionGroup) as caught:
        use()

    assert caught.group_contains(KeyError, match="no such id")


def test_it_runs_as_a_program_and_logs_each_exchange(tmp_path: Path) -> None:
    log, given = tmp_path / "log", tmp_path / "answer"
    given.write_text(GOOD.model_dump_json())
    command: list[str | Path] = [
        sys.executable,
        SERVE,
        "--scenario",
        "ids-as-strings",
        "--port",
        "0",
        "--log",
        log,
        "--answer",
        given,
    ]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        url, _, key, *_ = program.stdout.readline().split()
        with Anthropic(api_key=key, base_url=url, max_retries=0) as client:
            client.messages.create(
                model="claude-opus-5-5", max_tokens=999, messages=[{"role": "user", "content": "x"}]
            )
        program.send_signal(signal.SIGTERM)

    (line,) = log.read_text().splitlines()
    logged = json.loads(line)
    assert program.returncode == 0
    assert (logged["status"], logged["body"]["messages"][0]["content"]) == (200, "x")
    assert json.loads(json.loads(logged["reply"])["content"][0]["text"])["groups"][1]["ids"] == ["3"]
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
