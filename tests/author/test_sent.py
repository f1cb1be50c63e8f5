"""What is sent is kept first, bytes and all, for its owner alone; what cannot be kept is not sent."""

import hashlib
import json
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.author.sent import LIST, Approved, SentLog, sent
from assistant.errors import LandscribeError


WHEN = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)


@dataclass
class Bytes:
    body: bytes = b'{"x": 1}'
    url: str = "http://127.0.0.1/v1/messages"

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.body).hexdigest()}"


def log(tmp_path: Path) -> SentLog:
    kept = SentLog(str(tmp_path / "state"), str(tmp_path / "app.toml.sent"), lambda: WHEN)
    kept.approved = Approved("kim", "at the terminal", "claude-test", "nginx")
    return kept


def test_the_bytes_and_who_approved_them_are_there_before_they_leave(tmp_path: Path) -> None:
    log(tmp_path).sending(Bytes())

    (one,) = sent(str(tmp_path / "state"))
    assert one.status is None
    assert {key: one.event[key] for key in ("time", "to", "model", "service", "approved_by", "approved")} == {
        "time": "2026-11-28T20:00:00+00:00",
        "to": "http://127.0.0.1/v1/messages",
        "model": "claude-test",
        "service": "nginx",
        "approved_by": "kim",
        "approved": "at the terminal",
    }
    assert Path(one.event["kept"]).read_bytes() == Bytes().body
    assert one.event["sha256"] == Bytes().digest


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    log(tmp_path).sending(Bytes())

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_an_answer_belongs_to_the_request_before_it(tmp_path: Path) -> None:
    kept, other = log(tmp_path), Bytes(b"other")
    for leaving, status in ((Bytes(), 429), (Bytes(), 200), (other, None)):
        kept.sending(leaving)
        kept.answered(leaving, status)

    assert [one.status for one in sent(str(tmp_path / "state"))] == [429, 200, None]


def test_where_nothing_can_be_kept_nothing_may_be_sent(tmp_path: Path) -> None:
    (tmp_path / "app.toml.sent").write_text("a file")

    with pytest.raises(LandscribeError, match="nothing was sent"):
        log(tmp_path).sending(Bytes())

    assert sent(str(tmp_path / "state")) == []


def test_what_a_crash_left_of_a_line_is_passed_over(tmp_path: Path) -> None:
    log(tmp_path).sending(Bytes())
    with (tmp_path / "state" / LIST).open("a") as file:
        file.write('{"event": "sen\n[]\n\xff\n')

    assert len(sent(str(tmp_path / "state"))) == 1


def test_a_user_who_never_sent_anything_has_an_empty_list(tmp_path: Path) -> None:
    assert sent(str(tmp_path)) == []


def test_a_link_that_waits_where_bytes_are_kept_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "app.toml.sent").mkdir()
    name = f"20261128T200000-{Bytes().digest.rpartition(':')[2][:12]}.json"
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "app.toml.sent" / name).symlink_to(tmp_path / "victim")

    with pytest.raises(LandscribeError):
        log(tmp_path).sending(Bytes())

    assert (tmp_path / "victim").read_text() == "precious"
    assert json.loads(json.dumps(sent(str(tmp_path / "state")))) == []
