"""What was collected becomes one inventory: in one order, with all evidence, and in little memory."""

import gc
import tracemalloc

from assistant.domain.access import Evidence, Inventory, Seen
from assistant.domain.host import FakeHost
from assistant.trace.ground import ground
from assistant.trace.reader import Reader


def _read(**traces: list[str]) -> Inventory:
    reader = Reader()
    for name, lines in traces.items():
        reader.read(name, [line.encode() + b"\n" for line in lines])
    return reader.inventory()


def _opens(pid: int, path: str) -> str:
    return f'{pid} openat(AT_FDCWD, "{path}", O_RDONLY) = 3'


def test_the_same_access_by_several_programs_in_several_traces_is_one_access_with_the_evidence_of_all() -> (
    None
):
    starts = [f'{pid} execve("/bin/p{pid}", [], 0x0) = 0' for pid in (7, 8)]
    first = [*starts, _opens(8, "/d/f"), _opens(7, "/d/f"), _opens(7, "/d/f")]
    second = [*starts, "7 close(3) = 0", _opens(7, "/d/f")]

    (access,) = [access for access in _read(a=first, b=second).paths if access.path == "/d/f"]

    assert access.count == 4
    assert access.runs == (("a", 3), ("b", 1))
    assert access.actors == ("/bin/p8", "/bin/p7")
    assert access.evidence == (Evidence("a", 3), Evidence("a", 4), Evidence("b", 4))
    assert access.processes == (Seen("a", 8), Seen("a", 7), Seen("b", 7))


def test_accesses_are_listed_by_their_paths_in_whatever_order_they_were_made() -> None:
    lines = [_opens(7, f"/d/{number % 50}") for number in range(100)]
    lines += [f'7 unlink("/d/{number}") = 0' for number in range(50)]
    shuffled = [lines[number * 7 % len(lines)] for number in range(len(lines))]

    made, otherwise = _read(t=lines).paths, _read(t=shuffled).paths

    assert [access._replace(evidence=()) for access in made] == [
        access._replace(evidence=()) for access in otherwise
    ]
    assert [access.path for access in made] == sorted(access.path for access in made)


def test_an_access_of_a_long_trace_takes_few_bytes_until_it_is_grounded() -> None:
    count = 5_000
    reader = Reader()
    gc.collect()
    tracemalloc.start()
    try:
        reader.read("t", [f"{_opens(7, f'/var/cache/entry-{number}')}\n".encode() for number in range(count)])
        tracemalloc.reset_peak()
        inventory = ground(reader.inventory(), FakeHost())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(inventory.paths) == count
    assert peak / count < 900


def test_a_process_is_never_taken_for_a_trace_and_how_often_it_shows_an_access() -> None:
    inventory = _read(t=['8 execve("/bin/p", [], 0x0) = 0', _opens(8, "/d/a"), _opens(1, "/d/f")])

    assert {type(seen) for access in inventory.paths for seen in access.processes} == {Seen}
