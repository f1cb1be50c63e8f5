"""The paths that real services touch: cases of evals/, each traced in a room of its own. Needs root.

As a program it is what runs in the room: python -m benchmarks.services CASE DESCRIPTOR writes the trace.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from assistant.domain.access import Inventory
from assistant.domain.host import NoHost
from assistant.pipeline.reading import read_traces
from assistant.reading.naming import name_traces
from evals.case import load
from evals.lives import failed
from evals.room import PLACE, ROOT, RoomError, furnish, furnish_place, possible
from evals.service import Service
from evals.tracing import traced_life


CASES = {
    "nginx": frozenset({"one"}),
    "redis": frozenset[str](),
    "python-app": frozenset({"notes", "note", "about"}),
    "postgresql": frozenset[str](),
}
"""Case to the names in paths that its own recipe invented: what is not public in them."""

_ROOM = (
    *("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"),
    *("--net", "--uts", "--ipc"),
)
_SECONDS = 300.0


class Touched(NamedTuple):
    """What a service touched.

    Attributes:
        paths: Distinct, as the trace has them and as they were resolved.
        lines: Of the trace.
    """

    paths: list[str]
    lines: int


class NoTraceError(Exception):
    """Why there is no trace of a service here."""


def touched(case: str) -> Touched:
    """Trace a case's first life.

    Raises:
        NoTraceError: It cannot be run here.
    """
    program = load(case).program
    reason = possible() or ("" if os.access(program, os.X_OK) else f"{program} is not installed")
    if reason:
        raise NoTraceError(reason)
    with tempfile.NamedTemporaryFile(suffix=".trace") as trace:
        command = [*_ROOM, sys.executable, "-m", "benchmarks.services", case, str(trace.fileno())]
        done = subprocess.run(
            command,
            cwd=ROOT,
            pass_fds=[trace.fileno()],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise NoTraceError(done.stderr.strip().rpartition("\n")[2])
        return _of(read_traces(name_traces([Path(trace.name)]), NoHost()))


def _of(inventory: Inventory) -> Touched:
    paths = {path for access in inventory.paths for path in (access.path, access.given) if path}
    return Touched(sorted(paths), sum(source.lines for source in inventory.sources))


def main(case_name: str, descriptor: int) -> int:
    """Record in this room; what stops it is the last line on stderr."""
    case = load(case_name)
    furnish_place()
    furnish("first")
    for name in ("prepare", "boot"):
        step = Service(case, (), PLACE).step(name)
        if not step.worked:
            raise RoomError(f"{name}: {step.said}")
    trace = PLACE / "app.trace"
    steps = traced_life(case, trace, PLACE)
    if failed(steps):
        raise RoomError(failed(steps))
    # The room has a /tmp of its own, so a name would lead nowhere.
    with os.fdopen(descriptor, "wb") as out:
        out.write(trace.read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
