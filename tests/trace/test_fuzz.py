"""The fuzzer runs, finds nothing in a few seconds, and would say so if it did."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.trace.fuzzing import properties
from tests.trace.fuzzing.mutate import lines


BROKE = Path(__file__).parent / "fuzzing" / "broke"
FUZZ = Path(__file__).parents[2] / "scripts" / "fuzz.py"


def fuzz(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, FUZZ, *arguments], capture_output=True, text=True, check=False, timeout=120
    )


def test_a_few_seconds_of_spoiled_traces_break_nothing(tmp_path: Path) -> None:
    done = fuzz("--blind", "--seconds", "5", "--keep", str(tmp_path))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing broke" in done.stdout
    assert int(done.stdout.split(": ")[1].split()[0]) > 100


@pytest.mark.parametrize("kept", sorted(BROKE.iterdir()), ids=lambda kept: kept.name)
def test_what_once_broke_the_reader_does_so_no_more(kept: Path) -> None:
    assert properties.faults(kept.read_bytes()) == []


def test_an_input_that_broke_something_can_be_tried_again(tmp_path: Path) -> None:
    kept = tmp_path / "broke"
    kept.write_bytes(b"".join(lines()[:20]))

    assert "nothing broke" in fuzz(str(kept)).stdout


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/etc/shadow", ["shadow"]),
        ("/etc/passwd", []),
        ("/etc/x", ["x"]),
        ("/etc/a\nb", []),
        ("/etc/a b", ["a b"]),
    ],
)
def test_an_access_that_no_line_names_is_a_fault(path: str, told: list[str]) -> None:
    data = b'7 open("/etc/passwd", O_RDONLY) = 3\n7 open("/etc/a\\nb", O_RDONLY) = 3\n7 open("/etc/a\n b"'
    inventory = properties.read(f'7 open("{path}", O_RDONLY) = 3\n'.encode().replace(b"a\nb", b"a\\nb"))[1]

    assert [fault.split("'")[1] for fault in properties.invented(data, inventory)] == told
