"""What may leave is a type of its own, and nothing becomes it by accident."""

import copy
import json
import pickle

import pytest

from redaction.text import Redacted, as_json, compose, literal, sealed


def test_redacted_text_is_not_made_by_its_constructor() -> None:
    with pytest.raises(TypeError, match="made by the Redactor"):
        Redacted("raw", object())


def test_redacted_text_does_not_change_and_is_not_pickled() -> None:
    text = sealed("x")

    with pytest.raises(AttributeError):
        text._text = "raw"
    with pytest.raises(AttributeError):
        del text._text
    with pytest.raises(TypeError):
        pickle.dumps(text)
    assert copy.copy(text) is text
    assert copy.deepcopy([text])[0] is text


def test_redacted_text_joins_only_with_its_like() -> None:
    assert str(literal("a") + sealed("b")) == "ab"
    assert str(literal(", ").join([sealed("a"), sealed("b")])) == "a, b"
    with pytest.raises(TypeError):
        sealed("a") + "raw"  # type: ignore[operator]
    with pytest.raises(TypeError):
        literal(", ").join(["raw"])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        "".join([sealed("a")])  # type: ignore[list-item]


def test_a_template_takes_redacted_text_and_numbers_alone() -> None:
    assert compose("{count} times {path}", count=3, path=sealed("/x")) == sealed("3 times /x")
    with pytest.raises(TypeError):
        compose("{path}", path="/home/alice")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        compose("{flag}", flag=3.5)  # type: ignore[arg-type]


def test_what_is_filled_into_a_template_is_not_read_as_one() -> None:
    assert compose("{path}", path=sealed("{0.__class__}")) == sealed("{0.__class__}")


def test_json_holds_redacted_text_numbers_and_declared_words() -> None:
    data = {
        "paths": [{"path": sealed("/<X>"), "count": 3, "seen": True, "why": None}],
        sealed("k"): ("read",),
    }

    text = as_json(data, frozenset({"paths", "path", "count", "seen", "why", "read"}))

    assert json.loads(str(text)) == {
        "paths": [{"path": "/<X>", "count": 3, "seen": True, "why": None}],
        "k": ["read"],
    }


@pytest.mark.parametrize("data", ["raw", ["raw"], {"raw": 1}, {"path": "raw"}, b"raw", 1.5, {1: 2}, object()])
def test_json_of_anything_undeclared_is_an_error(data: object) -> None:
    with pytest.raises(TypeError, match="is not sent"):
        as_json(data, frozenset({"path"}))


def test_a_name_equal_to_a_key_does_not_overwrite_it() -> None:
    with pytest.raises(TypeError, match="same text"):
        as_json({"path": 1, sealed("path"): 2}, frozenset({"path"}))


def test_the_refusal_does_not_show_what_it_refuses() -> None:
    with pytest.raises(TypeError) as raised:
        as_json({"path": "/home/alice"}, frozenset({"path"}))

    assert "alice" not in str(raised.value)
