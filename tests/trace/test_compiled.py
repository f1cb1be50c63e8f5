"""The compiled reader says the same as the same source run by Python."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.trace import scan
from tests.trace import generated


HERE = Path(__file__).parent
REPO = HERE.parent.parent
REAL = sorted(HERE.parent.rglob("*.trace"))
_MADE = 300
_READ = """
import sys
from assistant.trace import scan
from assistant.trace.reader import Reader

print(scan.__file__.endswith(".py"))
for name in sys.stdin.read().splitlines():
    reader = Reader("/srv")
    with open(name, "rb") as file:
        reader.read("t", iter(lambda: file.read(1 << 16), b""))
    print(name, reader.inventory())
"""


def _reads(names: str, path: str) -> tuple[str, str]:
    """Whether Python read, and the inventories of some traces, one a line."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _READ],
        input=names,
        env={"PYTHONPATH": path, "PATH": os.defpath, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=True,
        timeout=600,
    )
    python, _, inventories = done.stdout.partition("\n")
    return python, inventories


@pytest.mark.skipif(scan.__file__.endswith(".py"), reason="the reader is not compiled here")
def test_the_compiled_reader_and_python_agree_on_all_traces_of_the_tests_and_on_some_made_by_chance(
    tmp_path: Path,
) -> None:
    for seed in range(_MADE):
        (tmp_path / f"{seed}.made").write_bytes(generated.trace(20_000 + seed))
    names = "\n".join(map(str, [*REAL, *sorted(tmp_path.glob("*.made"))]))

    python, slow = _reads(names, str(REPO))
    compiled, fast = _reads(names, str(Path(scan.__file__).parents[2]))

    assert (python, compiled) == ("True", "False")
    assert slow.count("\n") == len(REAL) + _MADE
    assert hashlib.sha256(fast.encode("utf-8", "surrogateescape")).hexdigest() == (
        hashlib.sha256(slow.encode("utf-8", "surrogateescape")).hexdigest()
    )
