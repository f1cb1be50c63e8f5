"""Records real work of this machine under strace, until the trace has the size that is asked for.

Alone: python -m benchmarks.recording OUT --kind a --mib 64 [--work compile ...]
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.trees import write_tree


HERE = Path(__file__).parent
WORKS = ("compile", "package", "python", "postgres")
ALSO = ("search", "redis")
"""Works that are recorded only when asked for."""
KINDS = {
    "a": ("--seccomp-bpf", "-f", "-e", "trace=%file,%process,%network"),
    "b": ("--seccomp-bpf", "-f", "-y", "-e", "trace=%file,%process,%network"),
    "m": ("--seccomp-bpf", "-f", "-e", "trace=openat,open,connect"),
}
"""Kind of trace that is timed, to strace's flags: names only, with -y, and opens and connects alone."""
EVERYTHING = ("-f", "-y")
"""The flags for a trace of all system calls, whatever they are."""

_LIBRARY = "asyncio collections concurrent email encodings http importlib json logging unittest urllib xml"
_OTHERS_MAY_PASS = 0o711


@dataclass(frozen=True, slots=True)
class Order:
    """What to record.

    Attributes:
        flags: strace's, without -o.
        works: Names of scripts in benchmarks/work, run in turn, round after round.
        size: Bytes at which the round under way becomes the last.
        sources: C files that one build compiles.
        seconds: When to stop all the same.
    """

    flags: Sequence[str]
    works: Sequence[str]
    size: int
    sources: int = 24
    seconds: float = 1200


class RecordingError(Exception):
    """A work failed, or strace did: nothing is measured on half a trace."""


def missing(work: str) -> str:
    """What this machine lacks for a work, or ""."""
    needed = {
        "compile": ("gcc", "make", "tar"),
        "package": ("dpkg", "dpkg-deb"),
        "search": ("find", "grep"),
        "python": ("/usr/bin/python3",),
        "postgres": ("initdb", "pgbench"),
        "redis": ("redis-server", "redis-benchmark"),
    }
    absent = [name for name in needed[work] if not program(name)]
    return f"not installed: {', '.join(absent)}" if absent else ""


def program(name: str) -> str | None:
    """Where a program is: daemons and PostgreSQL's programs lie where not every PATH leads."""
    beside = (Path("/usr/sbin", name), *Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or next((str(path) for path in beside if path.exists()), None)


def record(order: Order, out: Path) -> int:
    """Record into ``out``; returns how many rounds it took.

    Raises:
        RecordingError: a work or strace failed.
    """
    with _place(order) as place:
        command = ["strace", *order.flags, "-o", str(out)]
        command += ["sh", str(HERE / "work/round.sh"), str(place), *order.works]
        started = time.monotonic()
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as running:
            while running.poll() is None:
                if _size(out) >= order.size or time.monotonic() - started > order.seconds:
                    (place / "stop").touch()
                time.sleep(0.05)  # noqa: TID251 - the recorder waits for the recorded
        failed = place / "failed"
        if failed.exists() or running.returncode:
            what = failed.read_text().split() if failed.exists() else ["strace"]
            raise RecordingError(f"failed: {', '.join(sorted(set(what)))} (status {running.returncode})")
        return int((place / "rounds").read_text())


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


@contextlib.contextmanager
def _place(order: Order) -> Iterator[Path]:
    """A directory with all that the works start from, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="landscribe-work-") as name:
        place = Path(name)
        place.chmod(_OTHERS_MAY_PASS)
        if "compile" in order.works or "search" in order.works:
            _pack_sources(place, order.sources)
        if {"package", "python", "search"} & set(order.works):
            _copy_library(place / "library")
        if "postgres" in order.works:
            _make_cluster(place / "cluster")
        yield place


def _pack_sources(place: Path, sources: int) -> None:
    tree = place / "tree"
    tree.mkdir()
    write_tree(tree, sources=sources, headers=sources * 2)
    with tarfile.open(place / "source.tar", "w") as archive:
        archive.add(tree, ".")
    shutil.rmtree(tree)


def _copy_library(target: Path) -> None:
    asked = [program("/usr/bin/python3") or sys.executable, "-c", "import json; print(json.__file__)"]
    module = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    for package in _LIBRARY.split():
        shutil.copytree(
            module.parent.parent / package, target / package, ignore=shutil.ignore_patterns("__pycache__")
        )


def _make_cluster(cluster: Path) -> None:
    cluster.mkdir()
    command = [str(program("initdb")), "-A", "trust", "-U", "postgres", "--no-sync", "-D", str(cluster)]
    if os.geteuid() == 0:
        shutil.chown(cluster, "postgres", "postgres")
        command[:0] = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    subprocess.run(command, cwd=cluster, capture_output=True, check=True)


def main() -> int:
    """Exit code 0 when it was recorded, 3 when a program that a work needs is not there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recording", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--kind", choices=sorted(KINDS), help="without it: all system calls")
    parser.add_argument("--mib", type=float, default=64)
    parser.add_argument("--work", choices=WORKS + ALSO, nargs="+", default=list(WORKS))
    parser.add_argument("--sources", type=int, default=24)
    given = parser.parse_args()
    absent = [why for why in map(missing, given.work) if why]
    if absent:
        sys.stderr.write("; ".join(absent) + "\n")
        return 3
    order = Order(KINDS.get(given.kind, EVERYTHING), given.work, int(given.mib * 2**20), given.sources)
    started = time.monotonic()
    rounds = record(order, given.out)
    spent = time.monotonic() - started
    print(f"{given.out}: {given.out.stat().st_size} bytes, {rounds} rounds, {spent:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
