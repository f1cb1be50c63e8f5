"""What is checked before a scenario is asked: the path, the headers and the body, as a table of routes."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.endpoint import models
from tests.endpoint.exchange import Exchange
from tests.endpoint.failure import Failure, invalid
from tests.endpoint.rules import COUNT_TOKENS, CREATE, check
from tests.endpoint.shape import Shape


API_VERSION = "2026-10-21"
LARGEST_BODY = 32 * 1024 * 1024

ROUTES: dict[tuple[str, str], Shape | None] = {
    ("POST", "/v1/messages"): CREATE,
    ("POST", "/v1/messages/count_tokens"): COUNT_TOKENS,
    ("GET", "/v1/models"): None,
}
"""Method and path to the table of the body; None where there is no body."""
PAGING = {"limit", "after_id", "before_id", "lifecycle"}
MODEL_PATH = "/v1/models/"


def authenticated(exchange: Exchange, key: str) -> None:
    """One bearer token, the right one, and no key in the header of former years."""
    if values(exchange, "x-api-key"):
        raise Failure("authentication_error", "x-api-key is not accepted, send Authorization: Bearer")
    if not (given := values(exchange, "authorization")):
        raise Failure("authentication_error", "Authorization header is required")
    if given != [f"Bearer {key}"]:
        raise Failure("authentication_error", "invalid bearer token")


def versioned(exchange: Exchange, _: str) -> None:
    """Exactly the version that these rules describe, and no beta feature on top."""
    given = values(exchange, "anthropic-version")
    if not given:
        raise invalid("anthropic-version", "header is required")
    if given != [API_VERSION]:
        raise invalid("anthropic-version", f"{', '.join(given)!r} is not a valid version, use {API_VERSION}")
    if beta := values(exchange, "anthropic-beta"):
        raise invalid("anthropic-beta", f"Unexpected value(s) {', '.join(beta)!r}")


def plain(exchange: Exchange, _: str) -> None:
    """A body of a known length, as it is."""
    if values(exchange, "transfer-encoding") or values(exchange, "content-encoding"):
        raise invalid("body", "this test endpoint takes no encoded or chunked body")
    length = values(exchange, "content-length")
    if exchange.method == "POST" and not (len(length) == 1 and length[0].isdecimal()):
        raise invalid("content-length", "should stand once, as a number")


def small_enough(exchange: Exchange, _: str) -> None:
    """At most 32 MB."""
    if len(exchange.data) > LARGEST_BODY:
        raise Failure("request_too_large", "Request exceeds the maximum size")


def routed(exchange: Exchange, _: str) -> None:
    """A path and a method that exist, with no query where none has a meaning."""
    parts = urlsplit(exchange.path)
    if (exchange.method, parts.path) not in ROUTES and not named_model(exchange):
        raise Failure("not_found_error", f"{exchange.method} {parts.path}: Not found")
    for name in parse_qs(parts.query, keep_blank_values=True):
        if parts.path != "/v1/models" or name.removesuffix("[]") not in PAGING:
            raise invalid(name, "Extra inputs are not permitted")


def is_json(exchange: Exchange, _: str) -> None:
    """A body that says to be JSON; a GET has none."""
    if exchange.method == "GET":
        if exchange.data:
            raise invalid("body", "a GET request has no body")
    elif [one.partition(";")[0].strip() for one in values(exchange, "content-type")] != ["application/json"]:
        raise invalid("content-type", "must be application/json")


CHECKS: tuple[Callable[[Exchange, str], None], ...] = (
    routed,
    plain,
    small_enough,
    authenticated,
    versioned,
    is_json,
)
"""In the order in which a request meets them."""


def admitted(exchange: Exchange, key: str) -> dict[str, Any]:
    """The checked body of a request; empty for a GET. Raises the first fault."""
    for one in CHECKS:
        one(exchange, key)
    shape = ROUTES.get((exchange.method, urlsplit(exchange.path).path))
    if shape is None:
        return {}
    body = parsed(exchange.data)
    check(body, shape)
    return body


def parsed(data: bytes) -> dict[str, Any]:
    """The body's JSON, read strictly: UTF-8, no NaN, no name twice in one object."""
    try:
        body = json.loads(data.decode(), object_pairs_hook=_once_each, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Failure("invalid_request_error", f"The request body is not valid JSON: {error}") from error
    if not isinstance(body, dict):
        raise invalid("body", "Input should be an object")
    return body


def named_model(exchange: Exchange) -> dict[str, Any] | None:
    """The model that GET /v1/models/ID asks for; None for any other request."""
    path = urlsplit(exchange.path).path
    name = path.removeprefix(MODEL_PATH)
    asked = exchange.method == "GET" and path.startswith(MODEL_PATH) and name in models.MODELS
    return models.described(name) if asked else None


def values(exchange: Exchange, name: str) -> list[str]:
    """All values of a header."""
    return [value for header, value in exchange.headers if header == name]


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
