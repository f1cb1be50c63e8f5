"""Unit files mean what systemd.syntax(7) says; what is no setting is kept and counted."""

import pytest

from assistant.domain.unit import Command, Setting, commands, parse, seconds


def test_settings_keep_their_section_and_their_order() -> None:
    unit = parse("a.service", ["[Unit]\nAfter=b\n\n[Service]\nType = notify \n"])

    assert unit.settings == (Setting("Unit", "After", "b"), Setting("Service", "Type", "notify"))


def test_a_continued_line_is_one_and_comments_within_it_are_none() -> None:
    unit = parse(
        "a.service", ["[Service]\nExecStart=/bin/a \\\n# not this\n; nor this\n  --b \\\n  --c\nType=exec\n"]
    )

    assert unit.last("ExecStart").split() == ["/bin/a", "--b", "--c"]
    assert unit.last("Type") == "exec"


def test_a_hash_behind_a_value_belongs_to_it() -> None:
    assert parse("a.service", ["[Service]\nExecStart=/bin/a #1\n"]).last("ExecStart") == "/bin/a #1"


def test_an_empty_assignment_empties_a_list_and_a_later_value_wins() -> None:
    unit = parse("a.service", ["[Service]\nA=1\nA=2\n", "[Service]\nA=\nA=3\nB=1\nB=2\n"])

    assert unit.all("A") == ["3"]
    assert unit.last("B") == "2"
    assert unit.all("A", "Unit") == []


def test_what_is_no_setting_is_kept() -> None:
    unit = parse("a.service", ["before=1\n[Service]\nnonsense\n=x\n[Service\n"])

    assert unit.settings == ()
    assert unit.strange == ("before=1", "nonsense", "=x", "[Service")


def test_switches_have_the_words_that_systemd_takes() -> None:
    unit = parse("a.service", ["[Service]\nA=yes\nB=On\nC=0\nD=\n"])

    assert [unit.says(key) for key in "ABCDE"] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/bin/a b", [Command("", ("/bin/a", "b"))]),
        ("-@/bin/a x", [Command("-@", ("/bin/a", "x"))]),
        ("/bin/a ; +/bin/b", [Command("", ("/bin/a",)), Command("+", ("/bin/b",))]),
        (r"/bin/a \; b", [Command("", ("/bin/a", r"\;", "b"))]),
        ("/bin/a 'x ; y' \"p q\"", [Command("", ("/bin/a", "'x ; y'", '"p q"'))]),
        (r"/bin/a x\ y", [Command("", ("/bin/a", r"x\ y"))]),
        ("", []),
        (";", []),
    ],
)
def test_commands_are_split_as_they_are_written(value: str, expected: list[Command]) -> None:
    assert commands(value) == expected


@pytest.mark.parametrize(
    ("prefixes", "privileged"), [("", False), ("-", False), ("+", True), ("-!", True), ("!!", False)]
)
def test_a_command_is_privileged_by_its_prefix(prefixes: str, privileged: bool) -> None:  # noqa: FBT001 - a case
    assert Command(prefixes, ("/bin/a",)).privileged is privileged


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("90", 90),
        ("1min 30s", 90),
        ("2h", 7200),
        ("500ms", 0.5),
        ("1.5m", 90),
        ("infinity", None),
        ("", None),
        ("5x", None),
    ],
)
def test_time_spans(span: str, expected: float | None) -> None:
    assert seconds(span) == expected
