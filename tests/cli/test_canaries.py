"""Forty planted names in a real trace, and a model that is asked about it: none of them leaves, in any form."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.cli import canary
from tests.cli.canary import CANARIES
from tests.cli.conftest import Done, digest_in
from tests.endpoint import scenario
from tests.endpoint.fixture import Endpoint
from tests.endpoint.scenario import SCENARIOS


Inside = Callable[..., Done]
SERVICE = "fjordline-billing@kestrel-12.service"

pytestmark = pytest.mark.strace


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("canaries")
    (place / "root").mkdir()
    traced = place / "app.trace"
    program = [sys.executable, canary.__file__, str(place / "root")]
    subprocess.run(["strace", "-f", "-y", "-v", "-s", "256", "-o", traced, *program], check=True)
    text = traced.read_bytes().decode("utf-8", "replace")
    assert "Hunter2Sommerregen" in text, "the trace holds what must not leave"
    return traced


def encodings(word: str) -> Iterator[bytes]:
    """A word as it could stand in what leaves."""
    for spelled in {word, word.lower(), word.upper()}:
        yield spelled.encode()
        yield json.dumps(spelled)[1:-1].encode()
        yield quote(spelled, safe="").encode()
        yield "".join(f"\\{byte:03o}" if byte > 127 else chr(byte) for byte in spelled.encode()).encode()
        for shift in range(3):
            # However the word is aligned, its middle stands there.
            yield base64.b64encode(b"x" * shift + spelled.encode())[4:-4]


def leaks(data: bytes) -> list[str]:
    return [word for word in CANARIES if any(len(one) > 3 and one in data for one in encodings(word))]


def test_a_canary_would_be_seen() -> None:
    assert leaks(b'{"x": "Tr\\u00e4umerei"}') == ["Träumerei"]
    assert leaks(b"..ZORBATECH..") == ["zorbatech"]
    assert "Hunter2Sommerregen" in leaks(base64.b64encode(b"a Hunter2Sommerregen b"))
    assert len(CANARIES) >= 40


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("answers", ["ok", "prose", "obedient", "internal-error", "half-document"])
def test_no_planted_name_leaves_or_is_left_behind(
    answers: str, trace: Path, inside: Inside, asked: Endpoint, home: Path
) -> None:
    asked.scenario = SCENARIOS[answers](lambda request: scenario_answer(request.body))
    arguments = ("draft", str(trace), "--service", SERVICE, "-o", "app.toml")

    shown = inside(*arguments, "--show-request")
    done = inside(*arguments, "--approve-send", digest_in(shown.err))

    assert asked.exchanges, done.err
    for exchange in asked.exchanges:
        assert leaks(exchange.raw) == []
    kept = [path for path in home.rglob("*") if path.is_file() and path.parent.name != "vaults"]
    kept += Path("app.toml.sent").iterdir()
    assert len(kept) > 1
    for path in kept:
        # The list says which service and which file a request was for; both are the operator's own words.
        data = path.read_bytes().replace(SERVICE.encode(), b"").replace(str(trace.parent).encode(), b"")
        assert leaks(data) == [], path
    assert leaks(shown.out.encode()) == []


def scenario_answer(body: object) -> str:
    from tests.cli.answer import good_answer
    from tests.endpoint.exchange import Request

    assert isinstance(body, dict)
    return good_answer(Request(1, body))


def test_a_redactor_that_leaks_is_stopped_by_the_guard_and_nothing_reaches_the_endpoint(
    trace: Path, inside: Inside, asked: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    from redaction.redactor import Redactor
    from redaction.text import sealed

    real = Redactor.path

    def poisoned(self: Redactor, path: str) -> object:
        real(self, path)
        return sealed(path)

    monkeypatch.setattr(Redactor, "path", poisoned)
    asked.scenario = scenario.ok(lambda _: "{}")
    arguments = ("draft", str(trace), "--service", "app", "-o", "app.toml")

    shown = inside(*arguments, "--show-request")
    done = inside(*arguments, "--approve-send", digest_in(shown.err))

    assert done.code == 13
    assert "the guard found something private" in done.err
    assert asked.exchanges == []
    assert not Path("app.toml").exists()
