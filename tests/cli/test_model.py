"""Drafting with a model, against a strict endpoint: what is sent, what is kept, and what stops it."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.answer import good_answer
from tests.cli.conftest import ENVIRONMENT, Draft, Service
from tests.endpoint import scenario
from tests.endpoint.fixture import Endpoint


def test_a_draft_with_a_model_carries_its_words_as_its_words_and_what_it_took(
    draft: Draft, endpoint: Endpoint
) -> None:
    endpoint.scenario = scenario.ok(good_answer)

    drafted = draft()

    assert drafted.ruleset
    record = drafted.ruleset.provenance.model
    assert record is not None
    assert (record.turns, record.endpoint) == (1, endpoint.url)
    assert record.prompts == ("draft@2", "offer@1", "repair@1")
    assert record.sent > 0
    assert record.cost
    grant = drafted.ruleset.path[0]
    assert (grant.by, grant.why, grant.necessity) == ("model", "it reads a1", "required")
    assert grant.evidence


def test_one_repair_turn_is_a_whole_conversation_in_the_endpoints_log(
    draft: Draft, endpoint: Endpoint
) -> None:
    endpoint.scenario = scenario.in_turn(scenario.prose(good_answer), scenario.ok(good_answer))

    drafted = draft()

    assert drafted.ruleset
    assert drafted.ruleset.provenance.model
    assert drafted.ruleset.provenance.model.turns == 2
    first, second = endpoint.bodies
    assert second["messages"][:1] == first["messages"]
    assert [message["role"] for message in second["messages"]] == ["user", "assistant", "user"]
    assert "not JSON" in second["messages"][2]["content"]


def test_an_answer_that_breaks_off_is_asked_for_in_halves_of_the_lines_that_were_approved(
    draft: Draft, endpoint: Endpoint
) -> None:
    endpoint.scenario = scenario.in_turn(scenario.truncated(good_answer), scenario.ok(good_answer))

    drafted = draft()

    assert drafted.ruleset
    assert {grant.by for grant in (*drafted.ruleset.path, *drafted.ruleset.port)} == {"model"}
    record = drafted.ruleset.provenance.model
    assert record
    assert record.turns == 3
    # As the endpoint counts: what it read from its cache, and what it stored there, apart.
    counts_of = re.compile(rb'"((?:cache_creation_|cache_read_)?input_tokens)":\s*(\d+)')
    told = [dict(counts_of.findall(exchange.reply)) for exchange in endpoint.exchanges]
    assert record.sent == sum(int(count) for counts in told for count in counts.values())
    whole, *halves = [lines_of(body) for body in endpoint.bodies]
    assert len(halves) == 2
    assert all(set(half) < set(whole) for half in halves)
    places = [[line for line in lines if re.fullmatch(r"P\d+.*", line)] for lines in (whole, *halves)]
    assert places[0] == places[1] + places[2]


def lines_of(body: dict[str, Any]) -> list[str]:
    """The offer's lines; their numbers of programs, which each request counts anew, are left out."""
    text = body["messages"][0]["content"].partition("traces ")[2].partition("END OFFER")[0]
    return [re.sub(r"\bp\d+\b", "p", line) for line in text.splitlines()[1:]]


def test_without_an_approval_nothing_is_sent_and_the_command_says_how_to_give_one(
    draft: Draft, endpoint: Endpoint
) -> None:
    drafted = draft(approved=False)

    assert (drafted.code, drafted.ruleset) == (13, None)
    assert "--approve-send sha256:" in drafted.err
    assert endpoint.exchanges == []


def test_the_approval_of_other_bytes_is_none(draft: Draft, endpoint: Endpoint) -> None:
    drafted = draft("--approve-send", f"sha256:{'0' * 64}", approved=False)

    assert (drafted.code, drafted.ruleset) == (13, None)
    assert endpoint.exchanges == []


def test_offline_asks_nobody_and_loads_nothing_to_ask_with(service: Service, endpoint: Endpoint) -> None:
    code = (
        "import sys; sys.argv[0] = 'landscribe'; from assistant.cli.main import run_command; run_command(); "
        "heavy = {'anthropic', 'httpx2', 'presidio_analyzer', 'spacy', 'redaction', 'tenacity'} & set(sys.modules); "
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "draft", "app.trace", "--offline", "-o", "app.toml"],
        cwd=service.root,
        env={**ENVIRONMENT, "ANTHROPIC_API_KEY": endpoint.key, "ANTHROPIC_BASE_URL": endpoint.url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert endpoint.exchanges == []


@pytest.mark.parametrize("flag", [["--model", "x"], ["--show-request"], ["--max-cost", "1"]])
def test_offline_and_a_wish_for_a_model_contradict_each_other(draft: Draft, flag: list[str]) -> None:
    assert draft("--offline", *flag, approved=False).code == 2


def test_without_a_key_a_draft_is_offline_unless_a_model_is_asked_for(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")

    plain, asked = draft(approved=False), draft("--model", "claude-opus-5-5")

    assert plain.code == 0
    assert "drafting offline" in plain.err
    assert asked.code == 1
    assert "ANTHROPIC_API_KEY" in asked.err


def test_a_budget_that_does_not_cover_the_answer_stops_before_anything_is_sent(
    draft: Draft, endpoint: Endpoint
) -> None:
    drafted = draft("--max-cost", "0.0001")

    assert (drafted.code, drafted.ruleset) == (13, None)
    assert endpoint.exchanges == []


def test_a_broken_vault_stops_everything_and_stays_as_it_is(
    draft: Draft, endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "own"))
    draft("--model", "claude-opus-5-5", approved=False)
    (vault,) = (tmp_path / "own/.local/state/landscribe/vaults").glob("*.json")
    vault.write_text("{")
    sent = len(endpoint.exchanges)

    drafted = draft("--model", "claude-opus-5-5", approved=False)

    assert drafted.code == 13
    assert "vault" in drafted.err
    assert vault.read_text() == "{"
    assert len(endpoint.exchanges) == sent


def test_the_same_trace_and_project_give_the_same_bytes_in_every_run(
    draft: Draft, endpoint: Endpoint
) -> None:
    endpoint.scenario = scenario.ok(good_answer)
    draft()
    draft()

    first, second = endpoint.exchanges
    assert first.data == second.data
