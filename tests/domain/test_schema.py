"""The published JSON Schema, held against the model and read by an implementation that is not pydantic."""

import copy
import json
import runpy
import tomllib
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from assistant.domain.document import dump, load, parse
from assistant.errors import RulesetError


ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schema" / "ruleset.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

DOCUMENT = """
schema = 1
service = "book"
target_abi = 7
[provenance]
tool = "landscribe 0.1.0"
[[provenance.trace]]
name = "run1"
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
lines = 9
[[path]]
path = "/etc/book"
rights = ["read_file", "read_dir"]
by = "offline"
evidence = ["run1:1"]
[[path]]
path_hex = "2fe9"
rights = ["read_file"]
by = "person"
[[port]]
port = 5432
rights = ["connect_tcp"]
by = "unit"
[[refused]]
path = "/etc/shadow"
why = "passwords"
[[probed]]
path = "/etc/book.d"
rights = ["read_dir"]
why = "absent"
[approval]
digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
who = "ada"
when = "2026-11-23"
"""


def test_the_committed_schema_is_the_one_the_model_gives() -> None:
    written = runpy.run_path(str(ROOT / "scripts" / "write_schema.py"))["texts"]()
    committed = {name: (ROOT / "schema" / name).read_text(encoding="utf-8") for name in written}
    assert committed == written, "run scripts/write_schema.py"


def test_the_schema_is_a_valid_one_with_its_own_address() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] == "https://landscribe.dev/schema/ruleset-1.json"


def test_no_table_takes_unknown_keys_and_each_says_what_it_is() -> None:
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        assert part["additionalProperties"] is False
        assert part["title"]
        assert part["description"]


@pytest.mark.parametrize("text", [DOCUMENT, dump(load(DOCUMENT))], ids=["by hand", "written"])
def test_a_real_document_is_valid(text: str) -> None:
    VALIDATOR.validate(tomllib.loads(text))


def _without(data: dict[str, Any], *keys: str) -> None:
    for key in keys:
        del data[key]


WRONG = {
    "unknown key": lambda data: data["path"][0].update(colour="red"),
    "unknown key at the top": lambda data: data.update(colour="red"),
    "unknown right": lambda data: data["path"][0].update(rights=["read"]),
    "right named twice": lambda data: data["path"][0].update(rights=["execute", "execute"]),
    "net right on a path": lambda data: data["path"][0].update(rights=["bind_tcp"]),
    "empty rights": lambda data: data["path"][0].update(rights=[]),
    "empty rights of a port": lambda data: data["port"][0].update(rights=[]),
    "port 70000": lambda data: data["port"][0].update(port=70000),
    "relative path": lambda data: data["path"][0].update(path="etc/book"),
    "path with dots": lambda data: data["path"][0].update(path="/etc/../root"),
    "path with NUL": lambda data: data["path"][0].update(path="/etc/\0"),
    "relative path in hex": lambda data: data["path"][1].update(path_hex="e9"),
    "path and hex": lambda data: data["path"][0].update(path_hex="2f61"),
    "neither path nor hex": lambda data: _without(data["path"][0], "path"),
    "no citation": lambda data: data["path"][0].update(evidence=["line 1"]),
    "line 0": lambda data: data["path"][0].update(evidence=["run1:0"]),
    "uncited": lambda data: _without(data["path"][0], "evidence"),
    "no author": lambda data: _without(data["path"][0], "by"),
    "another schema": lambda data: data.update(schema=2),
    "no schema": lambda data: _without(data, "schema"),
    "no service": lambda data: data.update(service=""),
    "ABI of the future": lambda data: data.update(target_abi=99),
    "short digest": lambda data: data["approval"].update(digest="sha256:0"),
}


@pytest.mark.parametrize("spoil", WRONG.values(), ids=WRONG)
def test_what_the_reader_refuses_the_schema_refuses(spoil: Any) -> None:
    data = copy.deepcopy(tomllib.loads(DOCUMENT))
    spoil(data)
    assert not VALIDATOR.is_valid(data)
    with pytest.raises(RulesetError):
        parse(data)
