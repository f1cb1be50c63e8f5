"""Streamed answers: the same content as server-sent events, and what breaks on the way."""

import anthropic
import httpx2
import pytest
from anthropic import Anthropic

from tests.endpoint.conftest import SMALL, Ask, good_answer, text_of
from tests.endpoint.fixture import Endpoint
from tests.endpoint.scenario import SCENARIOS, breaks_mid_stream, cut_off


@pytest.mark.parametrize("name", ["ok", "thinking-first", "two-blocks", "refusal", "truncated"])
def test_a_stream_says_the_same_as_a_document(
    name: str, endpoint: Endpoint, client: Anthropic, ask: Ask
) -> None:
    endpoint.scenario = SCENARIOS[name](good_answer)
    whole = ask()

    with client.messages.stream(**SMALL) as stream:
        pieces = list(stream)
        found = stream.get_final_message()

    assert text_of(found) == text_of(whole)
    assert (found.stop_reason, found.stop_details) == (whole.stop_reason, whole.stop_details)
    assert found.usage.output_tokens == whole.usage.output_tokens
    assert len(pieces) > 10 or name == "refusal"


def test_a_stream_that_breaks_has_status_200_and_the_type_of_the_error(
    endpoint: Endpoint, client: Anthropic
) -> None:
    endpoint.scenario = breaks_mid_stream(good_answer)

    with (
        pytest.raises(anthropic.APIStatusError) as caught,
        client.messages.stream(**SMALL) as stream,
    ):
        stream.get_final_message()

    assert (caught.value.status_code, caught.value.type) == (200, "overloaded_error")


def test_a_stream_that_is_cut_off_is_an_error_of_the_transport(endpoint: Endpoint, client: Anthropic) -> None:
    endpoint.scenario = cut_off(good_answer)

    # The SDK lets it out as it is, not as one of its own.
    with (
        pytest.raises(httpx2.TransportError),
        client.messages.stream(**SMALL) as stream,
    ):
        stream.get_final_message()
