"""A Messages API on the loopback in front of a model in this process, for the time of a ``with``.

It streams, and does nothing else that the real one does. Who does not know the key is not answered.
"""

import contextlib
import hmac
import json
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from assistant.author.local.translating import (
    MisfitError,
    as_chat,
    fault,
    first_events,
    last_events,
    text_event,
)


_LARGEST = 4 * 1024 * 1024
_PATIENCE = 60.0


class Engine(Protocol):
    """A model that chats."""

    def chat(self, request: dict[str, Any], each: Callable[[dict[str, Any]], bool]) -> None:
        """Answer a request in chunks; stop when ``each`` says true.

        Raises:
            ValueError: the request is none for this model.
        """


@dataclass(frozen=True, slots=True)
class LocalEndpoint:
    """Where the model is asked.

    Attributes:
        url: For ``platforms.anthropic``.
        key: The credential. New each time.
        model: What the model is called.
    """

    url: str
    key: str = field(repr=False)
    model: str


@contextmanager
def serving(engine: Engine, model: str, most_output: int = 1024) -> Iterator[LocalEndpoint]:
    """Serve a model until the block ends.

    Args:
        engine: The model.
        model: What it is called.
        most_output: Tokens that it may write in one answer, whatever is asked for.
    """
    key = secrets.token_urlsafe(32)
    with _Server(engine, key, model, most_output) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield LocalEndpoint(f"http://127.0.0.1:{server.server_port}", key, model)
        finally:
            server.stopping.set()
            server.shutdown()
            thread.join()
    if server.crash is not None:
        raise server.crash


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # the model must not be used after it is gone

    def __init__(self, engine: Engine, key: str, model: str, most_output: int) -> None:
        self.engine, self.key, self.model, self.most_output = engine, key, model, most_output
        self.one_at_a_time = threading.Lock()
        self.stopping = threading.Event()
        self.crash: BaseException | None = None
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: object) -> None:
        """Clients may go away. Anything else is our own fault, and is raised when serving ends."""
        error = sys.exception()
        self.crash = self.crash if isinstance(error, OSError) else error


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _PATIENCE

    def do_POST(self) -> None:
        """Answer one request."""
        proof = self.headers.get("authorization", "").encode()
        if not hmac.compare_digest(proof, f"Bearer {self.server.key}".encode()):
            self._refuse(401, "authentication_error", "invalid bearer token")
        elif self.path != "/v1/messages":
            self._refuse(404, "not_found_error", "Not found")
        else:
            self._chat()

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal is not ours."""

    def _chat(self) -> None:
        answer = _Answer(self)
        try:
            chat = as_chat(self._body(), self.server.most_output)
            with self.server.one_at_a_time:
                self.server.engine.chat(chat, answer.take)
        except (MisfitError, ValueError, RecursionError) as error:
            answer.misfit = str(error)
        if answer.misfit and not answer.begun:
            self._refuse(400, "invalid_request_error", answer.misfit[:300])
        else:
            answer.end()

    def _body(self) -> Any:
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > _LARGEST:
            raise MisfitError("content-length: it is missing, or too much")
        return json.loads(self.rfile.read(int(length)))

    def _refuse(self, status: int, kind: str, message: str) -> None:
        document = {"type": "error", "error": {"type": kind, "message": message}}
        data = json.dumps(document).encode()
        self.start(status, "application/json")
        self.wfile.write(data)

    def start(self, status: int, content: str) -> None:
        """Write the head of a response; its end is that of the connection."""
        self.send_response_only(status)
        self.send_header("content-type", content)
        self.send_header("connection", "close")
        self.end_headers()


class _Answer:
    """One answer on its way from the model to a client.

    Attributes:
        begun: Some of it has been sent.
        misfit: Why the model does not take the request.
    """

    def __init__(self, handler: _Handler) -> None:
        self.begun = False
        self.misfit = ""
        self._handler = handler
        self._gone = False
        self._stop = ""
        self._usage: dict[str, Any] = {}

    def take(self, chunk: dict[str, Any]) -> bool:
        """Pass a chunk on; true when nobody wants more."""
        self.misfit = self.misfit or fault(chunk)
        if self.misfit:
            return True
        self._usage = chunk.get("usage") or self._usage
        if chunk.get("prompt_progress"):
            self._say({"type": "ping"})
        for choice in chunk.get("choices", ()):
            self._stop = choice.get("finish_reason") or self._stop
            if text := (choice.get("delta") or {}).get("content"):
                self._say(text_event(text))
        return self._gone or self._handler.server.stopping.is_set()

    def end(self) -> None:
        """Say how it ended, if it did."""
        if self._stop and not self.misfit:
            for event in last_events(self._stop, self._usage):
                self._say(event)

    def _say(self, event: dict[str, Any]) -> None:
        # An exception would be lost inside the model's own code.
        with contextlib.suppress(OSError):
            if not self.begun:
                self.begun = True
                self._handler.start(200, "text/event-stream")
                for first in first_events(self._handler.server.model):
                    self._write(first)
            self._write(event)
            return
        self._gone = True

    def _write(self, event: dict[str, Any]) -> None:
        self._handler.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
