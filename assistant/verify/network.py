"""Ports, abstract sockets and signals: invented, uncited, missing. Landlock knows ports, never addresses."""

import re
from collections.abc import Iterator

from assistant.domain.access import Evidence, RemarkKind, Verdict
from assistant.domain.finding import Finding, Severity, find
from assistant.domain.rights import NO_NET, SINCE, NetRight, Scope, known_at, names
from assistant.domain.ruleset import PortGrant
from assistant.verify.call import Call
from assistant.verify.case import Case
from assistant.verify.evidence import Witness
from assistant.verify.invented import SUPPORTING, judge
from assistant.verify.missing import Gap
from assistant.verify.traces import Traces


_PORT = re.compile(rb"\bhtons\((\d{1,5})\)")
_UDP = NetRight.BIND_UDP | NetRight.CONNECT_SEND_UDP
_TCP = NetRight.BIND_TCP | NetRight.CONNECT_TCP
_BEFORE_THE_CHECK = frozenset({"EACCES", "EPERM", "EBADF", "ENOTSOCK", "EFAULT", "EAFNOSUPPORT"})


def check(case: Case) -> Iterator[Finding]:
    """All findings about ports and scopes."""
    yield from _ports(case)
    yield from _citations(case)
    yield from _missing_ports(case)
    yield from _scopes(case)


def _ports(case: Case) -> Iterator[Finding]:
    traces = Traces(case)
    seen: dict[int, NetRight] = {}
    for access in case.inventory.ports:
        if access.verdict in SUPPORTING:
            seen[access.port] = seen.get(access.port, NO_NET) | access.rights
    for grant in case.ruleset.port:
        unseen = grant.rights & ~seen.get(grant.port, NO_NET)
        yield from judge(grant, f"port {grant.port}", int(grant.port in seen), unseen, traces)


def _citations(case: Case) -> Iterator[Finding]:
    if not case.ruleset.port:
        return
    witness = Witness(case)
    for grant in case.ruleset.port:
        shown, unread, subject = NO_NET, False, f"port {grant.port}"
        for citation in grant.evidence:
            if not witness.can_read(citation):
                unread = True
                continue
            complaint, rights = _hear(witness, citation, grant)
            shown |= rights
            if complaint:
                yield find("false-citation", subject, complaint, evidence=(citation,))
        unshown = grant.rights & ~shown
        if unshown and grant.by in ("offline", "model") and not unread:
            message = f"none of the cited lines can need {', '.join(names(unshown))} here"
            yield find("false-citation", subject, message, evidence=grant.evidence)


def _hear(witness: Witness, citation: str, grant: PortGrant) -> tuple[str, NetRight]:
    call, complaint = witness.line(citation)
    if call is None:
        return complaint, NO_NET
    rights = _rights(call)
    if rights is None:
        return f"the line's {call.name} uses no port", NO_NET
    if grant.port in _named_ports(call):
        return "", NO_NET if call.errno in _BEFORE_THE_CHECK else rights
    if grant.port == 0 and rights & NetRight.CONNECT_SEND_UDP:
        # Sending from an unbound socket binds it to a port of the kernel's choice, which asks for port 0.
        return "", NetRight.BIND_UDP
    return f"the line's {call.name} does not name this port", NO_NET


def _named_ports(call: Call) -> set[int]:
    return {int(port) for argument in call.arguments for port in _PORT.findall(argument.text)}


def _rights(call: Call) -> NetRight | None:
    """Rights that a call can need on its ports; None when it is no call that names one."""
    if call.denied:
        missing = [word.removeprefix("net.").upper() for word in call.denied if word.startswith("net.")]
        return NetRight(sum(NetRight[word].value for word in missing if word in NetRight.__members__)) or None
    if call.name == "bind":
        rights = NetRight.BIND_TCP | NetRight.BIND_UDP
    elif call.name == "connect":
        rights = NetRight.CONNECT_TCP | NetRight.CONNECT_SEND_UDP
    elif call.name in ("sendto", "sendmsg", "sendmmsg"):
        rights = NetRight.CONNECT_SEND_UDP
        if "MSG_FASTOPEN" in call.flags:
            rights |= NetRight.CONNECT_TCP
    else:
        return None
    socket = call.argument(0).text
    if b"<TCP" in socket:
        return rights & _TCP
    return rights & _UDP if b"<UDP" in socket else rights


def _missing_ports(case: Case) -> Iterator[Finding]:
    known = known_at(NetRight, case.ruleset.target_abi)
    granted, traces = case.ruleset.ports(), Traces(case)
    gaps: dict[int, Gap[NetRight]] = {}
    for access in case.inventory.ports:
        if access.verdict is not Verdict.NEEDED:
            continue
        denied = access.rights & known & ~granted.get(access.port, NO_NET)
        if not denied:
            continue
        first = tuple(str(line) for line in access.evidence[:1])
        gap = Gap(access.call, first, denied, traces.is_own(access.evidence))
        if access.port in gaps:
            gaps[access.port].widen(gap)
        else:
            gaps[access.port] = gap
    for port, gap in gaps.items():
        yield gap.finding(f"port {port}")


def _scopes(case: Case) -> Iterator[Finding]:
    scope, traces = case.ruleset.scope, Traces(case)
    sockets = [
        (f"abstract socket {socket.name}", socket.call, socket.evidence)
        for socket in case.inventory.abstract
        if socket.call != "bind" and socket.outcome == "ok" and not socket.inside
    ]
    signals = [
        ("signals", "a signal to a process outside", remark.evidence)
        for remark in case.inventory.remarks
        if remark.kind is RemarkKind.SIGNAL_OUTSIDE
    ]
    rows = (
        (Scope.ABSTRACT_UNIX_SOCKET, scope.abstract_unix_socket, scope.abstract_unix_socket_why, sockets),
        (Scope.SIGNAL, scope.signal, scope.signal_why, signals),
    )
    for right, on, why, needs in rows:
        if case.ruleset.target_abi < SINCE[right]:
            continue
        if on:
            yield from _cut_off(right, needs, traces)
        else:
            yield _open(right, why, needs, traces)


_Need = tuple[str, str, tuple[Evidence, ...]]


def _cut_off(scope: Scope, needs: list[_Need], traces: Traces) -> Iterator[Finding]:
    said: set[tuple[str, bool]] = set()
    for subject, call, evidence in needs:
        own = traces.is_own(evidence)
        if (subject, own) in said:
            continue
        said.add((subject, own))
        yield find(
            "missing-access" if own else "drift",
            subject,
            f"{call} is denied by the scope {names(scope)[0]}",
            evidence=tuple(str(line) for line in evidence[:1]),
            remedy=f"set {names(scope)[0]} = false under scope with a reason, or run the peer inside",
        )


def _open(scope: Scope, why: str, needs: list[_Need], traces: Traces) -> Finding:
    subject = f"scope {names(scope)[0]}"
    if needs:
        cited = tuple(str(line) for _, _, evidence in needs for line in evidence[:1])
        return find("scope-open", subject, f"off; needed by: {needs[0][0]}", evidence=cited[:3])
    if not traces.all_given:
        return find("scope-open", subject, "off; the traces that show the need were not given")
    if why:
        return find("scope-open", subject, "off; no trace shows the need", severity=Severity.HIGH)
    return find("unsupported-right", subject, "off, without a reason and without a need in the traces")
