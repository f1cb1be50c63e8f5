"""The page of the notes in a real browser: it filters and sorts, complains of nothing and asks nobody for anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.render.html import notes_html
from tests.render.browser import Browser, browsing, program
from tests.render.hostile import NAMES, everywhere


REPO = Path(__file__).parents[2]
EXAMPLE = REPO / "examples/redis/notes.html"
STYLE, SCRIPT = (
    (REPO / "assistant/render/page" / name).read_text("utf-8") for name in ("style.css", "script.js")
)
ROWS = "[...document.querySelectorAll('#all-grants tbody tr')].filter(r => r.checkVisibility())"
PATHS = f"{ROWS}.map(r => r.querySelector('code').textContent)"

pytestmark = pytest.mark.skipif(
    not program(), reason="there is no Chromium; as root: apt-get install chromium-headless-shell"
)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with browsing(tmp_path / "profile") as opened:
        yield opened


def quiet(browser: Browser, address: str) -> None:
    """The page asked for itself alone, and a console shows nothing."""
    assert browser.requests() == [address]
    assert browser.complaints() == []


def test_the_filter_shows_the_rows_that_hold_all_words_and_says_how_many(browser: Browser) -> None:
    browser.open(EXAMPLE.as_uri())
    everything = browser.run(PATHS)

    browser.type("#filter", "redis WRITE_file")

    assert len(everything) == 17
    assert browser.run(PATHS) == ["/run/redis", "/var/lib/redis", "/var/log/redis"]
    assert browser.run("document.getElementById('count').textContent").endswith(" rows")
    assert browser.run("[...document.querySelectorAll('#all-grants details')].every(d => d.open)")
    browser.run("document.getElementById('filter').select()")
    browser.ask(
        "Input.dispatchKeyEvent", type="keyDown", key="Delete", code="Delete", windowsVirtualKeyCode=46
    )
    assert browser.run(PATHS) == everything
    assert not browser.run("[...document.querySelectorAll('#all-grants details')].some(d => d.open)")
    quiet(browser, EXAMPLE.as_uri())


def test_a_click_shows_only_what_stands_out_and_a_click_on_a_header_sorts(browser: Browser) -> None:
    browser.open(EXAMPLE.as_uri())
    first = browser.run(PATHS)

    browser.click("#all-grants th:nth-child(2) button")
    ascending = browser.run(PATHS)
    browser.click("#all-grants th:nth-child(2) button")
    descending = browser.run(PATHS)
    browser.click("#only-look")

    assert first[0] == "/proc"
    assert (ascending[0], descending[-1]) == ("/dev/urandom", "/dev/urandom")
    assert ascending == descending[::-1] != first
    assert browser.run(PATHS) == ["/proc"]
    quiet(browser, EXAMPLE.as_uri())


@pytest.mark.parametrize("name", ["nginx", "postgresql"])
def test_the_other_examples_open_without_a_complaint(name: str, browser: Browser) -> None:
    address = (REPO / f"examples/{name}/notes.html").as_uri()

    browser.open(address)

    assert browser.run("document.querySelector('.tools').checkVisibility()")
    quiet(browser, address)


def test_hostile_names_run_nothing_load_nothing_and_hide_nothing(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "hostile.html"
    together = "".join(name for name in NAMES if name.isprintable() or "\x1b" in name)
    page.write_text(notes_html(everywhere(together), STYLE, SCRIPT), "utf-8")

    browser.open(page.as_uri())

    shape = "[document.images.length, document.scripts.length, document.styleSheets.length, document.links.length]"
    assert browser.run(shape) == [0, 1, 1, 11]
    assert browser.run(
        "[...document.querySelectorAll('*')].every(e => ![...e.attributes].some(a => /^on/.test(a.name)))"
    )
    assert browser.run("document.body.textContent.includes('<img src=x onerror=alert(1)>')")
    assert browser.run("[...document.querySelectorAll('section h2')].every(h => h.checkVisibility())")
    quiet(browser, page.as_uri())


def test_what_the_policy_forbids_is_noticed_by_these_tests(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "broken.html"
    made = EXAMPLE.read_text("utf-8").replace(
        "</main>", "<img src='x.png'><script>console.log(1)</script></main>"
    )
    page.write_text(made, "utf-8")

    browser.open(page.as_uri())

    assert len(browser.complaints()) >= 2
