"""The ruleset as a value: what it refuses, what its digest covers, what its rules reach."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assistant.domain.access import Evidence, is_beneath
from assistant.domain.rights import NO_FS, FsRight, NetRight
from assistant.domain.ruleset import (
    PathGrant,
    PortGrant,
    Provenance,
    Reach,
    Refused,
    Ruleset,
    ScopeGrant,
    parse_citation,
)


R, W, X = FsRight.READ_FILE, FsRight.WRITE_FILE, FsRight.EXECUTE


def ruleset(**parts: object) -> Ruleset:
    fields = {"service": "s", "target_abi": 7, "provenance": Provenance(tool="t"), **parts}
    return Ruleset.model_validate(fields)


def path(name: str, rights: FsRight = R, why: str = "") -> PathGrant:
    return PathGrant(path=name, rights=rights, by="person", why=why)


def port(number: int, rights: NetRight = NetRight.BIND_TCP) -> PortGrant:
    return PortGrant(port=number, rights=rights, by="person")


BASE = ruleset(path=(path("/a", R | W), path("/b")), port=(port(80), port(443)))


MADE = PathGrant(path="/run/b", rights=R, by="person", made="0750 a b")


@pytest.mark.parametrize(
    ("place", "made"),
    [
        ("/var/b", "0750 a b"),
        ("/run", "0750 a b"),
        ("/run/b", "rwx a b"),
        ("/run/b", "0750 a"),
        ("/run/b", "0750 a b\n"),
    ],
)
def test_only_a_directory_beneath_run_is_made_with_mode_user_and_group(place: str, made: str) -> None:
    with pytest.raises(ValidationError):
        PathGrant(path=place, rights=R, by="person", made=made)


def test_what_is_made_counts_for_the_digest() -> None:
    bare = MADE.model_copy(update={"made": ""})

    assert ruleset(path=(MADE,)).digest() != ruleset(path=(bare,)).digest()


def test_an_empty_ruleset_is_valid_and_grants_nothing() -> None:
    empty = ruleset()
    assert (empty.paths(), empty.ports(), empty.duplicates()) == ({}, {}, [])
    assert empty.scope == ScopeGrant(abstract_unix_socket=True, signal=True)
    assert empty.digest().startswith("sha256:")


@pytest.mark.parametrize(
    "same",
    [
        ruleset(path=BASE.path[::-1], port=BASE.port[::-1]),
        ruleset(path=(path("/a", R), path("/b"), path("/a", W)), port=BASE.port),
        ruleset(path=(path("/a/", R | W, why="prose"), path("//b")), port=BASE.port),
        ruleset(service="other", provenance=Provenance(tool="u"), path=BASE.path, port=BASE.port),
        ruleset(scope=ScopeGrant(signal_why="prose"), path=BASE.path, port=BASE.port),
        ruleset(refused=(Refused(path="/c", why="no"),), path=BASE.path, port=BASE.port),
    ],
    ids=["reordered", "split", "spelled otherwise", "renamed", "reasoned", "refused"],
)
def test_the_digest_does_not_depend_on_order_or_prose(same: Ruleset) -> None:
    assert same.digest() == BASE.digest()


@pytest.mark.parametrize(
    "other",
    [
        ruleset(path=BASE.path[:1], port=BASE.port),
        ruleset(path=(path("/a", R), path("/b")), port=BASE.port),
        ruleset(path=(path("/A", R | W), path("/b")), port=BASE.port),
        ruleset(path=BASE.path, port=BASE.port[:1]),
        ruleset(path=BASE.path, port=(port(80, NetRight.CONNECT_TCP), port(443))),
        ruleset(path=BASE.path, port=(port(81), port(443))),
        ruleset(path=BASE.path, port=BASE.port, target_abi=6),
        ruleset(path=BASE.path, port=BASE.port, scope=ScopeGrant(signal=False)),
        ruleset(path=BASE.path, port=BASE.port, scope=ScopeGrant(abstract_unix_socket=False)),
        ruleset(),
    ],
)
def test_the_digest_changes_with_every_grant_scope_and_abi(other: Ruleset) -> None:
    assert other.digest() != BASE.digest()


def test_names_that_differ_only_in_undecodable_bytes_have_different_digests() -> None:
    assert ruleset(path=(path("/\udce9"),)).digest() != ruleset(path=(path("/\udce8"),)).digest()


def test_grants_on_one_object_are_joined_and_reported() -> None:
    doubled = ruleset(
        path=(path("/a", R), path("/a/", W)), port=(port(80), port(80, NetRight.CONNECT_TCP), port(81))
    )
    assert doubled.paths() == {"/a": R | W}
    assert doubled.ports() == {80: NetRight.BIND_TCP | NetRight.CONNECT_TCP, 81: NetRight.BIND_TCP}
    assert doubled.duplicates() == ["/a", "port 80"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("/", "/"), ("//", "/"), ("/a/", "/a"), ("//a///b/.", "/a/b"), ("/a/./b", "/a/b"), ("/...", "/...")],
)
def test_a_path_is_kept_in_one_spelling(given: str, kept: str) -> None:
    assert path(given).path == kept


@pytest.mark.parametrize("wrong", ["", "a", "./a", "~/a", "/a/../b", "/..", "/a\0b", 5, None])
def test_a_path_that_names_no_one_object_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        PathGrant.model_validate({"path": wrong, "rights": ["read_file"], "by": "person"})


def test_path_hex_names_bytes_that_are_not_utf8() -> None:
    grant = PathGrant.model_validate({"path_hex": "2fe9", "rights": ["read_file"], "by": "person"})
    assert grant.path == "/\udce9"


@pytest.mark.parametrize("wrong", ["2f0", "zz", "e9", "2f00", "2f2e2e", 7])
def test_path_hex_is_checked_as_a_path_is(wrong: object) -> None:
    with pytest.raises(ValidationError):
        PathGrant.model_validate({"path_hex": wrong, "rights": ["read_file"], "by": "person"})


def test_a_citation_is_a_trace_and_a_line() -> None:
    assert parse_citation("a:b:12") == Evidence("a:b", 12)
    assert str(Evidence("run", 3)) == "run:3"


@pytest.mark.parametrize(
    "wrong", ["", "run", "run:", ":1", "run:0", "run:-1", "run:x", "run:\u0661", "run:1 "]
)
def test_what_is_no_citation_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a citation"):
        parse_citation(wrong)


@pytest.mark.parametrize(
    ("by", "fine"), [("model", False), ("offline", False), ("person", True), ("unit", True)]
)
def test_only_a_person_or_a_unit_may_grant_without_a_trace_line(by: str, fine: bool) -> None:  # noqa: FBT001 - a column of the table
    table = {"path": "/a", "rights": ["read_file"], "by": by}
    if fine:
        assert PathGrant.model_validate(table).evidence == ()
    else:
        with pytest.raises(ValidationError, match="must cite"):
            PathGrant.model_validate(table)


def test_a_grant_without_rights_is_refused() -> None:
    with pytest.raises(ValidationError, match="grants nothing"):
        PathGrant(path="/a", rights=NO_FS, by="person")
    with pytest.raises(ValidationError, match="grants nothing"):
        PortGrant(port=1, rights=NetRight(0), by="person")


def test_a_ruleset_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        BASE.service = "other"  # type: ignore[misc]


names = st.sampled_from(["a", "b", "ab", "."])
paths = st.lists(names.filter(lambda name: name != "."), max_size=4).map(lambda parts: "/" + "/".join(parts))


@given(
    st.dictionaries(paths, st.integers(0, 2**17 - 1).map(FsRight), max_size=6), st.lists(paths, max_size=4)
)
def test_reach_is_the_union_of_the_rules_on_and_above_a_path(
    rules: dict[str, FsRight], asked: list[str]
) -> None:
    reach = Reach(rules)
    for wanted in asked:
        union = NO_FS
        for rule, rights in rules.items():
            if is_beneath(wanted, rule):
                union |= rights
        assert reach.rights(wanted) == union
        assert reach.inside(wanted) == union


def test_a_rule_does_not_reach_a_neighbour_with_a_longer_name() -> None:
    assert Reach({"/a": R}).rights("/ab") == NO_FS
    assert Reach({"/a": R}).rights("/a/b") == R
    assert Reach({"/": X}).rights("/ab") == X
