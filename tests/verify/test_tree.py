from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.access import Evidence, Kind, PathAccess, Verdict, is_beneath
from assistant.domain.rights import NO_FS, FsRight
from assistant.domain.ruleset import Reach
from assistant.verify.tree import Ancestors, support


PATHS = st.lists(st.sampled_from(["a", "b", "ab", "a b"]), max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)
RULES = st.dictionaries(PATHS, st.sampled_from(list(FsRight)), max_size=6)


@given(st.sets(PATHS, max_size=8), PATHS)
def test_ancestors_are_the_given_paths_at_or_above(paths: set[str], path: str) -> None:
    expected = sorted((p for p in paths if is_beneath(path, p)), key=len)
    assert list(Ancestors(paths).of(path)) == expected


@given(RULES, PATHS)
def test_the_rights_of_all_ancestors_are_what_the_kernel_would_allow(
    rules: dict[str, FsRight], path: str
) -> None:
    total = NO_FS
    for above in Ancestors(rules).of(path):
        total |= rules[above]
    assert total == Reach(rules).rights(path)


@given(st.sets(PATHS, max_size=5), st.lists(st.tuples(PATHS, st.sampled_from(list(FsRight))), max_size=8))
def test_support_is_what_was_seen_at_or_beneath_each_path(
    paths: set[str], seen: list[tuple[str, FsRight]]
) -> None:
    accesses = [
        PathAccess(p, r, Kind.UNKNOWN, Verdict.NEEDED, "ok", "open", evidence=(Evidence("t", 1),))
        for p, r in seen
    ]
    for path, entry in support(paths, accesses).items():
        beneath = [r for p, r in seen if is_beneath(p, path)]
        exact = [r for p, r in seen if p == path]
        assert (entry.count, entry.count_exact) == (len(beneath), len(exact))
        assert all(r in entry.beneath for r in beneath)
        assert all(r in beneath for r in entry.beneath)


def test_a_path_that_is_no_normal_one_ends() -> None:
    assert Ancestors({"/a"}).of("//a//b") == ()
