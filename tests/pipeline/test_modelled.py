"""A draft in which a model takes part: whatever it says, code grants what it offered, and says what was said."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.author.client import Prompt, Reply, Usage
from assistant.author.request import prompt_for
from assistant.domain.offer import Offer
from assistant.domain.rights import NO_FS, FsRight
from assistant.domain.ruleset import ModelRecord, PathGrant, Reach
from assistant.drafting.offline import Drafter
from assistant.errors import DeclinedError, LandscribeError, OverloadedError
from assistant.pipeline.contributing import contribution
from assistant.pipeline.conversing import REPAIRS, Conversation, converse
from assistant.pipeline.drafting import Contribution
from redaction import Redactor, Vault, Vocabulary
from tests.drafting.universe import DIRECTORIES, FILES, drafters, offered


RECORD = ModelRecord(name="m")


class Told:
    """Answers what it was told to, in turn; the last answer for ever."""

    model, endpoint = "claude-test", "nowhere"

    def __init__(self, *answers: str | LandscribeError) -> None:
        self.answers, self.asked = list(answers), list[Prompt]()

    def body(self, prompt: Prompt) -> bytes:
        return str(prompt).encode()

    def ask(self, prompt: Prompt) -> Reply:
        self.asked.append(prompt)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, LandscribeError):
            raise answer
        return Reply(answer, "claude-test-1", usage=Usage(sent=10, received=1, cost=0.5, requests=1))


def answer(offer: Offer, **changes: Any) -> str:
    groups = [
        {
            "purpose": "things",
            "rules": [spot.choices[0].number],
            "why": "a1",
            "necessity": "required",
            "doubts": [],
        }
        for spot in offer.spots
    ]
    rest: dict[str, list[Any]] = {"unneeded": [], "objections": [], "unexercised": [], "questions": []}
    return json.dumps({"groups": groups, **rest, **changes})


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(Vocabulary.shipped(), Vault(b"k" * 32))


@pytest.fixture
def offer() -> Offer:
    from tests.author.test_outline import offer_of

    return offer_of("/etc/app/a", "/srv/initech/a.db", "/etc/shadow")


def spoken(offer: Offer, redactor: Redactor, *answers: str | LandscribeError) -> tuple[Told, Conversation]:
    told = Told(*answers)
    return told, converse(told, prompt_for(offer, redactor), offer)


def made(offer: Offer, redactor: Redactor, *answers: str | LandscribeError) -> Contribution:
    _, conversation = spoken(offer, redactor, *answers)
    return contribution(offer, conversation, redactor, RECORD)


def ids(contributed: Contribution) -> list[str]:
    return sorted({finding.id for finding in contributed.findings})


def test_a_good_answer_is_asked_for_once(offer: Offer, redactor: Redactor) -> None:
    told, conversation = spoken(offer, redactor, answer(offer))

    assert (len(told.asked), conversation.turns, conversation.failure) == (1, 1, "")
    assert conversation.usage == Usage(sent=10, received=1, cost=0.5, requests=1)
    contributed = contribution(offer, conversation, redactor, RECORD)
    assert {grant.by for grant in contributed.path} == {"model"}
    assert {grant.group for grant in contributed.path} == {"things"}
    assert ids(contributed) == []


def test_a_wrong_answer_goes_back_with_what_is_wrong_in_numbers_alone(
    offer: Offer, redactor: Redactor
) -> None:
    wrong = answer(offer, groups=[])

    told, conversation = spoken(offer, redactor, wrong, answer(offer))

    assert conversation.turns == 2
    first, second = told.asked
    assert second.turns[:2] == (first.turns[0], second.turns[1])
    assert str(second.turns[1]) == wrong
    assert "P places without an answer: 1 2" in str(second.turns[2])
    assert "initech" not in str(second.turns[2])


def test_a_model_that_stays_wrong_is_told_so_a_few_times_and_the_drafters_grants_stand(
    offer: Offer, redactor: Redactor
) -> None:
    told, conversation = spoken(offer, redactor, answer(offer, groups=[]))

    contributed = contribution(offer, conversation, redactor, RECORD)
    assert len(told.asked) == REPAIRS + 1
    assert {grant.by for grant in contributed.path} == {"offline"}
    assert ids(contributed) == ["model-fallback"]


@pytest.mark.parametrize("text", ["no", "", "{", "[]"])
def test_text_that_is_no_answer_leaves_the_draft_as_it_is_and_says_so(
    offer: Offer, redactor: Redactor, text: str
) -> None:
    contributed = made(offer, redactor, text)

    assert ids(contributed) == ["model-failed"]
    assert [grant.path for grant in contributed.path] == ["/etc/app", "/srv/initech"]


def test_a_good_answer_is_kept_when_a_later_one_is_none(offer: Offer, redactor: Redactor) -> None:
    half = answer(offer, groups=json.loads(answer(offer))["groups"][:1])

    contributed = made(offer, redactor, half, "no")

    assert sorted(grant.by for grant in contributed.path) == ["model", "offline"]
    assert ids(contributed) == ["model-fallback"]


def test_a_model_that_declines_is_not_asked_again(offer: Offer, redactor: Redactor) -> None:
    told, conversation = spoken(offer, redactor, DeclinedError("it declines", why="cyber"))

    assert len(told.asked) == 1
    assert ids(contribution(offer, conversation, redactor, RECORD)) == ["model-failed"]


def test_an_endpoint_that_fails_is_the_callers_to_tell(offer: Offer, redactor: Redactor) -> None:
    with pytest.raises(OverloadedError):
        spoken(offer, redactor, OverloadedError("busy"))


def test_placeholders_in_sentences_become_the_names_and_strange_ones_are_found(
    offer: Offer, redactor: Redactor
) -> None:
    known = str(redactor.path("/srv/initech"))
    said = json.loads(answer(offer))["groups"]
    said[0]["why"] = f"reads {known} and <HOST_zzzzzz>"

    contributed = made(offer, redactor, answer(offer, groups=said))

    assert contributed.path[0].why == "reads /srv/initech and HOST_zzzzzz"
    assert [f.subject for f in contributed.findings] == ["HOST_zzzzzz"]
    assert ids(contributed) == ["unknown-placeholder"]


def test_a_hostile_name_that_is_restored_into_a_sentence_is_harmless_there(redactor: Redactor) -> None:
    from tests.author.test_outline import offer_of

    name = "/srv/x/\x1b[31m\u202e<script>`a`|\n"
    offer = offer_of(name)
    said = json.loads(answer(offer))["groups"]
    said[0]["why"] = f"reads {redactor.path(name)}"

    (grant,) = made(offer, redactor, answer(offer, groups=said)).path

    assert grant.why.isprintable()
    assert not set("<>`|\x1b\u202e") & set(grant.why)


def test_what_the_model_doubts_refuses_or_finds_suspicious_changes_no_grant(
    offer: Offer, redactor: Redactor
) -> None:
    groups = json.loads(answer(offer))["groups"]
    groups[0] |= {"necessity": "suspicious", "doubts": ["why would it"]}
    rule, seen = offer.spots[1].choices[0].number, offer.spots[0].observed[0].number
    refused = offer.declined[0].number

    contributed = made(
        offer,
        redactor,
        answer(
            offer,
            groups=groups,
            unneeded=[{"rule": rule, "rights": ["read_file"], "why": "unused"}],
            objections=[{"access": seen, "why": "odd"}, {"access": refused, "why": "hashes"}],
            unexercised=[{"code_path": "reload", "touches": "its configuration", "why": "not seen"}],
            questions=["Is it served?"],
        ),
    )

    plain = made(offer, redactor, answer(offer))
    assert [(g.path, g.rights) for g in contributed.path] == [(g.path, g.rights) for g in plain.path]
    assert [(f.id, f.subject, f.severity.name) for f in contributed.findings] == [
        ("model-suspicious", "/etc/app", "MEDIUM"),
        ("model-doubt", "/etc/app", "INFO"),
        ("model-doubts-right", "/srv/initech", "INFO"),
        ("model-objects", "/etc/app/a", "MEDIUM"),
        ("model-objects", "/etc/shadow", "INFO"),
        ("unexercised", "reload", "INFO"),
    ]
    assert contributed.unexercised[0].touches == "its configuration"
    assert [question.text for question in contributed.question] == ["Is it served?"]


def test_a_model_that_knows_little_of_landlock_is_named(offer: Offer, redactor: Redactor) -> None:
    _, conversation = spoken(offer, redactor, answer(offer))

    unsure, sure = (
        contribution(offer, conversation, redactor, ModelRecord(name="m", knowledge=share))
        for share in (0.5, 0.9)
    )

    assert (ids(unsure), ids(sure)) == (["model-knowledge"], [])


def reach(grants: tuple[PathGrant, ...] | list[PathGrant]) -> Reach:
    joined: dict[str, FsRight] = {}
    for grant in grants:
        joined[grant.path] = joined.get(grant.path, NO_FS) | grant.rights
    return Reach(joined)


@st.composite
def lies(draw: st.DrawFn, offer: Offer) -> dict[str, Any]:
    """An answer with any numbers: good, wrong, doubled, missing."""
    numbers = st.integers(-2, max(offer.choices(), default=0) + 3)
    words = st.text(max_size=20)
    return {
        "groups": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "purpose": words,
                        "rules": st.lists(numbers, max_size=8),
                        "why": words,
                        "necessity": st.sampled_from(["required", "optional", "suspicious"]),
                        "doubts": st.lists(words, max_size=2),
                    }
                ),
                max_size=8,
            )
        ),
        "unneeded": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "rule": numbers,
                        "rights": st.lists(st.sampled_from(["execute", "read_file", "bind_tcp"]), max_size=2),
                        "why": words,
                    }
                ),
                max_size=3,
            )
        ),
        "objections": draw(st.lists(st.fixed_dictionaries({"access": numbers, "why": words}), max_size=3)),
        "unexercised": [],
        "questions": draw(st.lists(words, max_size=2)),
    }


@given(drafters(), st.data())
def test_no_answer_grants_more_than_was_offered_or_less_than_is_needed(
    drafter: Drafter, data: st.DataObject
) -> None:
    offer, drafted = offered(drafter), drafter.draft()
    redactor = Redactor(Vocabulary.shipped(), Vault(b"k" * 32))
    texts = [json.dumps(data.draw(lies(offer))) for _ in range(REPAIRS + 1)]

    contributed = made(offer, redactor, *texts)

    final, before = reach(contributed.path), reach(drafted.path)
    every = reach([grant for spot in offer.spots for choice in spot.choices for grant in choice.paths])
    for path, need in drafter.needs.items():
        assert not need.hard & before.rights(path) & ~final.rights(path)
    for path in (*FILES, *DIRECTORIES, "/", "/etc/shadow", "/usr/bin/x"):
        assert not final.rights(path) & ~every.rights(path)
    assert contributed.port == drafted.port
    assert all(text.isprintable() for grant in contributed.path for text in _prose(grant))


def _prose(grant: PathGrant) -> Iterator[str]:
    yield from (grant.group, grant.why, *grant.doubts)
