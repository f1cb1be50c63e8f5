"""``landscribe draft``: what it takes over from an earlier version of the file, and what it will not overwrite."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


PERSON = """
# The auditors want this one.
[[path]]
path = "/srv/audit"
rights = ["read_file"]  # not read_dir
why = "Asked for in review."
by = "person"

[[port]]
port = 9443
rights = ["connect_tcp"]
by = "person"
"""


def _again(landscribe: Callable[..., Any], *more: str) -> Any:
    return landscribe("draft", "app.trace", "--offline", "-o", "app.toml", *more)


def test_a_draft_over_a_ruleset_keeps_comments_and_what_a_person_granted(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.edit('path = "/etc/ld.so.cache"', 'path = "/etc/ld.so.cache"  # checked by hand')
    drafted.add(PERSON)

    done = _again(landscribe)

    text = drafted.ruleset.read_text("utf-8")
    assert done.code == 10  # by-person: the paths do not exist here.
    assert 'path = "/etc/ld.so.cache"  # checked by hand' in text
    assert '# The auditors want this one.\n[[path]]\npath = "/srv/audit"' in text
    assert 'rights = ["read_file"]  # not read_dir' in text
    assert "port = 9443" in text


def test_a_draft_over_an_unchanged_ruleset_changes_nothing_but_the_date(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    before = drafted.ruleset.read_text("utf-8").splitlines()

    _again(landscribe)

    after = drafted.ruleset.read_text("utf-8").splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert [line.partition(" ")[0] for line in changed] in (["created"], [])


def test_a_grant_that_the_trace_no_longer_needs_goes_away(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.write("app.trace", [line for line in drafted.lines if "app.conf" not in line])

    _again(landscribe)

    assert f'path = "{drafted.home}/etc"' not in drafted.ruleset.read_text("utf-8")


def test_an_approval_survives_a_draft_and_goes_stale_when_the_grants_change(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    digest = json.loads(landscribe("test", "app.toml", "--json", "--", "true").out)["digest"]
    drafted.add(f'\n[approval]\ndigest = "{digest}"\nwho = "Ann"\nwhen = "2026-01-01"\n')
    same = _again(landscribe)
    drafted.write("app.trace", [line for line in drafted.lines if "app.conf" not in line])

    changed = _again(landscribe)

    assert "stale-approval" not in same.err
    assert changed.code == 11
    assert "stale-approval" in changed.err
    assert 'who = "Ann"' in drafted.ruleset.read_text("utf-8")


@pytest.mark.parametrize(
    "contents",
    ["listen = 80\n", "schema = 1\n", "not even TOML", "<<<<<<< ours\nschema = 1\n", "\xff"],
    ids=["other TOML", "half a ruleset", "prose", "a merge conflict", "latin-1"],
)
def test_a_file_that_is_no_ruleset_is_not_replaced(
    contents: str, service: Any, landscribe: Callable[..., Any]
) -> None:
    service.ruleset.write_text(contents, "latin-1")
    before = service.snapshot()

    refused = _again(landscribe)

    assert refused.code == 2
    assert "--force" in refused.plain_error
    assert service.snapshot() == before


def test_a_file_that_is_no_ruleset_is_replaced_by_force(service: Any, landscribe: Callable[..., Any]) -> None:
    service.ruleset.write_text("listen = 80\n", "utf-8")

    assert _again(landscribe, "--force").code == 0
    assert landscribe("verify", "app.toml", "app.trace").code == 0


def test_force_still_keeps_what_is_in_a_ruleset(drafted: Any, landscribe: Callable[..., Any]) -> None:
    drafted.add(PERSON)

    _again(landscribe, "--force")

    assert "/srv/audit" in drafted.ruleset.read_text("utf-8")


@pytest.mark.usefixtures("service")
def test_the_options_of_a_person_are_in_the_draft(landscribe: Callable[..., Any]) -> None:
    done = landscribe("draft", "app.trace", "--offline", "--service", "ledger", "--target-abi", "3")

    assert 'service = "ledger"' in done.out
    assert "target_abi = 3" in done.out
    assert "[[port]]" not in done.out  # Ports came with ABI 4.


def test_several_traces_make_one_ruleset(service: Any, landscribe: Callable[..., Any]) -> None:
    more = '100 openat(AT_FDCWD</>, "/etc/hosts", O_RDONLY) = 3</etc/hosts>'
    service.write("second run.trace", [*service.lines[:4], more, *service.lines[-2:]])

    done = landscribe("draft", "app.trace", "second run.trace", "--offline")

    assert 'evidence = ["second_run:5"]' in done.out
    assert 'name = "app"' in done.out


def test_a_trace_of_another_machine_says_that_nothing_was_looked_up(
    service: Any, landscribe: Callable[..., Any]
) -> None:
    done = landscribe("draft", service.trace, "--offline", "--foreign")

    assert done.code == 10
    assert "foreign-host" in done.err


def test_relative_names_stand_on_the_directory_that_a_person_names(
    service: Any, landscribe: Callable[..., Any]
) -> None:
    program = service.lines[0]
    service.write(
        "short.trace",
        [program, '100 openat(AT_FDCWD, "app.conf", O_RDONLY) = 3', "100 +++ exited with 0 +++"],
    )

    unknown = landscribe("draft", "short.trace", "--offline")
    known = landscribe("draft", "short.trace", "--offline", "--cwd", str(service.home / "etc"))

    assert "unresolved-path" in unknown.err
    assert "unresolved-path" not in known.err
    assert str(service.home / "etc") in known.out


def test_the_file_is_written_though_nobody_reads_stdout(
    service: Any, popen: Callable[..., subprocess.Popen[str]]
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        running = popen("draft", "app.trace", "--offline", "--json", "-o", "new.toml", stdout=full)
        _, err = running.communicate(timeout=60)

    assert running.returncode == 1
    assert "No space left on device" in err
    assert "[[path]]" in (service.root / "new.toml").read_text(encoding="utf-8")
