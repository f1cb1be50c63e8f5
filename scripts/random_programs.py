#!/usr/bin/env python3
"""Performs random programs under strace, and holds what is read against what they did: the tests, for longer.

    scripts/random_programs.py 17               the programs of seed 17, as in tests/trace/test_programs.py
    scripts/random_programs.py 1000-1100        many seeds
    scripts/random_programs.py 17 --keep DIR    writes the trace and the complaints to DIR

Needs strace, gcc and a static libc. Exit codes: 0 all as performed, 1 complaints, 2 usage.
"""

import argparse
import sys
import tempfile
from pathlib import Path


# After the installed packages: what is installed is tried.
sys.path.append(str(Path(__file__).parents[1]))


def main() -> int:
    """Parse the command line and perform."""
    from tests.trace.programs.compare import compare
    from tests.trace.programs.reading import read
    from tests.trace.programs.run import build, perform

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("seeds", help="a seed, or FIRST-LAST")
    parser.add_argument("--programs", type=int, default=25, help="programs of each seed (default 25)")
    parser.add_argument("--keep", type=Path, help="where to write traces and complaints")
    chosen = parser.parse_args()
    first, _, last = chosen.seeds.partition("-")
    performed = wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        theatre = build(Path(scratch))
        for seed in range(int(first), int(last or first) + 1):
            performance = perform(theatre, seed, chosen.programs)
            found = compare(performance, read(performance, seed))
            performed += chosen.programs
            wrong += bool(found)
            print(f"seed {seed}: {len(performance.done)} operations, {len(found)} complaints")
            print("".join(f"  {ascii(line)[:300]}\n" for line in found[:3]), end="")
            if chosen.keep:
                chosen.keep.mkdir(parents=True, exist_ok=True)
                (chosen.keep / f"{seed}.trace").write_bytes(performance.trace)
                (chosen.keep / f"{seed}.txt").write_text("".join(f"{line!a}\n" for line in found), "ascii")
    print(f"{performed} programs, {wrong} seeds with complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
