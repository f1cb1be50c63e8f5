"""What is refused before the fields are looked at: paths, headers, and bodies that are no JSON or too large."""

import json

import pytest

from tests.endpoint.conftest import SMALL, Post
from tests.endpoint.entrance import LARGEST_BODY
from tests.endpoint.fixture import Endpoint


@pytest.mark.parametrize(
    ("headers", "status", "kind", "message"),
    [
        (
            {"Authorization": None, "x-api-key": "sk-ant-test-endpoint"},
            401,
            "authentication_error",
            "x-api-key",
        ),
        ({"x-api-key": "sk-ant-test-endpoint"}, 401, "authentication_error", "x-api-key"),
        ({"Authorization": None}, 401, "authentication_error", "header is required"),
        ({"Authorization": "Bearer sk-other"}, 401, "authentication_error", "invalid bearer token"),
        ({"Authorization": "sk-ant-test-endpoint"}, 401, "authentication_error", "invalid bearer token"),
        ({"anthropic-version": None}, 400, "invalid_request_error", "anthropic-version: header is required"),
        (
            {"anthropic-version": "2023-06-01"},
            400,
            "invalid_request_error",
            "'2023-06-01' is not a valid version",
        ),
        (
            {"anthropic-beta": "x-2026-01-01"},
            400,
            "invalid_request_error",
            "Unexpected value(s) 'x-2026-01-01'",
        ),
        ({"Content-Type": "text/plain"}, 400, "invalid_request_error", "content-type"),
        ({"Content-Encoding": "gzip"}, 400, "invalid_request_error", "encoded"),
        ({"Transfer-Encoding": "chunked"}, 400, "invalid_request_error", "chunked"),
        ({"Content-Length": "many"}, 400, "invalid_request_error", "content-length"),
    ],
)
def test_headers_are_held_against_their_rules(
    headers: dict[str, str | None], status: int, kind: str, message: str, post: Post
) -> None:
    found, answer = post(SMALL, headers)

    assert (found, answer["error"]["type"]) == (status, kind)
    assert message in answer["error"]["message"]


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/v1/complete", "POST", 404),
        ("/v1/messages", "GET", 404),
        ("/v1/messages/batches", "POST", 404),
        ("/v1/models/claude-opus-9", "GET", 404),
        ("/v1/messages?beta=true", "POST", 400),
    ],
)
def test_only_the_paths_of_the_table_exist(path: str, method: str, status: int, post: Post) -> None:
    assert post(SMALL, path=path, method=method)[0] == status


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b'{"model": "\xff"}', b'{"max_tokens": NaN}'),
        json.dumps(SMALL)[:-1].encode() + b', "max_tokens": 5}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes, post: Post) -> None:
    status, answer = post(body)

    assert (status, answer["error"]["type"]) == (400, "invalid_request_error")


def test_a_body_over_32_megabytes_is_too_large(post: Post, endpoint: Endpoint) -> None:
    status, answer = post(b" " * (LARGEST_BODY + 1))

    assert (status, answer["error"]["type"]) == (413, "request_too_large")
    assert len(endpoint.exchanges[0].data) == LARGEST_BODY + 1
