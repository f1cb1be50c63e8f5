"""How the endpoint answers a request that kept the rules: one function from request to reply for each scenario.

Each maker takes the good answer that a test would like to get, as a function from the request to the answer's text,
and returns a scenario that gives it, spoils it, or withholds it.
"""

import threading
from collections.abc import Callable

from tests.endpoint import lies
from tests.endpoint.exchange import Request
from tests.endpoint.failure import Failure
from tests.endpoint.reply import Late, Message, Page, Reply, Reset, Silence


Answer = Callable[[Request], str]
Scenario = Callable[[Request], Reply]

OVERLOADED = Failure("overloaded_error", "Overloaded")
RATE_LIMITED = Failure(
    "rate_limit_error", "This request would exceed your rate limit", (("retry-after", "1"),)
)
SPEND_LIMIT = Failure(
    "rate_limit_error", "You have reached your spend limit", code="enforced_spend_limit_reached"
)
INTERNAL = Failure("api_error", "Internal server error")
UNAUTHENTICATED = Failure("authentication_error", "invalid bearer token")
FORBIDDEN = Failure("permission_error", "Your API key does not have permission to use this resource")
NOT_FOUND = Failure("not_found_error", "model: not available to your organization")
WEB_PAGE = Page(200, "text/html", b"<html><body>Please log in to this network.</body></html>")
NOT_A_MESSAGE = Page(200, "application/json", b'{"status": "up"}')
BAD_GATEWAY = Page(502, "text/html", b"<html><body><h1>502 Bad Gateway</h1></body></html>")


def ok(answer: Answer) -> Scenario:
    """The good answer."""
    return lambda request: Message((answer(request),))


def always(reply: Reply) -> Scenario:
    """The same reply whatever was asked."""
    return lambda _: reply


def in_turn(*scenarios: Scenario) -> Scenario:
    """Each scenario for one request; the last one for all that follow."""
    left, lock = list(scenarios), threading.Lock()

    def answer(request: Request) -> Reply:
        with lock:
            scenario = left.pop(0) if len(left) > 1 else left[0]
        return scenario(request)

    return answer


def failing(reply: Reply, times: int, then: Scenario) -> Scenario:
    """A reply that is not an answer, ``times`` times, and then another scenario."""
    return in_turn(*[always(reply)] * times, then)


def rate_limited(answer: Answer, times: int = 1, retry_after: str = "1") -> Scenario:
    """429 with a retry-after ``times`` times, then the good answer."""
    limited = Failure(RATE_LIMITED.kind, RATE_LIMITED.message, (("retry-after", retry_after),))
    return failing(limited, times, ok(answer))


def refusal(category: str | None = "cyber") -> Scenario:
    """The model declines: status 200, no text, and a category that may be null."""
    details = {"type": "refusal", "category": category, "explanation": None}
    return always(Message((), stop_reason="refusal", stop_details=details))


def truncated(answer: Answer) -> Scenario:
    """Half the answer, because the model ran into max_tokens."""
    return lambda request: Message((_half(answer(request)),), stop_reason="max_tokens", cut=False)


def half(answer: Answer) -> Scenario:
    """Half the answer, and the model thinks that it is whole."""
    return lambda request: Message((_half(answer(request)),))


def prose(_: Answer) -> Scenario:
    """Sentences instead of JSON."""
    return always(Message(("Happy to help! The service mostly reads its configuration.",)))


def fenced(answer: Answer) -> Scenario:
    """The JSON in a Markdown code fence, with a sentence before it."""
    return lambda request: Message((f"Here it is:\n```json\n{answer(request)}\n```\n",))


def thinking_first(answer: Answer) -> Scenario:
    """A thinking block before the text."""
    return lambda request: Message((answer(request),), thought="Ids 1 and 2 belong together.")


def two_blocks(answer: Answer) -> Scenario:
    """The JSON split over two text blocks."""

    def reply(request: Request) -> Message:
        text = answer(request)
        return Message((_half(text), text[len(_half(text)) :]))

    return reply


