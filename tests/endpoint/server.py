"""The endpoint's sockets: HTTP/1.1 with keep-alive on the loopback, a thread for each connection."""

import contextlib
import io
import json
import os
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, BinaryIO

from tests.endpoint import models
from tests.endpoint.entrance import admitted, named_model
from tests.endpoint.exchange import Exchange, Record, Request
from tests.endpoint.failure import Failure
from tests.endpoint.reply import Late, Message, Page, Reply, Reset, Silence, bounded, document, stream
from tests.endpoint.scenario import Scenario
from tests.endpoint.tokens import Cache, request_tokens


JSON = "application/json"


class Tee(io.BufferedIOBase):
    """A reader that keeps what was read since it was last emptied."""

    def __init__(self, source: BinaryIO) -> None:
        self.source, self.kept = source, bytearray()

    def readline(self, size: int | None = -1, /) -> bytes:
        line = self.source.readline(-1 if size is None else size)
        self.kept += line
        return line

    def read(self, size: int | None = -1, /) -> bytes:
        data = self.source.read(-1 if size is None else size)
        self.kept += data
        return data

    def close(self) -> None:
        self.source.close()
        super().close()


class Server(ThreadingHTTPServer):
    """Listens, and ends every connection when it is told to stop."""

    daemon_threads = False  # stopping waits for the threads: none writes into a later test

    def __init__(self, port: int, key: str, scenario: Scenario, record: Record) -> None:
        self.key, self.scenario, self.record, self.cache = key, scenario, record, Cache()
        self.stopping = threading.Event()
        self.crashes: list[BaseException] = []
        self.open: set[socket.socket] = set()
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    def stop(self) -> None:
        """Ends all connections and threads; no request is answered any more."""
        self.stopping.set()
        self.shutdown()
        with self.lock:
            for connection in self.open:
                hang_up(connection)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - socketserver's signature
        """Clients may hang up; anything else is the endpoint's own fault, and must not pass for an answer."""
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError):
            self.crashes.append(error)


def hang_up(connection: socket.socket) -> None:
    """Ends a connection that a thread may be reading from; the client may have been faster."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    rfile: Any
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.rfile = self.tee = Tee(self.rfile)
        with self.server.lock:
            self.server.open.add(self.connection)
            if self.server.stopping.is_set():
                # Accepted just before, and stop() did not see it.
                hang_up(self.connection)

    def finish(self) -> None:
        with self.server.lock:
            self.server.open.discard(self.connection)
        super().finish()

    def handle_one_request(self) -> None:
        self.tee.kept.clear()
        super().handle_one_request()

    def do_GET(self) -> None:
        self.exchange()

    def do_POST(self) -> None:
        self.exchange()

    def exchange(self) -> None:
        """Receives one request, records it, and replies."""
        at = time.time()
        length = self.headers.get("content-length", "0")
        known = length.isdecimal() and "transfer-encoding" not in self.headers
        data = self.rfile.read(int(length)) if known else b""
        # A body of unknown length is left where it is, and could not be told from the next request.
        self.close_connection |= not known
        line = (self.command, self.path)
        exchange = self.server.record.received(at, line, self.headers.items(), bytes(self.tee.kept), data)
        try:
            reply = self.reply_to(exchange)
        except Failure as failure:
            reply = failure
        self.say(exchange, reply)

    def reply_to(self, exchange: Exchange) -> Reply:
        """The reply that the rules or the scenario give."""
        body = admitted(exchange, self.server.key)
        if exchange.method == "GET":
            return page(named_model(exchange) or models.listed())
        if exchange.path.endswith("count_tokens"):
            return page({"input_tokens": request_tokens(body)})
        return self.server.scenario(Request(exchange.number, body))

    def say(self, exchange: Exchange, reply: Reply) -> None:
        """Puts a reply on the wire."""
        while isinstance(reply, Late):
            if self.server.stopping.wait(reply.seconds):
                reply = Silence()
                break
            reply = reply.reply
        if isinstance(reply, Silence):
            self.server.record.answered(exchange, None, b"")
            self.server.stopping.wait()
            self.close_connection = True
        elif isinstance(reply, Reset):
            self.reset(exchange, reply)
        elif isinstance(reply, Page):
            self.send(exchange, reply.status, reply.content_type, [reply.data])
        elif isinstance(reply, Failure):
            data = json.dumps(reply.document(request_id(exchange))).encode()
            self.send(exchange, reply.status, JSON, [data], headers=reply.headers)
        else:
            kind, parts = self.rendered(exchange, reply)
            self.send(exchange, 200, kind, parts)

    def rendered(self, exchange: Exchange, message: Message) -> tuple[str, list[bytes]]:
        """Content type and parts of a message; more than one part is a stream."""
        request = Request(exchange.number, exchange.body)
        whole = document(bounded(message, request), request, self.server.cache.usage(request.body))
        if request.streams:
            return "text/event-stream; charset=utf-8", [
                message.distort(part) for part in stream(whole, message, request_id(exchange))
            ]
        return message.content_type, [message.distort(json.dumps(whole).encode())]

    def send(
        self,
        exchange: Exchange,
        status: int,
        kind: str,
        parts: list[bytes],
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Writes a whole response, chunked if it is a stream."""
        self.server.record.answered(exchange, status, b"".join(parts))
        self.wfile.write(self.head(exchange, status, kind, parts, headers) + framed(kind, parts))

    def head(
        self,
        exchange: Exchange,
        status: int,
        kind: str,
        parts: list[bytes],
        headers: tuple[tuple[str, str], ...] = (),
    ) -> bytes:
        """The response's status line and headers, as bytes."""
        framing = (
            ("Transfer-Encoding", "chunked") if is_stream(kind) else ("Content-Length", str(len(parts[0])))
        )
        named = [("request-id", request_id(exchange)), ("Content-Type", kind), framing, *headers]
        lines = [f"HTTP/1.1 {status} {self.responses.get(status, ('Overloaded',))[0]}"]
        lines += [f"{name}: {value}" for name, value in named]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def reset(self, exchange: Exchange, reply: Reset) -> None:
        """Drops the connection with a TCP reset, after half of the reply where it has one."""
        sent = b""
        if reply.message is not None:
            kind, parts = self.rendered(exchange, reply.message)
            sent = framed(kind, parts)
            sent = sent[: len(sent) // 2]
            self.wfile.write(self.head(exchange, 200, kind, parts) + sent)
        self.server.record.answered(exchange, None, sent)
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Closing the descriptor itself: socketserver would first say goodbye with a FIN.
        with self.server.lock:
            self.server.open.discard(self.connection)
        os.close(self.connection.detach())

    def log_message(self, *_: Any) -> None:
        """Says nothing: the record has it all."""


def framed(kind: str, parts: list[bytes]) -> bytes:
    """The body as it goes over the wire."""
    if not is_stream(kind):
        return parts[0]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def is_stream(kind: str) -> bool:
    """Whether a content type is that of server-sent events."""
    return kind.startswith("text/event-stream")


def page(data: dict[str, Any]) -> Page:
    """A document that is no message."""
    return Page(200, JSON, json.dumps(data).encode())


def request_id(exchange: Exchange) -> str:
    """The id that header and error of one exchange carry."""
    return f"req_{exchange.number:08d}"
