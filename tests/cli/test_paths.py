"""``landscribe paths``: what was exercised, and how to record what was not."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


UNIT = """\
[Service]
ExecStartPre=/bin/mkdir -p /run/app
ExecStart=/bin/cat /etc/app.conf
ExecReload=/bin/kill -HUP $MAINPID
"""
HANGUP = "100 --- SIGHUP {si_signo=SIGHUP, si_code=SI_USER, si_pid=1, si_uid=0} ---"


@pytest.fixture
def unit(service: Any) -> Path:
    path: Path = service.root / "app.service"
    path.write_text(UNIT, "utf-8")
    return path


def test_each_code_path_is_ticked_or_comes_with_the_command_that_records_it(
    unit: Path, service: Any, landscribe: Callable[..., Any]
) -> None:
    service.write("hup.trace", [*service.lines[:-2], HANGUP, *service.lines[-2:]])

    done = landscribe("paths", "hup.trace", "--unit", str(unit))

    assert done.code == 10
    lines = done.out.splitlines()
    assert "[x] start: starts" in lines
    assert "[x] reload: reloads its configuration" in lines
    assert "      SIGHUP came to a process [hup:10] (ExecReload=)" in lines
    assert "[ ] stop: stops when it is told to" in lines
    assert "[ ] pre-1: prepares its start: /bin/mkdir -p /run/app" in lines
    assert "      record: landscribe record --run pre-1 -- /bin/mkdir -p /run/app" in lines
    assert "[?] no-room: goes on when the disk is full" in lines
    assert sum(line.startswith(("[ ]", "[?]")) for line in lines) == sum("record: " in line for line in lines)


def test_a_ruleset_alone_says_that_no_trace_was_given(drafted: Any, landscribe: Callable[..., Any]) -> None:
    done = landscribe("paths", "app.toml", "--json")

    data = json.loads(done.out)
    assert done.code == 10
    assert data["service"] == "cat"
    assert data["counts"] == {"yes": 0, "no": 0, "unknown": len(data["paths"])}
    assert {path["why"] for path in data["paths"]} == {"no trace was given"}
    assert drafted.ruleset.exists()


def test_a_trace_that_shows_no_signal_does_not_say_that_none_came(
    unit: Path, landscribe: Callable[..., Any]
) -> None:
    data = json.loads(landscribe("paths", "app.trace", "--unit", str(unit), "--json").out)

    reload = next(path for path in data["paths"] if path["id"] == "reload")
    assert (reload["exercised"], reload["evidence"]) == ("unknown", [])


@pytest.mark.strace
def test_a_real_service_that_was_reloaded_and_stopped_is_seen_to_have_been(
    service: Any, landscribe: Callable[..., Any]
) -> None:
    script = service.root / "service.sh"
    script.write_text("trap : HUP\ntrap 'exit 0' TERM\nkill -HUP $$\nkill -TERM $$\n", "utf-8")
    shell = shutil.which("sh") or "/bin/sh"
    (service.root / "real.service").write_text(
        f"[Service]\nExecStart={shell} {script}\nExecReload=/bin/kill -HUP $MAINPID\n", "utf-8"
    )
    subprocess.run(
        ["strace", "-f", "-y", "-e", "trace=%file,%network,%process", "-o", "real.trace", shell, str(script)],
        cwd=service.root,
        check=True,
        timeout=120,
    )

    data = json.loads(landscribe("paths", "real.trace", "--unit", "./real.service", "--json").out)

    seen = {path["id"]: path["exercised"] for path in data["paths"]}
    assert [seen[name] for name in ("start", "reload", "stop", "restart")] == ["yes", "yes", "yes", "no"]


@pytest.mark.services
@pytest.mark.root
def test_a_package_brings_the_rotation_of_its_logs_and_its_upgrade(landscribe: Callable[..., Any]) -> None:
    done = landscribe("paths", "app.trace", "--unit", "redis-server", "--package", "redis-server")

    assert "meanwhile: logrotate -f /etc/logrotate.d/redis-server" in done.out
    assert "meanwhile: apt-get install --reinstall redis-server" in done.out
    assert "landscribe record --run start --user redis --timeout 30 -- /usr/bin/redis-server" in done.out


def test_hostile_units_and_files_are_inert(unit: Path, landscribe: Callable[..., Any]) -> None:
    unit.write_text(
        "[Service]\nExecStart=/bin/\x1b]0;x\x07cat \u202e `id` ';reboot'\nExecReload=/bin/kill -HUP $(reboot)\n",
        "utf-8",
    )

    done = landscribe("paths", "app.trace", "--unit", str(unit))

    assert done.code == 10
    assert not set("\x1b\x07\u202e") & set(done.out + done.err)
    assert "'`id`' ';reboot'" in done.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["a.toml", "b.toml"], 2),
        (["absent.trace"], 3),
        (["absent.toml"], 3),
        (["app.trace", "--unit", "no-such-unit-anywhere"], 3),
        (["app.trace", "--package", "no-such-package-anywhere"], 3),
        (["app.trace", "--package", "../../etc"], 3),
    ],
)
def test_what_cannot_be_is_one_clear_error(
    arguments: list[str], code: int, landscribe: Callable[..., Any]
) -> None:
    done = landscribe("paths", *arguments)

    assert done.code == code
    assert "next: " in done.plain_error
