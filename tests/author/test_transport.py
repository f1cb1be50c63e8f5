"""Nothing leaves but what was approved and has nothing private in it, to the one place, and said beforehand."""

import base64
import json
import socket
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import httpx2
import pytest

from assistant.author.approvals import Approvals, digest
from assistant.author.client import Prompt
from assistant.author.limits import Limits
from assistant.author.transport import Checks, GuardedTransport, Leaving, Unobserved
from assistant.errors import Exit, NotApprovedError, UnreachableError
from redaction.errors import ScannerError
from redaction.guard import Guard
from redaction.placeholders import Kind
from redaction.presidio import Finding, PresidioScanner
from redaction.private import PrivateWords
from redaction.text import sealed
from redaction.vault import Vault
from tests.author.conftest import AGENT, PROMPT, SHIPPED, Desk, Notebook, guard
from tests.endpoint.fixture import KEY, Endpoint
from tests.endpoint.reply import Page
from tests.endpoint.scenario import always


URL = "https://api.example/v1/messages"
BODY = b'{"messages":[]}'

ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "json": lambda value: "".join(f"\\u{ord(one):04x}" for one in value),
    "percent": lambda value: urllib.parse.quote(value, safe="").replace("-", "%2D"),
    "base64": lambda value: base64.b64encode(f"x{value}y".encode()).decode(),
    "upper": str.upper,
    "lower": str.lower,
}
VALUE = "Wonka-Factory.initech.internal"


class Wire(httpx2.BaseTransport):
    """Stands where the network is, and keeps what comes."""

    def __init__(self, **answer: object) -> None:
        self.requests: list[httpx2.Request] = []
        self._answer = {"status_code": 200, "content": iter([b"ok"])} | answer

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return httpx2.Response(**self._answer)  # type: ignore[arg-type]


@dataclass
class Post:
    """A guarded transport in front of a wire."""

    wire: Wire = field(default_factory=Wire)
    approvals: Approvals = field(default_factory=Approvals)
    guard: Guard = field(default_factory=guard)
    notebook: Notebook = field(default_factory=Notebook)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.approvals.approve(BODY)
        self.limits.begin(60, 1000)
        checks = Checks(self.approvals, self.guard, self.notebook)
        self.transport = GuardedTransport(self.wire, checks, self.limits, url=URL, agent=AGENT)

    def send(
        self, body: bytes = BODY, url: str = URL, method: str = "POST", **headers: str
    ) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.transport.handle_request(httpx2.Request(method, url, headers=named, content=body))


def test_an_approved_request_goes_out_and_is_told_of_before_and_after() -> None:
    post = Post()

    response = post.send(authorization="Bearer k")

    assert (response.status_code, response.read()) == (200, b"ok")
    assert [request.read() for request in post.wire.requests] == [BODY]
    assert [(one.url, one.body, one.digest) for one in post.notebook.sent] == [(URL, BODY, digest(BODY))]
    assert post.notebook.statuses == [200]


def test_only_listed_headers_leave_and_only_with_what_was_checked() -> None:
    post = Post()

    post.send(
        authorization="Bearer k",
        accept="application/json",
        accept_encoding="gzip",
        content_type="application/json",
        anthropic_version="2026-10-21",
        connection="keep-alive",
        user_agent="Anthropic/Python 2.14.0",
        x_stainless_os="Linux",
        x_stainless_runtime_version="3.11.7",
        anthropic_beta="files",
        cookie="session=1",
        x_forwarded_for="10.0.0.1",
        host="elsewhere.example",
        content_length="3",
    )

    assert sorted(post.wire.requests[0].headers.items()) == [
        ("accept", "application/json"),
        ("accept-encoding", "identity"),
        ("anthropic-version", "2026-10-21"),
        ("authorization", "Bearer k"),
        ("connection", "keep-alive"),
        ("content-length", str(len(BODY))),
        ("content-type", "application/json"),
        ("host", "api.example"),
        ("user-agent", AGENT),
    ]


def test_an_honest_request_passes_the_guard_with_its_scanner(endpoint: Endpoint, desk: Desk) -> None:
    desk.guard = Guard(Vault(), PrivateWords(), SHIPPED, PresidioScanner())

    desk.approving().ask(PROMPT)

    assert len(endpoint.exchanges) == 1


