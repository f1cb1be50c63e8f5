"""The smallest answer that follows a schema: what the endpoint says when nobody scripted a better one."""

import json
from typing import Any

from tests.endpoint.exchange import Request
from tests.endpoint.output_schema import REF, kind_of


EMPTY: dict[str, Any] = {"array": [], "string": "", "integer": 0, "number": 0, "boolean": False, "null": None}
FORMATTED = {
    "date-time": "1970-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "date": "1970-01-01",
    "duration": "PT0S",
    "email": "nobody@localhost.localdomain",
    "hostname": "localhost",
    "uri": "about:blank",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "uuid": "00000000-0000-0000-0000-000000000000",
}


def smallest_answer(request: Request) -> str:
    """JSON that the request's schema takes; a sentence where it has none."""
    schema = request.schema
    return "A sentence." if schema is None else json.dumps(smallest(schema, schema.get("$defs", {})))


def smallest(schema: dict[str, Any], named: dict[str, Any]) -> Any:
    """The least value of one schema."""
    kind = kind_of(schema)
    if kind == "object":
        return {name: smallest(one, named) for name, one in schema.get("properties", {}).items()}
    if kind == "array" and schema.get("minItems"):
        return [smallest(schema["items"], named)]
    if kind == "$ref":
        return smallest(named[schema["$ref"].removeprefix(REF)], named)
    if kind in ("anyOf", "allOf"):
        return smallest(schema[kind][0], named)
    if kind == "const":
        return schema["const"]
    return (
        schema["enum"][0]
        if kind == "enum"
        else FORMATTED.get(schema.get("format", ""), EMPTY[kind or "null"])
    )
