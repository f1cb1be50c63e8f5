"""Thirty-two hostile rulesets in every format: read back by a parser of that format, and looked at as a terminal would."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pyte
import pytest
from markdown_it import MarkdownIt

from assistant.render.html import notes_html
from assistant.render.notes import notes_markdown
from assistant.render.notesdata import notes_json
from assistant.render.plain import printable
from assistant.render.report import report_text
from assistant.render.sarif import notes_sarif
from tests.render.hostile import NAMES, everywhere
from tests.render.sarif_rules import complaints


PAGE = Path(__file__).parents[2] / "assistant/render/page"
STYLE, SCRIPT = ((PAGE / name).read_text("utf-8") for name in ("style.css", "script.js"))
PARSER = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable(["table", "strikethrough"])
ACTIVE = {"link_open", "image", "html_inline", "hr", "code_block", "fence", "s_open", "em_open"}

hostile = pytest.mark.parametrize("name", NAMES)


def quiet(text: str) -> bool:
    """Whether a terminal only shows it: no control character but the end of a line, nothing invisible."""
    return all(char.isprintable() or char == "\n" for char in text)


@hostile
def test_in_markdown_a_name_is_only_text(name: str) -> None:
    text = notes_markdown(everywhere(name))

    tokens = [token for block in PARSER.parse(text) for token in (block, *(block.children or ()))]
    assert not {token.type for token in tokens} & ACTIVE
    tags = {
        tag for token in tokens if token.type == "html_block" for tag in re.findall(r"<[^>]*>", token.content)
    }
    assert tags <= {"<details>", "</details>", "<summary>", "</summary>"}
    shown = "".join(token.content for token in tokens if token.type in ("text", "text_special"))
    assert not re.search(r"@\w|https?://|www\.\w|(?<!\w)#\d", shown)
    assert quiet(text)
    assert any(token.type == "code_inline" and printable(name).strip() in token.content for token in tokens)


class Page(HTMLParser):
    """What a browser would make of the page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.shown = ""
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside in self.raw:
            self.raw[self._inside].append(data)
        else:
            self.shown += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data!a}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data!a}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data!a}")


PLAIN = Page(notes_html(everywhere("plain"), STYLE, SCRIPT))


@hostile
def test_in_html_a_name_is_only_text(name: str) -> None:
    text = notes_html(everywhere(name), STYLE, SCRIPT)

    page = Page(text)
    assert (page.tags, page.attributes) == (PLAIN.tags, PLAIN.attributes)
    assert page.raw == {"script": [SCRIPT], "style": [STYLE]}
    assert quiet(text)
    assert printable(name).strip() in page.shown


def test_the_page_asks_for_nothing_and_lets_nothing_else_run() -> None:
    named = dict(PLAIN.attributes)
    policy = next(value for key, value in PLAIN.attributes if key == "content" and "default-src" in value)

    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not {"src", "style", "action", "srcset", "integrity"} & set(named)
    assert not any(key.startswith("on") for key in named)
    assert all(value.startswith("#") for key, value in PLAIN.attributes if key == "href")
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert not re.search(r"fetch|XMLHttp|WebSocket|import|innerHTML|eval|http|document\.write", SCRIPT)


@hostile
def test_in_json_a_name_comes_back_as_it_was(name: str) -> None:
    text = notes_json(everywhere(name))

    found = json.loads(text)
    assert text.isascii()
    assert quiet(text)
    grant = found["grants"][0]
    spelled = bytes.fromhex(grant["path_hex"]) if "path_hex" in grant else grant["path"].encode()
    assert spelled == everywhere(name).ruleset.path[0].path.encode("utf-8", "surrogateescape")
    if name.isprintable():
        assert found["grants"][0]["why"] == name


@hostile
def test_in_sarif_a_name_is_only_text(name: str) -> None:
    text = notes_sarif(everywhere(name), "", "a.toml", "1.0.0")

    run = json.loads(text)["runs"][0]
    assert complaints(text) == []
    assert text.isascii()
    assert quiet(text)
    assert len(run["results"]) == 6
    for result in run["results"]:
        message = result["message"]["text"]
        assert not re.search(r"(?<!\\)[\[\]]|(?<!\{)\{(?!\{)|@\w", message)
        assert message.isprintable() or "\u200b" in message


@hostile
def test_a_terminal_shows_a_name_and_does_nothing_else(name: str) -> None:
    review = everywhere(name)
    assert review.report
    for text in (report_text(review.report), notes_markdown(review)):
        lines = text.splitlines()
        screen = pyte.Screen(max(map(len, lines)) * 2 + 2, len(lines) + 1)
        untouched = pyte.Screen(screen.columns, screen.lines)

        pyte.Stream(screen).feed(text.replace("\n", "\r\n"))

        assert (screen.title, screen.icon_name, screen.mode) == ("", "", untouched.mode)
        assert {cell._replace(data=" ") for row in screen.buffer.values() for cell in row.values()} <= {
            untouched.default_char
        }
        shown = [row.rstrip() for row in screen.display]
        assert shown[: len(lines)] == [line.rstrip() for line in lines]


def test_a_terminal_that_is_acted_on_is_noticed() -> None:
    screen = pyte.Screen(80, 2)

    pyte.Stream(screen).feed("\x1b]0;owned\x07\x1b[31mred")

    assert screen.title == "owned"
    assert screen.buffer[0][0].fg == "red"
