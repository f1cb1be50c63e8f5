"""The way to an endpoint: through proxies and TLS, and what is said when there is none."""

import shutil
import socket
import ssl
from pathlib import Path
from typing import NoReturn

import httpx2
import pytest

from assistant.author.claude.failures import understood
from assistant.author.terms import Patience
from assistant.author.ways import environment_proxy, way_to, without_secrets
from assistant.errors import NotApprovedError, UnreachableError, UsageError
from tests.author.conftest import PROMPT, Desk
from tests.author.relay import Relay, certified
from tests.endpoint.conftest import GOOD, good_answer
from tests.endpoint.fixture import Endpoint
from tests.endpoint.scenario import ok


with_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl, which makes a certificate, is not installed"
)

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def port(endpoint: Endpoint) -> int:
    endpoint.scenario = ok(good_answer)
    return int(endpoint.url.rpartition(":")[2])


@pytest.mark.parametrize(
    ("environment", "url", "proxy"),
    [
        ({}, "https://api.example", ""),
        ({"HTTPS_PROXY": "http://p:3128"}, "https://api.example", "http://p:3128"),
        ({"https_proxy": "http://p:3128"}, "https://api.example/v1", "http://p:3128"),
        ({"HTTPS_PROXY": "p:3128"}, "https://api.example", "http://p:3128"),
        ({"HTTP_PROXY": "http://p:3128"}, "https://api.example", ""),
        ({"HTTP_PROXY": "http://p:3128"}, "http://gateway.example", "http://p:3128"),
        ({"ALL_PROXY": "http://p:3128"}, "https://api.example", "http://p:3128"),
        ({"HTTPS_PROXY": "http://p:1", "ALL_PROXY": "http://q:1"}, "https://api.example", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example"}, "https://api.example", ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".example"}, "https://api.example:8443", ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "other.example"}, "https://api.example", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "https://api.example", ""),
        ({"HTTPS_PROXY": "http://p:1", "HTTP_PROXY": "http://p:1"}, "http://127.0.0.1:8080", ""),
        ({"HTTPS_PROXY": "http://p:1", "HTTP_PROXY": "http://p:1"}, "http://[::1]:8080", ""),
        ({"HTTPS_PROXY": "http://p:1", "HTTP_PROXY": "http://p:1"}, "https://localhost", ""),
    ],
)
def test_the_environment_names_the_proxy(
    environment: dict[str, str], url: str, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert environment_proxy(url) == proxy


def test_a_proxy_passes_a_request_on_and_the_guard_stands_before_it(
    port: int, endpoint: Endpoint, desk: Desk
) -> None:
    with Relay(port, proxy=True) as relay:
        desk.proxy = f"http://me:secret@127.0.0.1:{relay.port}"
        author = desk.author()

        with pytest.raises(NotApprovedError):
            author.ask(PROMPT)
        assert relay.heads == []
        desk.approvals.approve(author.body(PROMPT))
        assert author.ask(PROMPT).text == GOOD.model_dump_json()
        author.close()

    assert relay.heads[0].startswith(f"POST {endpoint.url}/v1/messages HTTP/1.1\r\n".encode())
    assert b"secret" not in endpoint.raw[0]


@with_openssl
def test_through_tls_a_proxy_sees_the_endpoints_name_and_nothing_else(
    port: int, endpoint: Endpoint, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        certified(tmp_path) as (tls, certificate),
        Relay(port, tls=tls) as gateway,
        Relay(gateway.port, proxy=True) as proxy,
    ):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        desk.url = f"https://127.0.0.1:{gateway.port}"
        desk.proxy = f"http://127.0.0.1:{proxy.port}"
        author = desk.approving()
        assert author.ask(PROMPT).text == GOOD.model_dump_json()
        author.close()

    (head,) = proxy.heads
    lines = head.decode().lower().strip().split("\r\n")
    assert sorted(lines) == [
        "accept: */*",
        f"connect 127.0.0.1:{gateway.port} http/1.1",
        f"host: 127.0.0.1:{gateway.port}",
    ]
    assert len(endpoint.exchanges) == 1


@with_openssl
def test_a_certificate_that_nobody_trusts_is_refused_at_once(
    port: int, endpoint: Endpoint, desk: Desk, tmp_path: Path
) -> None:
    with certified(tmp_path) as (tls, _), Relay(port, tls=tls) as gateway:
        desk.url = f"https://127.0.0.1:{gateway.port}"
        author = desk.approving()

        with pytest.raises(UnreachableError, match="no encrypted connection") as caught:
            author.ask(PROMPT)

    assert "self-signed" in caught.value.why
    assert "SSL_CERT_FILE" in caught.value.hint
    assert (desk.watch.slept, endpoint.exchanges) == ([], [])


def test_an_endpoint_that_speaks_no_tls_is_refused_at_once(port: int, endpoint: Endpoint, desk: Desk) -> None:
    desk.url = f"https://127.0.0.1:{port}"

    with pytest.raises(UnreachableError, match="no encrypted connection"):
        desk.approving().ask(PROMPT)

    assert (desk.watch.slept, endpoint.exchanges) == ([], [])


@pytest.mark.parametrize("answer", [b"HTTP/1.1 407 Who?\r\n\r\n", b"HTTP/1.1 403 \x1b[31mNo\r\n\r\n"])
def test_a_proxy_that_says_no_is_named(answer: bytes, port: int, desk: Desk) -> None:
    with Relay(port, proxy=True, answer=answer) as proxy:
        desk.url = "https://api.example"
        desk.proxy = f"http://me:secret@127.0.0.1:{proxy.port}"
        author = desk.approving()

        with pytest.raises(UnreachableError, match="proxy") as caught:
            author.ask(PROMPT)

    words = f"{caught.value.what}{caught.value.why}{caught.value.hint}"
    assert words.isascii()
    assert words.isprintable()
    assert "secret" not in words
    assert desk.budget.spent == 0


def test_where_nobody_listens_it_is_tried_a_few_times(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    desk.url = f"http://127.0.0.1:{port}"

    with pytest.raises(UnreachableError, match="cannot be reached") as caught:
        desk.approving().ask(PROMPT)

    assert "Connection refused" in caught.value.why
    assert "tried 3 times" in caught.value.why
    assert len(desk.watch.slept) == 2
    assert desk.budget.spent == 0
    assert desk.notebook.statuses == [None] * 3


def test_a_name_that_nobody_knows_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    desk.url = "https://nobody.example"

    with pytest.raises(UnreachableError, match="cannot be reached") as caught:
        desk.approving().ask(PROMPT)

    assert "Name or service not known" in caught.value.why


def test_an_endpoint_that_takes_the_connection_and_nothing_more_is_left(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=8) as listening:
        desk.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        desk.patience = Patience(silence=0.3)

        with pytest.raises(UnreachableError, match="does not answer"):
            desk.approving().ask(PROMPT)


@pytest.mark.parametrize("proxy", ["ftp://p:1", "socks4://me:secret@p:1", "http://[::1", "http://p:port"])
def test_a_proxy_without_sense_is_a_usage_error_that_shows_no_password(proxy: str) -> None:
    with pytest.raises(UsageError, match="proxy") as caught:
        way_to(proxy)

    assert "secret" not in f"{caught.value.what}{caught.value.why}"


def test_certificates_that_cannot_be_read_are_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent/cert.pem")

    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        way_to()


def test_names_and_passwords_of_proxies_are_not_shown() -> None:
    assert without_secrets("http://me:p@ss@proxy:3128") == "http://proxy:3128"
    assert without_secrets("me:pass@proxy:3128") == "proxy:3128"
    assert without_secrets("http://proxy:3128") == "http://proxy:3128"


def test_what_the_network_did_not_do_is_not_explained_away() -> None:
    with pytest.raises(ZeroDivisionError):
        understood(ZeroDivisionError(), reading=False)


def test_a_failing_certificate_is_told_by_its_message() -> None:
    error = httpx2.ConnectError("x")
    error.__cause__ = ssl.SSLError("handshake failure")

    assert "TLS" in understood(error, reading=False).error.why
