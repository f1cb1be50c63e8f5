"""`make bench` says what it measured, what it could not measure, and which targets are not met."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest


REPO = Path(__file__).parent.parent
DOCUMENT = "# Title\n\n<!-- benchmarks -->\nold\n<!-- /benchmarks -->\n\nThe end.\n"


def bench(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the benchmarks in a process of their own, as make does."""
    command = [sys.executable, "-m", "benchmarks", *map(str, arguments)]
    return subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checkout stays off the path: beside it lies the package that is to be tested as installed."""
    folder = REPO / "benchmarks"
    spec = importlib.util.spec_from_file_location(
        "benchmarks", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    monkeypatch.setitem(sys.modules, "benchmarks", importlib.util.module_from_spec(spec))


def test_a_run_prints_one_row_per_target_and_keeps_every_sample(tmp_path: Path) -> None:
    found = tmp_path / "found.json"

    done = bench("--only", "start", "--command", "/bin/true", "--place", tmp_path, "--json", found, "--quick")

    rows = json.loads(found.read_text())["rows"]
    assert done.returncode == 0, done.stderr
    assert "| `landscribe --help` |  | <= 200 ms | <= 100 ms |" in done.stdout
    assert [(row["target"]["key"], len(row["samples"])) for row in rows] == [("start", 5)]


def test_a_command_that_fails_has_no_figure_and_the_run_does_not_pass(tmp_path: Path) -> None:
    done = bench("--only", "start", "--command", "/bin/false", "--place", tmp_path)

    assert done.returncode == 1
    assert "**failed**, as the run said" in done.stdout
    assert "ended with 1" in done.stderr


def test_the_table_replaces_the_one_in_a_document_and_nothing_else(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(DOCUMENT)

    bench("--only", "start", "--command", "/bin/true", "--place", tmp_path, "--write", document)

    before, _, after = document.read_text().partition("| what | on |")
    assert before.startswith("# Title\n\n<!-- benchmarks -->\n")
    assert "old" not in before + after
    assert after.endswith("<!-- /benchmarks -->\n\nThe end.\n")
    assert str(tmp_path) not in document.read_text()


@pytest.mark.parametrize(
    ("samples", "verdict"),
    [
        ([9, 11, 90], "met, the goal too"),
        ([9, 13, 90], "met"),
        ([9, 21, 22], "**not met**"),
        ([], "not measured"),
    ],
)
def test_the_median_decides_whether_a_target_is_met(samples: list[float], verdict: str) -> None:
    from benchmarks.targets import Row, Target

    assert Row(Target("key", "what", 20, 12), "a", samples).verdict == verdict


def test_more_is_better_where_the_target_says_so() -> None:
    from benchmarks.targets import Row, Target

    target = Target("key", "what", 15, 25, larger=True)

    assert [Row(target, "a", [n]).verdict for n in (14, 16, 26)] == [
        "**not met**",
        "met",
        "met, the goal too",
    ]


def test_two_sides_are_run_in_turn_and_the_first_pair_does_not_count() -> None:
    from benchmarks.timing import alternate

    order: list[str] = []
    seconds = {"slow": iter([9.0, 2.0, 6.0]), "fast": iter([1.0, 1.0, 2.0])}

    def side(name: str) -> float:
        order.append(name)
        return next(seconds[name])

    assert alternate(lambda: side("slow"), lambda: side("fast"), 2) == [2.0, 3.0]
    assert order == ["slow", "fast"] * 3


def test_a_process_that_eats_memory_is_seen_to() -> None:
    # In a process of its own: what starts a program lends it its own size until it runs.
    code = (
        "import sys; from benchmarks.timing import run; "
        "run_code = lambda code: run([sys.executable, '-I', '-c', code]).peak; "
        "print(run_code('pass'), run_code('b\"x\" * 150_000_000'))"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    small, large = map(int, done.stdout.split())

    assert large > 150_000_000 > small


def test_a_stream_is_as_long_as_asked_holds_whole_lines_and_new_names_each_round(tmp_path: Path) -> None:
    from benchmarks.stream import blocks

    trace = tmp_path / "t.trace"
    trace.write_bytes(b'1 openat(AT_FDCWD, "/tmp/x/round-1/a", O_RDONLY) = 3\n' * 9)

    lines = b"".join(blocks([str(trace)], 2000)).splitlines(keepends=True)

    assert sum(map(len, lines)) >= 2000
    assert all(line.startswith(b"1 openat(") and line.endswith(b") = 3\n") for line in lines)
    assert len(set(lines)) == 4
