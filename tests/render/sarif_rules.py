"""What SARIF 2.1.0 says of the objects that we write, from the property tables of the standard: nothing else may stand there."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


def _many(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


TEXT = {"type": "string", "minLength": 1}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
MESSAGE = _object("text", text=TEXT)
BAG = {"type": "object", "properties": {"tags": _many(TEXT, uniqueItems=True)}}
VERSION = {"type": "string", "pattern": r"^\d+\.\d+\.\d+([-+.a-zA-Z0-9]*)$"}
REGION = _object("startLine", startLine={"type": "integer", "minimum": 1})
URI = {"type": "string", "pattern": r"^(file:///)?([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+$"}
LOCATION = _object(
    "physicalLocation",
    physicalLocation=_object(
        "artifactLocation region", artifactLocation=_object("uri", uri=URI), region=REGION
    ),
)
RULE = _object(
    "id",
    id=TEXT,
    shortDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=_object("level", level=LEVEL),
    properties=BAG,
)
RESULT = _object(
    "message ruleId ruleIndex",
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations=_many(LOCATION, minItems=1, maxItems=1),
    partialFingerprints={"type": "object", "additionalProperties": TEXT, "minProperties": 1},
    properties=BAG,
)
INVOCATION = _object(
    "executionSuccessful",
    executionSuccessful={"type": "boolean"},
    toolExecutionNotifications=_many(_object("message", level=LEVEL, message=MESSAGE)),
)
DRIVER = _object("name", name=TEXT, semanticVersion=VERSION, rules=_many(RULE, uniqueItems=True))
RUN = _object(
    "tool results",
    tool=_object("driver", driver=DRIVER),
    automationDetails=_object("id", id=TEXT),
    invocations=_many(INVOCATION, maxItems=1),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=_many(RESULT, maxItems=25_000),
)
SCHEMA = _object("version runs", version={"const": "2.1.0"}, runs=_many(RUN), **{"$schema": TEXT})

VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
