"""Cited lines come from the raw bytes, however those are cut into blocks."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.domain.access import Evidence
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import PathGrant, Provenance, Ruleset
from assistant.reading.citing import cited_lines, lines_at
from assistant.reading.naming import Trace, name_traces


DATA = Path(__file__).parents[1] / "trace/forms/data"


def _cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_lines_are_found_by_their_numbers_however_the_bytes_are_cut(size: int, end: bytes) -> None:
    chance = random.Random(size)  # noqa: S311 - the same lines each time
    lines = [b"x" * chance.randrange(12) for _ in range(60)] + [b"last"]
    data = b"\n".join(lines) + end
    for _ in range(40):
        numbers = chance.sample(range(1, 66), chance.randrange(1, 12))
        wanted = {number: lines[number - 1] for number in numbers if number <= len(lines)}

        assert dict(lines_at(_cut(data, size), numbers)) == wanted


def test_nothing_is_read_behind_the_last_cited_line() -> None:
    def blocks() -> Iterator[bytes]:
        yield b"one\ntwo\nthr"
        yield b"ee\nfour\n"
        pytest.fail("read on")

    assert dict(lines_at(blocks(), [2, 3])) == {2: b"two", 3: b"three"}


def test_a_carriage_return_is_no_part_of_a_line_and_an_endless_line_is_cut() -> None:
    found = dict(lines_at(iter([b"one\r\n", b"x" * (1 << 20), b"y" * (1 << 20), b"\nthree\n"]), [1, 2, 3]))

    assert (found[1], found[3]) == (b"one", b"three")
    assert (1 << 20) <= len(found[2]) <= (2 << 20)


def _cites(*citations: str) -> Ruleset:
    grant = PathGrant(path="/srv", rights=FsRight.READ_DIR, by="offline", evidence=citations)
    return Ruleset(service="x", target_abi=7, provenance=Provenance(tool="test"), path=(grant,))


def test_a_line_of_an_audit_log_brings_the_records_of_its_event() -> None:
    (trace,) = name_traces([DATA / "syscalls.log"])
    lines = (DATA / "syscalls.log").read_bytes().splitlines()
    number = next(at for at, line in enumerate(lines, start=1) if b"/etc/hostname" in line)
    stamp = lines[number - 1].split(b"(")[1].split(b")")[0]

    found = cited_lines(_cites(f"syscalls:{number}"), [trace])[Evidence("syscalls", number)].split(b"\n")

    assert found[0] == lines[number - 1]
    assert sorted(found) == sorted(line for line in lines if stamp in line)
    assert len(found) > 3


def test_a_stamp_within_a_name_brings_no_other_line(tmp_path: Path) -> None:
    path = tmp_path / "app.trace"
    path.write_bytes(b'7 open("/audit(1.0:1)", 0) = 3\ntype=CWD msg=audit(1.0:1): cwd="/"\n')

    found = cited_lines(_cites("app:1"), [Trace(path, "app")])

    assert found == {Evidence("app", 1): b'7 open("/audit(1.0:1)", 0) = 3'}


def test_a_file_without_a_source_of_its_own_is_read_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "app.trace"
    path.write_bytes(b"one\ntwo\n")

    assert cited_lines(_cites("app:2", "app:9", "other:1"), [Trace(path, "app")]) == {
        Evidence("app", 2): b"two"
    }
