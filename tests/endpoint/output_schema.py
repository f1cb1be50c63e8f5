"""Which schemas structured output takes: the subset that ``anthropic.transform_schema`` (SDK 2.12) produces.

What that function moves into a description (maxLength, pattern, minimum, default ...) is refused here as a keyword:
the API's grammar does not enforce it, so a schema that holds it was not transformed.
"""

from collections.abc import Iterator
from typing import Any

from tests.endpoint.failure import invalid


NOTES = {"description", "title"}
FORMATS = {
    *("date-time", "time", "date", "duration", "email"),
    *("hostname", "uri", "ipv4", "ipv6", "uuid"),
}
KEYWORDS = {
    "object": {"type", "properties", "required", "additionalProperties"},
    "array": {"type", "items", "minItems"},
    "string": {"type", "format"},
    "integer": {"type"},
    "number": {"type"},
    "boolean": {"type"},
    "null": {"type"},
    "$ref": {"$ref"},
    "anyOf": {"anyOf"},
    "allOf": {"allOf"},
    "enum": {"enum"},
    "const": {"const"},
}
"""Kind of a schema (its type, or the keyword that stands in its place) to what it may hold beside NOTES."""

MOST_OPTIONAL = 24
MOST_UNIONS = 16
REF = "#/$defs/"


def output_schema(schema: Any, at: str) -> None:
    """Raises the first fault of a schema for ``output_config.format``."""
    if not isinstance(schema, dict):
        raise invalid(at, "Input should be an object")
    named = schema.get("$defs", {})
    if not isinstance(named, dict):
        raise invalid(f"{at}.$defs", "Input should be an object")
    root = {name: value for name, value in schema.items() if name != "$defs"}
    every = list(_walk(root, at))
    for name, value in named.items():
        every += _walk(value, f"{at}.$defs.{name}")
    for place, one in every:
        _check(one, place, named)
    _limits([one for _, one in every], at)
    for name in named:
        _no_recursion(name, named, (), at)


def kind_of(schema: dict[str, Any]) -> str | None:
    """The key of KEYWORDS that a schema is to be held against."""
    if schema.get("type") is not None:
        return schema["type"] if isinstance(schema["type"], str) and schema["type"] in KEYWORDS else None
    return next((word for word in ("$ref", "anyOf", "allOf", "enum", "const") if word in schema), None)


def inner(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The schemas directly inside one, each with its place below it."""
    properties = schema.get("properties")
    if isinstance(properties, dict):
        yield from ((f"properties.{name}", one) for name, one in properties.items())
    if "items" in schema:
        yield "items", schema["items"]
    for word in ("anyOf", "allOf"):
        if isinstance(schema.get(word), list):
            yield from ((f"{word}.{index}", one) for index, one in enumerate(schema[word]))


def _walk(schema: Any, at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(schema, dict):
        raise invalid(at, "a schema should be an object")
    yield at, schema
    for place, one in inner(schema):
        yield from _walk(one, f"{at}.{place}")


def _check(schema: dict[str, Any], at: str, named: dict[str, Any]) -> None:
    kind = kind_of(schema)
    if kind is None:
        raise invalid(at, "a schema needs one supported type, $ref, anyOf, allOf, enum or const")
    for word in schema:
        if word not in KEYWORDS[kind] | NOTES:
            raise invalid(at, f"For '{kind}' schema, '{word}' is not supported")
    for word in NOTES & set(schema):
        if not isinstance(schema[word], str):
            raise invalid(f"{at}.{word}", "Input should be a valid string")
    if kind == "object":
        _check_object(schema, at)
    if kind == "$ref":
        _check_ref(schema["$ref"], at, named)
    if kind in ("anyOf", "allOf", "enum") and not (isinstance(schema[kind], list) and schema[kind]):
        raise invalid(f"{at}.{kind}", "Input should be a list of at least one item")
    _check_values(schema, at)


def _check_ref(ref: Any, at: str, named: dict[str, Any]) -> None:
    if not isinstance(ref, str) or ref.removeprefix(REF) not in named or not ref.startswith(REF):
        raise invalid(f"{at}.$ref", f"{ref!r} is not defined below {REF}")


def _check_object(schema: dict[str, Any], at: str) -> None:
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if schema.get("additionalProperties") is not False:
        raise invalid(at, "For 'object' type, 'additionalProperties' must be explicitly set to false")
    if not isinstance(properties, dict) or not isinstance(required, list):
        raise invalid(at, "'properties' should be an object and 'required' a list")
    for name in required:
        if name not in properties:
            raise invalid(at, f"required property {name!r} is not defined")
    for name, one in properties.items():
        # A default has become text of the description; beside a $ref it has vanished.
        if name not in required and "default: " not in one.get("description", "") and "$ref" not in one:
            raise invalid(f"{at}.properties.{name}", "neither required nor with a default")


def _check_values(schema: dict[str, Any], at: str) -> None:
    for value in [*schema.get("enum", ()), schema.get("const")]:
        if not isinstance(value, str | int | float | None):
            raise invalid(at, "enum and const take strings, numbers, booleans and null only")
    if "format" in schema and schema["format"] not in FORMATS:
        raise invalid(at, f"string format {schema['format']!r} is not supported")
    if schema.get("minItems", 0) not in (0, 1):
        raise invalid(at, "For 'array' type, 'minItems' values other than 0 or 1 are not supported")


def _limits(every: list[dict[str, Any]], at: str) -> None:
    optional = sum(len(set(one.get("properties", {})) - set(one.get("required", []))) for one in every)
    unions = sum("anyOf" in one for one in every)
    if optional > MOST_OPTIONAL or unions > MOST_UNIONS:
        raise invalid(at, f"Schema is too complex: {optional} optional parameters, {unions} with union types")


def _no_recursion(name: str, named: dict[str, Any], above: tuple[str, ...], at: str) -> None:
    if name in above:
        raise invalid(f"{at}.$defs.{name}", "recursive schemas are not supported")
    for _, one in _walk(named[name], at):
        if "$ref" in one:
            _no_recursion(one["$ref"].removeprefix(REF), named, (*above, name), at)
