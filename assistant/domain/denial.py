"""What the kernel denied a service in its sandbox, by object: what is missing, and what would cure it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from assistant.domain.access import Evidence, Inventory, RemarkKind
from assistant.domain.rights import NO_FS, NO_NET, FsRight, NetRight, names


@dataclass(frozen=True, slots=True)
class Denial:
    """All denials on one object.

    Attributes:
        subject: A path, "port 80", "scope signal" and the like, as findings name it. Raw.
        rights: Missing rights on a path.
        net: Missing rights on a port.
        asked: Who asked, with which call. Raw.
        cure: What would allow it, or that nothing can.
        count: How often.
        evidence: The first records.
        path: The path, when it is about one.
        port: The port, when it is about one.
    """

    subject: str
    asked: str
    cure: str = ""
    rights: FsRight = NO_FS
    net: NetRight = NO_NET
    count: int = 1
    evidence: tuple[Evidence, ...] = ()
    path: str = ""
    port: int | None = None

    @property
    def missing(self) -> str:
        """The missing rights in words; "" when it is not rights that are missing."""
        return ", ".join([*names(self.rights), *names(self.net)])


_REMARKS = {
    RemarkKind.SIGNAL_OUTSIDE: (
        "scope signal",
        "no rule can make an exception; without the scope it could signal all processes of its user",
    ),
    RemarkKind.MOUNT: ("mount", "no rule can allow it: mount before the sandbox starts"),
    RemarkKind.LOOKS_INTO: ("ptrace", "no rule can allow it: leave that part outside the sandbox"),
}
_ABSTRACT = "let the peer run in the same sandbox; without the scope it could reach all such sockets"


def denials(denied: Inventory) -> list[Denial]:
    """Denials by object, in the order of the first record of each.

    Args:
        denied: What was denied, as accesses; their rights are those that were missing.
    """
    joined: dict[str, Denial] = {}
    for one in _each(denied):
        known = joined.get(one.subject)
        joined[one.subject] = _cured(one if known is None else _join(known, one))
    return sorted(joined.values(), key=lambda denial: (denial.evidence[:1], denial.subject))


def _each(denied: Inventory) -> Iterator[Denial]:
    for access in denied.paths:
        yield Denial(
            access.path,
            _asked(access.call, access.actors),
            rights=access.rights,
            count=access.count,
            evidence=access.evidence,
            path=access.path,
        )
    for port in denied.ports:
        yield Denial(
            f"port {port.port}",
            _asked(port.call, port.actors),
            net=port.rights,
            count=port.count,
            evidence=port.evidence,
            port=port.port,
        )
    for socket in denied.abstract:
        yield Denial(f"@{socket.name}", socket.call, _ABSTRACT, count=socket.count, evidence=socket.evidence)
    for remark in denied.remarks:
        if remark.kind in _REMARKS:
            subject, cure = _REMARKS[remark.kind]
            yield Denial(subject, remark.example, cure, count=remark.count, evidence=remark.evidence)


def _asked(call: str, actors: Iterable[str]) -> str:
    by = next(iter(actors), "")
    return f"{call} by {by}" if by else call


def _join(one: Denial, other: Denial) -> Denial:
    evidence = tuple(sorted({*one.evidence, *other.evidence}))
    first = one if evidence[:1] == one.evidence[:1] else other
    return replace(
        first,
        rights=one.rights | other.rights,
        net=one.net | other.net,
        count=one.count + other.count,
        evidence=evidence,
    )


def _cured(denial: Denial) -> Denial:
    return replace(denial, cure=f"grant {denial.missing} on it") if denial.missing else denial
