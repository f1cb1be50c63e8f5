"""Whatever the endpoint does, the ruleset is right or nothing is lost.

Each scenario drafts a real, traced service; where a ruleset comes of it, the kernel says whether the service works in it
and whether the rest is denied.
"""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from assistant.domain import document
from tests.cli.answer import good_answer
from tests.cli.conftest import Done, Draft, Service, run
from tests.endpoint.fixture import Endpoint
from tests.endpoint.scenario import SCENARIOS
from tests.examples.ledger import install


pytestmark = [pytest.mark.kernel, pytest.mark.strace]

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
    "ids-as-strings",
    "obedient-with-paths",
}
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

SILENT = {"never-answers"}
"""The endpoint takes the request and says nothing more."""


def test_every_scenario_of_the_endpoint_is_in_one_of_the_tables() -> None:
    assert sorted([*GOOD, *NONE, *LIES, *FAILS]) == sorted(SCENARIOS)


def command(service: Service) -> list[str]:
    """Starts it, lets it check each of its code paths, log rotation among them, and ends it."""
    return [*(service.home / "command").read_text().split("\n"), "--selftest"]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The demo service, traced for real, and its draft without a model."""
    home, root = tmp_path_factory.mktemp("ledger"), tmp_path_factory.mktemp("pristine")
    (home / "command").write_text("\n".join(install(home / "app")))
    made = Service(root, home, [])
    strace = ["strace", "-f", "-y", "-e", "trace=%file,%network,%process", "-o", str(made.trace)]
    subprocess.run([*strace, *command(made)], check=True, capture_output=True)
    done = run("draft", "app.trace", "--offline", "-o", "app.toml", cwd=root)
    # 10: it reads the password hashes on purpose, is refused, and a person should know.
    assert done.code == 10, done.err
    shutil.copytree(home / "app", home / "app as traced")
    return made


@pytest.fixture
def service(service: Service) -> Iterator[Service]:
    """Put back afterwards: a request says how many files there are, and each test rotates one more log."""
    yield service
    shutil.rmtree(service.home / "app")
    shutil.copytree(service.home / "app as traced", service.home / "app")


@pytest.fixture
def answers(endpoint: Endpoint, patient: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets the endpoint play a scenario."""
    del patient

    def play(name: str) -> None:
        endpoint.scenario = SCENARIOS[name](good_answer)
        # Only silence needs an end; an answer that is late because much else runs here is none of the scenarios.
        if name in SILENT:
            monkeypatch.setenv("LANDSCRIBE_TIMEOUT", "6")
        monkeypatch.setenv("LANDSCRIBE_MAX_COST", "20")

    return play


@pytest.fixture
def probed(inside: Callable[..., Done], service: Service) -> Callable[[], Counter[str]]:
    """Lets the kernel try the ruleset from both sides: the service works in it; of the probes, how many ended how."""

    def two_sided() -> Counter[str]:
        done = inside("test", "app.toml", "--json", "--", *command(service))
        data = json.loads(done.out)
        assert data["work"]["verdict"] == "works", done.err
        assert done.code == 0, done.err
        return Counter(probe["verdict"] for probe in data["probes"])

    return two_sided


@pytest.mark.parametrize("name", FAILS)
def test_when_no_answer_comes_the_command_fails_with_its_code_and_nothing_is_lost(
    name: str,
    answers: Callable[[str], None],
    draft: Draft,
    service: Service,
    in_the_table: Callable[[str, int, str], None],
) -> None:
    answers(name)
    before = service.snapshot()

    drafted = draft()

    assert drafted.code == FAILS[name], drafted.err
    assert drafted.ruleset is None
    assert {path: data for path, data in service.snapshot().items() if ".sent/" not in path} == before
    assert "next: " in drafted.err
    assert "Traceback" not in drafted.err
    assert "internal error" not in drafted.err
    in_the_table(name, drafted.code, "no ruleset, nothing lost")


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name not in FAILS])
def test_whatever_the_answer_is_the_ruleset_is_right(
    name: str,
    answers: Callable[[str], None],
    draft: Draft,
    pristine: Service,
    probed: Callable[[], Counter[str]],
    in_the_table: Callable[[str, int, str], None],
) -> None:
    answers(name)

    drafted = draft()

    assert drafted.code == 10, drafted.err
    assert drafted.ruleset is not None
    assert drafted.ruleset.digest() == document.load(pristine.ruleset.read_text()).digest()
    by = {grant.by for grant in (*drafted.ruleset.path, *drafted.ruleset.port)}
    assert name in LIES or by == {"model" if name in GOOD else "offline"}
    assert ("model-failed" in drafted.err) == (name in NONE)
    assert "Traceback" not in drafted.err
    assert "internal error" not in drafted.err
    verdicts = probed()
    assert verdicts["denied"] > 20
    assert verdicts["allowed"] == 0
    counted = ", ".join(f"{verdicts[one]} {one}" for one in ("denied", "allowed", "inconclusive"))
    in_the_table(name, drafted.code, f"ruleset by {' and '.join(sorted(by))}: works, {counted}")