def test_an_observer_never_sees_the_credential() -> None:
    post = Post()

    post.send(authorization="Bearer sk-secret", x_api_key="sk-secret", api_key="sk-secret")

    assert "sk-secret" not in repr(post.notebook.sent)
    assert post.wire.requests[0].headers["x-api-key"] == "sk-secret"


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", "https://evil.example/v1/messages"),
        ("POST", "http://api.example/v1/messages"),
        ("POST", "https://api.example:444/v1/messages"),
        ("POST", "https://api.example/v1/messages?q=secret"),
        ("POST", "https://api.example/v1/messages/count_tokens"),
        ("POST", "https://user@api.example/v1/messages"),
        ("GET", URL),
        ("PUT", URL),
    ],
)
def test_nothing_goes_anywhere_else(method: str, url: str) -> None:
    post = Post()

    with pytest.raises(NotApprovedError, match="another place"):
        post.send(url=url, method=method)

    assert post.wire.requests == []
    assert post.notebook.sent == []


def test_bytes_that_nobody_approved_do_not_leave() -> None:
    post = Post()

    with pytest.raises(NotApprovedError) as caught:
        post.send(body=BODY + b" ")

    assert digest(BODY + b" ") in caught.value.why
    assert (post.wire.requests, post.notebook.sent) == ([], [])


def test_a_private_value_in_a_header_does_not_leave() -> None:
    vault = Vault(b"k" * 32)
    placeholder = vault.placeholder("initech", Kind.ORG)
    post = Post(guard=guard(vault))

    with pytest.raises(NotApprovedError, match="headers") as caught:
        post.send(accept="application/initech+json")

    assert placeholder in caught.value.why
    assert "initech" not in f"{caught.value.what}{caught.value.why}{caught.value.hint}"
    assert post.wire.requests == []
    post.send(authorization="Bearer initech-key")  # the endpoint gave it out itself


def test_our_own_headers_leave_whatever_a_file_is_called() -> None:
    vault = Vault(b"k" * 32)
    for name in ("1", "json", "application", "landscribe", "2023", "identity"):
        vault.placeholder(name, Kind.NAME)
    post = Post(guard=guard(vault))

    post.send(accept="application/json", anthropic_version="2023-06-01", content_type="application/json")

    assert len(post.wire.requests) == 1


def test_a_guard_that_does_not_finish_lets_nothing_pass() -> None:
    class Broken:
        def find(self, _: str) -> list[Finding]:
            raise ScannerError("presidio warned", why="timeout")

    post = Post(guard=Guard(Vault(), PrivateWords(), SHIPPED, Broken()))

    with pytest.raises(NotApprovedError, match="could not be checked"):
        post.send()

    assert (post.wire.requests, post.notebook.sent) == ([], [])


def test_when_the_observer_cannot_note_it_nothing_leaves() -> None:
    class Full(Unobserved):
        def sending(self, leaving: Leaving) -> None:
            raise OSError(28, f"no space left for {len(leaving.body)} bytes")

    post = Post()
    checks = Checks(post.approvals, post.guard, Full())
    transport = GuardedTransport(post.wire, checks, post.limits, url=URL, agent=AGENT)

    with pytest.raises(OSError, match="no space left"):
        transport.handle_request(httpx2.Request("POST", URL, content=BODY))

    assert post.wire.requests == []


def test_an_observer_hears_that_no_answer_came() -> None:
    class Dead(Wire):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ReadError("gone", request=request)

    post = Post(wire=Dead())

    with pytest.raises(httpx2.ReadError):
        post.send()

    assert post.notebook.statuses == [None]
    assert post.transport.sent == 1


@pytest.mark.parametrize("packed", ["gzip", "br", "identity, gzip", "\x1b[31m"])
def test_a_packed_answer_is_not_unpacked(packed: str) -> None:
    post = Post(wire=Wire(headers={"content-encoding": packed}, content=None))

    with pytest.raises(UnreachableError, match="packed") as caught:
        post.send()

    assert caught.value.why.isascii()


