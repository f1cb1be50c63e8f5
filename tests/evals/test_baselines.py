"""The baselines do what the documentation of other tools says, on the same accesses."""

from assistant.domain.access import Evidence, Inventory, Kind, PathAccess, Verdict
from assistant.domain.host import FakeHost
from assistant.domain.rights import FsRight
from evals import baselines
from evals.baselines import Observed, observed


R, W, X = FsRight.READ_FILE, FsRight.WRITE_FILE, FsRight.EXECUTE
FILES = [
    Observed("/etc/app/a.conf", R, is_directory=False),
    Observed("/etc/app/b.conf", R, is_directory=False),
    Observed("/etc/passwd", R, is_directory=False),
    Observed("/srv/app/data/2026/x.db", R | W, is_directory=False),
    Observed("/usr/bin/app", R | X, is_directory=False),
    Observed("/var/log", FsRight.MAKE_REG, is_directory=True),
]


def test_a_rule_for_each_object() -> None:
    assert baselines.file_each(FILES) == {one.path: one.rights for one in FILES}


def test_the_parent_directory_opens_what_lies_beside_and_a_directory_stands_for_itself() -> None:
    # /etc/app needs no rule of its own: /etc gives what it would.
    assert baselines.parent_directory(FILES) == {
        "/etc": R,
        "/srv/app/data/2026": R | W,
        "/usr/bin": R | X,
        "/var/log": FsRight.MAKE_REG,
    }


def test_depth_three_cuts_behind_the_third_component() -> None:
    assert "/srv/app/data" in baselines.depth_three(FILES)
    assert "/srv/app/data/2026" not in baselines.depth_three(FILES)


def test_four_files_of_a_directory_become_a_rule_on_it_and_three_do_not() -> None:
    four = [Observed(f"/etc/{name}", R, is_directory=False) for name in "abcd"]

    assert set(baselines.collapse_at_four(four)) == {"/etc"}
    assert set(baselines.collapse_at_four(four[:3])) == {"/etc/a", "/etc/b", "/etc/c"}


def test_protected_trees_are_never_collapsed() -> None:
    keys = [Observed(f"/home/x/.ssh/{name}", R, is_directory=False) for name in "abcde"]

    assert set(baselines.collapse_at_four(keys)) == {one.path for one in keys}


def test_a_list_of_more_than_five_is_merged_upwards_from_its_deepest() -> None:
    six = [Observed(f"/opt/app/lib/{name}", R, is_directory=False) for name in "abcdef"]

    assert set(baselines.threshold_five(six[:5])) == {one.path for one in six[:5]}
    assert set(baselines.threshold_five(six)) == {"/opt/app/lib"}


def test_what_is_gone_is_stood_for_by_the_directory_that_is_left() -> None:
    access = PathAccess(
        "/run/app/app.pid", W, Kind.FILE, Verdict.NEEDED, "ok", "openat", evidence=(Evidence("t", 1),)
    )
    host = FakeHost(kinds={"/run": Kind.DIRECTORY})

    found = observed(Inventory(sources=(), paths=(access,)), host)

    assert found == [Observed("/run", W, is_directory=True)]


def test_what_was_only_looked_for_is_not_observed() -> None:
    access = PathAccess("/etc/absent", R, Kind.UNKNOWN, Verdict.PROBED, "ENOENT", "openat")

    assert observed(Inventory(sources=(), paths=(access,)), FakeHost()) == []
