"""One function per target: takes the bench, gives the rows it found."""

import math
import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import inputs, targets
from benchmarks.inputs import Described, side_file
from benchmarks.recording import HERE
from benchmarks.targets import Row, Target
from benchmarks.timing import (
    MeasurementError,
    Side,
    alternate,
    median,
    pipeline,
    process,
    repeat,
    run,
    script,
)


_GREP = 'cat "$1" | LC_ALL=C grep -c openat'
_LINES = "import sys\nfor line in open(sys.argv[1], 'rb'): pass"
_IMPORTS = "import pydantic, typer"
_ANY_MODEL = "claude-opus-5-5"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured.

    Attributes:
        runs: Pairs of each comparison.
        trace: Bytes of each recorded trace.
        streams: Bytes of the streams for the memory.
        paths: Distinct paths for generalisation, rising.
    """

    runs: int = 5
    trace: int = 64 << 20
    streams: tuple[int, ...] = (10**9, 10**10)
    paths: tuple[int, ...] = (1_000, 10_000, 100_000)


QUICK = Sizes(runs=3, trace=4 << 20, streams=(10**8,), paths=(1_000, 10_000))


@dataclass(frozen=True, slots=True)
class Bench:
    """What measuring takes: the command, its Python, the recorded traces and a directory for the rest."""

    command: Path
    python: Path
    place: Path
    sizes: Sizes
    traces: dict[str, tuple[Path, Described]]

    def trace(self, kind: str) -> Path:
        """The recorded trace of a kind."""
        return self.traces[kind][0]

    def inventory(self, kind: str) -> Side:
        """`landscribe trace --json` of a kind as a side."""
        return process(self.command, "trace", "--json", self.trace(kind))

    def draft(self, trace: Path) -> Side:
        """`landscribe draft --offline` as a side."""
        out = self.place / f"{trace.stem}.toml"

        def once() -> float:
            out.unlink(missing_ok=True)
            return run([self.command, "draft", "--offline", "-o", out, trace]).seconds

        return once


def against_grep(bench: Bench) -> Iterator[Row]:
    """The whole command, and of it the reader, against grep."""
    for kind in bench.traces:
        other = pipeline(_GREP, bench.trace(kind))
        yield Row(targets.GREP, kind, alternate(bench.inventory(kind), other, bench.sizes.runs))
    for kind in bench.traces:
        file = bench.trace(kind)
        alone = script(bench.python, side_file("reader.py"), file)
        samples = alternate(alone, pipeline(_GREP, file), bench.sizes.runs)
        speed = file.stat().st_size / 1e6 / median(repeat(alone, 1))
        yield Row(targets.READING, kind, samples, note=f"{speed:.0f} MB/s")


def against_lines(bench: Bench) -> Iterator[Row]:
    """The whole command against a loop over the lines."""
    for kind in bench.traces:
        other = process(bench.python, "-I", "-c", _LINES, bench.trace(kind))
        yield Row(targets.LINES, kind, alternate(bench.inventory(kind), other, bench.sizes.runs))


def against_stracetools(bench: Bench) -> Iterator[Row]:
    """The reader against the only peer that a registry has, inside their processes."""
    python, why = _peer(bench.place / "peer")
    if why:
        inputs.say(why)
        yield Row(targets.PEER, "2 MB", skipped=why)
        return
    file = inputs.with_times(bench.place)
    peer = script(python, side_file("peer.py"), file)
    ours = script(bench.python, side_file("reader.py"), file)
    yield Row(targets.PEER, "2 MB", alternate(peer, ours, bench.sizes.runs), note="with -tt, which it needs")


def _peer(place: Path) -> tuple[Path, str]:
    """The interpreter of an environment with stracetools, or why there is none."""
    python = place / "bin/python"
    if not (place / "ready").exists():
        venv.create(place, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "stracetools"]
        if subprocess.run(install, capture_output=True, check=False).returncode:
            return python, "stracetools cannot be installed from here"
        (place / "ready").touch()
    return python, ""


def memory(bench: Bench) -> Iterator[Row]:
    """The largest resident set while a long trace comes through a FIFO."""
    names = [bench.trace(kind) for kind in bench.traces]
    for size in bench.sizes.streams:
        on = f"{size / 1e9:g} GB"
        fifo = bench.place / "stream.trace"
        fifo.unlink(missing_ok=True)
        os.mkfifo(fifo)
        feeding = [sys.executable, "-I", str(HERE / "stream.py"), str(size), *map(str, names)]
        with fifo_writer(feeding, fifo):
            spent = run([bench.command, "trace", "--json", fifo])
        note = f"{size / 1e6 / spent.seconds:.0f} MB/s"
        yield Row(targets.MEMORY, on, [spent.peak / 1e6], note=note)


class fifo_writer:  # noqa: N801 - used as a with statement's word
    """Runs a program whose stdout is a FIFO, until its reader is done."""

    def __init__(self, command: list[str], fifo: Path) -> None:
        # The shell opens the FIFO: this process would wait for the reader that it has yet to start.
        self._command = ["sh", "-c", 'exec "$@" >"$0"', str(fifo), *command]
        self._fifo = fifo

    def __enter__(self) -> None:
        self._feeder = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __exit__(self, *_: object) -> None:
        self._feeder.kill()
        self._feeder.wait()
        self._fifo.unlink()


def processes(bench: Bench) -> Iterator[Row]:
    """Two large traces in one command, which reads them in two processes, against one after the other."""
    kind = next(iter(bench.traces))
    first, second = bench.trace(kind), bench.place / "second.trace"
    second.unlink(missing_ok=True)
    os.link(first, second)
    one, other = (process(bench.command, "trace", "--json", file) for file in (first, second))
    both = process(bench.command, "trace", "--json", first, second)
    samples = alternate(lambda: one() + other(), both, bench.sizes.runs)
    yield Row(targets.PROCESSES, f"{kind}, twice", samples)


def drafting(bench: Bench) -> Iterator[Row]:
    """Drafting and verifying against the inventory alone."""
    for kind in bench.traces:
        file = bench.trace(kind)
        samples = alternate(bench.draft(file), bench.inventory(kind), bench.sizes.runs)
        yield Row(targets.DRAFT, kind, samples)
    for kind in bench.traces:
        file = bench.trace(kind)
        ruleset = bench.place / f"{file.stem}.toml"
        if not ruleset.exists():
            bench.draft(file)()
        verify = process(bench.command, "verify", ruleset, file)
        yield Row(targets.VERIFY, kind, alternate(verify, bench.inventory(kind), bench.sizes.runs))


def nginx(bench: Bench) -> Iterator[Row]:
    """The whole command on a small real service, against the imports that it cannot do without."""
    try:
        file = inputs.nginx(bench.place)
    except FileNotFoundError as error:
        yield Row(targets.NGINX, "nginx", skipped=str(error))
        return
    imports = process(bench.python, "-I", "-c", _IMPORTS)
    yield Row(targets.NGINX, "nginx", alternate(bench.draft(file), imports, bench.sizes.runs))


def generalising(bench: Bench) -> Iterator[Row]:
    """Drafting as the inventory grows, on no host, so that only the algorithm counts."""
    found: dict[int, list[float]] = {}
    for count in bench.sizes.paths:
        side = script(bench.python, side_file("generalising.py"), str(count))
        found[count] = repeat(side, bench.sizes.runs)
    largest = bench.sizes.paths[-1]
    listed = ", ".join(f"{median(samples):.2f} s for {count:,}" for count, samples in found.items())
    yield Row(targets.GENERALISE, f"{largest:,} paths", found[largest], note=listed)
    before = bench.sizes.paths[-2]
    pairs = zip(found[largest], found[before], strict=True)
    exponents = [math.log(large / small) / math.log(largest / before) for large, small in pairs]
    yield Row(targets.GROWTH, f"{before:,} to {largest:,}", exponents)


def starting(bench: Bench) -> Iterator[Row]:
    """What a person waits for --help."""
    seconds = repeat(process(bench.command, "--help"), max(bench.sizes.runs, 5))
    yield Row(targets.START, "", [second * 1000 for second in seconds])


def asking(bench: Bench) -> Iterator[Row]:
    """How large the request to a model is: the gate's own estimate, for counting would send it."""
    service, build = targets.TOKENS
    try:
        yield _request(bench, service, "nginx", inputs.nginx(bench.place))
    except FileNotFoundError as error:
        yield Row(service, "nginx", skipped=str(error))
    file = inputs.build(bench.place, 2 * bench.sizes.trace)
    with file.open("rb") as lines:
        count = sum(1 for _ in lines)
    yield _request(bench, build, f"compilers, {count:,} lines", file)


