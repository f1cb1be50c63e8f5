"""A review record gives back the grants that were approved, or says which line it cannot believe."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.effect import Effect
from assistant.domain.review_record import Grants, ReviewRecord, load
from assistant.domain.rights import FsRight, NetRight, Scope
from assistant.errors import InputError


def record(effect: Effect, who: str = "Ada") -> ReviewRecord:
    return ReviewRecord(
        service="s", digest=effect.digest(), who=who, when="now", tool="t", grants=Grants.of(effect)
    )


NAMES = st.text(st.sampled_from('a b\n\x1b\u202eé\udcff\\"'), min_size=1, max_size=5)
EFFECTS = st.builds(
    Effect,
    target_abi=st.integers(1, 11),
    scope=st.integers(0, 3).map(Scope),
    paths=st.dictionaries(NAMES.map(lambda name: f"/{name}"), st.integers(1, (1 << 17) - 1).map(FsRight)),
    ports=st.dictionaries(st.integers(0, 65535), st.integers(1, 15).map(NetRight)),
)


@given(EFFECTS)
def test_what_was_approved_is_read_back_as_it_was(effect: Effect) -> None:
    line = record(effect).as_line()

    (read,) = load([line], source="x")

    assert line.isascii()
    assert line.count("\n") == 1
    assert read.grants.effect() == effect
    assert read.digest == effect.digest()


def test_a_grant_that_was_changed_afterwards_is_found_and_its_line_is_named() -> None:
    good = record(Effect(7, Scope(0), {"/a": FsRight.READ_FILE}, {})).as_line()

    with pytest.raises(InputError) as raised:
        load([good, good.replace("read_file", "write_file")], source="the record")

    assert raised.value.what == "line 2 of the record is no approval of schema 1"
    assert "do not have its digest" in raised.value.why


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\n",
        "{}\n",
        "[]\n",
        "[" * 100_000 + "\n",
        '{"kind": "approval"}\n',
        '{"kind": "approval", "\\u001b": 1}\n',
    ],
    ids=["empty", "blank", "object", "list", "deep", "short", "hostile"],
)
def test_what_is_no_approval_is_an_error_without_control_characters(line: str) -> None:
    with pytest.raises(InputError) as raised:
        load([line], source="x")

    assert "\x1b" not in raised.value.what + raised.value.why


def test_an_unknown_key_is_refused_and_not_dropped() -> None:
    data = json.loads(record(Effect(7, Scope(0), {}, {})).as_line())

    with pytest.raises(InputError, match="no approval of schema 1"):
        load([json.dumps({**data, "expires": "never"}) + "\n"], source="x")
