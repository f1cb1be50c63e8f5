"""The words that the tables of rules are written in: what shape a JSON value must have.

A shape is a function of a value and its dotted place; it returns nothing, or raises the first fault as the API words it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tests.endpoint.failure import invalid


Shape = Callable[[Any, str], None]


def text(value: Any, at: str) -> None:
    """Any string."""
    if not isinstance(value, str):
        raise invalid(at, "Input should be a valid string")


def said(value: Any, at: str) -> None:
    """A string that says something: the API takes no blank text."""
    text(value, at)
    if not value.strip():
        raise invalid(at, "text content blocks must contain non-whitespace text")


def flag(value: Any, at: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise invalid(at, "Input should be a valid boolean")


def whole(least: int) -> Shape:
    """An integer of at least ``least``."""

    def check(value: Any, at: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid(at, "Input should be a valid integer")
        if value < least:
            raise invalid(at, f"Input should be greater than or equal to {least}")

    return check


def one_of(*words: str) -> Shape:
    """One of a few strings."""

    def check(value: Any, at: str) -> None:
        if not isinstance(value, str) or value not in words:
            raise invalid(at, "Input should be " + " or ".join(map(repr, words)))

    return check


def nullable(shape: Shape) -> Shape:
    """The shape, or null."""

    def check(value: Any, at: str) -> None:
        if value is not None:
            shape(value, at)

    return check


def list_of(shape: Shape, least: int = 0) -> Shape:
    """A list of at least ``least`` values of one shape."""

    def check(value: Any, at: str) -> None:
        if not isinstance(value, list):
            raise invalid(at, "Input should be a valid list")
        if len(value) < least:
            raise invalid(at, f"List should have at least {least} item after validation, not {len(value)}")
        for index, item in enumerate(value):
            shape(item, f"{at}.{index}")

    return check


def text_or(blocks: Shape) -> Shape:
    """A string that says something, or a list of blocks."""

    def check(value: Any, at: str) -> None:
        (said if isinstance(value, str) else blocks)(value, at)

    return check


def fields(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """An object with exactly these fields."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str) -> None:
        _an_object(value, at)
        for name in value:
            if name not in known:
                raise invalid(_inside(at, name), "Extra inputs are not permitted")
        for name in required:
            if name not in value:
                raise invalid(_inside(at, name), "Field required")
        for name, inner in value.items():
            known[name](inner, _inside(at, name))

    return check


def tagged(tag: str, shapes: Mapping[str, Shape]) -> Shape:
    """An object whose field ``tag`` says which of the shapes it has."""

    def check(value: Any, at: str) -> None:
        _an_object(value, at)
        if tag not in value:
            raise invalid(_inside(at, tag), "Field required")
        one_of(*shapes)(value[tag], _inside(at, tag))
        shapes[value[tag]](value, at)

    return check


def not_here(_: Any, at: str) -> None:
    """A field that the API has and this endpoint does not play: refused, so that no test leans on it."""
    raise invalid(at, "this test endpoint does not know what the API would do with it")


def _an_object(value: Any, at: str) -> None:
    if not isinstance(value, dict):
        raise invalid(at or "body", "Input should be an object")


def _inside(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
