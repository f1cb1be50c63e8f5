"""The reader with its fast lane says the same as one that parses every line by itself."""

from pathlib import Path

import pytest

from assistant.domain.access import Inventory
from assistant.trace.reader import Reader
from tests.trace import generated, reference


HERE = Path(__file__).parent
REAL = sorted(path for path in HERE.parent.rglob("*.trace") if "forms" not in path.parts)
PIECE = 1 << 16


def shipped(data: bytes, cwd: str | None = None) -> Inventory:
    reader = Reader(cwd)
    reader.read("t", [data[start : start + PIECE] for start in range(0, len(data), PIECE)])
    return reader.inventory()


def test_both_readers_agree_on_all_real_traces_of_the_tests() -> None:
    assert len(REAL) > 500
    differ = [
        path.name for path in REAL if shipped(path.read_bytes()) != reference.read("t", path.read_bytes())
    ]

    assert differ == []


@pytest.mark.parametrize("part", range(20))
def test_both_readers_agree_on_traces_made_by_chance(part: int) -> None:
    seeds = range(part * 100, part * 100 + 100)
    differ = [
        seed
        for seed in seeds
        if shipped(generated.trace(seed), "/srv") != reference.read("t", generated.trace(seed), "/srv")
    ]

    assert differ == []


@pytest.mark.parametrize("part", range(5))
def test_both_readers_agree_when_the_same_trace_comes_again_and_again(part: int) -> None:
    data = b"".join(generated.trace(seed) for seed in range(5000 + part * 40, 5000 + part * 40 + 40)) * 3

    assert shipped(data) == reference.read("t", data)
