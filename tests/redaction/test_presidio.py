"""Presidio as it is used here: without its traps, each of which was met."""

import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from functools import partial

import pytest

from redaction.errors import ScannerError
from redaction.placeholders import Kind
from redaction.presidio import LONGEST, OVERLAP, PresidioScanner, pieces
from redaction.private import Private
from redaction.recognisers import PATTERNS, of_words
from tests.growth import growth


@pytest.fixture(scope="module")
def scanner() -> PresidioScanner:
    return PresidioScanner([Private("Contoso_Ltd"), Private("ab", Kind.HOST), Private("zork")])


def kind(scanner: PresidioScanner, text: str) -> Kind | None:
    return scanner.kinds([text])[0]


def test_no_recogniser_opens_a_socket(scanner: PresidioScanner, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a recogniser opened a socket")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)

    assert kind(scanner, "alice@initech.com") is Kind.EMAIL
    assert kind(scanner, "https://db.initech.com/x") is Kind.HOST
    names = {type(one).__name__ for one in scanner._engine.registry.recognizers}
    assert names == {
        *("PatternRecognizer", "CreditCardRecognizer", "IbanRecognizer"),
        *("MacAddressRecognizer", "UuidRecognizer"),
    }


def test_an_address_of_mail_is_found_inside_a_path(scanner: PresidioScanner) -> None:
    assert kind(scanner, "/data/uploads/alice@initech.com/x.pdf") is Kind.EMAIL


@pytest.mark.parametrize(
    "path",
    [
        "/usr/lib/x86_64-linux-gnu/libssl.so.3",
        "/usr/lib/python3/message.py",
        "/etc/resolv.conf",
        "/etc/ssl/certs/ca-certificates.crt",
        "/lib/systemd/system/nginx.service",
        "/tmp/.X11-unix",
        "/usr/lib/x86",
    ],
)
def test_names_that_end_like_domains_are_not_flagged(scanner: PresidioScanner, path: str) -> None:
    assert kind(scanner, path) is None


def test_patterns_that_hang_on_case_keep_it(scanner: PresidioScanner) -> None:
    assert kind(scanner, "AKIAIOSFODNN7EXAMPLE") is Kind.TOKEN
    assert kind(scanner, "akiaiosfodnnsexample") is None


def test_an_operators_word_is_found_beside_an_underscore(scanner: PresidioScanner) -> None:
    assert kind(scanner, "contoso_ltd_2026.csv") is Kind.ORG
    assert kind(scanner, "xcontoso-ltdx") is Kind.ORG
    assert kind(scanner, "cab_abc") is None
    assert kind(scanner, "c_ab_d") is Kind.HOST


def test_a_pattern_that_takes_too_long_is_an_error_and_no_pass() -> None:
    code = """
import sys
from redaction import recognisers, presidio
from redaction.errors import ScannerError
from redaction.placeholders import Kind
presidio.PATTERNS = (recognisers.Pattern("slow", Kind.TOKEN, r"(?:a|a|aa)+$"),)
scanner = presidio.PresidioScanner(timeout=1)
try:
    scanner.find("secretaaaa" * 3 + "a" * 200 + "!")
except ScannerError as error:
    sys.stdout.write(f"{error} {error.why}")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=os.getcwd(),
        timeout=300,
    )

    assert done.stdout.startswith("presidio warned"), done.stderr
    assert "secret" not in done.stdout + done.stderr


def test_a_recogniser_that_fails_is_an_error(
    scanner: PresidioScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("alice")

    monkeypatch.setattr(scanner._engine, "analyze", fail)

    with pytest.raises(ScannerError) as raised:
        scanner.find("x")
    assert "alice" not in f"{raised.value} {raised.value.why}"


@pytest.mark.parametrize("warn", ["logging.getLogger('presidio-analyzer').warning", "warnings.warn"])
def test_a_recogniser_that_warns_is_an_error(
    scanner: PresidioScanner, monkeypatch: pytest.MonkeyPatch, warn: str
) -> None:
    def half_done(*_: object, **__: object) -> list[object]:
        if warn == "warnings.warn":
            warnings.warn("alice was not scanned", stacklevel=1)
        else:
            logging.getLogger("presidio-analyzer").warning("alice was not scanned")
        return []

    monkeypatch.setattr(scanner._engine, "analyze", half_done)

    with pytest.raises(ScannerError) as raised:
        scanner.find("x")
    assert "alice" not in f"{raised.value} {raised.value.why}"


def test_presidio_imported_before_with_a_longer_limit_is_refused() -> None:
    code = """
import presidio_analyzer, sys
from redaction.errors import ScannerError
from redaction.presidio import PresidioScanner
try:
    PresidioScanner()
except ScannerError as error:
    sys.stdout.write(str(error))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=os.getcwd()
    )

    assert "longer time limit" in done.stdout


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.2.3.4", Kind.IP_PRIVATE),
        ("8.8.8.8", Kind.IP_PUBLIC),
        ("fe80::1", Kind.IP_LINKLOCAL),
        ("2001:db8:1:2:3:4:5:6", Kind.IP_PRIVATE),
        ("127.0.0.1", None),
        ("169.254.169.254", None),
        ("::1", None),
        ("std::vector", None),
        ("12:30:45", None),
        ("DE89370400440532013000", Kind.NUMBER),
        ("DE88370400440532013000", None),
        ("4111 1111 1111 1111", Kind.NUMBER),
        ("52:54:00:12:34:56", Kind.MAC),
        ("550e8400-e29b-41d4-a716-446655440000", Kind.UUID),
        ("db1.corp", Kind.HOST),
        ("postgres://u:p@db/x", Kind.HOST),
        ("plain text", None),
    ],
)
def test_what_has_a_form_is_typed(scanner: PresidioScanner, text: str, expected: Kind | None) -> None:
    assert kind(scanner, text) is expected


