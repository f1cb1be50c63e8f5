"""The reader survives any bytes, in any pieces, and never tells of an access that no line names."""

from collections.abc import Callable
from functools import partial
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.growth import growth
from tests.trace.fuzzing.mutate import lines, spoil
from tests.trace.fuzzing.properties import faults, read


KNOWN = lines()
sizes = st.lists(st.integers(0, 200), max_size=60)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), sizes)
def test_any_bytes_are_read_and_every_line_is_accounted_for(data: bytes, sizes: list[int]) -> None:
    assert faults(data, sizes) == []


@settings(max_examples=600, deadline=None)
@given(st.randoms(use_true_random=False), sizes)
def test_a_spoiled_trace_is_read_and_tells_of_nothing_that_no_line_names(
    random: Random, sizes: list[int]
) -> None:
    assert faults(spoil(random, KNOWN), sizes) == []


@settings(max_examples=25, deadline=None)
@given(st.integers(0, len(KNOWN) - 1), st.lists(st.integers(0, 3000), max_size=200))
def test_the_same_bytes_in_other_pieces_give_the_same_inventory(start: int, sizes: list[int]) -> None:
    data = b"".join(KNOWN[start:] + KNOWN[:start])

    assert read(data, sizes) == read(data)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(KNOWN), st.data())
def test_a_line_that_was_cut_is_not_understood_or_tells_no_more_than_the_whole_line(
    line: bytes, data: st.DataObject
) -> None:
    cut = line[: data.draw(st.integers(0, len(line)))]
    whole = {access.path for access in read(line)[1].paths}

    # The directory of a cut name stands in the line as well.
    told = {access.path for access in read(cut)[1].paths if access.needed}

    assert told <= whole


def test_bytes_one_by_one_give_the_same_inventory_as_all_at_once() -> None:
    data = b"".join(KNOWN)

    assert read(data, [1] * len(data)) == read(data)


def test_line_ends_of_another_system_change_nothing() -> None:
    plain = b"".join(line for line in KNOWN if b"\r" not in line)
    source, inventory = read(plain.replace(b"\n", b"\r\n"))
    expected_source, expected = read(plain)

    assert inventory.paths == expected.paths
    assert (source.understood, source.ignored) == (expected_source.understood, expected_source.ignored)


def test_a_line_of_ten_megabytes_is_named_and_the_next_one_is_read() -> None:
    data = (
        b'7 openat(AT_FDCWD, "/' + b"a" * 10_000_000 + b'", O_RDONLY) = 3\n7 open("/etc/x", O_RDONLY) = 4\n'
    )

    source, inventory = read(data, [65536] * 160)

    assert [access.path for access in inventory.paths] == ["/etc/x"]
    assert (source.lines, source.understood, source.not_understood) == (2, 1, 1)


def test_a_line_ten_times_as_long_takes_about_ten_times_as_long() -> None:
    def reading(length: int) -> Callable[[], object]:
        return partial(
            read, b'7 open("/' + b"a" * length + b'", O_RDONLY) = 3\n', [65536] * (length // 65536)
        )

    assert growth(reading, 1_000_000) < 40


def test_time_that_runs_backwards_changes_nothing() -> None:
    calls = [b'open("/a/%d", O_RDONLY) = 3\n' % n for n in range(5)]
    forth = b"".join(b"7 12:00:0%d " % n + call for n, call in enumerate(calls))
    back = b"".join(b"7 12:00:0%d " % (5 - n) + call for n, call in enumerate(calls))

    assert read(back)[1].paths == read(forth)[1].paths


def test_what_an_unknown_process_resumes_is_not_an_access() -> None:
    data = b'7 openat(AT_FDCWD, "/a", O_RDONLY <unfinished ...>\n8 <... openat resumed>) = 3\n'
    source, inventory = read(data)

    assert not [access for access in inventory.paths if access.needed]
    assert source.not_understood >= 1
