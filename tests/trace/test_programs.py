"""Random programs, traced for real: the reader says exactly what they did. See tests/trace/programs.

A failure names its seed; ``scripts/random_programs.py SEED`` performs the same programs again.
"""

from random import Random

import pytest

from tests.trace.programs.compare import compare
from tests.trace.programs.names import HOSTILE, make_name
from tests.trace.programs.reading import read
from tests.trace.programs.run import Theatre, build, perform


PROGRAMS = 25
SEEDS = (*range(9), 20, 33, 40, 58, 71)
"""The first ones, and some that found what the first did not."""


@pytest.fixture(scope="session")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Theatre:
    return build(tmp_path_factory.mktemp("theatre"))


@pytest.mark.strace
@pytest.mark.parametrize("seed", SEEDS)
def test_a_trace_says_exactly_what_random_programs_did(theatre: Theatre, seed: int) -> None:
    performance = perform(theatre, seed, PROGRAMS)

    complaints = compare(performance, read(performance, seed))

    assert len({done.actor for done in performance.done}) > PROGRAMS
    assert not complaints, f"seed {seed}, {' '.join(performance.form.command)}: {complaints[0]}"


def test_at_least_three_hundred_programs_run_and_their_names_use_all_bytes() -> None:
    random = Random(0)  # noqa: S311 - to be repeatable is the point
    names = b"".join(make_name(random) for _ in range(2000))

    assert len(SEEDS) * PROGRAMS >= 300
    assert set(names) == set(range(1, 256)) - {ord("/")}
    assert all(0 not in piece and b"/" not in piece for piece in HOSTILE)
