"""The privacy gate at a terminal: every byte can be looked at, and only a yes sends."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.cli import gate
from tests.cli.answer import good_answer
from tests.cli.conftest import ENVIRONMENT, Service
from tests.cli.terminal import Terminal
from tests.endpoint import scenario
from tests.endpoint.fixture import Endpoint


CHOICES = gate._CHOICES.strip()
Sit = Callable[..., Terminal]


@pytest.fixture
def sit(service: Service, endpoint: Endpoint, tmp_path: Path) -> Sit:
    """Somebody drafts with a model, in front of a terminal."""
    endpoint.scenario = scenario.ok(good_answer)
    environment = {
        **ENVIRONMENT,
        "HOME": str(tmp_path / "home"),
        "ANTHROPIC_API_KEY": endpoint.key,
        "ANTHROPIC_BASE_URL": endpoint.url,
    }
    arguments = ("draft", "app.trace", "--service", "fjordline", "-o", "app.toml")
    return lambda *more: Terminal([*arguments, *more], service.root, environment)


def test_what_would_leave_is_shown_and_sent_only_on_a_yes(
    sit: Sit, service: Service, endpoint: Endpoint
) -> None:
    person = sit()

    summary = person.answer(CHOICES, "v")
    bytes_shown = person.answer(CHOICES, "d")
    names_shown = person.answer(CHOICES, "s")
    code = person.end()

    assert code in (0, 10), person.seen
    (body,) = [exchange.data for exchange in endpoint.exchanges]
    assert f"{len(body)} bytes" in summary
    assert endpoint.url in summary
    assert json.dumps(json.loads(body)) == json.dumps(json.loads(bytes_shown.strip().splitlines()[-1]))
    # For this terminal only: the name as it is here, and as it leaves.
    assert "- fjordline" in names_shown
    assert b"fjordline" not in body
    assert service.ruleset.exists()


@pytest.mark.parametrize("typed", ["", "n", "y", "yes", "q", "x", "S E N D"])
def test_all_but_a_clear_yes_sends_nothing_and_drafts_offline(
    typed: str, sit: Sit, service: Service, endpoint: Endpoint
) -> None:
    person = sit()

    person.answer(CHOICES, typed)

    assert person.end() == 0, person.seen
    assert "nothing was sent; drafting offline" in person.seen
    assert endpoint.exchanges == []
    assert 'by = "offline"' in service.ruleset.read_text()


def test_who_leaves_sends_nothing(sit: Sit, endpoint: Endpoint) -> None:
    person = sit()

    person.answer(CHOICES, "v")
    person.leave()
    person.end()

    assert endpoint.exchanges == []
