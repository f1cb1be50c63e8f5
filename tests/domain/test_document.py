"""The ruleset document's text: what is refused, what round trips, what a rewrite keeps."""

import random
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.document import dump, load, parse, to_data
from assistant.domain.rewrite import Parts, rewrite
from assistant.domain.rights import FsRight, NetRight
from assistant.domain.ruleset import (
    Approval,
    PathGrant,
    PortGrant,
    Probed,
    Provenance,
    Refused,
    Ruleset,
    ScopeGrant,
    TraceRecord,
)
from assistant.errors import Exit, RulesetError


DOCUMENT = """\
# sandbox of the address book
schema = 1
service = "book"
target_abi = 7  # the fleet's oldest kernel

# ---- where it comes from ----

[provenance]
tool = "landscribe 0.1.0"

[[provenance.trace]]
# recorded on a quiet day
name = "run1"
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
lines = 9

# ---- files ----

# the address book itself
[[path]]
path = "/etc/book/"  # one day /etc/book.d
rights = ["read_dir", "read_file"]  # no write
by = "offline"
evidence = [
    "run1:1",  # at start
    "run1:2",
]

# state
[[path]]
path = "/var/lib/book"
rights = ["read_file", "write_file"]
why = '''
[[path]]
# not a comment'''
by = "person"

# ---- network ----

# the database
[[port]]
port = 5432
rights = ["connect_tcp"]
by = "person"

# the end
"""


def changed(ruleset: Ruleset, **update: object) -> Ruleset:
    return ruleset.model_copy(update=update)


def grant(path: str, rights: FsRight = FsRight.READ_FILE) -> PathGrant:
    return PathGrant(path=path, rights=rights, by="person")


def test_the_same_ruleset_leaves_the_text_untouched() -> None:
    assert dump(load(DOCUMENT), over=DOCUMENT) == DOCUMENT


def test_a_changed_key_keeps_its_place_and_its_trailing_comment() -> None:
    old = load(DOCUMENT)
    first = old.path[0].model_copy(update={"rights": FsRight.READ_FILE})
    text = dump(changed(old, path=(first, *old.path[1:]), target_abi=6), over=DOCUMENT)
    assert text == DOCUMENT.replace('["read_dir", "read_file"]', '["read_file"]').replace(
        "target_abi = 7", "target_abi = 6"
    )


def test_comments_between_the_items_of_a_changed_array_are_not_lost() -> None:
    old = load(DOCUMENT)
    first = old.path[0].model_copy(update={"evidence": ("run1:3",)})
    text = dump(changed(old, path=(first, *old.path[1:])), over=DOCUMENT)
    assert '# at start\nevidence = ["run1:3"]\n' in text


def test_a_vanished_row_takes_the_comment_directly_above_it_and_nothing_else() -> None:
    old = load(DOCUMENT)
    text = dump(changed(old, path=old.path[1:], port=()), over=DOCUMENT)
    assert "# the address book itself" not in text
    assert "# the database" not in text
    kept = ["# ---- files ----", "# state", "# ---- network ----", "# the end"]
    assert [line for line in text.splitlines() if line in kept] == kept
    assert "\n\n\n" not in text


def test_a_new_row_stands_behind_the_last_of_its_array() -> None:
    old = load(DOCUMENT)
    text = dump(changed(old, path=(*old.path, grant("/srv"))), over=DOCUMENT)
    added = '[[path]]\npath = "/srv"\nrights = ["read_file"]\nby = "person"\n\n'
    assert text == DOCUMENT.replace("# ---- network", added + "# ---- network")


def test_a_new_row_in_the_middle_moves_no_other() -> None:
    old = load(DOCUMENT)
    text = dump(changed(old, path=(old.path[0], grant("/srv"), old.path[1])), over=DOCUMENT)
    added = '[[path]]\npath = "/srv"\nrights = ["read_file"]\nby = "person"\n\n'
    assert text == DOCUMENT.replace("# state", added + "# state")


def test_rows_in_another_order_move_with_their_comments() -> None:
    old = load(DOCUMENT)
    new = changed(old, path=old.path[::-1])
    text = dump(new, over=DOCUMENT)
    assert load(text) == new
    assert text.index("# ---- files ----") < text.index("# state\n[[path]]")
    assert text.index("# state\n[[path]]") < text.index("# the address book itself\n[[path]]")


