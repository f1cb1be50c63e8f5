"""Each platform is asked through the guarded transport, at its own path, with its own proof of who asks."""

import importlib.util
import json
from collections.abc import Callable, Iterator

import pytest

from assistant.author.claude import ClaudeAuthor, clients
from assistant.author.client import Usage
from assistant.author.platforms import (
    AccessToken,
    AwsKeys,
    Credential,
    Endpoint,
    Kind,
    Platform,
    anthropic,
    bedrock,
    foundry,
    issued,
    platform,
    vertex,
)
from assistant.author.prices import Price
from assistant.author.terms import Patience, Terms
from assistant.author.transport import Checks
from assistant.errors import CredentialsError, NotApprovedError, OverloadedError, UnreachableError, UsageError
from tests.author.cloud import ANSWER, Cloud, as_frames, frame, running
from tests.author.conftest import AGENT, MODEL, PROMPT, Desk


with_aws = pytest.mark.skipif(
    not (importlib.util.find_spec("boto3") and importlib.util.find_spec("botocore")),
    reason="the extra bedrock is not installed",
)
KEYS = AwsKeys("AKIDEXAMPLE", "secret", "session")
PLAIN = {
    "accept": "application/json",
    "accept-encoding": "identity",
    "connection": "keep-alive",
    "content-type": "application/json",
    "user-agent": AGENT,
}
VERSION = {"anthropic-version": clients.API_VERSION}

Make = Callable[[str], Platform]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running() as made:
        yield made


def author_at(
    desk: Desk, platform: Platform, credentials: Credential | Callable[[], Credential], model: str = MODEL
) -> ClaudeAuthor:
    author = ClaudeAuthor(
        model,
        Endpoint(platform, credentials, AGENT),
        Checks(desk.approvals, desk.guard, desk.notebook),
        Terms(desk.budget, {model: Price(1, 1, 1, 1)}, Patience(sleep=desk.watch.sleep)),
    )
    desk.made.append(author)
    return author


WAYS = [
    pytest.param(
        anthropic, "key", "/v1/messages", {"authorization": "Bearer key", **VERSION}, id="anthropic"
    ),
    pytest.param(
        lambda url: anthropic(f"{url}/gateway/"),
        AccessToken("token"),
        "/gateway/v1/messages",
        {"authorization": "Bearer token", **VERSION},
        id="gateway",
    ),
    pytest.param(
        lambda url: foundry(f"{url}/anthropic"),
        "key",
        "/anthropic/v1/messages",
        {"x-api-key": "key", "api-key": "key", **VERSION},
        id="foundry-key",
    ),
    pytest.param(
        lambda url: foundry(f"{url}/anthropic"),
        AccessToken("token"),
        "/anthropic/v1/messages",
        {"authorization": "Bearer token", **VERSION},
        id="foundry-token",
    ),
    pytest.param(
        lambda url: vertex("us-east5", "my-project", f"{url}/v1"),
        AccessToken("token"),
        f"/v1/projects/my-project/locations/us-east5/publishers/anthropic/models/{MODEL}:streamRawPredict",
        {"authorization": "Bearer token"},
        id="vertex",
    ),
    pytest.param(
        lambda url: bedrock("us-east-1", url),
        "key",
        f"/model/{MODEL}/invoke-with-response-stream",
        {"authorization": "Bearer key"},
        id="bedrock-key",
        marks=with_aws,
    ),
]


@pytest.mark.parametrize(("make", "credential", "path", "proof"), WAYS)
def test_a_platform_gets_what_was_approved_and_nothing_else(
    make: Make, credential: Credential, path: str, proof: dict[str, str], cloud: Cloud, desk: Desk
) -> None:
    platform = make(cloud.url)
    if platform.kind == "bedrock":
        cloud.answer = as_frames()
    author = author_at(desk, platform, credential)

    with pytest.raises(NotApprovedError):
        author.ask(PROMPT)
    assert cloud.received == []
    desk.approvals.approve(author.body(PROMPT))
    reply = author.ask(PROMPT)

    assert (reply.text, reply.usage) == (ANSWER, Usage(sent=7, received=5, cost=12e-6, requests=1))
    (received,) = cloud.received
    assert received.path == path
    assert received.body == author.body(PROMPT)
    host = {"host": cloud.url.removeprefix("http://"), "content-length": str(len(received.body))}
    assert received.headers == PLAIN | host | proof


