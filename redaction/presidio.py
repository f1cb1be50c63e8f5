"""presidio-analyzer as a scanner: the only module that imports it, and only when a scanner is made.

Only recognisers of our own and four of presidio's that check digits: none that opens a socket, as its
e-mail and URL recognisers do to learn about domains. Presidio skips a pattern that takes too long and only
warns; here a warning is an error, for what was not scanned must not pass.
"""

import bisect
import itertools
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from redaction.errors import ScannerError
from redaction.placeholders import Kind
from redaction.private import Private, spellings
from redaction.recognisers import PATTERNS, of_words
from redaction.shapes import address_kind
from redaction.words import shipped_words


if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine, EntityRecognizer

TIMEOUT_SECONDS: Final = 2
LONGEST: Final = 20_000
"""Characters that are scanned in one go; longer texts are cut at newlines, or with an overlap."""
OVERLAP: Final = 600

_LANGUAGE = "en"
_TIMEOUT = "REGEX_TIMEOUT_SECONDS"
_KINDS = {"IBAN_CODE": Kind.NUMBER, "CREDIT_CARD": Kind.NUMBER, "MAC_ADDRESS": Kind.MAC, "UUID": Kind.UUID}
_OURS = "REDACTION_"
_SCORE = 0.9
_THRESHOLD = 0.5
_TOGETHER = 200


class Finding(NamedTuple):
    """Where in a text something private stands. It does not hold it."""

    kind: Kind
    start: int
    end: int


class PresidioScanner:
    """Finds private text by its form.

    Args:
        words: The operator's words and the seeds.
        timeout: Seconds that one pattern may take over one piece of text. Presidio reads it once, when it is
            imported: the first scanner of a process decides.

    Raises:
        ScannerError: Presidio cannot be imported, or was imported with a longer limit.
    """

    def __init__(self, words: Iterable[Private] = (), *, timeout: int = TIMEOUT_SECONDS) -> None:
        with _import_limit(timeout):
            self._engine = _engine(list(words))
        self._lock = threading.Lock()

    def find(self, text: str) -> list[Finding]:
        """Everything private in a text, in order, without overlaps.

        Raises:
            ScannerError: A recogniser timed out, warned or failed.
        """
        found = {
            Finding(one.kind, start + one.start, start + one.end)
            for start, piece in pieces(text)
            for one in self._scan(piece)
        }
        return list(_apart(sorted(found, key=lambda one: (one.start, -one.end))))

    def kinds(self, texts: Sequence[str]) -> list[Kind | None]:
        """The kind of the first private thing in each text, or None; see redaction.redactor.Scanner.

        Raises:
            ScannerError: A recogniser timed out, warned or failed.
        """
        # Newlines part the joined texts, and no pattern crosses them. No printable text has one.
        flat = [text if text.isprintable() else text.translate(_LINE_ENDS) for text in texts]
        starts = list(itertools.accumulate((len(text) + 1 for text in flat), initial=0))
        found: list[Kind | None] = [None] * len(flat)
        for one in self.find("\n".join(flat)):
            at = bisect.bisect_right(starts, one.start) - 1
            found[at] = found[at] or one.kind
        return found

    def _scan(self, piece: str) -> list[Finding]:
        with self._lock, _silence_is_an_error():
            try:
                results = self._engine.analyze(piece, _LANGUAGE, score_threshold=_THRESHOLD)
            except ScannerError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, the text was not scanned
                # Its text may quote what it read.
                raise ScannerError("presidio failed", why=type(error).__name__) from None
        scanned = [(one.entity_type, one.start, one.end) for one in results]
        return [
            one for entity, start, end in scanned for one in _finding(entity, piece[start:end], start, end)
        ]


