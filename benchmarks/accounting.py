"""Is every line of big real traces accounted for? `python -m benchmarks.accounting` prints the table.

Three works are recorded with all their system calls: a package installation, a compiler run, a database under
load. The lines and the calls by name are counted here once more, in a way that knows nothing of the reader's.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks import inputs, table
from benchmarks.recording import EVERYTHING, Order, RecordingError, missing, record


_CALL = re.compile(rb"(?:[0-9]+ +)?([a-z_][a-z0-9_]*)\(")
_ALLOWED = 0.001
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Counted:
    """What a trace holds, by looking at no more than the start of each line.

    Attributes:
        lines: As `wc -l` counts, and one more for a last line without an end.
        calls: System calls that begin on a line, by name.
    """

    lines: int
    calls: Counter[str]


def count(trace: Path) -> Counted:
    """Count one trace."""
    lines, calls = 0, Counter[str]()
    with trace.open("rb") as file:
        for line in file:
            lines += 1
            found = _CALL.match(line)
            if found:
                calls[found[1].decode("ascii")] += 1
    return Counted(lines, calls)


@dataclass(frozen=True, slots=True)
class Account:
    """How the reader accounts for a trace's lines, beside the independent count."""

    work: str
    size: int
    counted: Counted
    understood: int
    ignored: int
    not_understood: int
    kinds: dict[str, int]
    known: frozenset[str]

    @property
    def faults(self) -> list[str]:
        """What does not add up; empty when all is well."""
        found = []
        told = self.understood + self.ignored + self.not_understood
        if told != self.counted.lines:
            found.append(f"{told} lines are accounted for, {self.counted.lines} are there")
        if sum(self.kinds.values()) != self.not_understood:
            found.append("the kinds do not add up to the lines that were not understood")
        if self.not_understood >= _ALLOWED * self.counted.lines:
            found.append(f"{self.not_understood} of {self.counted.lines} lines were not understood")
        return found

    @property
    def unhandled(self) -> list[str]:
        """Names of calls that the reader gives no meaning, most frequent first."""
        return [name for name, _ in self.counted.calls.most_common() if name not in self.known]


def account(work: str, trace: Path, command: Path) -> Account:
    """Ask the installed command about a trace, and count it."""
    done = subprocess.run([command, "trace", "--json", trace], capture_output=True, check=False)
    told = json.loads(done.stdout)
    (source,) = told["traces"]
    return Account(
        work,
        trace.stat().st_size,
        count(trace),
        source["understood"],
        source["without_access"],
        source["not_understood"],
        {strange["kind"]: strange["count"] for strange in told["not_understood"]},
        frozenset(told["calls"]),
    )


def markdown(accounts: list[Account]) -> str:
    """The table."""
    heads = ("work", "MB", "lines", "understood", "ignored by rule", "not understood", "by kind")
    lines = [f"| {' | '.join((*heads, 'ignored calls, most frequent first'))} |", "|---" * 8 + "|"]
    for one in accounts:
        kinds = ", ".join(f"{kind}: {number}" for kind, number in one.kinds.items()) or "none"
        more = len(one.unhandled) - _SHOWN
        names = ", ".join(one.unhandled[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        numbers = (one.counted.lines, one.understood, one.ignored, one.not_understood)
        cells = (one.work, f"{one.size / 1e6:.0f}", *(f"{number:,}" for number in numbers), kinds, names)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    """Exit code 0 when every line is accounted for, 1 when not, 3 when a work could not be recorded."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accounting", description=__doc__)
    parser.add_argument("--mib", type=int, default=100, help="size of each trace")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="replace the table in a document")
    beside = Path(sys.executable).parent
    parser.add_argument("--command", type=Path, default=beside / "landscribe", help="what is asked")
    parser.add_argument("--place", type=Path, default=Path("build/benchmarks"), help="where traces are kept")
    given = parser.parse_args()
    given.place.mkdir(parents=True, exist_ok=True)
    accounts = []
    for work in ("package", "compile", "redis" if missing("postgres") else "postgres"):
        trace = given.place.absolute() / f"all-{work}-{given.mib}.trace"
        try:
            if not trace.exists():
                inputs.say(f"recording {given.mib} MiB of {work}")
                record(Order(EVERYTHING, (work,), given.mib << 20), trace.with_suffix(".part"))
                trace.with_suffix(".part").replace(trace)
        except (RecordingError, OSError, subprocess.SubprocessError) as error:
            inputs.say(f"{work} cannot be recorded: {error}")
            return 3
        accounts.append(account(work, trace, given.command.absolute()))
        for fault in accounts[-1].faults:
            inputs.say(f"{work}: {fault}")
    text = markdown(accounts)
    sys.stdout.write(f"\n{text}\n")
    if given.write:
        table.replace(given.write, "accounting", text)
    return int(any(one.faults for one in accounts))


if __name__ == "__main__":
    sys.exit(main())