def _request(bench: Bench, target: Target, on: str, trace: Path) -> Row:
    home = {"HOME": str(bench.place / "home"), "PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    command = [str(bench.command), "draft", str(trace), "--model", _ANY_MODEL, "--show-request"]
    done = subprocess.run(command, env=home, capture_output=True, text=True, check=False)
    told = re.search(r"(\d+) bytes, about (\d+) tokens", done.stderr)
    if done.returncode or told is None:
        raise MeasurementError(f"{trace.name}: no request was shown: {done.stderr[-300:]}")
    return Row(target, on, [float(told[2])], note=f"estimated from {int(told[1]):,} bytes")


MEASURES: tuple[tuple[tuple[Target, ...], Callable[[Bench], Iterator[Row]]], ...] = (
    ((targets.GREP, targets.READING), against_grep),
    ((targets.LINES,), against_lines),
    ((targets.PEER,), against_stracetools),
    ((targets.MEMORY,), memory),
    ((targets.PROCESSES,), processes),
    ((targets.DRAFT, targets.VERIFY), drafting),
    ((targets.NGINX,), nginx),
    ((targets.GENERALISE, targets.GROWTH), generalising),
    ((targets.START,), starting),
    (targets.TOKENS, asking),
)


_ALONE = (targets.PEER, targets.NGINX, targets.GENERALISE, targets.GROWTH, targets.START, *targets.TOKENS)
WITHOUT_TRACES = frozenset(target.key for target in _ALONE)
"""What needs none of the recorded traces."""

FAILED = "**failed**, as the run said"


def measure(bench: Bench, keys: frozenset[str]) -> Iterator[Row]:
    """All rows, or those of the targets that are named; a side that fails is a row that says so."""
    for aimed, function in MEASURES:
        if keys and not keys & {target.key for target in aimed}:
            continue
        inputs.say(", ".join(target.what for target in aimed))
        rows = function(bench)
        found: set[str] = set()
        try:
            for row in rows:
                found.add(row.target.key)
                yield row
        except (MeasurementError, subprocess.SubprocessError) as error:
            inputs.say(str(error))
            # What went wrong is talk: it may name places on this machine, which a document should not.
            yield from (Row(target, "", skipped=FAILED) for target in aimed if target.key not in found)