def test_a_new_array_and_a_new_table_are_put_at_the_end() -> None:
    old = load(DOCUMENT)
    approval = Approval(digest=old.digest(), who="ada", when="2026-11-23")
    text = dump(changed(old, probed=(Probed(path="/x", why="absent"),), approval=approval), over=DOCUMENT)
    assert text.startswith(DOCUMENT)
    assert "\n[approval]\n" in text
    assert "\n[[probed]]\n" in text


def test_windows_line_ends_stay() -> None:
    old = load(DOCUMENT)
    text = dump(changed(old, port=()), over=DOCUMENT.replace("\n", "\r\n"))
    assert "\r\n" in text
    assert "\n" not in text.replace("\r\n", "")
    assert load(text) == changed(old, port=())


INLINE = """\
schema = 1
service = "x"
target_abi = 7 # seven
provenance = {tool = "t"} # by hand
path = [{path = "/a", rights = ["read_file"], by = "person"}]
"""
DOTTED = """\
schema = 1
service = "x"
target_abi = 7 # seven
provenance.tool = "t" # by hand
"path" = [
  # inner
  {path = "/a", rights = ["read_file"], by = "person"},
]
"""


@pytest.mark.parametrize("inline", [INLINE, DOTTED], ids=["inline", "dotted"])
def test_inline_tables_are_rewritten_when_they_change(inline: str) -> None:
    old = load(inline)
    for new in (changed(old, path=(grant("/b"),)), changed(old, provenance=Provenance(tool="u"))):
        text = dump(new, over=inline)
        assert load(text) == new
        assert "target_abi = 7 # seven" in text


def test_what_cannot_be_rewritten_in_place_becomes_a_fresh_document_that_keeps_the_comments() -> None:
    text = DOCUMENT.replace("# ---- network", '[path.notes] # mine\nx = "y"\n# ---- network')
    with pytest.raises(RulesetError):
        load(text)
    written = dump(load(DOCUMENT), over=text)
    assert load(written) == load(DOCUMENT)
    assert "# the fleet's oldest kernel" in written
    assert "# mine" in written


def test_a_rewrite_of_something_that_is_not_toml_is_refused() -> None:
    with pytest.raises(RulesetError, match="not TOML"):
        dump(load(DOCUMENT), over="<<<<<<< HEAD")


def test_an_empty_required_text_survives() -> None:
    ruleset = load(DOCUMENT)
    ruleset = changed(
        ruleset,
        provenance=Provenance(tool="", author=""),
        refused=(Refused(path="/x", why=""),),
        approval=Approval(digest=ruleset.digest(), who="", when=""),
    )
    assert load(dump(ruleset)) == ruleset


def test_a_lone_surrogate_in_prose_is_an_error_and_not_a_broken_file() -> None:
    with pytest.raises(RulesetError, match="cannot be written"):
        dump(load(DOCUMENT).model_copy(update={"service": "\udce9"}))


def test_invisible_characters_are_written_as_escapes() -> None:
    ruleset = changed(load(DOCUMENT), service="a\x1b[2J\u202eb\u2028c\U000e0041")
    text = dump(ruleset)
    assert 'service = "a\\u001B[2J\\u202Eb\\u2028c\\U000E0041"' in text
    assert all(char.isprintable() or char == "\n" for char in text)


