"""``landscribe context``: a unit, or a command line, layer by layer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


UNIT = """\
[Unit]
Description=an app
[Service]
Type=notify
ExecStartPre=+/bin/mkdir -p /run/app
ExecStart=/usr/bin/app \\
  --config /etc/app/%i.conf \\
# a remark between
  --verbose
User=app
SystemCallFilter=@system-service
ReadWritePaths=/srv/%m
NewSandbox=yes
"""


@pytest.fixture
def unit(service: Any) -> Path:
    path: Path = service.root / "app@one.service"
    path.write_text(UNIT, "utf-8")
    return path


def test_a_unit_is_reviewed_with_its_traps_gaps_and_what_could_not_be_read(
    unit: Path, landscribe: Callable[..., Any]
) -> None:
    done = landscribe("context", str(unit))

    assert done.code == 10
    assert done.out.startswith("app@one.service: ")
    for expected in (
        "  user: app\n",
        "trap landlock-filtered: SystemCallFilter=: the filter forbids landlock_create_ruleset",
        "trap full-privileges: ExecStartPre=+: /bin/mkdir runs as root",
        "not read: %m in ReadWritePaths=: has no value here",
        "not read: NewSandbox= in [Service] is not known here",
        "gap memory: make and run code in memory\n",
        "  MemoryDenyWriteExecute=yes\n",
        "  [Service]\n",
        "systemd-analyze security",
    ):
        assert expected in done.out
    assert "%i" not in done.out


def test_drop_ins_beside_the_file_count(unit: Path, landscribe: Callable[..., Any]) -> None:
    folder = unit.with_name(f"{unit.name}.d")
    folder.mkdir()
    (folder / "10-hard.conf").write_text("[Service]\nMemoryDenyWriteExecute=yes\nUser=\nUser=root\n", "utf-8")

    done = landscribe("context", str(unit))

    assert "gap memory" not in done.out
    assert "  user: root\n" in done.out


def test_the_ruleset_is_one_of_the_layers(unit: Path, drafted: Any, landscribe: Callable[..., Any]) -> None:
    alone = json.loads(landscribe("context", str(unit), "--json").out)
    inside = json.loads(landscribe("context", str(unit), drafted.ruleset, "--json").out)

    def cell(data: dict[str, Any], row: str) -> str:
        (found,) = [one["cells"]["landlock"]["state"] for one in data["rows"] if one["id"] == row]
        return str(found)

    assert (cell(alone, "configuration"), cell(inside, "configuration")) == ("-", "deny")
    assert inside["systemd_analyze"] is None or inside["systemd_analyze"]["before"]
    assert {row["verdict"] for row in inside["rows"]} <= {"gap", "unknown", "single point", "redundant"}


def test_a_command_line_has_a_user_and_capabilities(drafted: Any, landscribe: Callable[..., Any]) -> None:
    plain = landscribe("context", "--command", "/usr/bin/app -v")
    less = landscribe(
        *("context", drafted.ruleset, "--command", "app", "--user", "app"),
        *("--capability", "cap_net_bind_service"),
    )

    assert "  user: root\n  capabilities: all\n" in plain.out
    assert "  user: app\n  capabilities: CAP_NET_BIND_SERVICE\n" in less.out
    assert "a command line: what starts it may restrict it more" in less.err


def test_a_hostile_unit_cannot_steer_the_terminal(unit: Path, landscribe: Callable[..., Any]) -> None:
    bad = "\x1b]0;x\x07\u202e"
    unit.write_text(
        f"[Service]\nExecStart=+/bin/{bad}\nUser={bad}\nReadWritePaths=/{bad}\n{bad}\nNew{bad}=1\n[{bad}]\nA=1\n",
        "utf-8",
    )

    for done in (landscribe("context", str(unit)), landscribe("context", str(unit), "--json")):
        assert done.code == 10
        assert not set("\x1b\x07\u202e") & set(done.out + done.err)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["no-such-unit-anywhere"], 3),
        (["./absent.service"], 3),
        (["./binary.service"], 3),
        (["nonsense name"], 2),
        (["app.service", "app.toml", "--command", "x"], 2),
    ],
)
def test_what_is_no_unit_is_one_clear_error(
    arguments: list[str], code: int, service: Any, landscribe: Callable[..., Any]
) -> None:
    (service.root / "binary.service").write_bytes(b"\x7fELF\xff\xfe")

    done = landscribe("context", *arguments)

    assert done.code == code
    assert "next: " in done.plain_error


def test_a_unit_of_nothing_is_reviewed_and_not_taken_for_a_safe_one(
    unit: Path, landscribe: Callable[..., Any]
) -> None:
    unit.write_text("", "utf-8")

    done = landscribe("context", str(unit))

    assert done.code == 10
    assert "capabilities: all" in done.out
    assert "systemd-analyze security" in done.out
