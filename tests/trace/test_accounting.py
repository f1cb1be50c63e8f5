"""Every line of big real traces is accounted for: recorded live here, and small.

docs/benchmarks.md has them at full size; benchmarks/accounting.py makes and counts those.
"""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from assistant.domain.access import Inventory
from assistant.trace.reader import Reader


REPO = Path(__file__).parent.parent.parent
WORKS: dict[str, tuple[str, ...]] = {"package": (), "compile": ("--kind", "a"), "redis": ()}
"""A package installation, a compiler run (of its calls, those on files), a database under load."""
BEGINS = re.compile(rb"(?:[0-9]+ +)?([a-z_][a-z0-9_]*)\(")

pytestmark = pytest.mark.strace


@pytest.fixture(scope="module", params=WORKS)
def trace(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("accounting") / f"{request.param}.trace"
    command = [sys.executable, "-m", "benchmarks.recording", str(out), *WORKS[request.param]]
    command += ["--work", request.param, "--sources", "4", "--mib", "0.01"]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    if done.returncode == 3:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def inventory(trace: Path) -> Inventory:
    reader = Reader()
    with trace.open("rb") as file:
        reader.read("trace", file)
    return reader.inventory()


def counted(trace: Path) -> tuple[int, Counter[str]]:
    """Lines, and the calls that begin on them by name: by the start of each line, and nothing else."""
    text = trace.read_bytes()
    found = (BEGINS.match(line) for line in text.splitlines())
    return text.count(b"\n"), Counter(match[1].decode("ascii") for match in found if match)


def test_every_line_is_understood_or_ignored_by_rule_or_counted_as_not_understood(
    trace: Path, inventory: Inventory
) -> None:
    (source,) = inventory.sources
    lines, _ = counted(trace)

    assert lines > 1000
    assert source.lines == lines
    assert source.understood + source.ignored + source.not_understood == lines
    assert sum(strange.count for strange in inventory.not_understood) == source.not_understood


def test_less_than_one_line_in_a_thousand_is_not_understood(inventory: Inventory) -> None:
    (source,) = inventory.sources
    told = [(s.kind, s.count, s.example) for s in inventory.not_understood]

    assert source.not_understood < source.lines / 1000, told


def test_each_call_that_the_reader_counts_is_counted_as_often_as_it_begins_in_the_trace(
    trace: Path, inventory: Inventory
) -> None:
    _, calls = counted(trace)

    assert calls["openat"] > 100
    assert {name: calls[name] for name in inventory.calls} == dict(inventory.calls)


def test_calls_that_open_make_move_or_run_are_among_those_that_the_reader_counts(
    trace: Path, inventory: Inventory
) -> None:
    _, calls = counted(trace)
    asks = {"openat", "execve", "mkdir", "rename", "unlink", "unlinkat", "symlink", "connect", "bind"}

    assert asks & set(calls) <= set(inventory.calls)
