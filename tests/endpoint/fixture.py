"""The endpoint as a test sees it, and the fixture that starts one; tests/conftest.py registers this file."""

import threading
from collections.abc import Iterator
from typing import Any, Self, TextIO

import pytest

from tests.endpoint.exchange import Exchange, Record
from tests.endpoint.scenario import Scenario, ok
from tests.endpoint.server import Server
from tests.endpoint.smallest import smallest_answer
from tests.endpoint.tokens import Cache


KEY = "sk-ant-test-endpoint"


class Endpoint:
    """A strict Messages API on 127.0.0.1; without a scenario it gives the smallest answer that the schema takes."""

    key = KEY
    """The one key that is accepted."""

    def __init__(self, port: int = 0, log: TextIO | None = None) -> None:
        self._record = Record(log)
        self._server = Server(port, KEY, ok(smallest_answer), self._record)
        # A short poll: stopping must not cost half a second in each test.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._thread.join()
        if self._server.crashes:
            raise BaseExceptionGroup("the endpoint itself failed", self._server.crashes)

    @property
    def url(self) -> str:
        """What goes into ``base_url``."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def scenario(self) -> Scenario:
        """How requests that keep the rules are answered; may be set at any time."""
        return self._server.scenario

    @scenario.setter
    def scenario(self, scenario: Scenario) -> None:
        self._server.scenario = scenario

    @property
    def cache(self) -> Cache:
        """The prompt cache: its clock and its smallest prefix may be set."""
        return self._server.cache

    @property
    def exchanges(self) -> list[Exchange]:
        """All that was received, in order of arrival, refused requests too."""
        return self._record.all()

    def wait_for(self, count: int, seconds: float = 30) -> None:
        """Returns when so many requests have come; a test that lets one hang or kills its client needs it."""
        assert self._record.wait(count, seconds), f"{len(self.exchanges)} of {count} requests in {seconds} s"

    @property
    def bodies(self) -> list[Any]:
        """The parsed bodies, in order of arrival."""
        return [exchange.body for exchange in self.exchanges]

    @property
    def headers(self) -> list[dict[str, str]]:
        """The headers by lower-case name, in order of arrival."""
        return [dict(exchange.headers) for exchange in self.exchanges]

    @property
    def raw(self) -> list[bytes]:
        """Head and body of each request exactly as received: what a search for secrets must look through."""
        return [exchange.raw for exchange in self.exchanges]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A running endpoint with an empty record."""
    with Endpoint() as running:
        yield running