BROKEN = {
    "not TOML": ("schema = ", "not TOML"),
    "merge conflict": ("<<<<<<< HEAD\n" + DOCUMENT, "not TOML"),
    "no schema": (DOCUMENT.replace("schema = 1\n", ""), "schema 1"),
    "wrong schema": (DOCUMENT.replace("schema = 1", "schema = 2"), "schema 1"),
    "schema as text": (DOCUMENT.replace("schema = 1", 'schema = "1"'), "schema 1"),
    "schema as truth": (DOCUMENT.replace("schema = 1", "schema = true"), "schema 1"),
    "unknown key": (DOCUMENT.replace("[[port]]\n", '[[port]]\ncolour = "red"\n'), "valid"),
    "unknown table": (DOCUMENT + "[extra]\n", "valid"),
    "unknown right": (DOCUMENT.replace("connect_tcp", "connect_sctp"), "valid"),
    "right of another kind": (DOCUMENT.replace("connect_tcp", "read_file"), "valid"),
    "upper-case right": (DOCUMENT.replace("connect_tcp", "CONNECT_TCP"), "valid"),
    "right named twice": (DOCUMENT.replace('"connect_tcp"', '"connect_tcp", "connect_tcp"'), "valid"),
    "no rights": (DOCUMENT.replace('["connect_tcp"]', "[]"), "valid"),
    "rights as text": (DOCUMENT.replace('["connect_tcp"]', '"connect_tcp"'), "valid"),
    "port 70000": (DOCUMENT.replace("5432", "70000"), "valid"),
    "negative port": (DOCUMENT.replace("5432", "-1"), "valid"),
    "port as text": (DOCUMENT.replace("5432", '"5432"'), "valid"),
    "relative path": (DOCUMENT.replace('"/etc/book/"', '"etc/book"'), "valid"),
    "path with dots": (DOCUMENT.replace('"/etc/book/"', '"/etc/../root"'), "valid"),
    "path with NUL": (DOCUMENT.replace('"/etc/book/"', '"/etc/\\u0000"'), "valid"),
    "path as number": (DOCUMENT.replace('"/etc/book/"', "5"), "valid"),
    "hex that is none": (DOCUMENT.replace('path = "/etc/book/"', 'path_hex = "zz"'), "valid"),
    "path twice": (DOCUMENT.replace('path = "/etc/book/"', 'path = "/a"\npath_hex = "2f61"'), "valid"),
    "no citation": (DOCUMENT.replace("run1:2", "line 2"), "valid"),
    "uncited grant": (DOCUMENT.replace('by = "person"', 'by = "model"', 1), "valid"),
    "table for an array": (DOCUMENT.replace("[[port]]", "[port]"), "valid"),
    "no service": (DOCUMENT.replace('service = "book"\n', ""), "valid"),
    "ABI of the future": (DOCUMENT.replace("target_abi = 7", "target_abi = 99"), "valid"),
}


@pytest.mark.parametrize(("text", "what"), BROKEN.values(), ids=BROKEN)
def test_a_broken_document_is_one_error_that_says_why_and_what_next(text: str, what: str) -> None:
    with pytest.raises(RulesetError, match=what) as caught:
        load(text, source="book.toml")
    assert caught.value.what.startswith("book.toml ")
    assert caught.value.why
    assert caught.value.hint
    assert caught.value.code is Exit.NO_INPUT
    assert int(caught.value.code) == 3


def test_a_merge_conflict_is_named_as_one() -> None:
    with pytest.raises(RulesetError) as caught:
        load(DOCUMENT.replace("# state\n", "<<<<<<< HEAD\n"))
    assert "merge conflict" in caught.value.hint


def test_an_unknown_key_cannot_write_to_the_terminal_through_the_error() -> None:
    with pytest.raises(RulesetError) as caught:
        load(DOCUMENT.replace("[[port]]\n", '[[port]]\n"\\u001b[2J" = 1\n'))
    assert caught.value.why.isprintable()


def test_plain_values_are_read_as_the_text_is() -> None:
    assert parse(to_data(load(DOCUMENT))) == load(DOCUMENT)


