"""What one draft of one case is worth: figures that say nothing but what was measured."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from assistant.domain.access import Inventory, Verdict, is_beneath
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import PathGrant, Ruleset
from evals.case import Case


@dataclass(frozen=True, slots=True)
class Score:
    """One draft of one case.

    Attributes:
        case: The case's name.
        subject: The way of drafting.
        status: "run", or "not run": then only ``reason`` means something, and it never counts as a pass.
        reason: Why it was not run.
        first: The first life works inside the sandbox.
        second: The second life does.
        failed: The first step that failed, of either life, and what it said.
        rules: Path and port rules.
        read: Files outside /usr that may be read; a directory of the service's own counts as one.
        written: The same for writing.
        executed: Programs, wherever, that may be run.
        secrets: Secrets that may be read, by name.
        denied: Out-of-bounds probes that were denied, of ``probes`` that were conclusive.
        probes: See ``denied``.
        allowed: Those that were not denied.
        refusals_missed: Expected refusals that the draft does not make.
        refusals_false: Refusals that nobody expects.
        without_evidence: Rights on paths that no access of the trace can need there.
        understood: Grants with a purpose, a reason and evidence, in percent of all.
        seconds: Time that drafting took. Left out of comparisons: it is not the same twice.
        digest: Of the grants; "" when there is no draft.
        leaked: Planted secrets in what was sent to a model; None without a model.
        tokens: Tokens sent; None without a model.
        cost: US dollars; None without a model.
    """

    case: str
    subject: str
    status: str = "run"
    reason: str = ""
    first: bool = False
    second: bool = False
    failed: str = ""
    rules: int = 0
    read: int = 0
    written: int = 0
    executed: int = 0
    secrets: tuple[str, ...] = ()
    denied: int = 0
    probes: int = 0
    allowed: tuple[str, ...] = ()
    refusals_missed: tuple[str, ...] = ()
    refusals_false: tuple[str, ...] = ()
    without_evidence: int = 0
    understood: int = 0
    seconds: float = field(default=0.0, compare=False)
    digest: str = ""
    leaked: int | None = None
    tokens: int | None = None
    cost: float | None = None

    def to_data(self) -> dict[str, Any]:
        """As plain data."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Score":
        """The reverse of ``to_data``."""
        fields: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
        }
        return cls(**fields)


def missed(ruleset: Ruleset, case: Case) -> tuple[str, ...]:
    """Expected refusals that the ruleset does not make, or makes and grants all the same."""
    said = {entry.path for entry in ruleset.refused}
    return tuple(path for path in case.refused if path not in said)


def false_refusals(ruleset: Ruleset, case: Case) -> tuple[str, ...]:
    """Refusals that the case does not expect."""
    return tuple(
        entry.path
        for entry in ruleset.refused
        if not any(is_beneath(entry.path, expected) for expected in case.refused)
    )


def without_evidence(ruleset: Ruleset, inventory: Inventory) -> int:
    """Pairs of path and right that no access at or beneath the path can need."""
    used = [
        (access.path, access.rights)
        for access in inventory.paths
        if access.verdict in (Verdict.NEEDED, Verdict.POSSIBLE)
    ]
    return sum(
        not any(right in rights and is_beneath(path, grant.path) for path, rights in used)
        for grant in ruleset.path
        for right in grant.rights
        if right is not FsRight.IOCTL_DEV
    )


def understood(grants: Sequence[PathGrant]) -> int:
    """Grants that a reader can follow, in percent: a purpose, a reason and a line that shows it."""
    if not grants:
        return 100
    clear = sum(bool(grant.group and grant.why and grant.evidence) for grant in grants)
    return round(100 * clear / len(grants))
