"""Ports and scopes: which TCP ports are granted, and whether the scopes can cut the service off."""

from collections.abc import Iterable

from assistant.domain.access import (
    AbstractSocket,
    Inventory,
    PortAccess,
    Protocol,
    RemarkKind,
    Seen,
    Verdict,
)
from assistant.domain.finding import Finding, find
from assistant.domain.rights import NO_NET, NetRight, known_at, names
from assistant.domain.ruleset import PortGrant, ScopeGrant


_EPHEMERAL = range(32768, 61000)
_PRIVILEGED = range(1024)
_MANY = 3
"""As many listening ports, each of another process, nobody has named in a configuration."""
_NAMED = 8
"""Ports that a finding names."""
_WORDS = {
    NetRight.BIND_TCP: ("listening", "The service listens here."),
    NetRight.CONNECT_TCP: ("peers", "The service connects to a peer."),
    NetRight.BIND_UDP: ("listening", "The service receives datagrams here."),
    NetRight.CONNECT_SEND_UDP: ("peers", "The service sends datagrams to a peer."),
}


def grant_ports(inventory: Inventory, target_abi: int) -> tuple[list[PortGrant], list[Finding]]:
    """Port grants, one for each port and right, and what is doubtful about them."""
    known = known_at(NetRight, target_abi)
    wanted: dict[tuple[int, NetRight], list[PortAccess]] = {}
    for access in inventory.ports:
        controlled = access.protocol is not Protocol.MPTCP and access.rights & known
        if access.verdict is Verdict.NEEDED and controlled:
            wanted.setdefault((access.port, access.rights), []).append(access)
    own_any = any(port == 0 and right is NetRight.BIND_TCP for port, right in wanted)
    granted: dict[int, list[PortGrant]] = {}
    findings: list[Finding] = []
    for (port, right), accesses in sorted(wanted.items(), key=lambda item: (item[0][0], item[0][1].value)):
        if own_any and right is NetRight.CONNECT_TCP and port in _EPHEMERAL:
            findings.append(
                find(
                    "dynamic-port",
                    f"port {port}",
                    "the service connects to a port that the kernel picked; next time it is another",
                    evidence=_lines(accesses),
                )
            )
            continue
        granted.setdefault(port, []).append(_grant(port, right, accesses))
        findings.extend(_doubts(port, accesses))
    findings.extend(_picked(inventory.ports))
    return [_joined(grants) for grants in granted.values()], findings


def _picked(ports: Iterable[PortAccess]) -> Iterable[Finding]:
    """Listening ports that the processes of a service pick themselves, as for each transfer of FTP."""
    bound: dict[int, set[Seen]] = {}
    lines: list[PortAccess] = []
    for access in ports:
        named = access.port and access.port not in _PRIVILEGED
        if named and access.needed & NetRight.BIND_TCP and access.protocol is not Protocol.UDP:
            bound.setdefault(access.port, set()).update(access.processes)
            lines.append(access)
    one_each = sum(map(len, bound.values())) == len(set().union(*bound.values()))
    if len(bound) >= _MANY and one_each and any(port in _EPHEMERAL for port in bound):
        said = ", ".join(map(str, sorted(bound)[:_NAMED]))
        yield find(
            "dynamic-port",
            f"ports {said}",
            "each was listened on by another process, which seems to have picked it; next time it is another",
            evidence=_lines(lines),
            remedy="name few ports in the service's configuration (passive ports), and grant each",
        )


def _joined(grants: list[PortGrant]) -> PortGrant:
    """One grant for one port, whatever is done with it."""
    first, *more = grants
    for grant in more:
        first = first.model_copy(
            update={
                "rights": first.rights | grant.rights,
                "group": f"{first.group} and {grant.group}",
                "why": f"{first.why} {grant.why}",
                "evidence": tuple(dict.fromkeys((*first.evidence, *grant.evidence))),
            }
        )
    return first


def _lines(accesses: list[PortAccess]) -> tuple[str, ...]:
    lines = sorted({line for access in accesses for line in access.evidence})
    return tuple(str(line) for line in lines[:3])


def _grant(port: int, right: NetRight, accesses: list[PortAccess]) -> PortGrant:
    group, why = _WORDS[right]
    if port == 0:
        why = "The service asks the kernel for any free port."
    if any(access.protocol is Protocol.UNKNOWN for access in accesses):
        why += " The trace does not show that the socket is TCP; for UDP this grant is not needed."
    return PortGrant(port=port, rights=right, group=group, why=why, by="offline", evidence=_lines(accesses))


def _doubts(port: int, accesses: list[PortAccess]) -> Iterable[Finding]:
    if all(access.protocol is Protocol.UNKNOWN for access in accesses):
        yield find("socket-type-unknown", f"port {port}", "granted as TCP", evidence=_lines(accesses))
    outcomes = sorted({access.outcome for access in accesses})
    if not {"ok", "EINPROGRESS", "EALREADY", "EISCONN"} & set(outcomes):
        yield find(
            "refused-connect",
            f"port {port}",
            f"every attempt ended in {', '.join(outcomes)}",
            evidence=_lines(accesses),
        )


def uncontrolled(inventory: Inventory, target_abi: int) -> Iterable[Finding]:
    """Network use that this Landlock ABI does not control."""
    for protocol, kind in ((Protocol.UDP, "udp-uncontrolled"), (Protocol.MPTCP, "mptcp-uncontrolled")):
        accesses = [a for a in inventory.ports if a.protocol is protocol]
        if protocol is Protocol.UDP and known_at(NetRight, target_abi) & NetRight.CONNECT_SEND_UDP:
            continue
        if accesses:
            ports = ", ".join(str(port) for port in sorted({a.port for a in accesses if a.port})[:8])
            does = ", ".join(sorted({name for a in accesses for name in names(a.rights or NO_NET)}))
            yield find(
                kind, protocol.value.upper(), f"used on port(s) {ports} ({does})", evidence=_lines(accesses)
            )


def grant_scopes(inventory: Inventory) -> ScopeGrant:
    """Scopes are on unless the trace shows that the service reaches beyond itself."""
    reached = [socket for socket in inventory.abstract if _outside(socket)]
    signals = [r for r in inventory.remarks if r.kind is RemarkKind.SIGNAL_OUTSIDE]
    return ScopeGrant(
        abstract_unix_socket=not reached,
        abstract_unix_socket_why=(
            f"off: connects to a server outside ({reached[0].evidence[0]})"
            if reached
            else "on: no abstract socket of another service is used"
        ),
        signal=not signals,
        signal_why=(
            f"off: signals a process outside ({signals[0].evidence[0]})"
            if signals
            else "on: no signal to another service is sent"
        ),
    )


def _outside(socket: AbstractSocket) -> bool:
    return socket.call == "connect" and socket.outcome == "ok" and not socket.inside
