"""Measures every target, both sides of each comparison in turn, and prints one Markdown table."""

import argparse
import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks import inputs, table
from benchmarks.measuring import FAILED, QUICK, WITHOUT_TRACES, Bench, Sizes, measure
from benchmarks.recording import KINDS, RecordingError
from benchmarks.targets import ALL, Row


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small inputs, few runs: a look, not a verdict")
    parser.add_argument("--only", nargs="+", default=[], metavar="KEY", choices=[t.key for t in ALL])
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--runs", type=int, help="pairs of each comparison")
    parser.add_argument("--mib", type=int, help="size of the recorded traces")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all samples, to compare runs by")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="replace the table in a document")
    beside = Path(sys.executable).parent
    parser.add_argument("--command", type=Path, default=beside / "landscribe", help="what is measured")
    parser.add_argument("--place", type=Path, default=Path("build/benchmarks"), help="where traces are kept")
    return parser


def sizes(given: argparse.Namespace) -> Sizes:
    """How much to measure."""
    chosen = QUICK if given.quick else Sizes()
    if given.runs:
        chosen = replace(chosen, runs=given.runs)
    return replace(chosen, trace=given.mib << 20) if given.mib else chosen


def main() -> int:
    """Exit code 0 when all that was measured is met, 1 when not, 3 when nothing could be recorded."""
    given = options().parse_args()
    size, place = sizes(given), given.place.absolute()
    place.mkdir(parents=True, exist_ok=True)
    only = frozenset(given.only)
    kinds = () if only and only <= WITHOUT_TRACES else given.kinds
    try:
        traces = {kind: inputs.recorded(place, kind, size.trace) for kind in kinds}
    except (RecordingError, OSError, subprocess.SubprocessError) as error:
        inputs.say(f"nothing to measure on: {error}")
        return 3
    bench = Bench(given.command.absolute(), Path(sys.executable), place, size, traces)
    rows = list(measure(bench, only))
    report(given, bench, rows)
    return int(any(row.verdict in ("**not met**", FAILED) for row in rows))


def report(given: argparse.Namespace, bench: Bench, rows: list[Row]) -> None:
    """Print the table; write it down where that was asked for."""
    described = [about for _, about in bench.traces.values()]
    machine = table.machine(sys.version.split()[0])
    quick = "\n\nQuick run: the sizes are not those of the targets." if given.quick else ""
    parts = [table.described(machine) + quick, table.results(rows)]
    text = "\n\n".join((*parts, table.files(described)) if described else parts)
    sys.stdout.write(f"\n{text}\n")
    if given.json:
        found = {
            "schema_version": 1,
            "machine": machine,
            "sizes": asdict(bench.sizes),
            "traces": [asdict(one) for one in described],
            "rows": [row.data() for row in rows],
        }
        given.json.write_text(json.dumps(found, indent=2) + "\n")
    if given.write:
        table.replace(given.write, "benchmarks", text)


if __name__ == "__main__":
    sys.exit(main())
