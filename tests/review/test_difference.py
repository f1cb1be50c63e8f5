"""The difference of two rulesets is what changes in effect: held against a reckoning path by path."""

import time
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.domain.difference import EVERY_OTHER_PORT, Change, Remade, Way
from assistant.domain.effect import Effect
from assistant.domain.rights import (
    NEWEST_ABI,
    ON_FILE,
    SINCE,
    FsRight,
    NetRight,
    Scope,
)
from assistant.review.difference import difference


R, W, X, D = FsRight.READ_FILE, FsRight.WRITE_FILE, FsRight.EXECUTE, FsRight.READ_DIR
BOTH_SCOPES = Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL


def effect(
    paths: dict[str, FsRight] | None = None,
    ports: dict[int, NetRight] | None = None,
    abi: int = 7,
    scope: Scope = BOTH_SCOPES,
) -> Effect:
    return Effect(abi, scope, paths or {}, ports or {})


def allowed(held: Effect, path: str, right: FsRight) -> bool:
    """Whether a kernel that enforces all of it lets a right pass on a path: a rule on it or above it has it."""
    if SINCE[right] > held.target_abi:
        return right is not FsRight.REFER
    steps = path.split("/")
    above = {"/".join(steps[:depth]) or "/" for depth in range(1, len(steps) + 1)}
    return any(right in rights for rule, rights in held.paths.items() if rule in above)


def allowed_on_port(held: Effect, port: int, right: NetRight) -> bool:
    return SINCE[right] > held.target_abi or right in held.ports.get(port, NetRight(0))


def allowed_by_scope(held: Effect, scope: Scope) -> bool:
    return SINCE[scope] > held.target_abi or scope not in held.scope


NAMES = st.sampled_from(["a", "b", "a-b", "a b", "\udcff", "é"])
PATHS = st.lists(NAMES, max_size=4).map(lambda parts: "/" + "/".join(parts))
FS = st.integers(0, (1 << 17) - 1).map(FsRight)
FEW = st.sampled_from(
    [R, W, X, R | W, D | FsRight.MAKE_REG, FsRight.REFER | W, FsRight.IOCTL_DEV, ~FsRight(0)]
)
EFFECTS = st.builds(
    Effect,
    target_abi=st.integers(1, NEWEST_ABI),
    scope=st.integers(0, 3).map(Scope),
    paths=st.dictionaries(PATHS, st.one_of(FEW, FS.filter(bool)), max_size=6),
    ports=st.dictionaries(st.sampled_from([0, 80, 443]), st.integers(1, 15).map(NetRight), max_size=3),
)


def universe(*effects: Effect) -> list[str]:
    """Every named path, all above and one beneath and beside each."""
    found = {"/", "/beside"}
    for path in (path for held in effects for path in held.paths):
        steps = path.split("/")
        found |= {"/".join(steps[:depth]) or "/" for depth in range(1, len(steps) + 1)}
        found |= {f"{path.rstrip('/')}/beneath", f"{path.rstrip('/')}beside" if path != "/" else "/x"}
    return sorted(found)


def lies_at(path: str, place: str) -> bool:
    return place in ("/", path) or path.startswith(place + "/")


def touching(changes: Iterable[Change], path: str) -> FsRight:
    """The rights that some changes name at or above a path, without where they say that it is none."""
    found = FsRight(0)
    for change in changes:
        if (
            isinstance(change.place, str)
            and isinstance(change.rights, FsRight)
            and lies_at(path, change.place)
        ):
            found |= change.rights
    return found


@given(EFFECTS)
def test_a_ruleset_differs_in_nothing_from_itself(held: Effect) -> None:
    found = difference(held, held)

    assert found.changes == ()
    assert found.equal == len(held.paths) + len(held.ports)
    assert found.same_digest


@settings(max_examples=400)
@given(EFFECTS, EFFECTS)
def test_nothing_is_said_to_differ_exactly_when_both_allow_the_same_everywhere(
    old: Effect, new: Effect
) -> None:
    same_files = all(
        allowed(old, path, right) == allowed(new, path, right)
        for path in universe(old, new)
        for right in FsRight
    )
    same_ports = all(
        allowed_on_port(old, port, right) == allowed_on_port(new, port, right)
        for port in (0, 1, 80, 443)
        for right in NetRight
    )
    same_scopes = all(allowed_by_scope(old, scope) == allowed_by_scope(new, scope) for scope in Scope)

    assert (difference(old, new).changes == ()) == (same_files and same_ports and same_scopes)


