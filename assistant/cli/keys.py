"""Where a model is asked and what proves who asks, from settings and the environment."""

from collections.abc import Iterable, Mapping

from assistant.author.platforms import (
    AccessToken,
    AwsKeys,
    Credentials,
    Kind,
    Platform,
    anthropic,
    platform,
)
from assistant.enforce.keys import printed_by
from assistant.errors import CredentialsError
from assistant.settings import Settings


LOCAL = "local"
"""The model that runs on this machine."""

_KEYS = {
    "anthropic": ("ANTHROPIC_API_KEY",),
    "bedrock": ("AWS_BEARER_TOKEN_BEDROCK",),
    "vertex": (),
    "foundry": ("ANTHROPIC_FOUNDRY_API_KEY", "ANTHROPIC_API_KEY"),
}
_TOKENS = {"anthropic": ("ANTHROPIC_AUTH_TOKEN",), "vertex": ("GOOGLE_OAUTH_ACCESS_TOKEN",)}


def platform_of(settings: Settings, environ: Mapping[str, str], local: str = "") -> Platform:
    """Where requests go.

    Args:
        settings: They say so.
        environ: For regions and projects.
        local: Where the model on this machine is served, once it is.

    Raises:
        UsageError: an address, a region or a project has no meaning.
    """
    if settings.model == LOCAL:
        return anthropic(local or "http://127.0.0.1")
    regions = {"bedrock": ("AWS_REGION", "AWS_DEFAULT_REGION"), "vertex": ("CLOUD_ML_REGION",)}
    projects = {"vertex": ("ANTHROPIC_VERTEX_PROJECT_ID", "GOOGLE_CLOUD_PROJECT")}
    return platform(
        Kind(settings.platform),
        settings.endpoint,
        _first(environ, regions.get(settings.platform, ())),
        _first(environ, projects.get(settings.platform, ())),
    )


def _first(environ: Mapping[str, str], names: Iterable[str]) -> str:
    return next((environ[name] for name in names if environ.get(name)), "")


def credentials_of(settings: Settings, environ: Mapping[str, str]) -> Credentials | None:
    """What proves who asks: the helper's word, else what the environment holds; None for neither.

    Who serves a model on this machine gives out its key.
    """
    if settings.model == LOCAL:
        return LOCAL
    helper = settings.key_helper
    if helper:
        issued = settings.platform == "vertex"
        return lambda: AccessToken(printed_by(helper)) if issued else printed_by(helper)
    key = _first(environ, _KEYS[settings.platform])
    token = _first(environ, _TOKENS.get(settings.platform, ()))
    if key or token:
        return key or AccessToken(token)
    return _signing(environ) if settings.platform == "bedrock" else None


def _signing(environ: Mapping[str, str]) -> AwsKeys | None:
    access = environ.get("AWS_ACCESS_KEY_ID", "")
    secret, session = environ.get("AWS_SECRET_ACCESS_KEY", ""), environ.get("AWS_SESSION_TOKEN", "")
    return AwsKeys(access, secret, session) if access else None


def no_credentials(settings: Settings) -> CredentialsError:
    """That there is no key, and where one would be looked for."""
    names = (*_KEYS[settings.platform], *_TOKENS.get(settings.platform, ()))
    where = " or ".join(names) or "the setting key_helper"
    return CredentialsError(
        f"there is no key for {settings.platform}",
        why=f"{where} is not set",
        hint="set it, or the setting key_helper to a command that prints it; or draft with --offline",
    )
