"""What is offered instead of a draft: nothing shared, nothing secret, nothing that runs more; and all is seen."""

import pytest
from hypothesis import given

from assistant.domain.access import Evidence, Inventory, Kind, PathAccess, Verdict
from assistant.domain.host import FakeHost
from assistant.domain.offer import Offer, Relation
from assistant.domain.places import credential, is_guarded
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import Reach
from assistant.drafting.offering import offer
from assistant.drafting.offline import Drafter, Options
from tests.drafting.universe import SOURCE, drafters, offered


R = FsRight


def seen(
    path: str, rights: FsRight, line: int, verdict: Verdict = Verdict.NEEDED, kind: Kind = Kind.FILE
) -> PathAccess:
    return PathAccess(
        path, rights, kind, verdict, "ok", "openat", evidence=(Evidence("t", line),), runs=(("t", 1),)
    )


def of(*accesses: PathAccess, kinds: dict[str, Kind] | None = None) -> Offer:
    files = {access.path: access.kind for access in accesses} | (kinds or {})
    drafter = Drafter(Inventory((SOURCE,), accesses), FakeHost(kinds=files), Options("app", 7))
    return offer(drafter, drafter.draft())


@given(drafters())
def test_the_first_choices_together_are_the_draft(drafter: Drafter) -> None:
    made, drafted = offered(drafter), drafter.draft()

    first = [grant for spot in made.spots for grant in spot.choices[0].paths]

    assert sorted(first, key=lambda grant: grant.path) == list(drafted.path)


@given(drafters())
def test_every_need_that_is_granted_is_seen_exactly_once_however_it_is_folded(drafter: Drafter) -> None:
    made = offered(drafter)
    reach = Reach({grant.path: grant.rights for grant in drafter.draft().path})
    granted = {path for path, need in drafter.needs.items() if need.all and need.all & reach.rights(path)}
    listed = [path for spot in made.spots for one in spot.observed for path in one.paths]

    assert len(set(listed)) == len(listed)
    assert granted <= set(listed)


@given(drafters())
def test_no_choice_but_the_drafters_own_is_shared_secret_or_lets_more_run(drafter: Drafter) -> None:
    for spot in offered(drafter).spots:
        for choice in spot.choices[1:]:
            for grant in choice.paths:
                assert not is_guarded(grant.path)
                assert credential(grant.path) is None
            if choice.relation is Relation.WIDER:
                assert not choice.opens.names
                assert not any(grant.rights & R.EXECUTE for grant in choice.paths)


@given(drafters())
def test_numbers_rise_in_the_order_in_which_they_are_read_and_none_is_left_out(drafter: Drafter) -> None:
    made = offered(drafter)
    choices = [choice.number for spot in made.spots for choice in spot.choices]
    observed = [one.number for spot in made.spots for one in spot.observed] + [
        one.number for one in made.declined
    ]

    assert [spot.number for spot in made.spots] == list(range(1, len(made.spots) + 1))
    assert choices == list(range(1, len(choices) + 1))
    assert observed == list(range(1, len(observed) + 1))


def test_a_directory_is_offered_as_its_files_too_with_what_they_would_lack() -> None:
    made = of(
        seen("/var/log/app/a.log", R.WRITE_FILE, 1),
        seen("/var/log/app/b.log", R.WRITE_FILE, 2),
        seen("/var/log/app", R.MAKE_REG, 3, Verdict.POSSIBLE, Kind.DIRECTORY),
    )

    (spot,) = made.spots
    own, narrower = spot.choices[:2]
    assert [grant.path for grant in own.paths] == ["/var/log/app"]
    assert [grant.path for grant in narrower.paths] == ["/var/log/app/a.log", "/var/log/app/b.log"]
    assert (narrower.relation, narrower.lacks, narrower.fragile) == (Relation.NARROWER, R.MAKE_REG, 2)


def test_a_wider_directory_is_offered_only_where_what_it_opens_is_little_and_no_key() -> None:
    reads = [seen(f"/srv/shop/data/in/{name}", R.READ_FILE, line) for line, name in enumerate("abc", 1)]

    free = of(*reads)
    beside_a_key = of(*reads, kinds={"/srv/shop/data/server.key": Kind.FILE})

    assert [grant.path for grant in free.spots[0].choices[-1].paths] == ["/srv/shop/data"]
    assert Relation.WIDER not in {choice.relation for choice in beside_a_key.spots[0].choices}


def test_objects_that_were_used_alike_are_one_family_and_its_files_are_all_in_it() -> None:
    made = of(*(seen(f"/srv/shop/data/{number}.json", R.READ_FILE, number) for number in range(1, 40)))

    (family,) = made.spots[0].observed
    assert (len(family.paths), family.below, family.suffix) == (39, "/srv/shop/data", ".json")


def test_what_is_refused_is_listed_and_has_no_choice() -> None:
    made = of(seen("/etc/shadow", R.READ_FILE, 1), seen("/etc/app/a", R.READ_FILE, 2))

    assert [one.path for one in made.declined] == ["/etc/shadow"]
    assert all(grant.path != "/etc/shadow" for spot in made.spots for c in spot.choices for grant in c.paths)


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.pyc", ".pyc"),
        ("libc.so.6", ".so"),
        ("libz.so.1.2.13", ".so"),
        ("a", ""),
        (".hidden", ""),
        ("x.tar.gz", ".gz"),
    ],
)
def test_a_family_is_named_by_what_its_files_end_in_without_versions(name: str, ending: str) -> None:
    from assistant.drafting.seen import suffix

    assert suffix(f"/srv/app/{name}") == ending
