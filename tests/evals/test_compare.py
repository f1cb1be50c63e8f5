"""A comparison calls worse what is worse, names the case, and never takes "not run" for a pass."""

from dataclasses import replace

import pytest

from evals.compare import changes, regressions, summary
from evals.score import Score


GOOD = Score(
    "nginx",
    "offline",
    first=True,
    second=True,
    rules=19,
    read=7,
    executed=1,
    denied=41,
    probes=41,
    digest="sha256:0",
)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"first": False, "second": False, "failed": "start: exit 1"}, "first life works no more"),
        ({"second": False, "failed": "rotated: exit 1"}, "second life works no more (rotated"),
        ({"rules": 22}, "rules: 19 before, 22 now"),
        ({"read": 30, "digest": "sha256:1"}, "read: 7 before, 30 now"),
        ({"executed": 2, "digest": "sha256:1"}, "executed: 1 before, 2 now"),
        ({"written": 1, "digest": "sha256:1"}, "written: 0 before, 1 now"),
        ({"secrets": ("/etc/shadow",)}, "opens the secret '/etc/shadow'"),
        ({"refusals_missed": ("/etc/shadow",)}, "does not refuse '/etc/shadow' any more"),
        ({"allowed": ("execute '/usr/bin/sh'",)}, "allows execute '/usr/bin/sh'"),
        ({"without_evidence": 1}, "without evidence: 0 before, 1 now"),
        ({"leaked": 2}, "leaks 2 planted secrets"),
        ({"status": "not run", "reason": "no root"}, "not run any more (no root)"),
    ],
)
def test_what_is_worse_is_said_with_the_case_that_shows_it(change: dict[str, object], said: str) -> None:
    (found,) = regressions([GOOD], [replace(GOOD, **change)])  # type: ignore[arg-type]

    assert found.startswith("nginx, offline: ")
    assert said in found


def test_equal_grants_that_open_more_tell_of_the_machine_not_of_the_draft() -> None:
    more = replace(GOOD, read=30, written=9, executed=9)

    assert regressions([GOOD], [more]) == []
    assert len(regressions([replace(GOOD, digest="")], [replace(more, digest="")])) == 3
    assert len(changes([GOOD], [more])) == 1


@pytest.mark.parametrize(
    "change", [{}, {"rules": 20}, {"rules": 12}, {"read": 5}, {"seconds": 9.0}, {"probes": 60, "denied": 60}]
)
def test_what_is_equal_or_better_is_no_regression(change: dict[str, object]) -> None:
    assert regressions([GOOD], [replace(GOOD, **change)]) == []  # type: ignore[arg-type]


def test_a_case_that_was_never_run_is_no_yardstick() -> None:
    before = Score("nginx", "offline", "not run", "no root")

    assert regressions([before], [replace(GOOD, first=False, second=False)]) == []


def test_changes_name_what_moved_and_leave_out_what_is_never_the_same_twice() -> None:
    (found,) = changes([GOOD], [replace(GOOD, rules=12, seconds=9.0, digest="sha256:x")])

    assert found == "nginx, offline: rules 19 -> 12"


def test_a_summary_counts_what_was_not_run_and_takes_medians_of_the_rest() -> None:
    scores = [
        GOOD,
        replace(GOOD, case="redis", rules=9, second=False),
        Score("squid", "offline", "not run", "not installed"),
    ]

    found = summary("offline", scores)

    assert (found.cases, found.not_run, found.first, found.second, found.rules) == (2, 1, 2, 1, 14.0)
    assert found.denied == 100.0
