"""``landscribe test --prove-minimal``: the share of rights proven, the rest with its reason, whatever happens."""

import json
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


pytestmark = pytest.mark.kernel
PLANTED = '\n[[path]]\npath = "/srv"\nrights = ["write_file"]\nby = "person"\nwhy = "planted"\n'
SECONDS = 120


def test_the_planted_right_is_shown_and_the_result_written(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    drafted.add(PLANTED)
    command = ("--", "cat", drafted.home / "etc/app.conf")

    done = landscribe("test", "app.toml", "--prove-minimal", "-o", "minimal.json", *command)

    data = json.loads((drafted.root / "minimal.json").read_text("utf-8"))
    planted = [right for right in data["rights"] if right["object"] == "/srv"]
    assert done.code == 10
    assert "not needed write_file on /srv" in done.out
    assert f"{data['proven']} of {data['of']} rights proven" in done.out
    assert (data["kind"], data["schema_version"], data["complete"]) == ("minimality", 1, True)
    assert [(right["right"], right["verdict"]) for right in planted] == [("write_file", "not needed")]
    assert "[1/" in done.err

    notes = landscribe("notes", "app.toml", "--minimal", "minimal.json")
    drafted.edit("port = 8080", "port = 8081")
    stale = landscribe("notes", "app.toml", "--minimal", "minimal.json")
    other = landscribe("notes", "app.toml", "--minimal", "app.trace")

    assert f"**{data['proven']} of {data['of']} rights proven**" in notes.out
    assert "not needed: write_file on `/srv`" in notes.out
    assert (stale.code, other.code) == (3, 3)
    assert "another version of the grants" in stale.plain_error
    assert "no result of --prove-minimal" in other.plain_error


def test_a_command_that_fails_with_all_rights_is_blocking(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    done = landscribe(
        "test", "app.toml", "--prove-minimal", "-o", "minimal.json", "--", "cat", "/etc/hostname"
    )

    assert done.code == 11
    assert "command-failed" in done.err
    assert not (drafted.root / "minimal.json").exists()


def test_a_budget_that_is_spent_is_no_success(drafted: Any, landscribe: Callable[..., Any]) -> None:
    command = ("--", "cat", drafted.home / "etc/app.conf")

    done = landscribe("test", "app.toml", "--prove-minimal", "--budget", "0", "--json", *command)

    assert done.code == 13
    assert json.loads(done.out)["reason"] == "the time was over"


@pytest.mark.usefixtures("drafted")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--jobs", "2"], "--jobs and --budget are for --prove-minimal"),
        (["--budget", "2"], "--jobs and --budget are for --prove-minimal"),
        (["--prove-minimal", "--jobs", "2"], "several runs at once would meet"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    landscribe: Callable[..., Any], arguments: list[str], words: str
) -> None:
    done = landscribe("test", "app.toml", *arguments, "--", "true")

    assert done.code == 2
    assert words in done.plain_error


def test_an_interrupt_keeps_what_was_found(drafted: Any, popen: Callable[..., Any], tmp_path: Path) -> None:
    said = tmp_path / "said"
    with said.open("w", encoding="utf-8") as stderr:
        command = ("--", "cat", drafted.home / "etc/app.conf")
        running = popen("test", "app.toml", "--prove-minimal", "-o", "minimal.json", *command, stderr=stderr)
        until = time.monotonic() + SECONDS
        while "[1/" not in said.read_text("utf-8") and running.poll() is None:
            assert time.monotonic() < until
            select.select([], [], [], 0.01)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=SECONDS)

    data = json.loads((drafted.root / "minimal.json").read_text("utf-8"))
    assert running.returncode == 130
    assert (data["complete"], data["reason"]) == (False, "it was interrupted")
    assert {right["verdict"] for right in data["rights"]} >= {"not tried"}
