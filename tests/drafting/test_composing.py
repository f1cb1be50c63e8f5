"""Whatever is picked: what the draft covers stays covered, and nothing is granted that was not offered."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.offer import Choice
from assistant.domain.proposal import Necessity
from assistant.domain.rights import NO_FS, FsRight
from assistant.domain.ruleset import PathGrant, Reach
from assistant.drafting.composing import Said, compose
from assistant.drafting.offline import Drafter
from tests.drafting.universe import DIRECTORIES, FILES, drafters, offered


EVERYWHERE = (
    *FILES,
    *DIRECTORIES,
    "/",
    "/etc/shadow",
    "/usr/bin/a",
    "/var/lib/other/x",
    "/srv/shop/data/new",
)


def reach_of(grants: tuple[PathGrant, ...] | list[PathGrant]) -> Reach:
    joined: dict[str, FsRight] = {}
    for grant in grants:
        joined[grant.path] = joined.get(grant.path, NO_FS) | grant.rights
    return Reach(joined)


@given(drafters(), st.data())
def test_what_the_draft_covers_is_covered_and_nothing_beyond_the_offer_is_granted(
    drafter: Drafter, data: st.DataObject
) -> None:
    offer, drafted = offered(drafter), reach_of(drafter.draft().path)
    picked: dict[int, Choice] = {}
    for spot in offer.spots:
        if data.draw(st.booleans()):
            picked[spot.number] = data.draw(st.sampled_from(spot.choices))

    final = reach_of(compose(offer, picked, {}).paths)

    every = reach_of([grant for spot in offer.spots for choice in spot.choices for grant in choice.paths])
    for path, need in drafter.needs.items():
        assert not need.hard & drafted.rights(path) & ~final.rights(path), path
    for path in EVERYWHERE:
        assert not final.rights(path) & ~every.rights(path), path


@given(drafters(), st.data())
def test_no_choice_makes_what_can_be_written_run_where_the_draft_did_not(
    drafter: Drafter, data: st.DataObject
) -> None:
    offer, drafted = offered(drafter), reach_of(drafter.draft().path)
    picked = {spot.number: data.draw(st.sampled_from(spot.choices)) for spot in offer.spots}

    final = reach_of(compose(offer, picked, {}).paths)

    both = FsRight.EXECUTE | FsRight.WRITE_FILE
    for path in EVERYWHERE:
        assert final.rights(path) & both != both or drafted.rights(path) & both == both, path


@given(drafters())
def test_without_a_pick_it_is_the_draft(drafter: Drafter) -> None:
    offer = offered(drafter)

    composed = compose(offer, {}, {})

    assert {grant.path: grant.rights for grant in composed.paths} == {
        grant.path: grant.rights for grant in drafter.draft().path
    }


@given(drafters())
def test_what_was_said_is_the_models_and_what_code_found_stays(drafter: Drafter) -> None:
    offer = offered(drafter)
    said = {spot.number: Said("logs", "because", Necessity.OPTIONAL, ("odd",)) for spot in offer.spots[:1]}
    before = {grant.path: grant for grant in offer.spots[0].choices[0].paths}

    composed = {grant.path: grant for grant in compose(offer, {}, said).paths}

    for path, grant in before.items():
        told = composed[path]
        assert (told.by, told.group, told.why, told.necessity, told.doubts) == (
            *("model", "logs", "because", "optional"),
            ("odd",),
        )
        assert (told.evidence, told.weakness, told.rights) == (grant.evidence, grant.weakness, grant.rights)
