"""A draft by chat: the prompt is written through the gate, the answer goes through the same verifier."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.domain import document
from tests.cli.conftest import Done, Service, digest_in


Inside = Callable[..., Done]
CHAT = ("draft", "app.trace", "-o", "app.toml", "--via", "chat")


def prompt_of(inside: Inside) -> str:
    shown = inside(*CHAT, "--show-request")
    done = inside(*CHAT, "--prompt-file", "prompt.md", "--approve-send", digest_in(shown.err))
    assert done.code == 0, done.err
    assert not Path("app.toml").exists()
    return Path("prompt.md").read_text()


def answer_to(prompt: str) -> str:
    rules = [int(number) for number in re.findall(r"^P\d+.*\nr(\d+) ", prompt, re.MULTILINE)]
    group = {"purpose": "all", "rules": rules, "why": "a1", "necessity": "required", "doubts": []}
    rest: dict[str, list[str]] = {"unneeded": [], "objections": [], "unexercised": [], "questions": []}
    return json.dumps({"groups": [group], **rest})


def test_the_prompt_is_written_and_the_answer_taken_back(inside: Inside, service: Service) -> None:
    prompt = prompt_of(inside)
    Path("answer.txt").write_text(f"Sure! Here it is:\n```json\n{answer_to(prompt)}\n```\nAnything else?")

    done = inside(*CHAT, "--answer", "answer.txt")

    ruleset = document.load(service.ruleset.read_text())
    assert done.code in (0, 10)
    assert {grant.by for grant in ruleset.path} == {"model"}
    assert ruleset.provenance.model
    assert ruleset.provenance.model.endpoint == "copy and paste"


def test_the_prompt_stands_by_itself_and_holds_no_private_name(inside: Inside, service: Service) -> None:
    prompt = prompt_of(inside)

    assert "# How Landlock works" in prompt
    assert '"groups"' in prompt
    assert "BEGIN OFFER" in prompt
    assert service.home.name not in prompt


def test_it_leaves_only_when_it_was_approved_and_is_listed_then(inside: Inside) -> None:
    refused = inside(*CHAT, "--prompt-file", "prompt.md")
    assert (refused.code, Path("prompt.md").exists()) == (13, False)

    prompt_of(inside)

    (row,) = json.loads(inside("log", "--json").out)["sent"]
    assert row["to"] == "copy and paste"


@pytest.mark.parametrize("answer", ["I cannot do that.", "", '{"groups": []}', "[1, 2]"])
def test_an_answer_that_is_none_leaves_the_drafters_grants(
    inside: Inside, service: Service, answer: str
) -> None:
    Path("answer.txt").write_text(answer)

    done = inside(*CHAT, "--answer", "answer.txt")

    assert done.code == 10
    assert "model-failed" in done.err
    assert {grant.by for grant in document.load(service.ruleset.read_text()).path} == {"offline"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--via", "pigeon"],
        ["--answer", "x"],
        ["--prompt-file", "x"],
        ["--offline", "--via", "chat"],
    ],
)
def test_options_that_have_no_meaning_together_are_said(inside: Inside, arguments: list[str]) -> None:
    assert inside("draft", "app.trace", *arguments).code == 2


def test_an_answer_that_is_not_there_is_no_usable_input(inside: Inside) -> None:
    assert inside(*CHAT, "--answer", "absent.txt").code == 3