def huge(_: Answer, size: int = 10_000_000) -> Scenario:
    """Ten megabytes of an answer that max_tokens should have made impossible."""
    return lambda _: Message(('{"padding": "' + "x" * size + '"}',), cut=False)


def wrong_content_type(answer: Answer) -> Scenario:
    """A good document that says to be a web page; a stream stays one."""
    return lambda request: Message((answer(request),), content_type="text/html")


def invalid_utf8(answer: Answer) -> Scenario:
    """Two bytes inside the answer that are no UTF-8."""
    return lambda request: Message(
        (answer(request),), distort=lambda data: data.replace(b'"text": "', b'"text": "\xff\xfe')
    )


def half_document(answer: Answer) -> Scenario:
    """Not the answer but the document around it ends halfway, with a length that says it is whole."""
    return lambda request: Message((answer(request),), distort=lambda data: data[: len(data) // 2])


def breaks_mid_stream(answer: Answer, after: int = 5) -> Scenario:
    """An open stream that ends in an error; a client that does not stream is told the same as a status."""

    def reply(request: Request) -> Reply:
        return Message((answer(request),), fails_after=(after, OVERLOADED)) if request.streams else OVERLOADED

    return reply


def cut_off(answer: Answer) -> Scenario:
    """The connection is reset after half of the reply."""
    return lambda request: Reset(Message((answer(request),)))


def slow(answer: Answer, seconds: float = 1.0) -> Scenario:
    """The good answer, late."""
    return lambda request: Late(seconds, Message((answer(request),)))


def lying(answer: Answer, lie: lies.Lie) -> Scenario:
    """The good answer after a lie has changed it; lies.py has the lies."""
    return lambda request: Message((lies.told(answer(request), lie),), cut=False)


SCENARIOS: dict[str, Callable[[Answer], Scenario]] = {
    "ok": ok,
    "thinking-first": thinking_first,
    "two-blocks": two_blocks,
    "slow": slow,
    "rate-limited": rate_limited,
    "overloaded-once": lambda answer: failing(OVERLOADED, 1, ok(answer)),
    "overloaded": lambda _: always(OVERLOADED),
    "spend-limit": lambda _: always(SPEND_LIMIT),
    "internal-error": lambda _: always(INTERNAL),
    "unauthenticated": lambda _: always(UNAUTHENTICATED),
    "forbidden": lambda _: always(FORBIDDEN),
    "not-found": lambda _: always(NOT_FOUND),
    "bad-gateway": lambda _: always(BAD_GATEWAY),
    "not-a-message": lambda _: always(NOT_A_MESSAGE),
    "half-document": half_document,
    "web-page": lambda _: always(WEB_PAGE),
    "reset": lambda _: always(Reset()),
    "cut-off": cut_off,
    "never-answers": lambda _: always(Silence()),
    "breaks-mid-stream": breaks_mid_stream,
    "refusal": lambda _: refusal(),
    "truncated": truncated,
    "half": half,
    "prose": prose,
    "fenced": fenced,
    "empty": lambda _: always(Message(())),
    "huge": huge,
    "wrong-content-type": wrong_content_type,
    "invalid-utf8": invalid_utf8,
    "ids-as-strings": lambda answer: lying(answer, lies.ids_as_strings),
    "bad-ids": lambda answer: lying(answer, lies.bad_ids),
    "duplicate-ids": lambda answer: lying(answer, lies.duplicate_ids),
    "over-broad": lambda answer: lying(answer, lies.everything_everywhere),
    "obedient": lambda answer: lying(answer, lies.obedient),
    "obedient-with-paths": lambda answer: lying(answer, lies.with_grants),
}
"""Every scenario by name, from a good answer: a table for tests that try them all, and for the command line."""


def _half(text: str) -> str:
    return text[: len(text) // 2]
