"""Drafting with a model, against a strict endpoint: whatever it does, the ruleset is right or nothing is lost."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant.cli import modelled
from assistant.domain import document
from assistant.domain.ruleset import Ruleset
from tests.cli.conftest import ENVIRONMENT, Done, Service, digest_in
from tests.endpoint import scenario
from tests.endpoint.exchange import Request
from tests.endpoint.fixture import Endpoint
from tests.endpoint.scenario import SCENARIOS


Draft = Callable[..., "Drafted"]


@dataclass(frozen=True)
class Drafted:
    """How one draft ended: in this process, for presidio takes seconds to load."""

    code: int
    out: str
    err: str
    ruleset: Ruleset | None


def good_answer(request: Request) -> str:
    """Each place its first rule, in groups of three."""
    first = re.findall(r"^P\d+.*\nr(\d+) ", request.body["messages"][0]["content"], re.MULTILINE)
    groups = [
        {
            "purpose": f"purpose {at}",
            "rules": [int(number) for number in first[at : at + 3]],
            "why": "it reads a1",
            "necessity": "required",
            "doubts": [],
        }
        for at in range(0, len(first), 3)
    ]
    rest: dict[str, list[str]] = {"unneeded": [], "objections": [], "unexercised": [], "questions": []}
    return json.dumps({"groups": groups, **rest})


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """One home for all, and the digest that its first look at the request shows: it is the same for all."""
    return tmp_path_factory.mktemp("home"), []


@pytest.fixture
def draft(
    service: Service,
    asked: Endpoint,
    inside: Callable[..., Done],
    shown: tuple[Path, list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> Draft:
    """Drafts with the endpoint as the model's; what would be sent is approved first."""
    del asked
    home, digests = shown
    monkeypatch.setenv("HOME", str(home))
    # The project is known by its folder, and each test has another.
    monkeypatch.setattr(modelled, "project_of", lambda _: "the same")

    def run(*arguments: str, approved: bool = True) -> Drafted:
        if approved:
            if not digests:
                digests.append(digest_in(inside("draft", "app.trace", "--show-request").err))
            arguments = (*arguments, "--approve-send", digests[0])
        done = inside("draft", "app.trace", "-o", "app.toml", *arguments)
        text = service.ruleset.read_text() if service.ruleset.exists() else ""
        return Drafted(done.code, done.out, done.err, document.load(text) if text else None)

    return run


GOOD = {"ok", "thinking-first", "two-blocks", "slow", "rate-limited", "overloaded-once", "wrong-content-type"}
"""The answer is taken, with or without a second try."""

NONE = {
    "refusal",
    "truncated",
    "half",
    "prose",
    "fenced",
    "empty",
    "huge",
    "invalid-utf8",
    "ids-as-strings",
} | {"obedient-with-paths"}
"""The model answers, and it is no answer: the drafter's own grants stand, and the document says so."""

LIES = {"bad-ids", "duplicate-ids", "over-broad", "obedient"}
"""The answer has the form and lies: what does not fit counts for nothing."""

FAILS = {
    "overloaded": 1,
    "spend-limit": 13,
    "internal-error": 1,
    "unauthenticated": 1,
    "forbidden": 1,
    "not-found": 1,
    "bad-gateway": 1,
    "not-a-message": 1,
    "half-document": 1,
    "web-page": 1,
    "reset": 1,
    "cut-off": 1,
    "never-answers": 1,
    "breaks-mid-stream": 1,
    "invalid-utf8": 1,
}
"""No answer comes: the command fails with this code, and writes nothing."""


def test_every_scenario_of_the_endpoint_is_in_one_of_the_tables() -> None:
    assert GOOD | NONE | LIES | FAILS.keys() == SCENARIOS.keys()


@pytest.mark.parametrize("name", SCENARIOS)
def test_whatever_the_endpoint_does_the_ruleset_is_right_or_nothing_is_lost(
    name: str,
    draft: Draft,
    endpoint: Endpoint,
    service: Service,
    pristine: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint.scenario = SCENARIOS[name](good_answer)
    monkeypatch.setenv("LANDSCRIBE_TIMEOUT", "6")
    monkeypatch.setenv("LANDSCRIBE_MAX_COST", "20")
    before = service.snapshot()

    drafted = draft()

    offline = document.load(pristine.ruleset.read_text())
    assert "Traceback" not in drafted.err
    assert "internal error" not in drafted.err
    if name in FAILS:
        assert drafted.code == FAILS[name], drafted.err
        assert drafted.ruleset is None
        assert {path: data for path, data in service.snapshot().items() if ".sent/" not in path} == before
        assert "next: " in drafted.err
    else:
        assert drafted.ruleset is not None
        assert drafted.ruleset.digest() == offline.digest()
        assert drafted.code in (0, 10)
        by = {grant.by for grant in (*drafted.ruleset.path, *drafted.ruleset.port)}
        assert by == ({"model"} if name in GOOD else {"offline"} if name in NONE else by)
        assert ("model-failed" in drafted.err) == (name in NONE)


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
