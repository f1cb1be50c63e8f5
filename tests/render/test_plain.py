"""Names on a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.render.plain import printable


anything = st.text(st.characters(codec=None, exclude_categories=[]))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("/etc/myapp", "/etc/myapp"),
        ("/srv/Ü 日本", "/srv/Ü 日本"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[2J\x07\x7f", "\\x1b[2J\\x07\\x7f"),
        ("\x9b31m", "\\u009b31m"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("a\u200bb\u2028c\ufeff", "a\\u200bb\\u2028c\\ufeff"),
        ("a\u00a0b\u3164c\ufe0f", "a\\u00a0b\\u3164c\\ufe0f"),
        ("\U000e0041", "\\U000e0041"),
        ("/\udce9\udcff", "/\\xe9\\xff"),
        ("\ud800", "\\ud800"),
        ("\\x1b", "\\\\x1b"),
        ("", ""),
    ],
)
def test_what_cannot_be_seen_is_shown_as_an_escape(raw: str, shown: str) -> None:
    assert printable(raw) == shown


@given(anything)
def test_the_result_is_one_printable_line(text: str) -> None:
    assert printable(text).isprintable()
    printable(text).encode("utf-8")


@given(anything, anything)
def test_different_names_never_look_the_same(one: str, other: str) -> None:
    assert (printable(one) == printable(other)) == (one == other)


@given(anything, st.integers(16, 60))
def test_a_limit_holds_and_cuts_no_escape(text: str, limit: int) -> None:
    short = printable(text, limit)
    assert len(short) <= limit
    if short != printable(text):
        head, _, tail = short.partition("[...]")
        assert printable(text).startswith(head)
        assert printable(text).endswith(tail)


def test_a_cut_name_keeps_its_ends() -> None:
    assert printable("/usr/lib/" + "x" * 50 + "/libc.so", 21) == "/usr/lib[...]/libc.so"
    assert printable("\x1b" * 40, 16) == "\\x1b[...]\\x1b"
