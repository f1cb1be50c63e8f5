"""Foreign text in Markdown, judged by a Markdown parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.render.manuscript import listed
from assistant.render.markdown import code, line_text, prose, table
from assistant.render.plain import printable


PARSER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")

HOSTILE = [
    "](javascript:x)",
    "[a](https://evil.example/)",
    "<script>alert(1)</script>",
    "<!-- ",
    "</details>",
    "@team",
    "#1 !2 GH-3",
    "a | b \\| c \\\\|",
    "`` ` ``` ",
    "`",
    "\\`",
    "\x1b[31m\u202e",
    "a\n\n# heading\n[[path]]",
    "- item",
    "1. item",
    "10) item",
    "> quote",
    "# heading",
    "---",
    "===",
    "**bold** _it_ ~~gone~~",
    "&lt;b&gt; &#64;",
    "![i](x)",
    "https://evil.example www.evil.example a@b.example",
    ":---",
    "$x$",
]
pieces = st.sampled_from(
    [*HOSTILE, "`", "|", "\\", "*", "_", "[", "]", "(", ")", "<", "a", " ", "/", "\n", "&", "!"]
)
texts = st.sampled_from(HOSTILE) | st.lists(pieces, max_size=6).map("".join) | st.text(max_size=8)


def inline(markdown: str) -> list[Token]:
    """The inline tokens of what must be a single paragraph."""
    blocks = PARSER.parse(markdown)
    assert [block.type for block in blocks] == ["paragraph_open", "inline", "paragraph_close"], blocks
    return blocks[1].children or []


@given(texts.filter(lambda text: text.strip() != ""))
def test_a_code_span_shows_exactly_the_printable_text_and_ends_where_it_should(text: str) -> None:
    tokens = inline(f"x {code(text)} y")
    if not text.strip(" "):
        assert [token.type for token in tokens] == ["text"]
    else:
        assert [token.type for token in tokens] == ["text", "code_inline", "text"]
        assert tokens[1].content == printable(text)
        assert tokens[2].content == " y"


@given(texts)
def test_prose_is_nothing_but_text(text: str) -> None:
    for markdown in (f"x {prose(text)} y", f"- {prose(text)} y"):
        tokens = PARSER.parse(markdown)
        assert len([token for token in tokens if token.type == "inline"]) == 1
        assert not {token.type for token in tokens} & {
            "heading_open",
            "ordered_list_open",
            "hr",
            "html_block",
        }
        children = next(token.children for token in tokens if token.type == "inline") or []
        assert {child.type for child in children} <= {"text", "text_special"}
        assert sum(token.type == "bullet_list_open" for token in tokens) == markdown.startswith("- ")


@given(texts)
def test_prose_reads_as_it_was_written(text: str) -> None:
    children = inline(f"x {prose(text)} y")[0:]
    shown = "".join(child.content for child in children).replace("\u200b", "")
    assert shown.split() == ["x", *printable(" ".join(text.split())).split(), "y"]


@given(st.lists(texts, min_size=1, max_size=3))
def test_a_row_has_as_many_cells_as_the_table_has_columns(cells: list[str]) -> None:
    row = [cell for text in cells for cell in (code(text), prose(text) + " y")]
    tokens = PARSER.parse(table(["h"] * len(row), [row]))
    assert tokens[0].type == "table_open"
    assert tokens[-1].type == "table_close"
    found = [tokens[at + 1] for at, token in enumerate(tokens) if token.type == "td_open"]
    assert len(found) == len(row)
    for text, cell in zip(cells, found[::2], strict=True):
        if text.strip(" "):
            assert [(child.type, child.content) for child in cell.children or []] == [
                ("code_inline", printable(text))
            ]


@pytest.mark.parametrize("text", ["@team", "see @team", "#12", "!12", "https://x.example", "www.x.example"])
def test_prose_holds_nothing_that_a_host_turns_into_a_link(text: str) -> None:
    assert text not in prose(text)
    assert prose(text).replace("&#8203;", "") == text


def test_an_empty_name_is_said_to_be_empty() -> None:
    assert code("") == "(empty)"
    assert code("  ") == "(empty: 2 spaces)"


def test_long_lists_are_counted() -> None:
    assert line_text(listed(["a", "b", "c"], 2)) == "`a`, `b` and 1 more"
    assert line_text(listed(["a"], 2)) == "`a`"
