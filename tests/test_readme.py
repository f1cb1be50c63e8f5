"""What the README shows is what the program says, and what it links to exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import assistant


REPO = Path(__file__).parent.parent
DOCUMENTS = sorted([*REPO.glob("*.md"), *(REPO / "docs").rglob("*.md"), *(REPO / "examples").rglob("*.md")])

_RUN = "import sys; sys.argv[0] = 'landscribe'; from assistant.cli.start import main; main()"


def block_after(marker: str, text: str) -> list[str]:
    """The lines of the first fenced block after a line that contains ``marker``.

    Raises:
        ValueError: no such marker, or no block after it.
    """
    _, found, rest = text.partition(marker)
    block = re.search(r"^```\w*\n(.*?)^```$", rest, re.MULTILINE | re.DOTALL)
    if not found or block is None:
        raise ValueError(f"no block after {marker}")
    return block[1].splitlines()


def relative_links(text: str) -> list[str]:
    """Targets of links and images that are neither addresses nor anchors, without their anchors."""
    prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r"^\[[^\]]+\]:\s+(\S+)", prose, re.MULTILINE)
    return [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]


def _readme() -> str:
    return (REPO / "README.md").read_text("utf-8")


def test_the_help_in_the_readme_is_the_real_one() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", _RUN, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={
            "COLUMNS": "80",
            "TERM": "dumb",
            "NO_COLOR": "1",
            "PYTHONPATH": str(Path(assistant.__file__).parents[1]),
        },
    )
    shown = [line for line in block_after("<!-- help -->", _readme()) if not line.startswith("$ ")]

    assert [line.rstrip() for line in done.stdout.strip("\n").splitlines()] == shown


def test_the_test_command_for_machines_and_people_is_one_line() -> None:
    assert block_after("<!-- test-command -->", _readme()) == ["make test"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPO)))
def test_every_relative_link_of_a_document_leads_somewhere(document: Path) -> None:
    dead = [
        link for link in relative_links(document.read_text("utf-8")) if not (document.parent / link).exists()
    ]

    assert dead == []


def test_links_are_found_in_prose_and_not_in_code() -> None:
    text = (
        "[a](docs/a.md#b) ![i](i.png) [w](https://example.org/) [h](#here) `[c](code.md)`\n\n[r]: docs/r.md\n"
    )

    assert relative_links(text) == ["docs/a.md", "i.png", "docs/r.md"]


def test_a_document_without_the_marker_is_an_error() -> None:
    with pytest.raises(ValueError, match="no block after"):
        block_after("<!-- help -->", "```text\nx\n```\n")
