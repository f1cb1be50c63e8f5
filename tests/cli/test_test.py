"""``landscribe test``: exit code 0 only when the command works inside and something was shown to be denied."""

import json
from collections.abc import Callable
from typing import Any

import pytest


pytestmark = pytest.mark.kernel


def test_a_command_that_works_passes(drafted: Any, landscribe: Callable[..., Any]) -> None:
    done = landscribe("test", "app.toml", "--", "cat", drafted.home / "etc/app.conf")

    assert done.code == 0
    assert "command: works" in done.out
    assert "two-sided test passed" in done.out
    assert "0 allowed" in done.out


def test_a_command_that_only_the_sandbox_stops_is_blocking(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    (drafted.home / "secret").write_text("")

    done = landscribe("test", "app.toml", "--", "cat", drafted.home / "secret")

    assert done.code == 11
    assert "command: fails" in done.out
    assert "two-sided test FAILED" in done.out
    assert "command-failed" in done.err
    assert "Permission denied" in done.err


@pytest.mark.usefixtures("drafted")
def test_a_command_that_fails_anyway_shows_nothing_and_is_blocking(landscribe: Callable[..., Any]) -> None:
    done = landscribe("test", "app.toml", "--", "cat", "/no/such/file")

    assert done.code == 11
    assert "command-broken" in done.err
    assert "two-sided test FAILED" in done.out


@pytest.mark.usefixtures("drafted")
def test_a_check_that_never_passes_ends_with_the_timeout(landscribe: Callable[..., Any]) -> None:
    done = landscribe("test", "app.toml", "--timeout", "0.5", "--check", "false", "--", "cat", "/dev/zero")

    assert done.code == 11
    assert "two-sided test FAILED" in done.out


def test_the_json_holds_every_probe_and_belongs_to_this_version_of_the_grants(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    done = landscribe("test", "app.toml", "--json", "--", "cat", drafted.home / "etc/app.conf")
    (drafted.root / "test.json").write_text(done.out, "utf-8")

    data = json.loads(done.out)
    fits = landscribe("notes", "app.toml", "--test", "test.json")
    drafted.edit("port = 8080", "port = 8081")
    stale = landscribe("notes", "app.toml", "--test", "test.json")

    assert done.code == data["report"]["exit"] == 0
    assert data["schema_version"] == 1
    assert {probe["verdict"] for probe in data["probes"]} >= {"denied"}
    assert fits.code == 0
    assert stale.code == 3
    assert "another version of the grants" in stale.plain_error


def test_a_hostile_command_is_shown_escaped(drafted: Any, landscribe: Callable[..., Any]) -> None:
    for more in ([], ["--json"]):
        done = landscribe("test", "app.toml", *more, "--", "cat", "\x1b[31m\u202e\n", "\udcff")

        assert done.code == 11
        assert not {"\x1b", "\u202e"} & set(done.out + done.err)
    assert drafted.ruleset.exists()
