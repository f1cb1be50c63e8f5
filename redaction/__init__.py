"""Takes private names out of what is sent to a model, and puts them back into the answer. Usable alone.

What is not known to be public becomes a typed, stable placeholder::

    >>> from redaction import Redactor, Vault, Vocabulary
    >>> redactor = Redactor(Vocabulary.shipped(), Vault(b"a key of 32 bytes for one project"))
    >>> shown = redactor.path("/srv/initech/log/error.log")
    >>> str(shown)
    '/srv/<ORG_2s5hdq>/log/error.log'
    >>> redactor.restore(shown).text
    '/srv/initech/log/error.log'

A request is composed of ``Redacted`` text and declared words (``compose``, ``as_json``), and the bytes that
leave go through a ``Guard``. ``gather`` and ``host_paths`` ask this machine; ``redaction.presidio`` is
imported by whoever wants its scanner. It imports nothing of the rest of the project.
"""

from redaction.errors import RedactionError, ScannerError, VaultError, VocabularyError
from redaction.guard import Guard, Violation
from redaction.outcomes import Fate, Restored, Treated
from redaction.packages import host_paths
from redaction.placeholders import Kind
from redaction.private import Private, PrivateWords, read_words
from redaction.redactor import Redactor
from redaction.seeds import gather
from redaction.text import Redacted, as_json, compose, literal
from redaction.vault import Vault
from redaction.vocabulary import Notice, Vocabulary


__all__ = [
    "Fate",
    "Guard",
    "Kind",
    "Notice",
    "Private",
    "PrivateWords",
    "Redacted",
    "RedactionError",
    "Redactor",
    "Restored",
    "ScannerError",
    "Treated",
    "Vault",
    "VaultError",
    "Violation",
    "Vocabulary",
    "VocabularyError",
    "as_json",
    "compose",
    "gather",
    "host_paths",
    "literal",
    "read_words",
]
