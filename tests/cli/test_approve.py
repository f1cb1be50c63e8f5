"""``landscribe approve``: nobody approves by accident, and an approval holds for what was read and no longer."""

import hashlib
import json
import re
import resource
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.domain import document
from tests.cli.conftest import ENVIRONMENT
from tests.cli.terminal import Terminal


LINE = 'evidence = ["app:7"]'
FALSE = 'evidence = ["app:9"]'
FLAGS = ("--name", "Ada", "--comment", "read it")


@pytest.fixture
def approve(drafted: Any, landscribe: Callable[..., Any]) -> Callable[..., Any]:
    """Approves without a terminal, naming the digest of the grants as they stand."""

    def run(*options: str, traces: Sequence[str] = ("app.trace",)) -> Any:
        return landscribe("approve", "app.toml", *traces, *FLAGS, "--digest", digest_of(drafted), *options)

    return run


def digest_of(service: Any) -> str:
    return document.load(service.ruleset.read_text("utf-8")).digest()


def records(service: Any) -> list[dict[str, Any]]:
    text = (service.root / "app.toml.review.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_an_approval_is_written_into_the_ruleset_and_added_to_the_record(
    drafted: Any, approve: Callable[..., Any], landscribe: Callable[..., Any]
) -> None:
    before = drafted.ruleset.read_text("utf-8")

    done = approve()

    assert done.code == 0, done.err
    assert done.out.startswith("cat: never approved: every grant is new\n")
    after = drafted.ruleset.read_text("utf-8")
    assert after.startswith(before.rstrip("\n"))
    assert 'who = "Ada"' in after
    (record,) = records(drafted)
    assert record["comment"] == "read it"
    assert record["traces"][0]["sha256"] == hashlib.sha256(drafted.trace.read_bytes()).hexdigest()
    assert {grant["path"] for grant in record["grants"]["path"]} >= {f"{drafted.home}/state"}
    assert landscribe("verify", "app.toml", "app.trace").code == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"truncate"]', '"truncate", "make_dir"]'),
        ('"write_file", ', ""),
        ("port = 8080", "port = 8081"),
        ("target_abi = ", "target_abi = 1 #"),
        ("abstract_unix_socket = true", "abstract_unix_socket = false"),
        ("/state", "/stat"),
    ],
)
def test_any_change_of_a_grant_makes_the_approval_stale(
    old: str, new: str, drafted: Any, approve: Callable[..., Any], landscribe: Callable[..., Any]
) -> None:
    assert approve().code == 0
    drafted.edit(old, new)

    done = landscribe("verify", "app.toml", "app.trace")

    assert done.code == 11
    assert "stale-approval" in done.out


def test_a_change_of_prose_or_order_leaves_the_approval_as_it_is(
    drafted: Any, approve: Callable[..., Any], landscribe: Callable[..., Any]
) -> None:
    assert approve().code == 0
    text = drafted.ruleset.read_text("utf-8")
    drafted.ruleset.write_text(
        re.sub(r'why = "[^"]*"', 'why = "other words"', text) + "# a remark\n", "utf-8"
    )

    assert "stale-approval" not in landscribe("verify", "app.toml", "app.trace").out


def test_the_next_reviewer_is_shown_what_has_changed_since(
    drafted: Any, approve: Callable[..., Any], landscribe: Callable[..., Any]
) -> None:
    assert approve().code == 0
    drafted.edit('by = "offline"\nevidence = ["app:7"]', 'by = "person"')
    drafted.edit('rights = ["bind_tcp"]', 'rights = ["bind_tcp", "connect_tcp"]')

    shown = landscribe("approve", "app.toml", "app.trace")
    done = approve("--accept", "unsupported-right port 8080") if "--accept" in shown.err else approve()

    assert "cat: approved last by Ada on " in shown.out
    assert "+ widened: may now connect to port 8080 [connect_tcp]; as before: bind_tcp" in shown.out
    assert shown.out.count("\n+ ") == 1
    assert done.code == 0, done.err
    first, second = records(drafted)
    assert second["previous"] == first["digest"] != second["digest"]
    assert landscribe("verify", "app.toml", "app.trace").code == 0


