"""The package's own words about itself are true: the example in its docstring runs, and ``__all__`` holds."""

import importlib
import inspect
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import assistant


TRACE = """\
100 execve("/usr/bin/true", ["true"], 0x7ffd /* 1 var */) = 0
100 openat(AT_FDCWD</>, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3</etc/ld.so.cache>
100 +++ exited with 0 +++
"""


def example_of(docstring: str) -> str:
    """The first literal block of a docstring: what follows ``::`` and is indented."""
    block = re.search(r"::\n\n((?:    .*\n|\n)+)", docstring + "\n")
    return textwrap.dedent(block[1]).strip() + "\n" if block else ""


def test_the_example_in_the_packages_docstring_runs_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "app.trace").write_text(TRACE, "utf-8")

    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", example_of(assistant.__doc__ or "")],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(assistant.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"sha256:[0-9a-f]{64}\n", done.stdout)
    assert [path.name for path in tmp_path.iterdir()] == ["app.trace"]


def test_the_example_shows_the_way_from_a_trace_to_a_ruleset() -> None:
    example = example_of(assistant.__doc__ or "")

    assert "app.trace" in example
    assert "draft_offline(" in example


def test_a_docstring_without_an_example_gives_none() -> None:
    assert example_of("One line.\n\n    indented, but announced by nothing") == ""
    assert example_of("Run::\n\n    import os\n\n    os.getpid()\n\nMore.") == "import os\n\nos.getpid()\n"


def test_all_is_sorted_and_names_exactly_what_the_package_offers() -> None:
    offered = {
        name
        for name, value in vars(assistant).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }

    assert list(assistant.__all__) == sorted(assistant.__all__)
    assert len(set(assistant.__all__)) == len(assistant.__all__)
    assert all(hasattr(assistant, name) for name in assistant.__all__)
    assert offered | {"__version__"} == set(assistant.__all__)


def test_the_version_is_one_that_packaging_understands() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(?:(?:a|b|rc|\.dev)\d+)?", assistant.__version__)


@pytest.mark.parametrize(
    "name",
    [
        "assistant.pipeline.drafting",
        "assistant.pipeline.reading",
        "assistant.pipeline.verifying",
        "assistant.host",
        "assistant.domain.ruleset",
        "assistant.errors",
    ],
)
def test_what_a_module_offers_is_documented(name: str) -> None:
    module = importlib.import_module(name)
    own = [
        value
        for key, value in vars(module).items()
        if not key.startswith("_") and getattr(value, "__module__", "") == name and callable(value)
    ]

    assert own
    assert [value.__name__ for value in own if not value.__doc__] == []
