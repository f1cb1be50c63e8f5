"""Units as texts, systemd's groups as literals, and one row of a review."""

from collections.abc import Callable

import pytest

from assistant.domain.context import ContextReview, Row
from assistant.domain.rights import FsRight, NetRight, parse_names
from assistant.domain.ruleset import PathGrant, PortGrant, Provenance, Ruleset, ScopeGrant
from assistant.domain.unit import parse
from assistant.review.context.reviewing import review


GROUPS = {
    "@default": frozenset({"execve", "exit", "exit_group", "mmap"}),
    "@mount": frozenset({"mount", "umount2", "chroot", "fsopen", "move_mount", "open_tree", "pivot_root"}),
    "@system-service": frozenset(
        {"execve", "kill", "chmod", "prctl", "unshare", "clone", "mknodat", "personality"}
    ),
    "@module": frozenset({"init_module", "finit_module", "delete_module"}),
}


def make_ruleset(
    paths: dict[str, str] | None = None,
    ports: dict[int, str] | None = None,
    *,
    abi: int = 7,
    scopes: bool = True,
) -> Ruleset:
    return Ruleset(
        service="s",
        target_abi=abi,
        provenance=Provenance(tool="t"),
        scope=ScopeGrant(abstract_unix_socket=scopes, signal=scopes),
        path=tuple(
            PathGrant(path=path, rights=parse_names(FsRight, words.split()), by="person")
            for path, words in (paths or {}).items()
        ),
        port=tuple(
            PortGrant(port=port, rights=parse_names(NetRight, words.split()), by="person")
            for port, words in (ports or {}).items()
        ),
    )


def reviewed(text: str, held: Ruleset | None = None, name: str = "a.service") -> ContextReview:
    return review(parse(name, [f"[Service]\n{text}\n"]), held, GROUPS)


def row(text: str, id_: str, held: Ruleset | None = None) -> Row:
    (found,) = [one for one in reviewed(text, held).rows if one.id == id_]
    return found


@pytest.fixture
def ruleset() -> Callable[..., Ruleset]:
    return make_ruleset
