from collections.abc import Callable

import pytest

from assistant.domain.access import AbstractSocket, Evidence, PortAccess, Remark, RemarkKind, Verdict
from assistant.domain.report import Report
from assistant.domain.ruleset import ScopeGrant


Judge = Callable[..., Report]
PortSeen = Callable[..., PortAccess]
LINE = (Evidence("run1", 1),)


def kinds(report: Report) -> list[str]:
    return sorted({finding.id for finding in report.findings if finding.severity})


@pytest.mark.parametrize(
    ("rights", "line"),
    [
        (
            "connect_tcp",
            b"connect(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_addr=::1}, 28) = -1 EINPROGRESS (x)",
        ),
        (
            "connect_tcp",
            b"connect(3<TCP:[1]>, {sa_family=AF_INET, sin_port=htons(80)}, 16) = -1 ECONNREFUSED (x)",
        ),
        ("bind_tcp", b"bind(3, {sa_family=AF_INET, sin_port=htons(80)}, 16) = -1 EADDRINUSE (x)"),
        (
            "connect_send_udp",
            b'sendto(3<UDP:[1]>, "q", 1, 0, {sa_family=AF_INET, sin_port=htons(80)}, 16) = 1',
        ),
        ("connect_send_udp", b"sendmsg(3, {msg_name={sa_family=AF_INET, sin_port=htons(80)}}, 0) = 1"),
        ("connect_tcp", b"connect(3, {sa_family=AF_INET, sin_port=htons(80)}, 16 <unfinished ...>"),
    ],
)
def test_a_line_that_uses_the_port_is_a_good_citation(
    judge: Judge, port_access: PortSeen, rights: str, line: bytes
) -> None:
    report = judge(ports=[(80, rights, [1])], seen_ports=[port_access(80, rights)], lines={1: line}, abi=10)
    assert kinds(report) == []


@pytest.mark.parametrize(
    "line",
    [
        b"connect(3, {sa_family=AF_INET, sin_port=htons(8080)}, 16) = 0",
        b"bind(3, {sa_family=AF_INET, sin_port=htons(80)}, 16) = 0",
        b"connect(3<UDP:[1]>, {sa_family=AF_INET, sin_port=htons(80)}, 16) = 0",
        b"connect(3, {sa_family=AF_INET, sin_port=htons(80)}, 16) = -1 EACCES (Permission denied)",
        b'sendto(3, "htons(80)", 9, 0, NULL, 0) = 9',
        b"getsockname(3, {sa_family=AF_INET, sin_port=htons(80)}, [16]) = 0",
        b'open("htons(80)", O_RDONLY) = 3',
    ],
)
def test_a_line_that_cannot_need_the_port_is_a_false_citation(
    judge: Judge, port_access: PortSeen, line: bytes
) -> None:
    seen = [port_access(80, "connect_tcp")]
    report = judge(ports=[(80, "connect_tcp", [1])], seen_ports=seen, lines={1: line})
    assert kinds(report) == ["false-citation"]


def test_sending_from_an_unbound_socket_is_evidence_for_port_zero(
    judge: Judge, port_access: PortSeen
) -> None:
    line = b'sendto(3<UDP:[1]>, "q", 1, 0, {sa_family=AF_INET, sin_port=htons(53)}, 16) = 1'
    report = judge(
        ports=[(0, "bind_udp", [1])], seen_ports=[port_access(0, "bind_udp")], lines={1: line}, abi=10
    )
    assert kinds(report) == []


def test_a_port_that_the_traces_need_is_missed(judge: Judge, port_access: PortSeen) -> None:
    seen = [
        port_access(80, "connect_tcp"),
        port_access(81, "connect_tcp", verdict=Verdict.REFUSED),
        port_access(82, "connect_tcp", trace="run2"),
        port_access(53, "connect_send_udp"),
    ]
    report = judge(seen_ports=seen, given=["run1", "run2"])
    assert [(f.id, f.subject) for f in report.findings] == [
        ("missing-access", "port 80"),
        ("drift", "port 82"),
    ]


def test_a_call_that_was_refused_does_not_support_a_port(judge: Judge, port_access: PortSeen) -> None:
    seen = [port_access(80, "connect_tcp", verdict=Verdict.REFUSED)]
    line = b"connect(3, {sa_family=AF_INET, sin_port=htons(80)}, 16) = 0"
    assert kinds(judge(ports=[(80, "connect_tcp", [1])], seen_ports=seen, lines={1: line})) == [
        "invented-path"
    ]


@pytest.mark.parametrize(
    "socket",
    [
        AbstractSocket("x", "bind", "ok", inside=False, evidence=LINE),
        AbstractSocket("x", "connect", "ok", inside=True, evidence=LINE),
        AbstractSocket("x", "connect", "ECONNREFUSED", inside=False, evidence=LINE),
    ],
)
def test_a_socket_inside_or_one_that_did_not_work_needs_no_open_scope(
    judge: Judge, socket: AbstractSocket
) -> None:
    assert kinds(judge(abstract=[socket])) == []


def test_scopes_that_the_target_does_not_know_cut_nothing_off(judge: Judge) -> None:
    socket = AbstractSocket("x", "connect", "ok", inside=False, evidence=LINE)
    assert kinds(judge(abstract=[socket], abi=5)) == []


def test_an_open_scope_is_judged_by_what_the_traces_show(judge: Judge) -> None:
    signal = Remark(RemarkKind.SIGNAL_OUTSIDE, 1, "signal to process 7", LINE)
    off, said = ScopeGrant(signal=False), ScopeGrant(signal=False, signal_why="rotates logs")
    assert kinds(judge(scope=off, remarks=[signal])) == ["scope-open"]
    assert kinds(judge(scope=said)) == ["scope-open"]
    assert kinds(judge(scope=off)) == ["unsupported-right"]
    assert kinds(judge(scope=off, drafted_from=["run1", "run2"])) == ["scope-open"]
