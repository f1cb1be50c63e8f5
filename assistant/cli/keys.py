"""Where a model is asked and what proves who asks, from settings and the environment."""

from collections.abc import Iterable, Mapping

from assistant.author.platforms import AccessToken, AwsKeys, Credentials, Kind, Platform, platform
from assistant.enforce.keys import printed_by
from assistant.errors import CredentialsError
from assistant.settings import Settings


_KEYS = {
    "anthropic": ("ANTHROPIC_API_KEY",),
    "bedrock": ("AWS_BEARER_TOKEN_BEDROCK",),
    "vertex": (),
    "foundry": ("ANTHROPIC_FOUNDRY_API_KEY", "ANTHROPIC_API_KEY"),
}
_TOKENS = {"anthropic": ("ANTHROPIC_AUTH_TOKEN",), "vertex": ("GOOGLE_OAUTH_ACCESS_TOKEN",)}


def platform_of(settings: Settings, environ: Mapping[str, str]) -> Platform:
    """Where requests go.

    Raises:
        UsageError: an address, a region or a project has no meaning.
    """
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
    """What proves who asks: the helper's word, else what the environment holds; None for neither."""
    helper = settings.key_helper
    if helper:
        if settings.platform == "vertex":
            return lambda: AccessToken(printed_by(helper))
        return lambda: printed_by(helper)
    for name in _KEYS[settings.platform]:
        if environ.get(name):
            return environ[name]
    for name in _TOKENS.get(settings.platform, ()):
        if environ.get(name):
            return AccessToken(environ[name])
    if settings.platform == "bedrock" and environ.get("AWS_ACCESS_KEY_ID"):
        secret, session = environ.get("AWS_SECRET_ACCESS_KEY", ""), environ.get("AWS_SESSION_TOKEN", "")
        return AwsKeys(environ["AWS_ACCESS_KEY_ID"], secret, session)
    return None


def no_credentials(settings: Settings) -> CredentialsError:
    """That there is no key, and where one would be looked for."""
    names = (*_KEYS[settings.platform], *_TOKENS.get(settings.platform, ()))
    where = " or ".join(names) or "the setting key_helper"
    return CredentialsError(
        f"there is no key for {settings.platform}",
        why=f"{where} is not set",
        hint="set it, or the setting key_helper to a command that prints it; or draft with --offline",
    )
