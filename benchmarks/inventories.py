"""A large inventory: a trace of it, and how long reading takes against redacting what was read."""

import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from assistant.domain.host import NoHost
from assistant.pipeline.reading import read_traces
from assistant.reading.naming import name_traces
from redaction.redactor import Redactor


PATHS = 100_000
_CALLS = (
    'openat(AT_FDCWD, "{}", O_RDONLY|O_CLOEXEC) = 3',
    'newfstatat(AT_FDCWD, "{}", {{st_mode=S_IFREG|0644, st_size=17, ...}}, 0) = 0',
    'access("{}", R_OK) = 0',
    'openat(AT_FDCWD, "{}", O_WRONLY|O_APPEND) = 4',
)
CALLS = len(_CALLS)
"""To each path; the first alone is an access already."""


class Taken(NamedTuple):
    """Seconds of this process's time, and what was met.

    Attributes:
        reading: The trace.
        redacting: Its paths, scanning included.
        paths: Distinct ones.
    """

    reading: float
    redacting: float
    paths: int


def paths(public: Sequence[str], dice: random.Random) -> list[str]:
    """Paths as a large trace has them: half public, half a service's own data. All are distinct."""
    folders = ("data", "log", "spool", "cache")
    half = PATHS // 2
    own = [
        f"/srv/customer{dice.randrange(5000)}/{dice.choice(folders)}/{dice.randrange(500):04d}/rec-{number}.json"
        for number in range(PATHS - min(half, len(public)))
    ]
    return [*dice.sample(public, min(half, len(public))), *own]


def against_reading(redactor: Redactor, names: Sequence[str], calls: int = CALLS) -> Taken:
    """Write a trace in which each name is the object of so many calls, read it, and redact what was read."""
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder, "inventory.trace")
        with trace.open("w", encoding="utf-8", errors="surrogateescape") as out:
            for number, name in enumerate(names):
                for call in _CALLS[:calls]:
                    out.write(f"{4700 + number % 7} {call.format(name)}\n")
        began = time.process_time()
        inventory = read_traces(name_traces([trace]), NoHost())
        read = time.process_time()
    met = list(dict.fromkeys(access.path for access in inventory.paths))
    start = time.process_time()
    redactor.learn(met)
    for path in met:
        redactor.path(path)
    return Taken(read - began, time.process_time() - start, len(met))
