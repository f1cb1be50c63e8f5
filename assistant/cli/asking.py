"""Whom a command asks, and as whom: settings, keys and the guarded way there, put together."""

import getpass
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import assistant
from assistant.author.approvals import Approvals
from assistant.author.budget import Budget
from assistant.author.claude import ClaudeAuthor
from assistant.author.client import Prompt
from assistant.author.platforms import Endpoint
from assistant.author.prices import FREE
from assistant.author.sent import Approved, SentLog
from assistant.author.terms import Patience, Terms
from assistant.author.transport import Checks
from assistant.author.ways import environment_proxy
from assistant.cli import gate
from assistant.cli.keys import LOCAL, credentials_of, platform_of
from assistant.cli.redacting import Redaction
from assistant.settings import Settings
from assistant.settings.folders import state_folder
from redaction.guard import Guard
from redaction.text import Redacted, literal


@dataclass(frozen=True, slots=True)
class Asking:
    """A model that may be asked once a person has approved the request.

    Attributes:
        author: Who asks.
    """

    author: ClaudeAuthor
    _approvals: Approvals
    _guard: Guard
    _log: SentLog

    def leaving(self, prompt: Prompt, redaction: Redaction, parts: Sequence[Prompt] = ()) -> gate.Leaving:
        """What would leave for a prompt, and for its parts should the answer break off."""
        author = self.author
        bodies = tuple(map(author.body, parts))
        return gate.Leaving(
            author.body(prompt),
            author.endpoint,
            author.model,
            redaction.redactor,
            author.most(prompt),
            bodies,
        )

    def approve(self, prompt: Prompt, how: str, service: str, parts: Sequence[Prompt] = ()) -> None:
        """A person let this request go, and with it requests on parts of the same lines."""
        self._log.approved = Approved(user(), how, self.author.model, service)
        self._approvals.approve(self.author.body(prompt), *map(self.author.body, parts))

    def declare(self, prompt: Prompt, repaired: Prompt) -> None:
        """Say how the conversation goes on that an approved request began: the model's words, then ours."""
        self._guard.returns(repaired.turns[-2])
        self._approvals.repair(self.author.body(prompt), repaired.turns[-1])


@contextmanager
def asking(
    settings: Settings,
    environ: Mapping[str, str],
    redaction: Redaction,
    owned: tuple[Redacted, ...],
    beside: str,
) -> Iterator[Asking]:
    """Put together the guarded way to a model, for the time of a ``with``. Nothing is sent yet.

    Args:
        settings: Whom to ask.
        environ: For keys, proxies and folders.
        redaction: Whose guard looks at every byte.
        owned: Text of our own that requests are made of.
        beside: Where the bytes of requests are kept; "" for the list's own folder.

    Raises:
        UsageError: an address, a proxy or a local model makes no sense.
    """
    approvals, guard, state = Approvals(), redaction.guard(owned), state_folder(environ)
    log = SentLog(state, beside or os.path.join(state, "sent"))
    checks = Checks(approvals, guard, log)
    with (
        _endpoint(settings, environ) as (endpoint, terms),
        ClaudeAuthor(settings.model, endpoint, checks, terms) as author,
    ):
        yield Asking(author, approvals, guard, log)


@contextmanager
def _endpoint(settings: Settings, environ: Mapping[str, str]) -> Iterator[tuple[Endpoint, Terms]]:
    agent = f"landscribe/{assistant.__version__}"
    if settings.model == LOCAL:
        from assistant.author import local

        path = environ.get("LANDSCRIBE_LOCAL_MODEL") or local.installed_model()
        with local.load(path) as engine, local.serving(engine, LOCAL) as served:
            terms = Terms(Budget(), prices={LOCAL: FREE}, patience=local.PATIENCE)
            yield Endpoint(platform_of(settings, environ, served.url), served.key, agent), terms
        return
    platform = platform_of(settings, environ)
    # Writing a request down, to be looked at, needs no key.
    credentials = credentials_of(settings, environ) or "none"
    terms = Terms(Budget(settings.max_cost), patience=Patience(total=settings.timeout))
    yield Endpoint(platform, credentials, agent, environment_proxy(platform.base_url)), terms


def user() -> str:
    """Who lets a request go."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def owned_by(prompt: Prompt) -> tuple[Redacted, ...]:
    """Text of our own in a prompt: its system part, and the names that its schema is made of."""
    words = sorted(_words(prompt.schema))
    return (prompt.system, literal(" ").join(literal(str(word)) for word in words))


def _words(part: object) -> set[str]:
    if isinstance(part, Mapping):
        return {str(key) for key in part} | {word for value in part.values() for word in _words(value)}
    if isinstance(part, list | tuple):
        return {word for value in part for word in _words(value)}
    return {part} if isinstance(part, str) else set()
