"""``landscribe log`` lists every request that ever left, with who let it go."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Done, digest_in
from tests.endpoint.fixture import Endpoint


Inside = Callable[..., Done]


def test_what_was_sent_is_listed_with_its_bytes_and_who_approved_it(inside: Inside, asked: Endpoint) -> None:
    digest = digest_in(inside("draft", "app.trace", "--show-request").err)
    assert json.loads(inside("log", "--json").out)["sent"] == []
    inside("draft", "app.trace", "-o", "app.toml", "--approve-send", digest)

    told = json.loads(inside("log", "--json").out)["sent"]

    assert len(told) == len(asked.exchanges) > 0
    for row, exchange in zip(told, asked.exchanges, strict=True):
        assert Path(row["kept"]).read_bytes() == exchange.data
        assert (row["status"], row["approved"], row["model"]) == (200, "--approve-send", "claude-opus-5-5")
    assert Path(told[0]["kept"]).parent.name == "app.toml.sent"
    assert told[0]["sha256"] == digest
    assert digest in inside("log").out


def test_one_service_can_be_asked_for(inside: Inside, asked: Endpoint) -> None:
    digest = digest_in(inside("draft", "app.trace", "--show-request").err)
    inside("draft", "app.trace", "-o", "app.toml", "--approve-send", digest)

    assert inside("log", "--service", "cat").out
    assert inside("log", "--service", "other").out == ""
    assert asked.exchanges


def test_somebody_who_never_sent_anything_is_told_so(inside: Inside) -> None:
    done = inside("log")

    assert (done.code, done.out) == (0, "")
    assert "nothing was ever sent" in done.err
