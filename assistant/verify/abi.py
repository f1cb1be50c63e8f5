"""Rights and scopes newer than the ruleset's target ABI. Says nothing about the running kernel."""

from collections.abc import Iterator

from assistant.domain.finding import Finding, Severity, find
from assistant.domain.rights import SINCE, FsRight, NetRight, Scope, known_at, names
from assistant.verify.case import Case


def check(case: Case) -> Iterator[Finding]:
    """``right-above-abi`` for each path and port; for a scope it is only worth knowing."""
    abi = case.ruleset.target_abi
    for path, rights in case.ruleset.paths().items():
        yield from _above(path, rights & ~known_at(FsRight, abi), abi)
    for port, port_rights in case.ruleset.ports().items():
        yield from _above(f"port {port}", port_rights & ~known_at(NetRight, abi), abi)
    scope = case.ruleset.scope
    for wanted, right in (
        (scope.abstract_unix_socket, Scope.ABSTRACT_UNIX_SOCKET),
        (scope.signal, Scope.SIGNAL),
    ):
        if wanted and SINCE[right] > abi:
            yield find(
                "right-above-abi",
                f"scope {names(right)[0]}",
                f"not enforced: this scope came with ABI {SINCE[right]}, the target is ABI {abi}",
                severity=Severity.INFO,
            )


def _above(subject: str, rights: FsRight | NetRight, abi: int) -> Iterator[Finding]:
    if rights:
        needs = max(SINCE[right] for right in rights)
        yield find(
            "right-above-abi",
            subject,
            f"{', '.join(names(rights))} came with ABI {needs}; the ruleset's target is ABI {abi}",
        )
