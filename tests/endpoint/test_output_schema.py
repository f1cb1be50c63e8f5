"""Schemas are taken if ``anthropic.transform_schema`` could have made them, and refused otherwise."""

import datetime as dt
from typing import Annotated, Any, Literal

import anthropic
import pytest
from pydantic import BaseModel, Field

from tests.endpoint.failure import Failure
from tests.endpoint.output_schema import output_schema
from tests.endpoint.smallest import smallest


class Leaf(BaseModel):
    kind: Literal["leaf"]
    size: Annotated[int, Field(ge=1, le=9)]
    name: Annotated[str, Field(max_length=5, pattern="^a+$")]


class Stem(BaseModel):
    """A description of its own."""

    kind: Literal["stem"]
    leaves: Annotated[list[Leaf], Field(min_length=1, max_length=4)]
    grown: dt.date
    note: str | None
    height: float = 1.5


class Plant(BaseModel):
    parts: list[Annotated[Leaf | Stem, Field(discriminator="kind")]]
    alive: bool
    stem: Stem


class Node(BaseModel):
    below: list["Node"]


def thing(properties: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An object schema that requires all its properties, but for what is changed."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    } | changes


TEXT = {"type": "string"}
BAD: dict[str, tuple[Any, str]] = {
    "no object": (["string"], "Input should be an object"),
    "no type": ({}, "a schema needs one supported type"),
    "two types": ({"type": ["string", "null"]}, "a schema needs one supported type"),
    "an unknown type": ({"type": "text"}, "a schema needs one supported type"),
    "an open object": (thing({}, additionalProperties=True), "must be explicitly set to false"),
    "an object that says nothing of more": ({"type": "object", "properties": {}}, "must be explicitly set"),
    "an optional property": (thing({"a": TEXT}, required=[]), "properties.a: neither required"),
    "a required stranger": (thing({}, required=["a"]), "'a' is not defined"),
    "maxLength": (thing({"a": TEXT | {"maxLength": 5}}), "properties.a: For 'string' schema, 'maxLength'"),
    "pattern": (TEXT | {"pattern": "a"}, "'pattern' is not supported"),
    "minimum": ({"type": "integer", "minimum": 0}, "'minimum' is not supported"),
    "exclusiveMaximum": ({"type": "number", "exclusiveMaximum": 0}, "'exclusiveMaximum' is not supported"),
    "maxItems": ({"type": "array", "items": TEXT, "maxItems": 3}, "'maxItems' is not supported"),
    "two items at least": ({"type": "array", "items": TEXT, "minItems": 2}, "other than 0 or 1"),
    "default": (thing({"a": TEXT | {"default": ""}}), "'default' is not supported"),
    "oneOf": ({"oneOf": [TEXT]}, "a schema needs one supported type"),
    "an empty anyOf": ({"anyOf": []}, "at least one item"),
    "a bad choice": ({"anyOf": [TEXT, {"type": "x"}]}, "anyOf.1: a schema needs"),
    "an enum of objects": ({"enum": [{}]}, "strings, numbers"),
    "an unknown format": (TEXT | {"format": "path"}, "format 'path' is not supported"),
    "a definition that is missing": ({"$ref": "#/$defs/A"}, "not defined"),
    "a reference elsewhere": ({"$ref": "https://example.org/a"}, "not defined"),
    "more beside a reference": ({"$ref": "#/$defs/A", "default": 1, "$defs": {"A": TEXT}}, "'default'"),
    "a definition in itself": (
        {"$ref": "#/$defs/A", "$defs": {"A": {"type": "array", "items": {"$ref": "#/$defs/A"}}}},
        "recursive schemas are not supported",
    ),
    "too many choices": (thing({str(n): {"anyOf": [TEXT]} for n in range(17)}), "too complex"),
}


def test_what_the_sdk_transforms_is_taken_with_all_that_it_keeps() -> None:
    output_schema(anthropic.transform_schema(Plant), "schema")


def test_the_smallest_answer_follows_its_schema() -> None:
    schema = anthropic.transform_schema(Stem)

    Stem.model_validate(
        smallest(schema, schema["$defs"]) | {"leaves": [{"kind": "leaf", "size": 1, "name": "a"}]}
    )


def test_a_schema_as_pydantic_writes_it_is_refused() -> None:
    with pytest.raises(Failure, match="must be explicitly set to false"):
        output_schema(Leaf.model_json_schema(), "schema")


def test_a_recursive_model_is_refused_although_the_sdk_lets_it_pass() -> None:
    with pytest.raises(Failure, match="recursive schemas are not supported"):
        output_schema(anthropic.transform_schema(Node), "schema")


@pytest.mark.parametrize("name", BAD)
def test_a_schema_outside_the_subset_is_told_where(name: str) -> None:
    schema, message = BAD[name]

    with pytest.raises(Failure) as caught:
        output_schema(schema, "schema")

    assert message in caught.value.message
    assert caught.value.message.startswith("schema")