def test_without_a_terminal_everything_that_would_be_asked_must_be_an_option(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    before = drafted.snapshot()

    done = landscribe("approve", "app.toml")

    assert done.code == 2
    for option in ("--name", "--comment", "--digest sha256:", "--unverified"):
        assert option in done.err
    assert drafted.snapshot() == before


def test_without_a_trace_it_is_said_what_was_not_checked_and_recorded(
    drafted: Any, approve: Callable[..., Any]
) -> None:
    refused = approve(traces=())
    done = approve("--unverified", traces=())

    assert refused.code == 2
    assert done.code == 0
    assert "not checked: whether a grant is invented, needless or missing" in done.out
    assert records(drafted)[0]["traces"] == []
    assert "no trace was given" in records(drafted)[0]["unchecked"][0]


def test_each_blocking_finding_must_be_accepted_by_its_name(
    drafted: Any, approve: Callable[..., Any]
) -> None:
    drafted.edit(LINE, FALSE)
    before = drafted.snapshot()

    refused = approve()
    of_another = approve("--accept", "false-citation port 80")
    unchanged = drafted.snapshot() == before
    done = approve("--accept", "false-citation port 8080")

    assert (refused.code, of_another.code, done.code) == (11, 2, 0)
    assert unchanged
    assert "--accept 'false-citation port 8080'" in refused.err
    accepted = [finding for finding in records(drafted)[0]["findings"] if finding["accepted"]]
    assert {(finding["id"], finding["subject"]) for finding in accepted} == {("false-citation", "port 8080")}


def test_a_digest_that_was_read_before_a_change_approves_nothing(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    digest = digest_of(drafted)
    assert f"digest: {digest}\n" in landscribe("approve", "app.toml").out
    drafted.edit("port = 8080", "port = 22")
    before = drafted.snapshot()

    done = landscribe("approve", "app.toml", *FLAGS, "--unverified", "--digest", digest)

    assert done.code == 13
    assert "these are not the grants that --digest names" in done.err
    assert drafted.snapshot() == before


def test_the_statement_is_in_toto_version_1_over_the_file_as_it_stands(
    drafted: Any, approve: Callable[..., Any]
) -> None:
    assert approve("--statement", "app.intoto.json").code == 0

    statement = json.loads((drafted.root / "app.intoto.json").read_text("utf-8"))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [
        {"name": "app.toml", "digest": {"sha256": hashlib.sha256(drafted.ruleset.read_bytes()).hexdigest()}}
    ]
    assert statement["predicateType"].startswith("https://")
    assert statement["predicate"]["grants"] == records(drafted)[0]["digest"]
    assert set(statement) == {"_type", "subject", "predicateType", "predicate"}


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda text: text[:-20], "is cut off"),
        (lambda text: "<<<<<<< HEAD\n" + text, "resolve the merge conflict"),
        (lambda text: text.replace('"schema_version": 1', '"schema_version": 2'), "no approval of schema 1"),
        (lambda text: text.replace("write_file", "execute"), "do not have its digest"),
        (lambda text: text + "\n", "is not JSON"),
        (lambda text: text.replace('"who": "Ada"', '"who": "\x1b[2J'), "is not JSON"),
    ],
    ids=["cut", "conflict", "newer", "tampered", "blank", "control"],
)
def test_a_spoiled_record_is_one_clear_error_and_is_not_added_to(
    spoil: Callable[[str], str],
    expected: str,
    drafted: Any,
    approve: Callable[..., Any],
    landscribe: Callable[..., Any],
) -> None:
    assert approve().code == 0
    record = drafted.root / "app.toml.review.jsonl"
    record.write_text(spoil(record.read_text("utf-8")), "utf-8")
    before = drafted.snapshot()

    done = landscribe("approve", "app.toml", "app.trace")

    assert done.code == 3
    assert expected in done.plain_error
    assert "\x1b" not in done.err
    assert drafted.snapshot() == before


def test_an_approval_that_nobody_recorded_is_not_compared_with(
    drafted: Any, approve: Callable[..., Any], landscribe: Callable[..., Any]
) -> None:
    assert approve().code == 0
    drafted.edit("port = 8080", "port = 22")
    drafted.edit(records(drafted)[0]["digest"], digest_of(drafted))

    done = landscribe("approve", "app.toml")

    assert "is in no record; recorded last: approved by Ada" in done.out
    assert "+ added: may now bind port 22 [bind_tcp]" in done.out


