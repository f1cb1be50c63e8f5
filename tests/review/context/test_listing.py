"""Lists that allow or deny, merged as systemd.exec(5) says."""

import pytest

from assistant.review.context.listing import Listing


GROUPS = {
    "@default": frozenset({"execve"}),
    "@file": frozenset({"open", "chmod"}),
    "@mount": frozenset({"mount"}),
}


@pytest.mark.parametrize(
    ("values", "passing", "stopped"),
    [
        ([], ["open", "mount"], []),
        (["@file"], ["open", "chmod", "execve"], ["mount"]),
        (["@file", "~chmod"], ["open"], ["chmod", "mount"]),
        (["@file", "mount"], ["open", "mount"], ["kill"]),
        (["~@file"], ["mount", "kill", "execve"], ["open"]),
        (["~ @file @mount"], ["kill"], ["open", "mount"]),
        (["~@file", "chmod"], ["chmod", "kill"], ["open"]),
        (["~@file", "~mount"], ["kill"], ["open", "mount"]),
        (["~@mount:EPERM kill:ENOSYS"], ["open"], ["mount", "kill"]),
    ],
)
def test_the_first_assignment_says_what_the_list_is_and_the_others_change_it(
    values: list[str], passing: list[str], stopped: list[str]
) -> None:
    listing = Listing(values, GROUPS, GROUPS["@default"])

    assert {name: listing.passes(name) for name in [*passing, *stopped]} == {
        **dict.fromkeys(passing, True),
        **dict.fromkeys(stopped, False),
    }
    assert listing.unknown == ()


def test_systemd_passes_over_a_group_that_it_does_not_know() -> None:
    allowing, denying = Listing(["@sandbox @file"], GROUPS), Listing(["~@sandbox"], GROUPS)

    assert (allowing.passes("landlock_add_rule"), denying.passes("landlock_add_rule")) == (False, True)
    assert allowing.unknown == denying.unknown == ("@sandbox",)


def test_where_no_group_is_known_what_one_might_hold_is_unknown() -> None:
    allowing, denying = Listing(["@file kill"]), Listing(["~@file kill"])

    assert [allowing.passes(name) for name in ("kill", "open")] == [True, None]
    assert [denying.passes(name) for name in ("kill", "open")] == [False, None]


def test_a_group_of_which_nothing_is_known_may_take_away_what_was_listed() -> None:
    assert Listing(["kill", "~@signal"]).passes("kill") is None
