"""What the notes say that a sandbox still allows."""

from typing import Any

import pytest

from assistant.domain.access import AbstractSocket, Inventory, Kind, PathAccess, PortAccess, Protocol, Verdict
from assistant.domain.rights import FsRight, NetRight
from assistant.domain.ruleset import PathGrant, PortGrant, Provenance, Ruleset, ScopeGrant
from assistant.render import gaps as said
from assistant.render.markdown import line_text


def gaps(subject: Ruleset, inventory: Inventory | None) -> list[str]:
    return [line_text(gap) for gap in said.gaps(subject, inventory)]


def ruleset(abi: int, **parts: Any) -> Ruleset:
    return Ruleset(service="s", target_abi=abi, provenance=Provenance(tool="t"), **parts)


def about(subject: str, found: list[str]) -> str:
    """The one gap about a subject, or ""."""
    matching = [gap for gap in found if gap.startswith(f"**{subject}**")]
    assert len(matching) <= 1
    return matching[0] if matching else ""


@pytest.mark.parametrize(
    ("subject", "since"),
    [
        ("Truncating", 3),
        ("TCP", 4),
        ("Device commands", 5),
        ("Signals", 6),
        ("Abstract unix sockets", 6),
        ("Sockets in the file system", 9),
        ("UDP", 10),
    ],
)
def test_what_an_abi_does_not_restrict_is_a_gap_below_it_and_none_from_it_on(
    subject: str, since: int
) -> None:
    assert f"from ABI {since} on" in about(subject, gaps(ruleset(since - 1), None))
    assert about(subject, gaps(ruleset(since), None)) == ""


@pytest.mark.parametrize("subject", ["MPTCP", "Other sockets", "Metadata", "What it inherits"])
def test_some_gaps_exist_at_every_abi(subject: str) -> None:
    for abi in (1, 7, 11):
        assert about(subject, gaps(ruleset(abi), None))


def test_a_use_is_seen_not_seen_or_unknown() -> None:
    used = PortAccess(53, NetRight.CONNECT_SEND_UDP, Protocol.UDP, Verdict.NEEDED, "ok", "connect")
    untraced = Inventory(sources=())
    silent = Inventory(sources=(), calls={"socket": 2})
    loud = Inventory(sources=(), calls={"socket": 2}, ports=(used,))
    assert "unknown: no trace was given" in about("UDP", gaps(ruleset(7), None))
    assert "unknown: the trace holds no `socket` call" in about("UDP", gaps(ruleset(7), untraced))
    assert "shows no use of it" in about("UDP", gaps(ruleset(7), silent))
    assert "shows it: `connect port 53`" in about("UDP", gaps(ruleset(7), loud))
    assert "shows no use of it" in about("MPTCP", gaps(ruleset(7), loud))


def test_sockets_that_the_service_connected_to_are_named_and_escaped() -> None:
    bus = PathAccess("/run/`bus\n", FsRight.RESOLVE_UNIX, Kind.SOCKET, Verdict.NEEDED, "ok", "connect")
    found = gaps(ruleset(7), Inventory(sources=(), calls={"connect": 1}, paths=(bus,)))
    assert "``/run/`bus\\n``" in about("Sockets in the file system", found)


def test_a_scope_that_is_off_is_a_gap_with_its_reason() -> None:
    scope = ScopeGrant(signal=False, signal_why="wakes @ops", abstract_unix_socket=False)
    peers = (
        AbstractSocket("own", "connect", "ok", inside=True),
        AbstractSocket("bus", "connect", "ok", inside=False),
    )
    found = gaps(ruleset(7, scope=scope), Inventory(sources=(), calls={"connect": 2}, abstract=peers))
    assert "switched off: wakes @&#8203;ops." in about("Signals", found)
    assert "no reason is given" in about("Abstract unix sockets", found)
    assert "`bus`" in about("Abstract unix sockets", found)
    assert "`own`" not in about("Abstract unix sockets", found)


def test_granted_ports_reach_any_address() -> None:
    port = PortGrant(port=443, rights=NetRight.CONNECT_TCP, by="person")
    assert about("Any address", gaps(ruleset(7, port=(port,)), None))
    assert about("Any address", gaps(ruleset(7), None)) == ""


def test_execute_does_not_stop_interpreters() -> None:
    shell = PathGrant(path="/bin/sh", rights=FsRight.EXECUTE, by="person")
    assert about("Running code", gaps(ruleset(7, path=(shell,)), None))
    assert about("Running code", gaps(ruleset(7), None)) == ""
