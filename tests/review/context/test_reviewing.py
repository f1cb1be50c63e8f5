"""A review of real units leaves nothing unsaid, and what it suggests closes the gap that it is suggested for."""

from pathlib import Path

import pytest

from assistant.domain.context import State, Verdict
from assistant.domain.unit import parse
from assistant.enforce.systemd import call_groups
from assistant.enforce.units import read_unit
from assistant.review.context import directives
from assistant.review.context.reviewing import review, with_lines
from tests.review.context.conftest import GROUPS, make_ruleset, reviewed, row


REAL = sorted(
    path for path in Path("/usr/lib/systemd/system").glob("*.service") if path.resolve() != Path("/dev/null")
)
RULESET = make_ruleset(
    {"/var/lib/app data": "write_file make_reg", "/run": "make_reg write_file", "/usr/bin/app": "execute"},
    {80: "bind_tcp", 0: "bind_tcp"},
)


def test_a_gap_is_suggested_what_closes_it_and_a_closed_row_nothing() -> None:
    found = row("", "configuration")

    assert found.verdict is Verdict.GAP
    assert found.suggestion is not None
    assert found.suggestion.lines == ("ProtectSystem=strict",)
    assert row("ProtectSystem=full", "configuration").suggestion is None


def test_the_suggestion_leaves_writable_what_the_ruleset_lets_it_write() -> None:
    (found,) = [
        one
        for one in review(parse("a.service", ["[Service]\n"]), RULESET, GROUPS).rows
        if one.id == "metadata"
    ]

    assert found.suggestion is not None
    assert found.suggestion.lines == (
        "ProtectSystem=strict",
        "ReadWritePaths=/run",
        'ReadWritePaths="/var/lib/app data"',
    )


def test_a_suggestion_that_would_not_close_the_gap_is_none_and_says_so() -> None:
    found = row("ReadWritePaths=/etc", "configuration")

    assert found.suggestion is not None
    assert found.suggestion.lines == ()
    assert "another directive keeps it open" in found.suggestion.mind


def test_a_filter_that_denies_is_tightened_and_not_turned_into_one_that_allows() -> None:
    denies, allows = row("SystemCallFilter=~@module", "mount"), row("", "mount")

    assert denies.suggestion is not None
    assert allows.suggestion is not None
    assert denies.suggestion.lines[0].startswith("SystemCallFilter=~mount ")
    assert allows.suggestion.lines == ("SystemCallFilter=@system-service",)


@pytest.mark.parametrize("name", ["new\nline", "\x1b[2J", "\u202e"])
def test_a_path_that_a_unit_file_cannot_hold_is_left_out_of_the_drop_in_and_that_is_said(name: str) -> None:
    held = make_ruleset({f"/srv/{name}": "write_file", '/srv/100% "x"': "write_file"})

    found = row("", "metadata", held)

    assert found.suggestion is not None
    assert found.suggestion.lines == ("ProtectSystem=strict", 'ReadWritePaths="/srv/100%% \\"x\\""')
    assert "was left out" in found.suggestion.mind


def test_unknown_directives_lines_specifiers_and_groups_are_said() -> None:
    text = "NewSandbox=yes\nProtectSystem=strict\nnonsense line\nReadWritePaths=/srv/%m\nSystemCallFilter=@nonsense"
    unit = parse(
        "a.service", [f"[Service]\n{text}\n[Socket]\nListenStream=80\n[X-Own]\nA=1\n[Unit]\nX-B=1\nBogus=1\n"]
    )

    assert review(unit, None, GROUPS).unread == (
        "%m in ReadWritePaths=: has no value here",
        "NewSandbox= in [Service] is not known here: whether it restricts anything is unknown",
        "ListenStream= in [Socket] is not known here: whether it restricts anything is unknown",
        "Bogus= in [Unit] is not known here: whether it restricts anything is unknown",
        "a line is no setting: nonsense line",
        "@nonsense in SystemCallFilter=: not known to this machine's systemd, which passes over it",
    )


def test_a_directive_that_is_not_judged_is_said_with_the_reason() -> None:
    assert reviewed("AppArmorProfile=app").unread == (
        "AppArmorProfile= is not judged: AppArmor is a layer of its own, whose profile is not read",
    )


def test_without_systemd_analyze_the_filter_is_unknown_and_not_guessed() -> None:
    unit = parse("a.service", ["[Service]\nSystemCallFilter=@system-service\n"])

    found = review(unit, None, None)

    assert "there is no systemd-analyze here" in found.unread[0]
    assert {trap.id for trap in found.traps} >= {"landlock-unknown"}
    (mount,) = [one for one in found.rows if one.id == "mount"]
    assert State.UNKNOWN in {cell.state for cell in mount.cells.values()}


def test_the_facts_say_who_it_is() -> None:
    assert reviewed(
        "User=app\nGroup=web\nSupplementaryGroups=tls\nAmbientCapabilities=CAP_NET_BIND_SERVICE"
    ).facts == (
        "user: app, groups: web, tls",
        "capabilities: CAP_NET_BIND_SERVICE",
        "no_new_privs: not set",
        "filter of system calls: none; of socket families: none",
    )


@pytest.fixture(scope="module")
def groups() -> dict[str, frozenset[str]] | None:
    """What this machine's systemd says, which its units were written for."""
    return call_groups()


@pytest.mark.skipif(len(REAL) < 10, reason="this machine has no systemd units")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_each_real_unit_of_this_machine_is_reviewed_and_each_gap_explained(
    path: Path, groups: dict[str, frozenset[str]] | None
) -> None:
    unit, _ = read_unit(str(path))

    found = review(unit, RULESET, groups)
    then = review(with_lines(unit, found.suggestions), RULESET, groups)

    said = " ".join(found.unread)
    for setting in unit.settings:
        known = directives._is_known(setting.section, setting.key) or setting.key.startswith("X-")
        assert known or setting.section.startswith("X-") or f"{setting.key}=" in said
    gaps = [one for one in found.rows if one.verdict is Verdict.GAP]
    assert all(one.suggestion and (one.suggestion.lines or one.suggestion.mind) for one in gaps)
    promised = {one.id for one in gaps if one.suggestion and one.suggestion.lines}
    assert promised & {one.id for one in then.rows if one.verdict is Verdict.GAP} == set()


def test_all_suggestions_together_leave_no_gap_that_one_of_them_was_for() -> None:
    unit = parse("a.service", ["[Service]\nExecStart=/usr/bin/app\n"])
    found = review(unit, RULESET, GROUPS)

    then = review(with_lines(unit, found.suggestions), RULESET, GROUPS)

    promised = {one.id for one in found.rows if one.suggestion and one.suggestion.lines}
    assert len(promised) > 15
    assert promised & {one.id for one in then.rows if one.verdict is Verdict.GAP} == set()
