"""Starts a stage of services.inside: with a place of its own, or in one of evals' rooms."""

import json
import subprocess
import sys
from typing import Any

from evals.room import ROOT, apart, outer


_BEGIN = (
    "import sys; sys.path.append(sys.argv[1]); from services.inside import main; sys.exit(main(sys.argv[2:]))"
)
"""The checkout comes last: what is measured is the package as it is installed."""


def with_place(*words: str) -> list[str]:
    """The command that does a stage with mounts of its own."""
    return _instead(outer(), words)


def in_room(*words: str) -> Any:
    """Do a stage in a room; its answer, or in words why there is none."""
    done = subprocess.run(_instead(apart(), words), capture_output=True, check=False)
    if done.returncode == 0:
        return json.loads(done.stdout)
    said = done.stderr.decode("ascii", "backslashreplace").strip().rpartition("\n")[2]
    return said or f"exit {done.returncode}"


def _instead(command: list[str], words: tuple[str, ...]) -> list[str]:
    """What evals puts in front of its own stages, in front of one of ours."""
    front = command[: command.index(sys.executable)]
    return [*front, sys.executable, "-P", "-c", _BEGIN, str(ROOT), *words]
