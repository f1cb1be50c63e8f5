"""Asks Claude: one question, within limits of time and money, through the guarded transport.

Answers are streamed. A model may think for minutes, and gateways cut connections that are silent for one; a
stream keeps talking, says at its begin what was read, and can be left as soon as it goes beyond a limit.
"""

import contextlib
import itertools
import json
import warnings
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import anthropic
import httpx2
from tenacity.nap import sleep as tenacity_sleep

from assistant.author.claude.clients import Client, client, http_client
from assistant.author.claude.failures import FEW, Failure, understood
from assistant.author.claude.heard import Heard
from assistant.author.claude.repeating import FailedError, insist
from assistant.author.client import Prompt, Reply, Usage
from assistant.author.limits import Limits
from assistant.author.platforms import AccessToken, Endpoint, Kind, issued
from assistant.author.prices import Price
from assistant.author.terms import Terms
from assistant.author.transport import Checks, GuardedTransport
from assistant.author.ways import way_to
from assistant.errors import UnreachableError, UsageError
from redaction.text import literal


_BYTES_A_TOKEN = 512
"""An event of the stream has a token or more, and 150 bytes around it; Bedrock packs it into some 400."""
_ROOM = 256 * 1024
_SHORT = 200


class ClaudeAuthor:
    """An ``Author`` over the vendor's SDK. For one thread; close it, or use it in a ``with``.

    Args:
        model: Whom to ask.
        endpoint: Where to ask, and as whom.
        checks: What every request has to pass.
        terms: How long to wait, how much to pay.

    Raises:
        UsageError: the model, the proxy or the certificates have no meaning, or packages are missing.
        CredentialsError: the platform takes no such credential.
    """

    def __init__(self, model: str, endpoint: Endpoint, checks: Checks, terms: Terms | None = None) -> None:
        self._model = model
        self._place = endpoint
        self._approvals = checks.approvals
        self._terms = terms or Terms()
        self._price = self._terms.prices.get(model)
        self._limits = Limits(self._terms.patience.clock)
        url = self._place_of_questions()
        way = way_to(endpoint.proxy)
        self._transport = GuardedTransport(way, checks, self._limits, url=url, agent=endpoint.agent)
        self._http = http_client(self._transport)

    @property
    def model(self) -> str:
        """The model that is asked for."""
        return self._model

    @property
    def endpoint(self) -> str:
        """The base URL that requests go to."""
        return self._place.platform.base_url

    @property
    def price(self) -> Price | None:
        """What the model costs; None when it is not known."""
        return self._price

    @property
    def used(self) -> Usage:
        """What the endpoint said was used in this run, failed requests included."""
        return self._terms.budget.used

    def body(self, prompt: Prompt) -> bytes:
        """The exact bytes that ``ask`` would send for a prompt. Nothing is sent."""
        return self._written(prompt).read()

    def most(self, prompt: Prompt) -> float | None:
        """US dollars that one request for a prompt cannot go beyond; None when the price is not known."""
        return self._price.most(len(self.body(prompt)), prompt.most_output) if self._price else None

    def ask(self, prompt: Prompt) -> Reply:
        """Send a prompt; as ``Author.ask``.

        Raises:
            NotApprovedError: nobody approved these bytes, or the guard found something private in them.
            BudgetError: the answer could cost more than is left, or took more time than there is.
            ModelError: no answer came, or none that is one.
        """
        asking = client(self._place.platform, self._http, issued(self._place.credentials))
        request, most, used = _request(self._model, prompt), self.most(prompt), list[Usage]()

        def once() -> Heard:
            held = self._terms.budget.hold(most, self._model)
            heard, before = Heard(prompt.most_output), self._transport.sent
            failure: Failure | None = None
            try:
                failure = self._try(asking, request, heard)
            finally:
                used.append(self._used(heard, failure, self._transport.sent - before))
                self._terms.budget.settle(held, used[-1])
            if failure is not None:
                raise FailedError(failure)
            return heard

        self._limits.begin(self._terms.patience.total, _ROOM + _BYTES_A_TOKEN * prompt.most_output)
        heard = insist(once, self._limits.left, self._terms.patience.sleep or tenacity_sleep)
        self._approvals.heard(heard.text)
        return Reply(heard.text, heard.model[:_SHORT], heard.request[:_SHORT], sum(used, Usage()))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _try(self, asking: Client, request: dict[str, Any], heard: Heard) -> Failure | None:
        """Make one request and hear its answer; what is wrong with it, or None."""
        patience, left = self._terms.patience, max(self._limits.left(), 1.0)
        timeout = httpx2.Timeout(min(patience.silence, left), connect=min(patience.connect, left))
        reading = False
        try:
            with _stream(asking, request | {"timeout": timeout}) as stream:
                reading = True
                heard.request = stream.response.headers.get("request-id", "")
                heard.take(stream)
        except Exception as error:  # noqa: BLE001 - what understood() does not know it raises
            return understood(error, reading=reading)
        fault = heard.fault()
        if fault is None:
            return None
        broken = isinstance(fault, UnreachableError) and heard.model != ""
        return Failure(fault, tries=FEW if broken else 1)

    def _used(self, heard: Heard, failure: Failure | None, sent: int) -> Usage:
        """What one try used. Its cost is not known when it may have been paid for and its end was lost."""
        if not sent or (failure is not None and not failure.billed):
            cost: float | None = 0.0
        else:
            cost = self._price.cost(heard.usage) if self._price and heard.stop else None
        return replace(heard.usage, cost=cost, requests=sent)

    def _place_of_questions(self) -> str:
        """The one URL that questions go to; some platforms put the model into it."""
        try:
            return str(self._written(_PROBE).url)
        except ValueError:
            raise UsageError(
                f"{self._model[:_SHORT]!a} is no name of a model", hint="claude-opus-5-5 is one"
            ) from None

    def _written(self, prompt: Prompt) -> httpx2.Request:
        """The request as the SDK writes it; it is handed to nobody."""
        paper = _Paper()
        nobody = AccessToken("none") if self._place.platform.kind is Kind.VERTEX else "none"
        with http_client(paper) as http, contextlib.suppress(anthropic.APIConnectionError):
            _stream(client(self._place.platform, http, nobody), _request(self._model, prompt))
        return paper.request


class _Paper(httpx2.BaseTransport):
    """Keeps a request and sends nothing."""

    request: httpx2.Request

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.request = request
        raise httpx2.ConnectError("this was to be written, not sent")


def _stream(asking: Client, request: dict[str, Any]) -> Any:
    with warnings.catch_warnings():
        # That a model is about to go is for its users to read, not for our standard error.
        warnings.simplefilter("ignore", DeprecationWarning)
        return asking.messages.create(**request)


def _request(model: str, prompt: Prompt) -> dict[str, Any]:
    """The arguments for the SDK. The system prompt is the same for every service, so it is to be cached."""
    system = {"type": "text", "text": str(prompt.system), "cache_control": {"type": "ephemeral"}}
    turns = zip(itertools.cycle(("user", "assistant")), map(str, prompt.turns), strict=False)
    # The SDK's transformation wants plain dictionaries.
    schema = anthropic.transform_schema(json.loads(json.dumps(prompt.schema)))
    return {
        "model": model,
        "max_tokens": prompt.most_output,
        "system": [system],
        "messages": [{"role": role, "content": text} for role, text in turns],
        "output_config": {"format": {"type": "json_schema", "schema": schema}},
        "stream": True,
    }


_PROBE = Prompt(literal("x"), (literal("x"),), {"type": "object"}, 1)
