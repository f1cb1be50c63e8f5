"""The work grows with the number of paths, not with its square: ground, draft and verify by ratio in one run."""

import time
from collections.abc import Callable

import pytest

from assistant.domain.access import Evidence, Inventory, Kind, PathAccess, TraceSource, Verdict
from assistant.domain.host import NoHost
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import Provenance, Ruleset
from assistant.drafting.offline import Options, draft
from assistant.trace.ground import ground
from assistant.verify.case import Case
from assistant.verify.registry import verify


SOURCE = TraceSource("t", "0" * 64, 1, 1, 0, 0, complete=True)
SMALL, LARGE = 1_500, 15_000
TOLERATED = 2.5
"""Times the growth of the input: n log n is 1.3 here, the square would be 10."""

R = FsRight
READ, CREATE, LOOK = (R.READ_FILE, Verdict.NEEDED), (R.WRITE_FILE, Verdict.NEEDED), (R(0), Verdict.PROBED)


def in_many_directories(number: int) -> str:
    return f"/srv/app/{number % 13}/d{number // 97}/f{number}"


def in_one_directory(number: int) -> str:
    return f"/srv/app/data/f{number}"


def in_a_directory_each(number: int) -> str:
    return f"/opt/app/d{number}/lib/f.so"


def inventory(size: int, name: Callable[[int], str]) -> Inventory:
    accesses = []
    for number in range(size):
        rights, verdict = (READ, READ, CREATE, LOOK)[number % 4]
        evidence = (Evidence("t", number + 1),)
        access = PathAccess(
            name(number), rights, Kind.UNKNOWN, verdict, "ok", "openat", evidence=evidence, actors=("/bin/a",)
        )
        accesses.append(access)
    moved = {name(number): name(number + 1) for number in range(0, size, 50)}
    kinds = {name(number): Kind.FILE for number in range(0, size, 3)}
    return Inventory((SOURCE,), tuple(accesses), calls={"openat": size}, kinds=kinds, moved=moved)


def seconds(size: int, name: Callable[[int], str]) -> float:
    """Processor time of one pass over so many paths, verdicts and all."""
    read = inventory(size, name)
    start = time.process_time()
    grounded = ground(read, NoHost())
    drafted = draft(grounded, NoHost(), Options("app", 7))
    ruleset = Ruleset(service="app", target_abi=7, provenance=Provenance(tool="t"), path=drafted.path)
    verify(Case(ruleset, grounded, {}, NoHost()))
    return time.process_time() - start


@pytest.mark.parametrize("name", [in_many_directories, in_one_directory, in_a_directory_each])
def test_ten_times_the_paths_cost_about_ten_times_the_time(name: Callable[[int], str]) -> None:
    small = min(seconds(SMALL, name) for _ in range(3))

    # What else the machine does can only make a pass slower: one that kept to the bound shows that it can be kept.
    assert any(seconds(LARGE, name) / small < LARGE / SMALL * TOLERATED for _ in range(3))