@given(EFFECTS, st.randoms(use_true_random=False))
def test_order_and_needless_rules_make_no_difference(held: Effect, chance: object) -> None:
    shuffled = list(held.paths.items())
    chance.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis hands in a Random
    needless = {
        f"{path.rstrip('/')}/needless": rights
        for path, rights in shuffled
        if f"{path}/needless" not in held.paths
    }
    other = Effect(held.target_abi, held.scope, {**needless, **dict(shuffled)}, held.ports)

    assert difference(held, other).changes == ()
    assert difference(other, held).changes == ()


@settings(max_examples=400)
@given(EFFECTS, EFFECTS)
def test_what_is_newly_allowed_is_always_shown_as_wider_and_never_as_narrower(
    old: Effect, new: Effect
) -> None:
    found = difference(old, new)

    for path in universe(old, new):
        for right in FsRight:
            before, after = allowed(old, path, right), allowed(new, path, right)
            if after and not before:
                assert right in touching(found.wider, path)
            if before and not after:
                assert right in touching(found.narrower, path)
    for change in found.changes:
        if isinstance(change.place, str) and isinstance(change.rights, FsRight):
            assert change.rights
            for right in change.rights:
                assert allowed(new, change.place, right) is change.way.wider
                assert allowed(old, change.place, right) is not change.way.wider


@settings(max_examples=300)
@given(EFFECTS, EFFECTS)
def test_the_places_set_apart_beneath_a_change_are_all_that_do_not_share_it(old: Effect, new: Effect) -> None:
    for change in difference(old, new).changes:
        if not (isinstance(change.place, str) and isinstance(change.rights, FsRight)):
            continue
        less = old if change.way.wider else new
        named = {path for path in {*old.paths, *new.paths} if lies_at(path, change.place)}
        first = {
            path
            for path in named
            for right in change.rights
            if allowed(less, path, right)
            and not any(
                allowed(less, above, right) for above in named if above != path and lies_at(path, above)
            )
        }
        assert change.apart_count == len(first)
        assert set(change.apart) <= first
        assert len(change.apart) == min(5, len(first))


@given(EFFECTS, EFFECTS)
def test_going_back_turns_each_gain_into_a_loss(old: Effect, new: Effect) -> None:
    there = {(change.place, change.rights) for change in difference(old, new).wider}
    back = {(change.place, change.rights) for change in difference(new, old).narrower}

    assert there == back


@pytest.mark.parametrize(
    ("old", "new", "way", "place", "rights"),
    [
        ({}, {"/a": R}, Way.ADDED, "/a", R),
        ({"/a": R}, {}, Way.REMOVED, "/a", R),
        ({"/a": R}, {"/a": R | W}, Way.WIDENED, "/a", W),
        ({"/a": R | W}, {"/a": R}, Way.NARROWED, "/a", W),
        ({"/a/b": R}, {"/a": R}, Way.WIDENED, "/a", R),
        ({"/a": R}, {"/a/b": R}, Way.NARROWED, "/a", R),
        ({"/a": R}, {"/a": R, "/a/b": W}, Way.WIDENED, "/a/b", W),
    ],
)
def test_a_change_is_called_what_a_reviewer_calls_it(
    old: dict[str, FsRight], new: dict[str, FsRight], way: Way, place: str, rights: FsRight
) -> None:
    (change,) = difference(effect(old), effect(new)).changes

    assert (change.way, change.place, change.rights) == (way, place, rights)


def test_a_rule_beneath_another_that_grants_the_same_is_equal_and_yet_another_digest() -> None:
    found = difference(effect({"/a": R}), effect({"/a": R, "/a/b": R}))

    assert found.changes == ()
    assert found.equal == 2
    assert not found.same_digest


