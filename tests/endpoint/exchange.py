"""What came in and what went out: every exchange with the endpoint, in the order of arrival."""

import base64
import json
import threading
from dataclasses import dataclass, field
from typing import Any, TextIO


@dataclass(frozen=True)
class Request:
    """One request that kept all the rules: what a scenario answers to."""

    number: int
    """Order among all exchanges, from 1."""
    body: dict[str, Any]

    @property
    def user(self) -> str:
        """The text of the last user turn, its blocks joined: what a scripted answer reads its ids from."""
        turns = [turn["content"] for turn in self.body["messages"] if turn["role"] == "user"]
        last = turns[-1]
        return last if isinstance(last, str) else "".join(block["text"] for block in last)

    @property
    def schema(self) -> dict[str, Any] | None:
        """The schema that the answer must follow, if one was sent."""
        output = (self.body.get("output_config") or {}).get("format")
        return output["schema"] if output else None

    @property
    def streams(self) -> bool:
        """Whether the client wants server-sent events."""
        return bool(self.body.get("stream", False))


@dataclass
class Exchange:
    """One request, kept or refused, and its reply as far as one was sent."""

    number: int
    at: float
    """Seconds since the epoch, when the head of the request had arrived."""
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    raw: bytes
    """Request line, headers and body, exactly as they were received."""
    data: bytes
    """The body alone."""
    status: int | None = None
    """None while, or because, nothing was answered."""
    reply: bytes = b""
    """The reply's body, without the framing of HTTP."""

    @property
    def body(self) -> Any:
        """The parsed body; None where it is absent or no JSON."""
        try:
            return json.loads(self.data)
        except ValueError:
            return None

    def as_line(self) -> str:
        """One line of JSON for a log."""
        return json.dumps(
            {
                "number": self.number,
                "at": self.at,
                "method": self.method,
                "path": self.path,
                "headers": self.headers,
                "body": self.body,
                "status": self.status,
                "reply": self.reply.decode("utf-8", "backslashreplace"),
                "raw_base64": base64.b64encode(self.raw).decode(),
            }
        )


@dataclass
class Record:
    """All exchanges; thread-safe. With ``log``, each is also written as a line when its reply has gone out."""

    log: TextIO | None = None
    _all: list[Exchange] = field(default_factory=list)
    _lock: threading.Condition = field(default_factory=threading.Condition)

    def received(self, at: float, line: tuple[str, str], headers: Any, raw: bytes, data: bytes) -> Exchange:
        """Keeps a request before anything is said to it."""
        with self._lock:
            pairs = tuple((name.lower(), value) for name, value in headers)
            exchange = Exchange(len(self._all) + 1, at, *line, pairs, raw, data)
            self._all.append(exchange)
            self._lock.notify_all()
        return exchange

    def answered(self, exchange: Exchange, status: int | None, reply: bytes) -> None:
        """Adds what was answered; ``status`` is None for a connection that was dropped or left silent."""
        with self._lock:
            exchange.status, exchange.reply = status, reply
            if self.log is not None:
                self.log.write(exchange.as_line() + "\n")
                self.log.flush()

    def wait(self, count: int, seconds: float) -> bool:
        """Whether so many requests have come, after waiting for them at most so long."""
        with self._lock:
            return self._lock.wait_for(lambda: len(self._all) >= count, seconds)

    def all(self) -> list[Exchange]:
        """The exchanges so far, in the order of arrival."""
        with self._lock:
            return list(self._all)