def test_a_record_that_cannot_be_written_leaves_the_ruleset_as_it_was(
    drafted: Any, approve: Callable[..., Any]
) -> None:
    before = drafted.ruleset.read_bytes()
    (drafted.root / "app.toml.review.jsonl").mkdir()

    done = approve()

    assert done.code == 3
    assert "the review record" in done.plain_error
    assert drafted.ruleset.read_bytes() == before


def test_a_disk_that_is_full_leaves_the_record_and_the_ruleset_as_they_were(
    drafted: Any, approve: Callable[..., Any], landscribe: Callable[..., Any]
) -> None:
    assert approve().code == 0
    before = drafted.snapshot()

    done = landscribe(
        *("approve", "app.toml", "app.trace", *FLAGS, "--digest", digest_of(drafted)),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
    )

    assert done.code == 1
    assert "'app.toml.review.jsonl' cannot be added to" in done.err.replace(f"{drafted.root}/", "")
    assert drafted.snapshot() == before


@pytest.mark.parametrize("name", ["Ada\x1b[2J", "Ada\u202e", "\udcff", "", " "])
def test_a_name_that_is_none_is_refused(name: str, drafted: Any, landscribe: Callable[..., Any]) -> None:
    before = drafted.snapshot()
    done = landscribe(
        *("approve", "app.toml", "--unverified", "--digest", digest_of(drafted), "--comment", "", "--name"),
        name,
    )

    assert done.code in {2, 13}
    assert drafted.snapshot() == before


@pytest.fixture
def person(drafted: Any, tmp_path: Path) -> Callable[..., Terminal]:
    """Somebody whom git knows, in front of a terminal."""
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n", "utf-8")
    environment = {**ENVIRONMENT, "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    return lambda *arguments: Terminal(["approve", "app.toml", *arguments], drafted.root, environment)


def test_on_a_terminal_a_person_is_asked_and_gits_identity_is_offered(
    drafted: Any, person: Callable[..., Terminal]
) -> None:
    terminal = person("app.trace")
    terminal.answer("who approves [Ada <ada@example.org>]: ", "")
    terminal.answer("comment, or Enter for none: ", "fine by me")
    terminal.answer('type "yes": ', "yes")

    assert terminal.end() == 0
    (record,) = records(drafted)
    assert (record["who"], record["comment"]) == ("Ada <ada@example.org>", "fine by me")


@pytest.mark.parametrize("last", ["", "y", "YES", "no"])
def test_anything_but_the_word_approves_nothing(
    last: str, drafted: Any, person: Callable[..., Terminal]
) -> None:
    before = drafted.snapshot()
    terminal = person("app.trace", "--name", "Ada", "--comment", "")
    terminal.answer('type "yes": ', last)

    assert terminal.end() == 13
    assert drafted.snapshot() == before


def test_leaving_a_question_approves_nothing(drafted: Any, person: Callable[..., Terminal]) -> None:
    before = drafted.snapshot()
    terminal = person("app.trace", "--comment", "")
    terminal.answer("who approves", "")
    terminal.leave()

    assert terminal.end() == 13
    assert drafted.snapshot() == before


@pytest.mark.parametrize(("typed", "code"), [("false-citation", 0), ("yes", 13), ("", 13)])
def test_a_blocking_finding_wants_its_own_name_typed(
    typed: str, code: int, drafted: Any, person: Callable[..., Terminal]
) -> None:
    drafted.edit(LINE, FALSE)
    terminal = person("app.trace", "--name", "Ada", "--comment", "")
    terminal.answer('type "false-citation" to approve in spite of it: ', typed)
    if code == 0:
        terminal.answer('type "yes": ', "yes")

    assert terminal.end() == code
    assert (drafted.root / "app.toml.review.jsonl").exists() is (code == 0)


def test_a_ruleset_that_changes_while_it_is_read_is_not_approved(
    drafted: Any, person: Callable[..., Terminal]
) -> None:
    terminal = person("app.trace", "--name", "Ada")
    terminal.answer("comment, or Enter for none: ", "")
    drafted.edit("port = 8080", "port = 22")
    changed = drafted.snapshot()
    terminal.answer('type "yes": ', "yes")

    assert terminal.end() == 13
    assert drafted.snapshot() == changed
