"""A loopback server that stands for any platform: it keeps what it receives, and streams one answer to all."""

import base64
import json
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


ANSWER = '{"groups": []}'
EVENTS = (
    {
        "type": "message_start",
        "message": {
            "type": "message",
            "role": "assistant",
            "model": "cloud",
            "content": [],
            "usage": {"input_tokens": 7, "output_tokens": 1},
        },
    },
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": ANSWER}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}},
)


def as_events() -> bytes:
    """The answer as server-sent events."""
    return "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in EVENTS).encode()


def as_frames() -> bytes:
    """The answer as AWS's event stream."""
    return b"".join(
        frame("chunk", {"bytes": base64.b64encode(json.dumps(one).encode()).decode()}) for one in EVENTS
    )


def frame(kind: str, payload: dict[str, str], message: str = "event") -> bytes:
    """One message of AWS's event stream: lengths, a checksum, headers, payload, a checksum."""
    named = {f":{message}-type": kind, ":content-type": "application/json", ":message-type": message}
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in named.items()
    )
    body = json.dumps(payload).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(body), len(headers))
    start = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + body
    return start + struct.pack(">I", zlib.crc32(start))


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Cloud:
    """The server's address, its answer and all that it received."""

    url: str = ""
    answer: bytes = field(default_factory=as_events)
    received: list[Received] = field(default_factory=list)


@contextmanager
def running() -> Iterator[Cloud]:
    """A cloud that answers until the block ends."""
    cloud = Cloud()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            cloud.received.append(Received(self.path, headers, body))
            self.send_response_only(200)
            self.send_header("content-length", str(len(cloud.answer)))
            self.end_headers()
            self.wfile.write(cloud.answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        cloud.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield cloud
        server.shutdown()
        thread.join()
