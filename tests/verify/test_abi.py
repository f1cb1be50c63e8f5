from collections.abc import Callable

from assistant.domain.finding import Severity
from assistant.domain.report import Report


Judge = Callable[..., Report]


def test_rights_newer_than_the_target_are_named_by_path_and_port(judge: Judge) -> None:
    report = judge(
        ("/srv/a", "read_file resolve_unix ioctl_dev", [], "person"),
        ports=[(53, "connect_send_udp", [], "person"), (80, "connect_tcp", [], "person")],
    )
    assert [(f.subject, f.message) for f in report.by_id("right-above-abi")] == [
        ("/srv/a", "resolve_unix came with ABI 9; the ruleset's target is ABI 7"),
        ("port 53", "connect_send_udp came with ABI 10; the ruleset's target is ABI 7"),
    ]


def test_scopes_that_the_target_does_not_know_are_only_recorded(judge: Judge) -> None:
    report = judge(abi=5)
    assert [f.severity for f in report.by_id("right-above-abi")] == [Severity.INFO] * 2
    assert not judge(abi=6).by_id("right-above-abi")
