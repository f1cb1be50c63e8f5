"""What redaction needs on this machine, put together: what is public, what is private, and the vault."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.author.guarding import refuse_private
from assistant.cli import console
from assistant.errors import StoppedError, UsageError
from assistant.settings import Settings
from assistant.settings.ceiling import Policy
from assistant.settings.folders import vault_file
from redaction.errors import RedactionError
from redaction.guard import Guard
from redaction.packages import host_paths
from redaction.presidio import PresidioScanner
from redaction.private import Private, PrivateWords, read_words
from redaction.redactor import Redactor
from redaction.seeds import gather
from redaction.text import Redacted
from redaction.vault import Vault
from redaction.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Redaction:
    """A project's redactor, and what a guard needs to look at its work with other eyes.

    Attributes:
        redactor: Makes text that may leave.
        vault: Which placeholder stands for what; saved by whoever sends.
        notices: What could not be asked, for a person.
    """

    redactor: Redactor
    vault: Vault
    notices: tuple[str, ...]
    _vocabulary: Vocabulary
    _private: PrivateWords
    _scanner: PresidioScanner

    def guard(self, owned: tuple[Redacted, ...]) -> Guard:
        """A guard for what this redactor made.

        Args:
            owned: Text of our own that requests are made of.
        """
        return Guard(self.vault, self._private, self._vocabulary, self._scanner, owned)


@contextmanager
def stopping() -> Iterator[None]:
    """Turn what redaction cannot do into a stop: nothing is sent then.

    Raises:
        StoppedError: a vault, a vocabulary or the scanner failed.
    """
    try:
        yield
    except RedactionError as error:
        raise StoppedError(error.what, why=error.why, hint=error.hint or "draft with --offline") from None


def redaction_for(settings: Settings, policy: Policy, environ: Mapping[str, str], project: str) -> Redaction:
    """Redaction for a project.

    Args:
        settings: What operators declare private or public.
        policy: The machine's ceiling.
        environ: For where vaults are kept.
        project: Its folder.

    Raises:
        UsageError: the file of private words cannot be read.
        StoppedError: the vault cannot be used, and is left as it is.
    """
    with stopping():
        return _redaction_for(settings, policy, environ, project)


def _redaction_for(settings: Settings, policy: Policy, environ: Mapping[str, str], project: str) -> Redaction:
    notices: list[str] = []
    paths: tuple[frozenset[str], ...] = ()
    if policy.host_packages:
        known = host_paths(maintainers=settings.maintainers)
        paths = (known.paths,)
        notices += [f"{notice.source}: {notice.what}" for notice in known.notices]
    vocabulary = Vocabulary.shipped(*paths, declared=settings.public)
    seeds = gather()
    notices += [f"{notice.source}: {notice.what}" for notice in seeds.notices]
    words = [*seeds.words, *map(Private, settings.private), *_from_file(settings.private_file)]
    private = PrivateWords(words)
    scanner = PresidioScanner(words)
    vault = Vault.open(_prepared(vault_file(environ, project)))
    redactor = Redactor(vocabulary, vault, private, scanner)
    return Redaction(redactor, vault, tuple(notices), vocabulary, private, scanner)


def _from_file(path: str) -> list[Private]:
    return read_words(console.read_file(Path(path), "the file of private words")) if path else []


def _prepared(path: str) -> str:
    """The vault's path, its folder made."""
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the folder for vaults cannot be made: {os.path.dirname(path)!a}",
            why=error.strerror or str(error),
            hint="set XDG_STATE_HOME to a folder that can be written",
        ) from error
    return path


def checked(redaction: Redaction, text: Redacted, owned: Redacted) -> bytes:
    """The bytes of a text that a person is to carry away, looked at by the guard.

    Args:
        redaction: Whose guard.
        text: The text.
        owned: What of it is our own.

    Raises:
        NotApprovedError: something private is in it.
    """
    data = text.encode()
    refuse_private(redaction.guard((owned,)), data, "the prompt")
    return data
