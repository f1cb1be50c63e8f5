"""What the real systemd-analyze says, where it is; and that it is unknown where it is not."""

import shutil
from pathlib import Path

import pytest

from assistant.domain.unit import parse
from assistant.enforce.systemd import call_groups, score


has_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze"
)

BARE = parse("a@b.service", ["[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n"])


@has_systemd
def test_groups_hold_system_calls_and_no_groups() -> None:
    groups = call_groups()

    assert groups is not None
    assert {"execve", "exit_group"} <= groups["@default"]
    assert groups["@default"] < groups["@system-service"]
    assert "mount" in groups["@mount"]
    assert "mount" not in groups["@system-service"]
    assert not [
        name for members in groups.values() for name in members if not name.replace("_", "").isalnum()
    ]


@has_systemd
def test_suggestions_lower_the_exposure_of_a_bare_unit() -> None:
    found = score(BARE, ["ProtectSystem=strict", "PrivateNetwork=yes", "User=nobody"])

    assert found is not None
    assert found.before is not None
    assert found.after is not None
    assert float(found.after.split()[0]) < float(found.before.split()[0])
    assert found.version.startswith("systemd ")


@has_systemd
def test_the_drop_ins_that_were_read_are_part_of_what_is_scored() -> None:
    hardened = parse(
        "a.service", ["[Service]\nExecStart=/bin/true\n", "[Service]\nPrivateNetwork=yes\nUser=nobody\n"]
    )

    before, after = score(BARE, []), score(hardened, [])

    assert before is not None
    assert after is not None
    assert before.before != after.before


@has_systemd
def test_a_unit_that_systemd_refuses_has_no_score() -> None:
    found = score(parse("a.service", ["[Service]\nProtectHome=yes\n"]), [])

    assert found is not None
    assert (found.before, found.after) == (None, None)


def test_without_systemd_analyze_both_are_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert call_groups() is None
    assert score(BARE, []) is None
