"""The only place where clients of the SDK are made: with our HTTP client and credential, no environment."""

from importlib.util import find_spec
from typing import Any

import anthropic
import httpx2
from anthropic import Anthropic, AnthropicBedrock, AnthropicFoundry, AnthropicVertex

from assistant.author.platforms import AccessToken, AwsKeys, Credential, Kind, Platform
from assistant.errors import CredentialsError, UsageError


Client = Anthropic | AnthropicBedrock | AnthropicVertex

API_VERSION = "2026-10-21"
"""What requests are written for. Given and not left to the SDK, which would take it from the environment."""

# What the SDK adds to tell about this machine. Left out here and not only by the transport: signatures of AWS
# cover all headers.
_TOLD = (
    *("lang", "package-version", "os", "arch", "runtime", "runtime-version", "async"),
    *("timeout", "read-timeout", "retry-count"),
)
_PLAIN: dict[str, Any] = {
    **{f"x-stainless-{name}": anthropic.omit for name in _TOLD},
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "Connection": "keep-alive",
}


def http_client(transport: httpx2.BaseTransport) -> httpx2.Client:
    """An HTTP client that does nothing but ask its transport: no environment, no redirects."""
    return httpx2.Client(transport=transport, trust_env=False, follow_redirects=False)


def client(platform: Platform, http: httpx2.Client, credential: Credential) -> Client:
    """The SDK's client of a platform.

    Everything that the SDK would take from the environment is given here, so that it takes nothing: keys,
    addresses, headers (ours win over ANTHROPIC_CUSTOM_HEADERS), tracing.

    Raises:
        CredentialsError: the platform takes no such credential.
        UsageError: the packages for the platform are not installed.
    """
    given: dict[str, Any] = {
        "base_url": platform.base_url,
        "http_client": http,
        "max_retries": 0,
        "open_telemetry": False,
    }
    match platform.kind:
        case Kind.ANTHROPIC:
            key = _secret(credential, "an API key or a token", str, AccessToken)
            return Anthropic(api_key=key, default_headers=_versioned(key), **given)
        case Kind.FOUNDRY:
            return _foundry(credential, given)
        case Kind.VERTEX:
            token = _secret(credential, "an access token", AccessToken)
            given |= {"region": platform.region, "project_id": platform.project}
            return AnthropicVertex(access_token=token, default_headers=_headers(token), **given)
        case Kind.BEDROCK:
            return _bedrock(credential, given | {"aws_region": platform.region})


def _foundry(credential: Credential, given: dict[str, Any]) -> AnthropicFoundry:
    secret = _secret(credential, "an API key or a token", str, AccessToken)
    proof = (
        {"azure_ad_token_provider": lambda: secret}
        if isinstance(credential, AccessToken)
        else {"api_key": secret}
    )
    return AnthropicFoundry(**proof, default_headers=_versioned(None), **given)


def _bedrock(credential: Credential, given: dict[str, Any]) -> AnthropicBedrock:
    if not (find_spec("botocore") and find_spec("boto3")):
        # Its streams are AWS's own; without this, that would show after the request was paid for.
        raise UsageError(
            "Bedrock needs packages that are not installed", hint="pip install 'landscribe[bedrock]'"
        )
    if not isinstance(credential, AwsKeys):
        key = _secret(credential, "an API key or AWS keys", str)
        return AnthropicBedrock(api_key=key, default_headers=_headers(key), **given)
    # Keys are no arguments here: beside them the SDK would read AWS_BEARER_TOKEN_BEDROCK.
    signing = AnthropicBedrock(api_key="none", default_headers=_headers(None), **given)
    signing.api_key = None
    signing.aws_access_key = credential.access
    signing.aws_secret_key = credential.secret
    signing.aws_session_token = credential.session or None
    return signing


def _secret(credential: Credential, wanted: str, *kinds: type) -> str:
    secret = credential.value if isinstance(credential, AccessToken) else credential
    if not isinstance(credential, kinds) or not isinstance(secret, str):
        raise CredentialsError("the platform takes no credential of this kind", hint=f"it takes {wanted}")
    return secret


def _versioned(bearer: str | None) -> dict[str, Any]:
    return _headers(bearer) | {"anthropic-version": API_VERSION}


def _headers(bearer: str | None) -> dict[str, Any]:
    """All headers of ours, and ``omit`` for those that shall not be. Bodies may say the version instead."""
    return {
        **_PLAIN,
        "anthropic-version": anthropic.omit,
        "Authorization": anthropic.omit if bearer is None else f"Bearer {bearer}",
    }
