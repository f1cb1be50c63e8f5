"""Where a model is asked: which platform, at which address, proving what. Words only: nothing here sends."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from assistant.errors import CredentialsError, UsageError


ANTHROPIC_URL = "https://api.anthropic.com"

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9.:-]{0,62}")
_VERTEX_HOSTS = {"global": "aiplatform", "us": "aiplatform.us.rep", "eu": "aiplatform.eu.rep"}


class Kind(StrEnum):
    """The platforms that serve Claude."""

    ANTHROPIC = "anthropic"
    BEDROCK = "bedrock"
    VERTEX = "vertex"
    FOUNDRY = "foundry"


@dataclass(frozen=True, slots=True)
class Platform:
    """One place to ask; the functions below make it, and check its parts.

    Attributes:
        kind: Which rules it follows.
        base_url: Where it is.
        region: Of Bedrock and Vertex.
        project: Of Vertex.
    """

    kind: Kind
    base_url: str
    region: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token that was issued for a while: Google's, Azure's, or one of an identity federation."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AwsKeys:
    """Keys that requests to Bedrock are signed with."""

    access: str = field(repr=False)
    secret: str = field(repr=False)
    session: str = field(default="", repr=False)


Credential = str | AccessToken | AwsKeys
"""What proves who asks; a plain string is an API key."""

Credentials = Credential | Callable[[], Credential]
"""A credential, or who gives one before each question, because it expires."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is asked, and as whom.

    Attributes:
        platform: Where.
        credentials: What proves who asks. It is never looked for in the environment.
        agent: What we call ourselves there: ``landscribe/1.0``.
        proxy: What requests go through; "" for nothing. ``ways.environment_proxy`` finds it.
    """

    platform: Platform
    credentials: Credentials = field(repr=False)
    agent: str
    proxy: str = field(default="", repr=False)


def anthropic(base_url: str = ANTHROPIC_URL) -> Platform:
    """The vendor's own API, or whatever else speaks it at another address: a gateway, a local model.

    Raises:
        UsageError: the address has no meaning.
    """
    return Platform(Kind.ANTHROPIC, _address(base_url))


def bedrock(region: str, base_url: str = "") -> Platform:
    """Amazon Bedrock, with an API key or AWS keys.

    Raises:
        UsageError: the region or the address has no meaning.
    """
    url = base_url or f"https://bedrock-runtime.{_word('region', region, _NAME)}.amazonaws.com"
    return Platform(Kind.BEDROCK, _address(url), _word("region", region, _NAME))


def vertex(region: str, project: str, base_url: str = "") -> Platform:
    """Google's Vertex AI, with an access token.

    Raises:
        UsageError: region, project or address has no meaning.
    """
    host = _VERTEX_HOSTS.get(region, f"{_word('region', region, _NAME)}-aiplatform")
    url = base_url or f"https://{host}.googleapis.com/v1"
    return Platform(Kind.VERTEX, _address(url), region, _word("project", project, _PROJECT))


def foundry(base_url: str) -> Platform:
    """Microsoft Foundry, with an API key or an access token: ``https://NAME.services.ai.azure.com/anthropic``.

    Raises:
        UsageError: the address has no meaning.
    """
    return Platform(Kind.FOUNDRY, _address(base_url))


def platform(kind: Kind, base_url: str = "", region: str = "", project: str = "") -> Platform:
    """The platform that settings name; see the functions above for what each needs.

    Raises:
        UsageError: what it needs is missing or has no meaning.
    """
    match kind:
        case Kind.ANTHROPIC:
            return anthropic(base_url or ANTHROPIC_URL)
        case Kind.BEDROCK:
            return bedrock(region, base_url)
        case Kind.VERTEX:
            return vertex(region, project, base_url)
        case Kind.FOUNDRY:
            return foundry(base_url)


def issued(credentials: Credentials) -> Credential:
    """The credential, checked: no blank, nothing beyond ASCII, which no header takes.

    Raises:
        CredentialsError: it cannot be one. The error does not show it.
    """
    credential = credentials() if callable(credentials) else credentials
    for part in _parts(credential):
        if not part or not part.isascii() or not part.isprintable() or " " in part:
            raise CredentialsError(
                "the key of the endpoint cannot be one",
                why="it is empty, or holds blanks, line ends or characters that keys do not have",
                hint="set it anew, without quotes and blanks around it",
            )
    return credential


def _parts(credential: Credential) -> tuple[str, ...]:
    if isinstance(credential, AwsKeys):
        return credential.access, credential.secret, credential.session or "none"
    return (credential.value if isinstance(credential, AccessToken) else credential,)


def _address(url: str) -> str:
    """A base URL without a final slash."""
    try:
        parts = urlsplit(url)
        well = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        well = False
    if not well or not url.isascii() or not url.isprintable() or set(url) & set(" ?#@\\"):
        raise UsageError(
            f"{_shown(url)} is no address of an endpoint",
            why="it needs https:// or http:// and a host, and no name, password, question mark or blank",
            hint=f"an example: {ANTHROPIC_URL}",
        )
    return url.rstrip("/")


def _word(what: str, text: str, form: re.Pattern[str]) -> str:
    if not form.fullmatch(text):
        raise UsageError(f"{_shown(text)} is no {what}", hint="copy it from the platform's console")
    return text


def _shown(text: str) -> str:
    # A name and a password may stand in it, at any place.
    scheme, mark, rest = text.rpartition("@")[2][:200].rpartition("://")
    return ascii(scheme + mark + re.split(r"[:/?#]", rest, maxsplit=1)[0])
