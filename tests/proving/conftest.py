"""Rulesets of a person, the scenarios of one command, and a state of audit that must not change."""

import select
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from assistant.domain.rights import FsRight, NetRight, parse_names
from assistant.domain.ruleset import PathGrant, PortGrant, Provenance, Refused, Ruleset, ScopeGrant
from assistant.domain.scenario import Scenarios, single
from assistant.enforce import audit, switch
from assistant.host import LocalHost
from assistant.proving.trial import Setting


SECONDS = 60


def make_ruleset(
    paths: dict[str, str] | None = None,
    *,
    ports: dict[int, str] | None = None,
    refused: dict[str, str] | None = None,
    scope: bool = True,
    target_abi: int = 6,
    evidence: tuple[str, ...] = (),
) -> Ruleset:
    """A ruleset of a person; rights are words with blanks between."""
    return Ruleset(
        service="app",
        target_abi=target_abi,
        provenance=Provenance(tool="test"),
        scope=ScopeGrant(abstract_unix_socket=scope, signal=scope),
        path=tuple(
            PathGrant(path=path, rights=parse_names(FsRight, words.split()), by="person", evidence=evidence)
            for path, words in (paths or {}).items()
        ),
        port=tuple(
            PortGrant(port=port, rights=parse_names(NetRight, words.split()), by="person")
            for port, words in (ports or {}).items()
        ),
        refused=tuple(
            Refused(path=path, rights=parse_names(FsRight, words.split()), why="not its business")
            for path, words in (refused or {}).items()
        ),
    )


@pytest.fixture
def ruleset() -> Callable[..., Ruleset]:
    return make_ruleset


@pytest.fixture
def system() -> dict[str, str]:
    """What any dynamically linked program needs, and shell and cat themselves."""
    return {"/usr": "read_file read_dir execute", "/etc/ld.so.cache": "read_file"}


@pytest.fixture
def setting() -> Callable[..., Setting]:
    """What a test is made with: words of a command, or a document."""

    def make(*command: str, document: Scenarios | None = None, check: str = "", **options: Any) -> Setting:
        wanted = document or single(command, timeout=options.pop("timeout", 30.0), check=check)
        return Setting(wanted, LocalHost(), **options)

    return make


@pytest.fixture(autouse=True)
def _audit_as_it_was() -> Iterator[None]:
    """Audit is after a test as it was before. Other tests on this machine may listen meanwhile."""
    try:
        before = audit.status()
    except OSError:
        yield
        return
    busy = switch.PLACE.exists()
    yield
    until = time.monotonic() + SECONDS
    while not busy and audit.status() != before:
        assert switch.PLACE.exists() or audit.status() == before
        assert time.monotonic() < until
        select.select([], [], [], 0.05)
