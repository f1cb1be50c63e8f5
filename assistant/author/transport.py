"""The last thing before the socket: what does not pass here does not leave, whatever calls it.

It sends nothing that nobody approved, nothing in which the guard finds something private, nothing to another
place than the configured one, and no header that is not on a short list. It says what leaves before it does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import httpx2

from assistant.author.approvals import Approvals, digest
from assistant.author.guarding import refuse_private
from assistant.author.limits import Limits
from assistant.errors import NotApprovedError, UnreachableError
from redaction.guard import Guard


KEPT = frozenset({"accept", "anthropic-version", "connection", "content-type"})
"""Headers that leave as they came. Host and length are written anew, agent and encoding are our own."""

_FIXED = re.compile(r"application/json|text/event-stream|keep-alive|identity|\d{4}-\d\d-\d\d")
"""Values that say nothing of the traces, whatever names these hold: a directory may be called "0"."""

CREDENTIALS = frozenset({"authorization", "x-api-key", "api-key", "x-amz-date", "x-amz-security-token"})
"""Headers that prove who asks. They leave as well; neither the guard nor an observer gets to see them."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """One request as it leaves.

    Attributes:
        url: Where to.
        headers: Names and values, but for the credential.
        body: The very bytes.
    """

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def digest(self) -> str:
        """What people and logs call the body."""
        return digest(self.body)


class Observer(Protocol):
    """Is told of everything that leaves, so that a log can be kept."""

    def sending(self, leaving: Leaving) -> None:
        """The bytes are about to leave. When this raises, they do not."""

    def answered(self, leaving: Leaving, status: int | None) -> None:
        """The endpoint answered with a status; None when no answer came."""


class Unobserved:
    """The observer for those who keep no log."""

    def sending(self, leaving: Leaving) -> None:
        """Keep nothing."""

    def answered(self, leaving: Leaving, status: int | None) -> None:
        """Keep nothing."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What every request has to pass, and who hears of it."""

    approvals: Approvals
    guard: Guard
    observer: Observer


class GuardedTransport(httpx2.BaseTransport):
    """Refuses, or hands a request to the network.

    Attributes:
        sent: How many requests were handed on.

    Args:
        way: The network: ``ways.way_to``.
        checks: What a request has to pass.
        limits: What an answer may take.
        url: The one place that requests go to, in full.
        agent: What we call ourselves: ``landscribe/1.0``.
    """

    def __init__(
        self, way: httpx2.BaseTransport, checks: Checks, limits: Limits, *, url: str, agent: str
    ) -> None:
        self.sent = 0
        self._way = way
        self._checks = checks
        self._limits = limits
        self._url = url
        self._agent = agent
        self._own = (("accept-encoding", "identity"), ("user-agent", agent))

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request.

        Raises:
            NotApprovedError: it may not leave.
            UnreachableError: the answer is packed, although we asked for a plain one.
            httpx2.TransportError: the network failed.
        """
        self._refuse_elsewhere(request)
        leaving = Leaving(str(request.url), self._plain_headers(request), request.read())
        self._checks.approvals.check(leaving.body)
        refuse_private(self._checks.guard, leaving.body, "the request")
        values = [value for _, value in leaving.headers if value != self._agent]
        unusual = [value for value in values if not _FIXED.fullmatch(value)]
        refuse_private(self._checks.guard, "\n".join(unusual).encode(), "the request's headers")
        self._checks.observer.sending(leaving)
        return self._answer(request, leaving)

    def close(self) -> None:
        """Close the connections."""
        self._way.close()

    def _refuse_elsewhere(self, request: httpx2.Request) -> None:
        if request.method != "POST" or str(request.url) != self._url:
            raise NotApprovedError(
                "a request to another place was refused",
                why=f"{request.method} {str(request.url)[:200]!a} is not {self._url[:200]!a}",
                hint="configure the endpoint that answers itself",
            )

    def _plain_headers(self, request: httpx2.Request) -> tuple[tuple[str, str], ...]:
        kept = ((name, request.headers[name]) for name in sorted(KEPT & set(request.headers)))
        return (*kept, *self._own)

    def _answer(self, request: httpx2.Request, leaving: Leaving) -> httpx2.Response:
        proof = [(name, request.headers[name]) for name in sorted(CREDENTIALS & set(request.headers))]
        timeout = request.extensions.get("timeout", {})
        # Made anew from what was checked: nothing else of the request gets through.
        checked = httpx2.Request(
            "POST",
            self._url,
            headers=[*leaving.headers, *proof],
            content=leaving.body,
            extensions={"timeout": timeout},
        )
        self.sent += 1
        status = None
        try:
            response = self._way.handle_request(checked)
            status = response.status_code
        finally:
            self._checks.observer.answered(leaving, status)
        return self._bounded(response)

    def _bounded(self, response: httpx2.Response) -> httpx2.Response:
        packed = response.headers.get("content-encoding", "identity")
        if packed.lower() != "identity":
            response.close()
            raise UnreachableError(
                "the endpoint's answer is packed, although it was asked for a plain one",
                why=packed[:100].encode("ascii", "backslashreplace").decode(),
                hint="a packed answer has no bound; look at the gateway in front of the endpoint",
            )
        stream = _Bounded(response, self._limits)
        return httpx2.Response(
            response.status_code, headers=response.headers, stream=stream, extensions=response.extensions
        )


class _Bounded(httpx2.SyncByteStream):
    """A reply's bytes, as long as they keep to the limits."""

    def __init__(self, response: httpx2.Response, limits: Limits) -> None:
        self._response = response
        self._limits = limits

    def __iter__(self) -> Iterator[bytes]:
        taken = 0
        for chunk in self._response.iter_raw():
            taken += len(chunk)
            self._limits.check(taken)
            yield chunk

    def close(self) -> None:
        self._response.close()
