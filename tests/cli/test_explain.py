"""``landscribe explain``: rules, lines and losses of one path or port."""

import json
import os
from collections.abc import Callable
from typing import Any

import pytest


def test_a_path_is_explained_with_its_rule_its_lines_and_what_would_go(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    done = landscribe("explain", "app.toml", drafted.home / "state/now", "app.trace")

    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == f"{drafted.home}/state/now: does not exist here; no package holds it"
    assert f"  allowed  write_file, remove_file, make_reg, truncate: {drafted.home}/state" in done.out
    assert f"in its directory {drafted.home}/state, to make, remove or move it:" in lines
    assert "  denied   execute, read_file, read_dir" in done.out
    assert f"      9: {drafted.lines[8]}" in lines
    assert "    run app, 1x: /usr/bin/cat, pid 100" in done.out
    assert "kinds of access in these traces would fail:" in done.out


def test_a_port_is_explained_by_its_number(drafted: Any, landscribe: Callable[..., Any]) -> None:
    done = landscribe("explain", "app.toml", "8080", drafted.trace)

    assert done.out.splitlines()[:3] == [
        "port 8080, whatever the address",
        "  allowed  bind_tcp: port 8080",
        "  denied   connect_tcp",
    ]
    assert "EACCES: bind port 8080: bind_tcp [app:7]" in done.out
    assert f"      7: {drafted.lines[6]}" in done.out.splitlines()


@pytest.mark.usefixtures("drafted")
def test_what_no_rule_reaches_and_no_trace_was_given_for_is_said(landscribe: Callable[..., Any]) -> None:
    done = landscribe("explain", "app.toml", "/etc/shadow")

    assert done.code == 0
    assert "no rule reaches it" in done.out
    assert "what the traces show is unknown: none was given" in done.out
    assert "allowed " not in done.out


def test_a_path_through_a_link_is_explained_where_it_leads(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    (drafted.root / "link").symlink_to(drafted.home / "etc")

    done = landscribe("explain", "app.toml", "link/app.conf")

    assert done.out.startswith(f"{drafted.home}/etc/app.conf: file; ")
    assert f"  {drafted.root}/link/app.conf leads there; rules bind to what a path leads to" in done.out
    assert f"  allowed  read_file: {drafted.home}/etc" in done.out


def test_a_hard_link_has_the_rights_of_its_other_name(drafted: Any, landscribe: Callable[..., Any]) -> None:
    drafted.add(f'\n[[path]]\npath = "{drafted.home}/etc/app.conf"\nrights = ["truncate"]\nby = "person"\n')
    os.link(drafted.home / "etc/app.conf", drafted.root / "second")

    done = landscribe("explain", "app.toml", "second")
    (drafted.root / "second").unlink()

    assert "by another name of the same object (a hard link, a bind mount) also: truncate\n" in done.out


@pytest.mark.usefixtures("drafted")
def test_another_machines_path_is_not_looked_up(landscribe: Callable[..., Any]) -> None:
    done = landscribe("explain", "app.toml", "/etc/hosts", "app.trace", "--foreign")

    assert done.out.startswith("/etc/hosts: not looked up: what it is, is unknown; its package is unknown\n")
    assert landscribe("explain", "app.toml", "etc/hosts", "--foreign").code == 2


def test_the_json_has_rights_rules_lines_and_losses(drafted: Any, landscribe: Callable[..., Any]) -> None:
    done = landscribe("explain", "app.toml", drafted.home / "etc/app.conf", "app.trace", "--json")

    data = json.loads(done.out)
    assert data["subject"]["kind"] == "file"
    assert {answer["right"]: answer["allowed"] for answer in data["answers"]}["read_file"] is True
    assert data["rules"][0]["without_it"][0]["errno"] == "EACCES"
    assert data["seen"][0]["lines"] == [{"trace": "app", "line": 5, "raw": drafted.lines[4]}]


def test_hostile_names_and_lines_are_inert(drafted: Any, landscribe: Callable[..., Any]) -> None:
    name = f"{drafted.home}/etc/x\\33]0;owned\\7\\342\\200\\256"
    drafted.write(
        "new.trace",
        [*drafted.lines[:-2], f'100 openat(AT_FDCWD</>, "{name}", O_RDONLY) = 3', *drafted.lines[-2:]],
    )
    drafted.add(
        '\n[[path]]\npath = "/a\\u001b[2J"\nrights = ["read_file"]\nby = "model"\nevidence = ["app:1"]\n'
        'why = "\\u001b]0;x\\u0007 trust me"\n'
    )

    subjects = (drafted.home / "etc", "/a\x1b[2J", "/a\x1b[2J/\u202e\udcff\n")
    done = [landscribe("explain", "app.toml", subject, "app.trace", "new.trace") for subject in subjects]

    assert [one.code for one in done] == [0, 0, 0]
    assert not set("\x1b\x07\u202e\x9b") & {char for one in done for char in one.out}
    assert "why: \\x1b]0;x\\x07 trust me (model)" in done[1].out


@pytest.mark.usefixtures("drafted")
@pytest.mark.parametrize("subject", ["65536", "9" * 5000, ""])
def test_a_question_that_has_no_meaning_is_exit_code_2(subject: str, landscribe: Callable[..., Any]) -> None:
    done = landscribe("explain", "app.toml", subject)

    assert done.code == 2
    assert "next: " in done.plain_error


@pytest.mark.usefixtures("drafted")
def test_a_file_whose_name_is_a_number_can_be_asked_for(landscribe: Callable[..., Any]) -> None:
    assert "/80: does not exist here" in landscribe("explain", "app.toml", "./80").out


def test_a_ruleset_with_a_merge_conflict_is_one_clear_error(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.add("<<<<<<< HEAD\n=======\n>>>>>>> theirs\n")

    done = landscribe("explain", "app.toml", "/etc")

    assert done.code == 3
    assert "resolve the merge conflict first" in done.plain_error
