"""The targets, what was measured for each, and whether it is met."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.timing import median


@dataclass(frozen=True, slots=True)
class Target:
    """One promise.

    Attributes:
        key: Short name, for --only and for comparing runs.
        what: What is compared with what, for a person.
        must: The bound that has to hold; None for figures that are only reported.
        goal: The bound that is aimed at.
        unit: What samples are counted in: "x" is a ratio.
        larger: A larger figure is the better one.
    """

    key: str
    what: str
    must: float | None
    goal: float | None = None
    unit: str = "x"
    larger: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """What one run found for a target.

    Attributes:
        target: Which.
        on: What it was measured on: a kind of trace, a size.
        samples: The measured figures, in the target's unit.
        note: What a reader of the figure has to know.
        skipped: Why there is no figure, or "".
    """

    target: Target
    on: str
    samples: Sequence[float] = ()
    note: str = ""
    skipped: str = ""

    @property
    def verdict(self) -> str:
        """Met or not, in words."""
        if not self.samples:
            return self.skipped or "not measured"
        if self.target.must is None:
            return "for information"
        if self.target.goal is not None and self._within(self.target.goal):
            return "met, the goal too"
        return "met" if self._within(self.target.must) else "**not met**"

    def _within(self, bound: float) -> bool:
        figure = median(self.samples)
        return figure >= bound if self.target.larger else figure <= bound

    def data(self) -> dict[str, Any]:
        """As plain data, for a later run to compare with."""
        found = asdict(self)
        found["samples"] = list(self.samples)
        return {**found, "median": median(self.samples) if self.samples else None, "verdict": self.verdict}


GREP = Target("grep", "inventory against `grep -c openat` through a pipe", 20, 12)
LINES = Target("lines", "inventory against Python's `for line in f`", 10, 6)
READING = Target("reading", "of it, the reader alone, in process, against the same grep", None)
PEER = Target("stracetools", "stracetools (PyPI) against the reader, 2 MB, in process", 15, 25, larger=True)
MEMORY = Target("memory", "peak resident memory on a stream", 300, 150, unit="MB")
PROCESSES = Target(
    "processes", "two files in two commands against both in one, in two processes", 1.8, larger=True
)
DRAFT = Target("draft", "`draft --offline` against the inventory", 1.6, 1.2)
NGINX = Target("nginx", "`draft --offline` of nginx against `python -c 'import pydantic, typer'`", 4, 2)
VERIFY = Target("verify", "`verify` against the inventory", 1.3)
GENERALISE = Target("generalise", "generalisation of 100,000 distinct paths", 5, 1, unit="s")
GROWTH = Target("growth", "exponent with which generalisation grows (n log n is 1.1)", 1.2, unit="")
START = Target("start", "`landscribe --help`", 200, 100, unit="ms")
TOKENS = (
    Target("tokens", "tokens sent for a typical service", 6000, 3000, unit="tokens"),
    Target("tokens-build", "tokens sent for a build of 1,000,000 lines", 20000, 10000, unit="tokens"),
)
ALL = (
    *(GREP, LINES, READING, PEER, MEMORY, PROCESSES, DRAFT, NGINX, VERIFY, GENERALISE, GROWTH, START),
    *TOKENS,
)