@with_aws
@pytest.mark.parametrize("session", ["session", ""])
def test_a_signature_of_aws_covers_exactly_what_arrives(session: str, cloud: Cloud, desk: Desk) -> None:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    cloud.answer = as_frames()
    keys = AwsKeys("AKIDEXAMPLE", "secret", session)
    author = author_at(desk, bedrock("eu-west-1", cloud.url), keys, "eu.anthropic.claude-opus-5-5-v1:0")
    desk.approvals.approve(author.body(PROMPT))

    assert author.ask(PROMPT).text == ANSWER

    (received,) = cloud.received
    parts = dict(one.split("=", 1) for one in received.headers["authorization"].split(" ", 1)[1].split(", "))
    signed = parts["SignedHeaders"].split(";")
    assert set(signed) <= set(received.headers)
    assert ("x-amz-security-token" in received.headers) is bool(session)
    again = AWSRequest("POST", f"{cloud.url}{received.path}", data=received.body)
    for name in signed:
        again.headers[name] = received.headers[name]
    again.context["timestamp"] = received.headers["x-amz-date"]
    signer = SigV4Auth(Credentials(keys.access, keys.secret, session or None), "bedrock", "eu-west-1")
    to_sign = signer.string_to_sign(again, signer.canonical_request(again))
    assert parts["Signature"] == signer.signature(to_sign, again)


@with_aws
def test_an_error_inside_bedrocks_stream_is_told_as_one(cloud: Cloud, desk: Desk) -> None:
    cloud.answer = frame("throttlingException", {"message": "Too many requests"}, "exception")
    author = author_at(desk, bedrock("us-east-1", cloud.url), "key")
    desk.approvals.approve(author.body(PROMPT))

    with pytest.raises(OverloadedError, match="too busy") as caught:
        author.ask(PROMPT)

    assert "Too many requests" in caught.value.why
    assert len(cloud.received) == 3


@with_aws
@pytest.mark.parametrize(
    "answer", [b"<html>Please log in</html>" * 9, as_frames()[:-3] + b"xyz", as_frames()[:60], b""]
)
def test_what_is_no_stream_of_aws_is_an_endpoint_that_is_none(
    answer: bytes, cloud: Cloud, desk: Desk
) -> None:
    cloud.answer = answer
    author = author_at(desk, bedrock("us-east-1", cloud.url), "key")
    desk.approvals.approve(author.body(PROMPT))

    with pytest.raises(UnreachableError):
        author.ask(PROMPT)


@with_aws
def test_aws_keys_come_from_nowhere_else(cloud: Cloud, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "environment")
    cloud.answer = as_frames()
    author = author_at(desk, bedrock("us-east-1", cloud.url), KEYS)
    desk.approvals.approve(author.body(PROMPT))

    author.ask(PROMPT)

    assert "environment" not in repr(cloud.received)
    assert "AKIDEXAMPLE" in cloud.received[0].headers["authorization"]


def test_without_its_packages_bedrock_says_so_before_it_asks(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "find_spec", lambda _: None)

    with pytest.raises(UsageError, match="packages") as caught:
        author_at(desk, bedrock("us-east-1"), "key")

    assert "landscribe[bedrock]" in caught.value.hint


def test_the_model_is_part_of_a_clouds_address_and_no_other_address_is_asked(
    cloud: Cloud, desk: Desk
) -> None:
    author = author_at(desk, vertex("us-east5", "p", cloud.url), AccessToken("t"), "m/../../x")

    body = json.loads(author.body(PROMPT))

    assert "model" not in body
    assert body["anthropic_version"]
    assert "/m%2F..%2F..%2Fx:" in author._transport._url


