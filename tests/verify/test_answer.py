"""A proposal is held against the offer by numbers alone; only what fits counts."""

from typing import Any

import pytest

from assistant.domain.access import Kind
from assistant.domain.answer import Complaint, Fault, Held
from assistant.domain.offer import Choice, Declined, Observed, Offer, Relation, Spot
from assistant.domain.proposal import Proposal
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import PathGrant
from assistant.verify.answer import hold


def choice(number: int, path: str, relation: Relation = Relation.DRAFTED) -> Choice:
    grant = PathGrant(path=path, rights=FsRight.READ_FILE | FsRight.READ_DIR, by="offline", evidence=("t:1",))
    return Choice(number, relation, (grant,))


def observed(number: int, path: str) -> Observed:
    return Observed(number, (path,), path, "", FsRight.READ_FILE, FsRight(0), Kind.FILE)


OFFER = Offer(
    "app",
    7,
    1,
    spots=(
        Spot(
            1,
            (choice(1, "/etc/app"), choice(2, "/etc/app/a", Relation.NARROWER)),
            (observed(1, "/etc/app/a"),),
        ),
        Spot(2, (choice(3, "/var/lib/app"),), (observed(2, "/var/lib/app/x"),)),
    ),
    declined=(Declined(3, "/etc/shadow", FsRight.READ_FILE, "w"),),
)


def held(*groups: list[int], **parts: Any) -> Held:
    data = {"unneeded": [], "objections": [], "unexercised": [], "questions": [], **parts}
    data["groups"] = [
        {"purpose": f"group {n}", "rules": rules, "why": "w", "necessity": "required", "doubts": []}
        for n, rules in enumerate(groups)
    ]
    return hold(Proposal.model_validate(data, strict=False), OFFER)


def test_an_answer_for_each_place_is_taken_as_it_is() -> None:
    found = held([2], [3])

    assert {place: one.number for place, one in found.picked.items()} == {1: 2, 2: 3}
    assert {place: group.purpose for place, group in found.groups.items()} == {1: "group 0", 2: "group 1"}
    assert found.complaints == ()


@pytest.mark.parametrize(
    ("groups", "complaint", "picked"),
    [
        ([[1]], Complaint(Fault.UNANSWERED, (2,)), {1: 1}),
        ([], Complaint(Fault.UNANSWERED, (1, 2)), {}),
        ([[1, 3, 99]], Complaint(Fault.UNKNOWN_RULE, (99,)), {1: 1, 2: 3}),
        ([[1, 3, -1]], Complaint(Fault.UNKNOWN_RULE, (-1,)), {1: 1, 2: 3}),
        ([[1], [2], [3]], Complaint(Fault.ANSWERED_TWICE, (1,)), {2: 3}),
        ([[1, 2, 3]], Complaint(Fault.ANSWERED_TWICE, (1,)), {2: 3}),
        ([[1, 3], [1]], Complaint(Fault.ANSWERED_TWICE, (1,)), {1: 1, 2: 3}),
    ],
)
def test_what_does_not_fit_is_said_by_number_and_counts_for_nothing(
    groups: list[list[int]], complaint: Complaint, picked: dict[int, int]
) -> None:
    found = held(*groups)

    assert complaint in found.complaints
    assert {place: one.number for place, one in found.picked.items()} == picked


def test_a_number_that_is_named_twice_in_one_group_is_named_once() -> None:
    assert held([1, 1, 3, 3]).complaints == ()


def test_a_right_may_be_called_unneeded_only_where_a_chosen_rule_has_it() -> None:
    doubts = [
        {"rule": 1, "rights": ["read_dir"], "why": "w"},
        {"rule": 2, "rights": ["read_dir"], "why": "w"},
        {"rule": 3, "rights": ["execute"], "why": "w"},
    ]

    found = held([1, 3], unneeded=doubts)

    assert [one.rule for one in found.unneeded] == [1]
    assert found.complaints == (
        Complaint(Fault.RULE_NOT_CHOSEN, (2,)),
        Complaint(Fault.RIGHT_NOT_IN_RULE, (3,)),
    )


def test_an_objection_is_to_something_that_was_seen_or_refused() -> None:
    found = held([1, 3], objections=[{"access": n, "why": "w"} for n in (1, 3, 4)])

    assert [one.access for one in found.objections] == [1, 3]
    assert found.complaints == (Complaint(Fault.UNKNOWN_ACCESS, (4,)),)


def test_a_group_without_a_purpose_is_complained_about() -> None:
    proposal = Proposal.model_validate(
        {
            "groups": [{"purpose": " ", "rules": [1, 3], "why": "w", "necessity": "required", "doubts": []}],
            "unneeded": [],
            "objections": [],
            "unexercised": [],
            "questions": [],
        },
        strict=False,
    )

    assert hold(proposal, OFFER).complaints == (Complaint(Fault.EMPTY, (1, 3)),)


def test_a_million_wrong_numbers_make_a_short_complaint() -> None:
    found = held([1, 3, *range(1000, 2900)])

    (complaint,) = found.complaints
    assert len(complaint.numbers) == 50
