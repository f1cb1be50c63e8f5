"""docs/jsonl.md and schema/event.schema.json say what the reader reads and the writer writes."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from assistant.trace.forms.event import EventError, line_of
from assistant.trace.forms.jsonl import Events
from assistant.trace.forms.objects import to_events
from assistant.trace.reader import Reader


REPO = Path(__file__).parents[3]
BLOCKS = re.findall(r"```jsonl\n(.*?)```", (REPO / "docs/jsonl.md").read_text("utf-8"), re.DOTALL)
SCHEMA: dict[str, Any] = json.loads((REPO / "schema/event.schema.json").read_text("utf-8"))
CHECK = jsonschema.Draft202012Validator(SCHEMA)


def test_every_example_of_the_document_is_understood_and_fits_the_schema() -> None:
    lines = [line.encode() + b"\n" for block in BLOCKS for line in block.splitlines()]
    reader = Reader()

    source = Events().read("t", lines, reader)

    assert len(lines) > 10
    assert (source.understood, source.not_understood) == (len(lines), 0)
    for line in lines:
        CHECK.validate(json.loads(line))


@pytest.mark.parametrize(
    "path", sorted(REPO.glob("tests/trace/forms/data/*.trace")), ids=lambda path: path.name
)
def test_what_is_written_fits_the_schema(path: Path) -> None:
    for event in to_events(path.read_bytes().splitlines(keepends=True)):
        CHECK.validate(json.loads(event))


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"call": "Open"},
        {"call": "open", "args": {}},
        {"call": "open", "args": [["/x"]]},
        {"call": "open", "args": [1.5]},
        {"call": "open", "args": [{"name": "/x"}]},
        {"call": "open", "args": [{"fd": "3"}]},
        {"call": "open", "args": [{"fd": 3, "device": "x"}]},
        {"call": "bind", "args": [3, {"port": 65536}]},
        {"call": "open", "pid": -1},
        {"call": "open", "result": "3"},
        {"call": "open", "error": "gone"},
        {"line": 3},
    ],
    ids=str,
)
def test_the_schema_and_the_reader_refuse_the_same(event: dict[str, Any]) -> None:
    assert not CHECK.is_valid(event)
    with pytest.raises(EventError):
        line_of(event)
