"""Each hostile ruleset has a page of its own in a real browser, which shows the name and does nothing for it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.render.html import notes_html
from assistant.render.plain import printable
from tests.render.browser import Browser, browsing, program
from tests.render.hostile import NAMES, everywhere


PAGE = Path(__file__).parents[2] / "assistant/render/page"
STYLE, SCRIPT = ((PAGE / name).read_text("utf-8") for name in ("style.css", "script.js"))
OUTLINE = """(() => {
    const walk = document.createTreeWalker(document, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_COMMENT), found = [];
    while (walk.nextNode()) {
        const held = [...walk.currentNode.attributes ?? []].filter(a => a.name !== "open");
        found.push([walk.currentNode.nodeName, ...held.map(a => `${a.name}=${a.value}`).sort()].join(" "));
    }
    return found;
})()"""
"""Every element with its attributes and every comment, in order. Whether a fold is open is the reader's own doing."""
SHOWN = "[...document.querySelectorAll('#all-grants code')].filter(e => e.checkVisibility()).map(e => e.innerText)"
SETTLED = (
    "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 20))))"
)
"""What a page does on its own after it was loaded it has begun by then."""

pytestmark = pytest.mark.skipif(
    not program(), reason="there is no Chromium; as root: apt-get install chromium-headless-shell"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def harmless(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The elements of a page whose only name is a plain word."""
    page = tmp_path_factory.mktemp("plain") / "notes.html"
    page.write_text(notes_html(everywhere("plain"), STYLE, SCRIPT), "utf-8")
    browser.open(page.as_uri())
    found: list[str] = browser.run(OUTLINE)
    return found


def done_by(browser: Browser, page: Path, name: str, harmless: list[str]) -> set[str]:
    """What the page did beyond showing the name, after a reader used it as readers do."""
    browser.open(page.as_uri())
    if browser.departures():
        return {"leads elsewhere"}
    browser.run(SETTLED)
    path = printable(everywhere(name).ruleset.path[0].path)
    shown = path in browser.run(SHOWN)
    before = browser.run(OUTLINE)
    browser.run("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    browser.click("#all-grants td code")
    browser.click("#all-grants th:nth-child(2) button")
    browser.type("#filter", "srv")
    browser.run(SETTLED)
    found = {
        "asked for something": browser.requests() != [page.as_uri()],
        "said something to the console": bool(browser.complaints()),
        "leads elsewhere": bool(browser.departures()),
        "jumped at the reader": bool(browser.intrusions()),
        "has other elements": before != harmless,
        "does not show the name": not shown or path not in browser.run(SHOWN),
        "hides a part": browser.run("[...document.querySelectorAll('h2')].some(h => !h.checkVisibility())"),
    }
    return {said for said, so in found.items() if so}


@pytest.mark.parametrize("name", NAMES)
def test_the_page_shows_the_name_and_does_nothing_for_it(
    name: str, browser: Browser, harmless: list[str], tmp_path: Path
) -> None:
    page = tmp_path / "notes.html"
    page.write_text(notes_html(everywhere(name), STYLE, SCRIPT), "utf-8")

    assert done_by(browser, page, name, harmless) == set()


PLANTED = {
    "<b onmouseover=alert(1)>b</b>": "has other elements",
    "<!-- -->": "has other elements",
    "</details></summary><details open>": "has other elements",
    "<img src=x.png>": "asked for something",
    "<script>fetch('https://evil.example/').catch(String)</script>": "asked for something",
    "<script>new WebSocket('wss://evil.example/')</script>": "asked for something",
    "<script>console.log(1)</script>": "said something to the console",
    "<script>alert(1)</script>": "jumped at the reader",
    "<svg onload=alert(1)>": "jumped at the reader",
    "<script>window.open('about:blank')</script>": "jumped at the reader",
    "<script>addEventListener('click', () => alert(1))</script>": "jumped at the reader",
    "</style><style>h2 { display: none }</style>": "hides a part",
    "<style>code { display: none }</style>": "does not show the name",
    "\u202e": "does not show the name",
    "<script>location = 'about:blank'</script>": "leads elsewhere",
    "<meta http-equiv=refresh content='0;url=about:blank'>": "leads elsewhere",
    "<iframe srcdoc=x></iframe>": "leads elsewhere",
}
"""What a name might do on a page that neither escapes it nor has a policy, and how these tests come to know."""


def planted(text: str) -> str:
    """A page with the text raw beside each name."""
    return notes_html(everywhere("plain"), STYLE, SCRIPT).replace("plain</code>", f"plain{text}</code>")


@pytest.mark.parametrize(("text", "noticed"), PLANTED.items())
def test_a_name_that_does_something_is_noticed(
    text: str, noticed: str, browser: Browser, harmless: list[str], tmp_path: Path
) -> None:
    page = tmp_path / "notes.html"
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", planted(text))
    page.write_text(free, "utf-8")

    assert noticed in done_by(browser, page, "plain", harmless)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "<svg onload=alert(1)>", "<style>p {}</style>"]
)
def test_what_the_policy_of_the_page_stops_is_noticed_as_well(
    text: str, browser: Browser, harmless: list[str], tmp_path: Path
) -> None:
    page = tmp_path / "notes.html"
    page.write_text(planted(text), "utf-8")

    found = done_by(browser, page, "plain", harmless)

    assert "said something to the console" in found
    assert "jumped at the reader" not in found
