"""The choice of rules is the cheapest one: compared with trying everything on small trees."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.domain.access import Kind, is_beneath
from assistant.domain.host import Content
from assistant.domain.rights import FsRight
from assistant.drafting.exposure import Exposure
from assistant.drafting.generalise import Generaliser
from assistant.drafting.needs import ALL_CLASSES, EXECUTE, READ, WRITE, Need, classes
from assistant.drafting.tree import Node, build, downwards, sum_up
from assistant.drafting.weights import BALANCED, Weights


RIGHTS = {READ: FsRight.READ_FILE, WRITE: FsRight.WRITE_FILE, EXECUTE: FsRight.EXECUTE}


def tree_of(wanted: dict[str, tuple[int, bool]]) -> Node:
    needs = {}
    for path, (some, volatile) in sorted(wanted.items()):
        rights = FsRight(0)
        for name, right in RIGHTS.items():
            if some & name:
                rights |= right
        needs[path] = Need(path, hard=rights, kind=Kind.FILE, volatile=volatile)
    return build(needs, lambda _: True)


def generaliser(files: list[str], used: dict[int, set[str]], weights: Weights) -> Generaliser:
    def content(directory: str) -> Content:
        beneath = tuple(f for f in files if is_beneath(f, directory))
        return Content(beneath, frozenset(f for f in beneath if f.endswith("x")))

    return Generaliser(weights, Exposure(weights, content, lambda _: False), used)


def used_by(root: Node) -> dict[int, set[str]]:
    return {
        name: {n.path for n in downwards(root) if n.need and classes(n.need.all) & name}
        for name in ALL_CLASSES
    }


def cost_of(solver: Generaliser, root: Node, chosen: dict[str, int]) -> float:
    """The price of one assignment of classes to nodes, by the definition of the costs."""
    total = 0.0
    pending = [(root, 0)]
    while pending:
        node, given = pending.pop()
        added = chosen.get(node.path, 0)
        prices = solver._prices(node)
        if added and (prices is None or added & ~node.wanted or added & given):
            return float("inf")
        total += solver._here(node, prices, added, given | added)
        pending += [(child, given | added) for child in node.below.values()]
    return total


NAMES = st.sampled_from(["/d/a", "/d/b", "/d/s/a", "/d/s/bx", "/e/a", "/e/s/x"])
TREES = st.dictionaries(
    NAMES,
    st.tuples(st.sampled_from([READ, WRITE, EXECUTE | READ, READ | WRITE]), st.booleans()),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(
    TREES, st.lists(st.sampled_from(["/d/1", "/d/2x", "/d/s/3", "/e/4", "/e/s/5x", "/e/s/6"]), unique=True)
)
def test_no_other_choice_of_rules_is_cheaper(wanted: dict[str, tuple[int, bool]], others: list[str]) -> None:
    root = tree_of(wanted)
    sum_up(root)
    used = used_by(root)
    solver = generaliser([*wanted, *others], used, BALANCED)
    chosen = {choice.node.path: choice.classes for choice in solver.solve(root)}
    found = cost_of(solver, root, chosen)
    nodes = [node for node in downwards(root) if solver._prices(node) is not None]
    options = [[0, *(some for some in range(1, 16) if some & ~node.wanted == 0)] for node in nodes]
    best = min(
        cost_of(solver, root, dict(zip((n.path for n in nodes), pick, strict=True)))
        for pick in itertools.product(*options)
    )

    assert abs(found - best) < 1e-9 or found == best


@given(TREES)
def test_every_need_is_covered_by_a_rule_at_or_above_it(wanted: dict[str, tuple[int, bool]]) -> None:
    root = tree_of(wanted)
    solver = generaliser(list(wanted), used_by(root), BALANCED)
    chosen = {choice.node.path: choice.classes for choice in solver.solve(root)}

    for path, (some, volatile) in wanted.items():
        given_there = 0
        for rule, added in chosen.items():
            if is_beneath(path, rule) and not (volatile and path == rule):
                given_there |= added
        assert some & ~given_there == 0


def test_a_directory_is_chosen_when_it_opens_little_and_single_files_when_it_opens_much() -> None:
    wanted = {f"/d/{n}": (READ, False) for n in "abc"}
    root = tree_of(wanted)
    few = generaliser([*wanted, "/d/z"], used_by(root), BALANCED).solve(root)
    many = generaliser([*wanted, *(f"/d/private{n}" for n in range(900))], used_by(root), BALANCED).solve(
        root
    )

    assert [choice.node.path for choice in few] == ["/d"]
    assert [choice.node.path for choice in many] == ["/d/a", "/d/b", "/d/c"]


def test_a_file_that_says_key_is_never_opened_to_save_rules() -> None:
    wanted = {f"/d/{n}": (READ, False) for n in "abc"}
    root = tree_of(wanted)
    chosen = generaliser([*wanted, "/d/server.key"], used_by(root), BALANCED).solve(root)

    assert all(choice.node.path != "/d" for choice in chosen)


def test_write_and_execute_are_kept_apart_where_rules_can_do_it() -> None:
    wanted = {"/d/data/a": (WRITE, True), "/d/bin/x": (EXECUTE | READ, False)}
    root = tree_of(wanted)
    chosen = generaliser(list(wanted), used_by(root), BALANCED).solve(root)

    assert {c.node.path: c.classes for c in chosen} == {"/d/bin/x": EXECUTE | READ, "/d/data": WRITE}


def test_a_rule_for_writing_does_not_climb_above_what_is_written() -> None:
    wanted = {"/d/var/lib/app/x": (WRITE, True), "/d/var/log/app/y": (WRITE, True)}
    root = tree_of(wanted)
    chosen = generaliser(list(wanted), used_by(root), BALANCED).solve(root)

    assert {choice.node.path for choice in chosen} == {"/d/var/lib/app", "/d/var/log/app"}


def test_a_deep_name_needs_no_recursion() -> None:
    path = "/d" + "/x" * 3000
    root = tree_of({path: (READ, False)})

    assert generaliser([path], used_by(root), BALANCED).solve(root)


@pytest.mark.parametrize("classes_wanted", [READ, EXECUTE | READ, WRITE])
def test_a_directory_of_which_not_all_was_counted_is_no_cheaper_than_one_beneath_it(
    classes_wanted: int,
) -> None:
    used = [f"/d/s/{number}x" for number in range(40)]
    private = [f"/d/s/p{number}x" for number in range(900)]

    def content(directory: str) -> Content:
        beneath = tuple(f for f in [*used, *private] if is_beneath(f, directory))
        # The walk of the upper one stopped in a part of it that nobody used.
        found = beneath if is_beneath(directory, "/d/s") else tuple(f"/d/a/{n}" for n in range(20))
        return Content(found, frozenset(found), complete=is_beneath(directory, "/d/s"))

    root = tree_of(dict.fromkeys(used, (classes_wanted, False)))
    sum_up(root)
    solver = Generaliser(BALANCED, Exposure(BALANCED, content, lambda _: False), used_by(root))

    assert sorted(choice.node.path for choice in solver.solve(root)) == sorted(used)
