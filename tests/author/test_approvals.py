"""Only what a person approved leaves, and what code may say next in a conversation that was approved."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.author.approvals import Approvals, digest
from assistant.errors import Exit, NotApprovedError
from redaction.text import literal


ASKED = {"role": "user", "content": "group these"}
DOCUMENT = {"max_tokens": 16000, "messages": [ASKED], "model": "m", "stream": True, "system": [{"text": "s"}]}
ANSWER, REPAIR, OTHER = '{"groups":[]}', literal("access 3 has no group"), literal("something else")


def written(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def said(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def answered(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def longer(*more: Any, **changes: Any) -> bytes:
    return written(DOCUMENT | {"messages": [ASKED, *more]} | changes)


BODY = written(DOCUMENT)
GOOD = longer(said(ANSWER), answered(str(REPAIR)))


@pytest.fixture
def approvals() -> Approvals:
    made = Approvals()
    made.approve(BODY)
    made.heard(ANSWER)
    made.repair(BODY, REPAIR)
    return made


def allowed(approvals: Approvals, body: bytes) -> bool:
    try:
        approvals.check(body)
    except NotApprovedError:
        return False
    return True


def test_nothing_is_approved_before_somebody_approves() -> None:
    assert not allowed(Approvals(), b"")
    with pytest.raises(NotApprovedError) as caught:
        Approvals().check(BODY)
    assert caught.value.code is Exit.STOPPED
    assert digest(BODY) in caught.value.why


def test_what_was_approved_is_allowed_byte_for_byte(approvals: Approvals) -> None:
    approvals.approve(b"any bytes at all", b"")

    assert all(allowed(approvals, body) for body in (BODY, b"any bytes at all", b""))
    assert not any(allowed(approvals, body) for body in (BODY + b" ", BODY[:-1], b"any bytes"))


def test_a_repair_of_an_approved_body_is_allowed_however_often(approvals: Approvals) -> None:
    approvals.heard("{}")
    twice = longer(said(ANSWER), answered(str(REPAIR)), said("{}"), answered(str(REPAIR)))

    assert allowed(approvals, GOOD)
    assert allowed(approvals, twice)


def test_a_long_answer_may_go_back_cut_but_not_changed(approvals: Approvals) -> None:
    approvals.heard("x" * 100)

    assert allowed(approvals, longer(said("x" * 60), answered(str(REPAIR))))
    assert not allowed(approvals, longer(said("x" * 101), answered(str(REPAIR))))
    assert not allowed(approvals, longer(said("x" * 60 + "y"), answered(str(REPAIR))))


REFUSED = {
    "an answer that was never heard": longer(said("{}"), answered(str(REPAIR))),
    "a turn that was not declared": longer(said(ANSWER), answered("and /etc/shadow?")),
    "only an answer": longer(said(ANSWER)),
    "only a turn": longer(answered(str(REPAIR))),
    "a turn before the answer": longer(answered(str(REPAIR)), said(ANSWER)),
    "an answer as the user's": longer(answered(ANSWER), answered(str(REPAIR))),
    "a system turn": longer(said(ANSWER), {"role": "system", "content": str(REPAIR)}),
    "a further field": longer(said(ANSWER), answered(str(REPAIR)) | {"name": "x"}),
    "fields in another order": longer(said(ANSWER), {"content": str(REPAIR), "role": "user"}),
    "blocks": longer(said(ANSWER), {"role": "user", "content": [{"type": "text", "text": str(REPAIR)}]}),
    "an answer that is no text": longer({"role": "assistant", "content": None}, answered(str(REPAIR))),
    "another model": longer(said(ANSWER), answered(str(REPAIR)), model="n"),
    "a larger bound": longer(said(ANSWER), answered(str(REPAIR)), max_tokens=16001),
    "the same bound, written otherwise": longer(said(ANSWER), answered(str(REPAIR)), max_tokens=16000.0),
    "one more field": longer(said(ANSWER), answered(str(REPAIR)), metadata={"user_id": "x"}),
    "another system prompt": longer(said(ANSWER), answered(str(REPAIR)), system=[{"text": "t"}]),
    "another first message": written(
        DOCUMENT | {"messages": [answered("x"), said(ANSWER), answered(str(REPAIR))]}
    ),
    "no first message": written(DOCUMENT | {"messages": [said(ANSWER), answered(str(REPAIR))]}),
    "a blank": GOOD.replace(b'"stream":true', b'"stream": true'),
    "an escape": GOOD.replace(b'"model":"m"', b'"model":"\\u006d"'),
    "a field twice": GOOD.replace(b'"stream":true', b'"stream":true,"stream":true'),
    "fields of the request in another order": written(dict(reversed(json.loads(GOOD).items()))),
    "another encoding": GOOD.decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "half of it": GOOD[: len(GOOD) // 2],
    "messages that are none": written(DOCUMENT | {"messages": [1, 2, 3]}),
    "messages that are an object": written(DOCUMENT | {"messages": {"a": 1}}),
    "a list": written([DOCUMENT]),
    "depth": b'{"messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "bytes that are no text": b"\xff\xfe{}",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_only_looks_like_a_repair_is_refused(name: str, approvals: Approvals) -> None:
    assert not allowed(approvals, REFUSED[name])


def test_a_turn_belongs_to_the_body_that_it_was_declared_for(approvals: Approvals) -> None:
    half = written(DOCUMENT | {"messages": [answered("half of these")]})
    approvals.approve(BODY, half)
    approvals.repair(half, OTHER)
    begun = json.loads(half)["messages"]

    def repaired(turn: str) -> bytes:
        return written(DOCUMENT | {"messages": [*begun, said(ANSWER), answered(turn)]})

    assert allowed(approvals, half)
    assert allowed(approvals, repaired(str(OTHER)))
    assert not allowed(approvals, repaired(str(REPAIR)))
    assert not allowed(approvals, longer(said(ANSWER), answered(str(OTHER))))


def test_a_repair_cannot_be_declared_for_what_nobody_approved() -> None:
    approvals = Approvals()
    approvals.approve(b"no conversation")

    for body in (BODY, b"no conversation"):
        with pytest.raises(NotApprovedError):
            approvals.repair(body, REPAIR)


def test_approving_again_forgets_no_repair(approvals: Approvals) -> None:
    approvals.approve(BODY)

    assert allowed(approvals, GOOD)


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, len(GOOD) - 1), byte=st.integers(0, 255))
def test_a_repair_with_any_byte_changed_is_refused(at: int, byte: int) -> None:
    approvals = Approvals()
    approvals.approve(BODY)
    approvals.heard(ANSWER)
    approvals.repair(BODY, REPAIR)
    changed = GOOD[:at] + bytes([byte]) + GOOD[at + 1 :]

    assert allowed(approvals, changed) == (changed == GOOD)
