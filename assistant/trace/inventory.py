"""Collects what calls mean into an Inventory. Equal accesses are counted, not repeated."""

from collections import Counter
from dataclasses import dataclass, field

from assistant.domain.access import (
    AbstractSocket,
    Evidence,
    Execution,
    Inventory,
    Kind,
    NotUnderstood,
    PathAccess,
    PortAccess,
    Protocol,
    Remark,
    RemarkKind,
    TraceSource,
    Verdict,
)
from assistant.domain.rights import FsRight, NetRight


KEPT_LINES = 4
KEPT_ACTORS = 6
KEPT_EXAMPLE = 200


@dataclass(slots=True)
class _Tally:
    count: int = 0
    evidence: list[Evidence] = field(default_factory=list)
    actors: dict[str, None] = field(default_factory=dict)

    def add(self, evidence: Evidence, actor: str) -> None:
        self.count += 1
        if len(self.evidence) < KEPT_LINES:
            self.evidence.append(evidence)
        if actor not in self.actors and len(self.actors) < KEPT_ACTORS:
            self.actors[actor] = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What one call says about one object: a PathAccess without its evidence."""

    path: str
    rights: FsRight
    verdict: Verdict
    outcome: str
    call: str
    kind: Kind = Kind.UNKNOWN
    given: str = ""
    volatile: bool = False
    final: bool = False
    follows: bool = True


PortKey = tuple[int, NetRight, Protocol, Verdict, str, str]
AbstractKey = tuple[str, str, str]


class Collector:
    """Takes needs with their evidence and gives an Inventory."""

    def __init__(self) -> None:
        self._needs: dict[Observation, _Tally] = {}
        self._ports: dict[PortKey, _Tally] = {}
        self._abstract: dict[AbstractKey, _Tally] = {}
        self._executions: dict[str, _Tally] = {}
        self._remarks: dict[RemarkKind, tuple[_Tally, str]] = {}
        self._strange: dict[tuple[str, str], tuple[int, bytes, Evidence]] = {}
        self._served: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.not_understood = 0
        self.kinds: dict[str, Kind] = {}
        self.moved: dict[str, str] = {}
        self.sources: list[TraceSource] = []

    def need(self, need: Observation, evidence: Evidence, actor: str) -> None:
        """A call on a path."""
        self._needs.setdefault(need, _Tally()).add(evidence, actor)

    def port(self, key: PortKey, evidence: Evidence, actor: str) -> None:
        """A bind of, or connect to, a port."""
        self._ports.setdefault(key, _Tally()).add(evidence, actor)

    def abstract(self, key: AbstractKey, evidence: Evidence, actor: str) -> None:
        """A bind of, or connect to, an abstract unix socket: (name, call, outcome)."""
        name, call, outcome = key
        if call == "bind" and outcome == "ok":
            self._served.add(name)
        self._abstract.setdefault(key, _Tally()).add(evidence, actor)

    def executed(self, path: str, evidence: Evidence, actor: str) -> None:
        """A program was executed."""
        self._executions.setdefault(path, _Tally()).add(evidence, actor)

    def remark(self, kind: RemarkKind, example: str, evidence: Evidence) -> None:
        """Something that no right expresses."""
        tally, _ = self._remarks.setdefault(kind, (_Tally(), example[:KEPT_EXAMPLE]))
        tally.add(evidence, "")

    def strange(self, kind: str, raw: bytes, evidence: Evidence) -> None:
        """A line, or an argument in it, that was not understood."""
        self.not_understood += 1
        count, example, first = self._strange.get((evidence.trace, kind), (0, raw[:KEPT_EXAMPLE], evidence))
        self._strange[evidence.trace, kind] = (count + 1, example, first)

    def inventory(self) -> Inventory:
        """Everything so far, in an order that depends on nothing but the traces' contents."""
        return Inventory(
            sources=tuple(self.sources),
            paths=tuple(sorted((self._access(n, t) for n, t in self._needs.items()), key=order)),
            ports=tuple(
                PortAccess(*key, tally.count, tuple(tally.evidence), tuple(tally.actors))
                for key, tally in sorted(
                    self._ports.items(), key=lambda item: (item[0][0], item[0][1].value, *item[0][2:])
                )
            ),
            abstract=tuple(
                AbstractSocket(*key, key[0] in self._served, tally.count, tuple(tally.evidence))
                for key, tally in sorted(self._abstract.items())
            ),
            executions=tuple(
                Execution(path, tally.count, tuple(tally.evidence))
                for path, tally in sorted(self._executions.items())
            ),
            remarks=tuple(
                Remark(kind, tally.count, example, tuple(tally.evidence))
                for kind, (tally, example) in sorted(self._remarks.items())
            ),
            not_understood=tuple(
                NotUnderstood(kind, count, example, first)
                for (_, kind), (count, example, first) in sorted(self._strange.items())
            ),
            calls=dict(sorted(self.calls.items())),
            kinds=self.kinds,
            moved=self.moved,
        )

    @staticmethod
    def _access(need: Observation, tally: _Tally) -> PathAccess:
        return PathAccess(
            path=need.path,
            rights=need.rights,
            kind=need.kind,
            verdict=need.verdict,
            outcome=need.outcome,
            call=need.call,
            given=need.given,
            volatile=need.volatile,
            final=need.final,
            follows=need.follows,
            count=tally.count,
            evidence=tuple(tally.evidence),
            actors=tuple(tally.actors),
        )


def order(access: PathAccess) -> tuple[str, int, str, str, str, str]:
    """The order in which accesses are listed: by path, then by what was done."""
    return (access.path, access.rights.value, access.verdict, access.call, access.outcome, access.given)