def test_many_names_at_once_are_told_apart(scanner: PresidioScanner) -> None:
    names = ["plain", "alice@initech.com", "", "a\nb", "10.2.3.4", "zork\u2028", "x"] * 500

    assert scanner.kinds(names) == [None, Kind.EMAIL, None, None, Kind.IP_PRIVATE, Kind.ORG, None] * 500


def test_nothing_is_lost_where_a_long_text_is_cut(scanner: PresidioScanner) -> None:
    for at in range(LONGEST - 30, LONGEST + 3):
        text = "." * at + " alice@initech.com " + "." * LONGEST
        assert [found.kind for found in scanner.find(text)] == [Kind.EMAIL], at


def test_pieces_are_short_and_cover_everything() -> None:
    text = ("x" * 5000 + "\n") * 9 + "y" * (3 * LONGEST)

    covered = set()
    for start, piece in pieces(text):
        assert len(piece) <= LONGEST
        assert text[start : start + len(piece)] == piece
        covered |= set(range(start, start + len(piece)))

    assert covered == set(range(len(text)))
    assert OVERLAP < LONGEST


@pytest.mark.parametrize(
    "letter", ["a", "0", ".", "a.", "-", ":", "a:", "@", "a@", "1.", "%", "A0", "_", "+49 "]
)
def test_no_pattern_takes_longer_over_a_hostile_text_than_its_length_explains(
    scanner: PresidioScanner, letter: str
) -> None:
    def finding(length: int) -> Callable[[], object]:
        return partial(scanner.find, (letter * length)[: length - 1] + "!")

    assert growth(finding, LONGEST // 10) < 40


def test_patterns_have_names_of_their_own_and_never_cross_a_line(scanner: PresidioScanner) -> None:
    assert len({pattern.name for pattern in PATTERNS}) == len(PATTERNS)
    for text in ("alice@\ninitech.com", "10.2.\n3.4", "db1.\ncorp", "fe80:\n:1"):
        assert scanner.find(text) == []


def test_an_operators_words_are_no_patterns() -> None:
    assert of_words(["a.b*c"]) == r"a\.b\*c"


def test_importing_the_package_does_not_import_presidio() -> None:
    code = "import sys, redaction, redaction.presidio, redaction.guard; sys.exit('presidio_analyzer' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=os.getcwd())

    assert done.returncode == 0
