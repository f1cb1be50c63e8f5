"""Every error of this package. It stands alone: whoever uses it maps these to its own.

::

    RedactionError
    |- VaultError      the file of placeholders is corrupt, foreign or cannot be read; nothing was lost or
    written
    |- ScannerError    a recogniser timed out, warned or failed: what it should have seen counts as not
    scanned
    `- VocabularyError what is public cannot be read
"""


class RedactionError(Exception):
    """What happened, why, and what to do next. Never holds a private value.

    Args:
        what: One sentence, without a final full stop.
        why: The cause, when it adds something to ``what``.
        hint: The next thing to try.
    """

    def __init__(self, what: str, *, why: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.hint = hint


class VaultError(RedactionError):
    """The vault's file is corrupt, foreign, open to others or unreadable."""


class ScannerError(RedactionError):
    """A recogniser did not finish its work, so nothing may be concluded from its silence."""


class VocabularyError(RedactionError):
    """A file that says what is public is damaged."""