words = st.text(max_size=12)
hostile = st.sampled_from(
    ['"', "'''", '"""', "\n[[path]]\n", "\x1b[31m", "\u202e", "\\", "#", "\r\n", "\x7f", "]", "ü"]
)
prose = st.lists(words | hostile, max_size=3).map("".join)
fs_rights = st.integers(1, 2**17 - 1).map(FsRight)
names = st.text(string.ascii_lowercase, min_size=1, max_size=3)
citations = st.lists(st.builds("{}:{}".format, names, st.integers(1, 99)), max_size=12).map(tuple)
components = st.binary(min_size=1, max_size=6).filter(
    lambda raw: not {0, ord("/")} & set(raw) and raw != b".."
)
paths = st.lists(components, min_size=1, max_size=3).map(
    lambda parts: (b"/" + b"/".join(parts)).decode("utf-8", "surrogateescape")
) | st.sampled_from(["/", "/a", "/b", "/c"])
path_grants = st.builds(
    PathGrant,
    path=paths,
    rights=fs_rights,
    group=prose,
    why=prose,
    by=st.just("person"),
    evidence=citations,
    alternatives=st.lists(prose, max_size=2).map(tuple),
)
port_grants = st.builds(
    PortGrant,
    port=st.integers(0, 65535),
    rights=st.integers(1, 15).map(NetRight),
    why=prose,
    by=st.just("unit"),
    evidence=citations,
)
refusals = {
    "path": paths,
    "rights": st.integers(0, 2**17 - 1).map(FsRight),
    "why": prose,
    "evidence": citations,
}
digests = st.just("sha256:" + "0" * 64)
rulesets = st.builds(
    Ruleset,
    service=prose.filter(bool),
    target_abi=st.integers(1, 11),
    provenance=st.builds(
        Provenance,
        tool=prose,
        author=prose,
        created=prose,
        trace=st.lists(
            st.builds(TraceRecord, name=names, sha256=st.just("1" * 64), lines=st.integers(0, 9)), max_size=2
        ).map(tuple),
    ),
    scope=st.builds(ScopeGrant, signal=st.booleans(), signal_why=prose),
    path=st.lists(path_grants, max_size=3).map(tuple),
    port=st.lists(port_grants, max_size=2).map(tuple),
    refused=st.lists(st.builds(Refused, **refusals), max_size=1).map(tuple),
    probed=st.lists(st.builds(Probed, **refusals), max_size=1).map(tuple),
    approval=st.none() | st.builds(Approval, digest=digests, who=prose, when=prose),
)


@given(rulesets)
def test_every_ruleset_survives_its_own_text(ruleset: Ruleset) -> None:
    assert load(dump(ruleset)) == ruleset


def commented(text: str, dice: random.Random) -> str:
    """The text with comments and blank lines at places where TOML allows them."""
    lines = []
    for number, line in enumerate(text.splitlines()):
        apart = [[f"# apart {number}", ""], [""], ["  # [[path]]", ""]] if line.startswith("[") else []
        if dice.random() < 0.3:
            lines += dice.choice([[f"# above {number}"], *apart])
        trails = re.match(r"\[|\w+ = ", line) and not line.endswith("[") and dice.random() < 0.3
        lines.append(f'{line} # trail " {number}' if trails else line)
    return "\n".join(lines) + "\n" * dice.randrange(3)


def mixed(first: Ruleset, second: Ruleset, dice: random.Random) -> Ruleset:
    """A ruleset that has something of both, in any order."""
    rows = [*first.path, *second.path]
    dice.shuffle(rows)
    return second.model_copy(
        update={
            "path": tuple(rows[: dice.randrange(len(rows) + 1)]),
            "port": dice.choice([first, second]).port,
            "scope": dice.choice([first, second]).scope,
            "provenance": dice.choice([first, second]).provenance,
        }
    )


@given(rulesets, rulesets, st.randoms(use_true_random=False))
def test_a_rewrite_says_exactly_the_new_ruleset(first: Ruleset, second: Ruleset, dice: random.Random) -> None:
    text = commented(dump(first), dice)
    assert load(text) == first
    new = mixed(first, second, dice)
    assert load(dump(new, over=text)) == new


@given(rulesets, rulesets, st.randoms(use_true_random=False))
def test_a_rewrite_in_place_needs_no_second_try(first: Ruleset, second: Ruleset, dice: random.Random) -> None:
    text = commented(dump(first), dice)
    new = mixed(first, second, dice)
    result = rewrite(text, Parts.of(to_data(first)), Parts.of(to_data(new)))
    assert load(result) == new
    assert all(line in result.splitlines() for line in text.splitlines() if line.startswith("# apart"))


pieces = st.sampled_from(
    [
        "path",
        "=",
        '"',
        "'''",
        '"""',
        "[[path]]",
        "[scope]",
        "\n",
        "# c\n",
        "{",
        "}",
        "[",
        "]",
        ",",
        "1",
        ".",
        "\\",
    ]
)


@given(rulesets, st.lists(pieces, max_size=12).map("".join))
def test_any_text_is_rewritten_right_or_refused(ruleset: Ruleset, text: str) -> None:
    try:
        result = dump(ruleset, over=text)
    except RulesetError:
        return
    assert load(result) == ruleset
