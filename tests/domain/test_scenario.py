"""The scenarios file: what it means, and one clear error for what it cannot mean."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from assistant.domain.life import lives
from assistant.domain.scenario import load, single
from assistant.errors import ScenarioError


ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schema/scenarios.schema.json").read_text("utf-8"))
PAGE = (ROOT / "docs/scenarios.md").read_text("utf-8")
DOCUMENT = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]
JOB = 'schema = 1\ncommand = ["true"]\n[[scenario]]\nname = "job"\n'


def valid_by_schema(text: str) -> bool:
    import tomllib

    return bool(jsonschema.Draft202012Validator(SCHEMA).is_valid(tomllib.loads(text)))


def test_the_documented_example_means_what_the_page_says() -> None:
    serve, rotate, check = lives(load(DOCUMENT, source="the page"))

    assert serve.command == ("nginx", "-g", "daemon off;")
    assert [step.title for step in serve.steps] == [
        *("curl -sf http://127.0.0.1/", "a page that exists", "one that does not")
    ]
    assert [step.retry for step in serve.steps] == [True, False, False]
    assert {step.timeout for step in serve.steps} == {20}
    assert serve.stop is not None
    assert serve.stop.signal == "QUIT"
    assert [step.title for step in rotate.steps][2] == "SIGUSR1"
    assert (check.command, check.steps, check.stop) == (("nginx", "-t"), (), None)
    assert valid_by_schema(DOCUMENT)


def test_a_command_line_is_a_document_too() -> None:
    (job,) = lives(single(["cat", "\udcff"], timeout=3))
    (service,) = lives(single(["app"], timeout=3, check="curl x"))

    assert (job.command, job.stop, job.timeout) == (("cat", "\udcff"), None, 3)
    assert [(step.retry, step.timeout, step.run) for step in service.steps] == [
        (True, 3, ("/bin/sh", "-c", "curl x"))
    ]
    assert service.stop is not None


def test_a_command_of_its_own_is_not_waited_for_or_stopped_as_the_service_is() -> None:
    (life,) = lives(
        load(
            'schema = 1\ncommand = "service"\n[ready]\nrun = "x"\n[stop]\nsignal = "INT"\n'
            '[[scenario]]\nname = "a"\ncommand = ["other"]\n[[scenario.step]]\nrun = "y"\n',
            source="it",
        )
    )

    assert [step.title for step in life.steps] == ["y"]
    assert life.stop is not None
    assert life.stop.signal == "TERM"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("schema = ", "Invalid value"),
        ("[" * 2000, ""),
        ("", ""),
        ("schema = 2", ""),
        ("schema = true", ""),
        ("schema = 1", "command: Field required"),
        (JOB.replace('["true"]', "[]"), "command: a command is a string"),
        (JOB.replace('["true"]', '""'), "command: a command is a string"),
        (JOB.replace('["true"]', "[1]"), "command: a command is a string"),
        (JOB.replace('["true"]', '["a", "b\\u0000"]'), "command: a command cannot hold a NUL"),
        (JOB.replace('"job"', '""'), "scenario.0.name"),
        ('schema = 1\ncommand = "x"\nscenario = []', "scenario"),
        (JOB + "[[scenario]]\nname = 'job'", "two scenarios are called 'job'"),
        (JOB + "colour = 1", "scenario.0.colour: unknown key"),
        (JOB + '"\\u001b[31m" = 1', r"scenario.0.\x1b[31m: unknown key"),
        (JOB + "exit = 256", "scenario.0.exit"),
        (JOB + "exit = -1", "scenario.0.exit"),
        (JOB + "timeout = 0", "scenario.0.timeout"),
        (JOB + "timeout = nan", "scenario.0.timeout"),
        (JOB + "timeout = inf", "scenario.0.timeout"),
        (JOB + "timeout = '5'", "scenario.0.timeout"),
        (JOB + "[[scenario.step]]", "a step has either 'run' or 'signal'"),
        (JOB + "[[scenario.step]]\nrun = 'x'\nsignal = 'HUP'", "a step has either 'run' or 'signal'"),
        (JOB + "[[scenario.step]]\nsignal = 'FOO'", "'FOO' is no signal"),
        (JOB + "[[scenario.step]]\nsignal = 1", "1 is no signal"),
        (JOB + "[[scenario.step]]\nsignal = 'HUP'\nretry = true", "a signal has no exit code"),
        (JOB.replace("[[", "[ready]\nsignal = 'HUP'\n[["), "'before', 'ready' and 'after' take 'run'"),
        (JOB.replace("[[", "[environment]\n'A=B' = 'x'\n[["), "cannot be empty or hold '='"),
        (
            JOB.replace("[[", "[environment]\nA = 'x\\u0000'\n[[").replace("'x", '"x').replace("0'", '0"'),
            "NUL",
        ),
        (JOB.replace("[[", "[environment]\nA = 1\n[["), "environment.A"),
    ],
)
def test_what_cannot_be_meant_is_one_clear_error(text: str, why: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(text, source="'it.toml'")

    assert caught.value.what.startswith("'it.toml' is")
    assert why in (caught.value.why or "")
    assert caught.value.hint
    assert (caught.value.what + caught.value.why).isprintable() or text.startswith("[")


@pytest.mark.parametrize(
    "more",
    [
        "exit = 3\ntimeout = 5\n",
        "[[scenario.step]]\nrun = ['x', 'y']\nexit = 1\nretry = true\ntimeout = 0.5\nname = 'n'\n",
        "[[scenario.step]]\nsignal = 'SIGUSR1'\n",
        "command = 'x'\n",
    ],
)
def test_schema_and_reader_agree_on_what_is_right(more: str) -> None:
    assert load(JOB + more, source="it").scenario
    assert valid_by_schema(JOB + more)


@pytest.mark.parametrize(
    "more",
    ["exit = 256\n", "colour = 1\n", "[[scenario.step]]\n", "timeout = 0\n", "[[scenario.step]]\nrun = 1\n"],
)
def test_schema_and_reader_agree_on_what_is_wrong(more: str) -> None:
    with pytest.raises(ScenarioError):
        load(JOB + more, source="it")
    assert not valid_by_schema(JOB + more)


def test_the_page_lists_every_key() -> None:
    properties: dict[str, Any] = SCHEMA["properties"]
    keys = [*properties, *(key for part in SCHEMA["$defs"].values() for key in part["properties"])]

    assert [key for key in keys if not re.search(rf"`(?:\[+(?:scenario\.)?)?{key}\]*`", PAGE)] == []