def test_a_body_that_is_a_stream_is_read_checked_and_sent_as_bytes() -> None:
    post = Post()

    def parts() -> Iterator[bytes]:
        yield BODY[:5]
        yield BODY[5:]

    post.transport.handle_request(httpx2.Request("POST", URL, content=parts()))

    assert post.wire.requests[0].read() == BODY
    assert "transfer-encoding" not in post.wire.requests[0].headers


def leaking(text: str) -> Prompt:
    """A prompt of a redactor that leaks."""
    return replace(PROMPT, turns=(sealed(f"see {text} here"),))


@pytest.fixture
def poisoned(desk: Desk) -> Desk:
    """A desk whose vault knows a private value."""
    vault = Vault(b"k" * 32)
    vault.placeholder(VALUE, Kind.HOST)
    desk.guard = guard(vault)
    return desk


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_private_value_in_a_prompt_stops_it_though_it_was_approved(
    encoding: str, endpoint: Endpoint, poisoned: Desk
) -> None:
    prompt = leaking(ENCODINGS[encoding](VALUE))
    author = poisoned.approving(prompt)

    with pytest.raises(NotApprovedError, match="something private in the request") as caught:
        author.ask(prompt)

    words = f"{caught.value.what}{caught.value.why}{caught.value.hint}".lower()
    assert caught.value.code is Exit.STOPPED
    assert "<host_" in words
    assert "wonka" not in words
    assert "initech" not in words
    assert endpoint.exchanges == []
    assert poisoned.notebook.sent == []
    assert poisoned.watch.slept == []
    assert poisoned.budget.spent == 0


def test_of_a_refused_prompt_not_even_a_connection_is_made(poisoned: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        poisoned.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        author = poisoned.approving(leaking(VALUE))
        for prompt in (leaking(VALUE), PROMPT):
            with pytest.raises(NotApprovedError):
                author.ask(prompt)
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_an_observer_that_fails_is_no_failure_of_the_network(endpoint: Endpoint, desk: Desk) -> None:
    class Full(Notebook):
        def sending(self, leaving: Leaving) -> None:
            raise OSError(28, f"no space for {leaving.digest}")

    desk.notebook = Full()

    with pytest.raises(OSError, match="no space"):
        desk.approving().ask(PROMPT)

    assert endpoint.exchanges == []
    assert desk.watch.slept == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_redirect_is_followed_nowhere(status: int, where: str, endpoint: Endpoint, desk: Desk) -> None:
    with Endpoint() as other:
        target = f"{(endpoint if where == 'here' else other).url}/v1/messages/"
        page = Page(status, f"text/plain\r\nLocation: {target}\r\nX: x", b"moved")
        endpoint.scenario = always(page)

        with pytest.raises(UnreachableError, match="not followed") as caught:
            desk.approving().ask(PROMPT)

        assert target in caught.value.why
        assert other.exchanges == []
    assert len(endpoint.exchanges) == 1


ENVIRONMENT = {
    "ANTHROPIC_API_KEY": "sk-environment",
    "ANTHROPIC_AUTH_TOKEN": "token-environment",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    "ANTHROPIC_PROFILE": "environment",
    "ANTHROPIC_CUSTOM_HEADERS": "X-Tell: 1\nauthorization: Bearer environment\nHost: environment.example\n"
    "anthropic-beta: environment\nANTHROPIC-VERSION: 2020-01-01\ncontent-type: text/plain\nUser-Agent: me",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
    "OTEL_TRACES_EXPORTER": "console",
}


def test_on_the_wire_is_nothing_from_the_environment_and_nothing_about_this_machine(
    endpoint: Endpoint, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    author = desk.approving()

    author.ask(PROMPT)

    head, _, body = endpoint.raw[0].partition(b"\r\n\r\n")
    assert sorted(head.decode().lower().split("\r\n")) == sorted(
        [
            "post /v1/messages http/1.1",
            f"host: {endpoint.url.removeprefix('http://')}",
            "accept: application/json",
            "accept-encoding: identity",
            "anthropic-version: 2026-10-21",
            f"authorization: bearer {KEY}",
            "connection: keep-alive",
            f"content-length: {len(body)}",
            "content-type: application/json",
            f"user-agent: {AGENT}",
        ]
    )
    assert b"environment" not in endpoint.raw[0]
    assert json.loads(body)["model"] == desk.model