_LINE_ENDS = dict.fromkeys(map(ord, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """A text in pieces of at most ``LONGEST`` characters, each with where it begins."""
    start = 0
    while len(text) - start > LONGEST:
        end = text.rfind("\n", start + OVERLAP, start + LONGEST) + 1
        yield start, text[start : end or start + LONGEST]
        start = end or start + LONGEST - OVERLAP
    yield start, text[start:]


def _finding(entity: str, text: str, start: int, end: int) -> Iterator[Finding]:
    if entity in _KINDS:
        yield Finding(_KINDS[entity], start, end)
        return
    kind = Kind[entity.removeprefix(_OURS)]
    if kind is Kind.IP_PRIVATE:
        kind = address_kind(text) or kind
        if text in shipped_words().addresses or (address_kind(text) is None and ":" in text):
            return
    yield Finding(kind, start, end)


def _apart(found: Sequence[Finding]) -> Iterator[Finding]:
    end = -1
    for one in found:
        if one.start >= end:
            yield one
            end = one.end


@contextmanager
def _import_limit(timeout: int) -> Iterator[None]:
    """Presidio takes its time limit from the environment, and only while it is imported."""
    before = os.environ.get(_TIMEOUT)  # noqa: TID251 - presidio has no other way to be told
    os.environ[_TIMEOUT] = str(timeout)  # noqa: TID251 - as above
    try:
        yield
        limit = sys.modules["presidio_analyzer.pattern_recognizer"].REGEX_TIMEOUT_SECONDS
        if limit > max(timeout, TIMEOUT_SECONDS):
            raise ScannerError(
                "presidio was imported before with a longer time limit", why=f"{limit} seconds"
            )
    except ImportError as error:
        raise ScannerError(
            "presidio-analyzer is not installed", why=str(error), hint="or draft --offline"
        ) from None
    finally:
        if before is None:
            del os.environ[_TIMEOUT]  # noqa: TID251 - as above
        else:
            os.environ[_TIMEOUT] = before  # noqa: TID251 - as above


def _engine(words: Sequence[Private]) -> "AnalyzerEngine":
    with warnings.catch_warnings():
        # Deprecations inside spaCy's dependencies are not about what is scanned.
        warnings.simplefilter("ignore")
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NoOpNlpEngine

        nlp = NoOpNlpEngine(models=[{"lang_code": _LANGUAGE, "model_name": "no_op"}])
        registry = RecognizerRegistry(recognizers=_recognisers(words), supported_languages=[_LANGUAGE])
        return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=[_LANGUAGE])


def _recognisers(words: Sequence[Private]) -> "list[EntityRecognizer]":
    from presidio_analyzer import Pattern, PatternRecognizer
    from presidio_analyzer.predefined_recognizers import (
        CreditCardRecognizer,
        IbanRecognizer,
        MacAddressRecognizer,
        UuidRecognizer,
    )

    ours: list[EntityRecognizer] = [
        PatternRecognizer(
            supported_entity=f"{_OURS}{one.kind.name}",
            name=one.name,
            patterns=[Pattern(one.name, one.regex, _SCORE)],
        )
        for one in PATTERNS
    ]
    for kind in sorted({private.kind for private in words}):
        spelled = sorted(
            {way for private in words if private.kind is kind for way in spellings(private.word)}
        )
        chunks = [spelled[at : at + _TOGETHER] for at in range(0, len(spelled), _TOGETHER)]
        patterns = [Pattern(f"words-{at}", of_words(chunk), _SCORE) for at, chunk in enumerate(chunks)]
        ours.append(
            PatternRecognizer(supported_entity=f"{_OURS}{kind.name}", name=f"words-{kind}", patterns=patterns)
        )
    checked = (IbanRecognizer(), CreditCardRecognizer(), MacAddressRecognizer(), UuidRecognizer())
    return [*ours, *checked]


class _Raising(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        # The message may quote the text, so it is not passed on.
        raise ScannerError("presidio warned: part of the text was not scanned", why=record.funcName)


@contextmanager
def _silence_is_an_error() -> Iterator[None]:
    """Presidio's warnings become errors; it logs nothing meanwhile, for that would quote the text."""
    logger = logging.getLogger("presidio-analyzer")
    before = logger.handlers[:], logger.propagate, logger.level, logger.disabled
    disabled = logging.root.manager.disable
    logging.disable(logging.NOTSET)
    logger.handlers[:], logger.propagate, logger.disabled = [_Raising()], False, False
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            # That a function will be gone one day says nothing about what was scanned.
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        logger.handlers[:], logger.propagate, logger.disabled = before[0], before[1], before[3]
        logger.setLevel(before[2])
        logging.disable(disabled)
