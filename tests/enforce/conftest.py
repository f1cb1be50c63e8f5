"""Policies, rulesets and a forked child to restrict: a sandbox cannot be taken off the test process again."""

import errno
import os
from collections.abc import Callable
from typing import Any

import pytest

from assistant.domain.rights import FsRight, NetRight, parse_names
from assistant.domain.ruleset import PathGrant, PortGrant, Provenance, Refused, Ruleset, ScopeGrant
from assistant.enforce import launcher


EVERYTHING = list(launcher.FS)[:16]


def make_policy(
    paths: dict[str, list[str]] | None = None,
    *,
    ports: dict[int, list[str]] | None = None,
    scope: list[str] | None = None,
    target_abi: int = 5,
) -> dict[str, Any]:
    return {
        "service": "a service",
        "target_abi": target_abi,
        "paths": [{"path": path, "rights": rights} for path, rights in (paths or {}).items()],
        "ports": [{"port": port, "rights": rights} for port, rights in (ports or {}).items()],
        "scope": scope or [],
    }


def run_inside(policy: dict[str, Any] | None, action: Callable[[], object], **options: Any) -> str:
    """In a child: "ok", an errno's name, or "refused: ..." when nothing would have been started."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        answer = "died"
        try:
            if policy is not None:
                launcher.enforce(policy, **options)
            action()
            answer = "ok"
        except OSError as error:
            answer = errno.errorcode.get(error.errno or 0, str(error))
        except launcher.LaunchError as error:
            answer = f"refused: {error.what}: {error.why}"
        finally:
            os.write(writer, answer.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read().decode()
    os.waitpid(child, 0)
    return answer


def make_ruleset(
    paths: dict[str, str] | None = None,
    *,
    ports: dict[int, str] | None = None,
    refused: dict[str, str] | None = None,
    scope: bool = True,
    target_abi: int = 6,
) -> Ruleset:
    """A ruleset of a person; rights are words with blanks between."""
    return Ruleset(
        service="a service",
        target_abi=target_abi,
        provenance=Provenance(tool="test"),
        scope=ScopeGrant(abstract_unix_socket=scope, signal=scope),
        path=tuple(
            PathGrant(path=path, rights=parse_names(FsRight, words.split()), by="person")
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
def policy() -> Callable[..., dict[str, Any]]:
    return make_policy


@pytest.fixture
def inside() -> Callable[..., str]:
    return run_inside


@pytest.fixture
def ruleset() -> Callable[..., Ruleset]:
    return make_ruleset


@pytest.fixture
def everything() -> list[str]:
    """All rights up to ABI 5."""
    return list(EVERYTHING)


@pytest.fixture
def system() -> dict[str, str]:
    """What any dynamically linked program needs, and shell and cat themselves."""
    return {"/usr": "read_file read_dir execute", "/etc/ld.so.cache": "read_file"}