def test_new_execute_write_and_connect_stand_before_all_else_and_losses_stand_last() -> None:
    old = effect({"/gone": X})
    new = effect({"/a": R, "/b": D, "/c": W, "/d": X}, {5432: NetRight.CONNECT_TCP, 80: NetRight.BIND_TCP})

    places = [change.place for change in difference(old, new).changes]

    assert places == ["/d", "/c", 5432, 80, "/a", "/b", "/gone"]


def test_a_lower_target_abi_widens_everywhere_what_it_no_longer_denies() -> None:
    found = difference(effect({"/a": R}, abi=7), effect({"/a": R}, abi=3))

    assert all(change.way is Way.WIDENED for change in found.changes)
    assert {change.place: change.rights for change in found.changes} == {
        "/": FsRight.IOCTL_DEV,
        EVERY_OTHER_PORT: NetRight.BIND_TCP | NetRight.CONNECT_TCP,
        Scope.ABSTRACT_UNIX_SOCKET: Scope.ABSTRACT_UNIX_SOCKET,
        Scope.SIGNAL: Scope.SIGNAL,
    }


def test_moving_between_directories_is_denied_where_it_is_not_handled() -> None:
    moving = {"/a": FsRight.REFER}

    assert difference(effect(moving, abi=1), effect(abi=1)).changes == ()
    (change,) = difference(effect(moving, abi=1), effect(moving, abi=2)).wider
    assert (change.place, change.rights) == ("/a", FsRight.REFER)


def test_switching_a_scope_off_is_wider() -> None:
    (change,) = difference(effect(), effect(scope=Scope.SIGNAL)).changes

    assert (change.way, change.place) == (Way.WIDENED, Scope.ABSTRACT_UNIX_SOCKET)


def test_rights_of_a_directory_on_a_file_are_no_difference_and_that_is_said() -> None:
    old, new = effect({"/a/file": R}), effect({"/a/file": R | D})

    known = difference(old, new, lambda path: path == "/a/file")

    assert difference(old, new).changes != ()
    assert known.changes == ()
    assert known.without_effect == ("/a/file",)


@given(EFFECTS, EFFECTS)
def test_what_a_file_can_have_is_compared_whether_or_not_it_is_known_to_be_one(
    old: Effect, new: Effect
) -> None:
    found = difference(old, new, lambda path: path == "/a")

    for right in ON_FILE:
        if allowed(new, "/a", right) and not allowed(old, "/a", right):
            assert right in touching(found.wider, "/a")


def test_what_the_launcher_makes_otherwise_is_a_difference_that_needs_another_approval() -> None:
    old = Effect(7, BOTH_SCOPES, {"/run/s": R}, {}, (("/run/s", "0750 s s"), ("/run/t", "0750 t t")))
    new = Effect(7, BOTH_SCOPES, {"/run/s": R}, {}, (("/run/s", "0777 s s"), ("/run/u", "0750 u u")))

    found = difference(old, new)

    assert found.remade == (
        Remade("/run/s", "0750 s s", "0777 s s"),
        Remade("/run/t", "0750 t t", ""),
        Remade("/run/u", "", "0750 u u"),
    )
    assert found.changes == ()
    assert not found.none
    assert not found.same_digest


def test_a_hundred_thousand_grants_take_about_ten_times_as_long_as_ten_thousand() -> None:
    def took(count: int) -> float:
        paths = [f"/srv/{n % 97}/{n % 1009}/{n}" for n in range(count)]
        old = effect(dict.fromkeys(paths, R))
        new = effect({path: W if n % 3 else R for n, path in enumerate(paths)})
        start = time.process_time()
        found = difference(old, new)
        spent = time.process_time() - start
        assert len(found.wider) == len(found.narrower) == sum(1 for n in range(count) if n % 3)
        return spent

    assert took(100_000) < 40 * took(10_000)


def test_a_chain_of_a_thousand_nested_rules_is_no_trouble() -> None:
    paths = ["/d" * depth for depth in range(1, 1001)]

    found = difference(effect(dict.fromkeys(paths, R)), effect(dict.fromkeys(paths, W)))

    assert [(change.way, change.place, change.rights) for change in found.changes] == [
        (Way.WIDENED, "/d", W),
        (Way.NARROWED, "/d", R),
    ]
