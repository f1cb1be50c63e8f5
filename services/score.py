"""What testing one service's draft in the kernel showed: figures that say nothing but what was measured."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Score:
    """One service.

    Attributes:
        case: Its name.
        traits: What it stands for.
        status: "run", or "not run": then only ``reason`` means something, and it never counts as a pass.
        reason: Why it was not run.
        grants: Path and port grants of the first draft.
        scenarios: Scenario to what became of it with the first draft: "works", "fails", "broken".
        failed: What failed first, and how.
        learnt: Rights that were learnt, "read_file on /etc/x"; only where the first draft did not do.
        works: All scenarios work in the end, with what was learnt.
        held_back: What learning left to a person.
        denied: Probes that Landlock denied.
        inconclusive: Probes that something else answered, and what: "permissions: 2".
        allowed: Probes that nobody denied.
        left_behind: Processes that the test left.
        proven: Rights without which a scenario fails; None where that was not tried.
        rights: All rights that were tried.
        unproven: The others, each with why it stays.
        runs: Lives that were lived to prove it.
        seconds: How long the whole took.
    """

    case: str
    traits: tuple[str, ...] = ()
    status: str = "run"
    reason: str = ""
    grants: int = 0
    scenarios: dict[str, str] | None = None
    failed: str = ""
    learnt: tuple[str, ...] = ()
    works: bool = False
    held_back: tuple[str, ...] = ()
    denied: int = 0
    inconclusive: dict[str, int] | None = None
    allowed: tuple[str, ...] = ()
    left_behind: int = 0
    proven: int | None = None
    rights: int = 0
    unproven: tuple[str, ...] = ()
    runs: int = 0
    seconds: float = 0.0

    @property
    def at_once(self) -> bool:
        """Every scenario works with the first draft."""
        return self.status == "run" and set((self.scenarios or {}).values()) == {"works"}

    @property
    def unclear(self) -> int:
        """How many probes were inconclusive."""
        return sum((self.inconclusive or {}).values())

    def to_data(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Score":
        """The reverse."""
        known: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
        }
        return cls(**known)


def faults(scores: list[Score]) -> list[str]:
    """Why this is no success, one sentence each."""
    ran = [score for score in scores if score.status == "run"]
    found = [f"{score.case} was not run: {score.reason}" for score in scores if score.status != "run"]
    found += [f"{score.case} does not work: {score.failed}" for score in ran if not score.works]
    found += [f"{score.case}: not denied: {one}" for score in ran for one in score.allowed]
    found += [f"{score.case}: nothing was denied" for score in ran if not score.denied]
    found += [f"{score.case} left {score.left_behind} processes" for score in ran if score.left_behind]
    first = sum(score.at_once for score in ran)
    if first * 10 < len(ran) * 9:
        found.append(f"only {first} of {len(ran)} services work with their first draft")
    probes = sum(score.denied + score.unclear + len(score.allowed) for score in ran)
    unclear = sum(score.unclear for score in ran)
    if unclear and unclear * 10 >= probes:
        found.append(f"{unclear} of {probes} probes were inconclusive")
    return found