@with_aws
def test_a_request_that_cannot_be_signed_is_said(
    cloud: Cloud, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    author = author_at(desk, bedrock("ap-south-1", cloud.url), AwsKeys("OTHER", "secret"))
    desk.approvals.approve(author.body(PROMPT))

    with pytest.raises(CredentialsError, match="cannot be signed") as caught:
        author.ask(PROMPT)

    assert "nobody" in caught.value.why
    assert cloud.received == []
    assert desk.budget.spent == 0


@with_aws
@pytest.mark.parametrize("model", ["", ";x"])
def test_a_model_that_cannot_stand_in_an_address_is_a_usage_error(model: str, desk: Desk) -> None:
    for place in (vertex("eu", "p"), bedrock("us-east-1")):
        with pytest.raises(UsageError, match="no name of a model"):
            author_at(desk, place, AccessToken("t"), model)


def test_a_key_that_expires_is_asked_for_before_each_question(cloud: Cloud, desk: Desk) -> None:
    keys = iter(["first", "second"])
    author = author_at(desk, anthropic(cloud.url), lambda: next(keys))
    desk.approvals.approve(author.body(PROMPT))

    author.ask(PROMPT)
    author.ask(PROMPT)

    assert [one.headers["authorization"] for one in cloud.received] == ["Bearer first", "Bearer second"]


@pytest.mark.parametrize(
    ("platform", "credential"),
    [
        (anthropic(), KEYS),
        (foundry("https://x.example"), KEYS),
        (vertex("global", "p"), "key"),
        (vertex("global", "p"), KEYS),
        (anthropic(), ""),
        (anthropic(), "sk-key\n"),
        (anthropic(), "sk key"),
        (anthropic(), AccessToken("sk-kéy")),
        (anthropic(), lambda: "\x00"),
    ],
)
def test_a_credential_that_cannot_be_one_is_refused_and_not_shown(
    platform: Platform, credential: Credential, desk: Desk
) -> None:
    author = author_at(desk, platform, credential)
    desk.approvals.approve(author.body(PROMPT))

    with pytest.raises(CredentialsError) as caught:
        author.ask(PROMPT)

    assert "k" not in f"{caught.value}".replace("key", "").replace("takes", "").replace("kind", "")
    assert desk.notebook.sent == []


def test_secrets_are_not_shown_by_what_holds_them() -> None:
    shown = repr(Endpoint(anthropic(), AwsKeys("topsecret", "topsecret", "topsecret"), AGENT, "topsecret"))

    assert "topsecret" not in shown + repr(AccessToken("topsecret")) + repr(AwsKeys("topsecret", "topsecret"))
    assert issued(AwsKeys("a", "b")) == AwsKeys("a", "b")


@pytest.mark.parametrize(
    ("platform", "url"),
    [
        (anthropic(), "https://api.anthropic.com"),
        (anthropic("http://127.0.0.1:8080/"), "http://127.0.0.1:8080"),
        (bedrock("us-east-1"), "https://bedrock-runtime.us-east-1.amazonaws.com"),
        (vertex("us-east5", "p"), "https://us-east5-aiplatform.googleapis.com/v1"),
        (vertex("global", "p"), "https://aiplatform.googleapis.com/v1"),
        (vertex("eu", "example.com:p"), "https://aiplatform.eu.rep.googleapis.com/v1"),
        (foundry("https://x.services.ai.azure.com/anthropic"), "https://x.services.ai.azure.com/anthropic"),
    ],
)
def test_each_platform_has_its_address(platform: Platform, url: str) -> None:
    assert platform.base_url == url


def test_settings_name_a_platform() -> None:
    assert platform(Kind("anthropic")) == anthropic()
    assert platform(Kind("anthropic"), "http://gateway") == anthropic("http://gateway")
    assert platform(Kind("bedrock"), region="us-east-1") == bedrock("us-east-1")
    assert platform(Kind("vertex"), "", "eu", "p") == vertex("eu", "p")
    assert platform(Kind("foundry"), "https://x.example") == foundry("https://x.example")
    for kind in ("bedrock", "vertex", "foundry"):
        with pytest.raises(UsageError):
            platform(Kind(kind))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.anthropic.com",
        "ftp://x",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@host",
        "https://host?x=1",
        "https://host/#x",
        "https://host:port",
        "https://host:0",
        "https://ho st",
        "https://host\n",
        "https://[::1",
        "https://bücher.example",
        "https://host\\@evil.example",
    ],
)
def test_an_address_without_sense_is_a_usage_error_that_shows_no_password(url: str) -> None:
    with pytest.raises(UsageError, match="no address") as caught:
        anthropic(url)

    assert "secret" not in f"{caught.value}"
    assert f"{caught.value}".isprintable()


@pytest.mark.parametrize("region", ["", "us east", "evil.example/", "x" * 70, "../x"])
def test_a_region_or_project_that_is_none_does_not_become_an_address(region: str) -> None:
    makes: list[Callable[[], Platform]] = [
        lambda: bedrock(region),
        lambda: vertex(region, "p"),
        lambda: vertex("us-east5", region),
    ]
    for make in makes:
        with pytest.raises(UsageError):
            make()
