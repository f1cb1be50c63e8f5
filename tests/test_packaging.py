"""The wheel holds our packages and nothing else, and it is what the tests import."""

import email
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import assistant
from assistant.trace import scan


REPO = Path(__file__).parent.parent
PACKAGES = {name for name in ("assistant", "redaction", "prompts") if (REPO / name / "__init__.py").exists()}

in_installed_run = pytest.mark.skipif(
    not os.environ.get("LANDSCRIBE_INSTALLED"),  # noqa: TID251 - set by `make test`
    reason="the wheel is not what is tested here; make test does that",
)


def _built(source: Path, target: Path, **variables: str) -> tuple[Path, str]:
    """A wheel, and what was said while it was built."""
    command = [sys.executable, "-P", "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    environ = {"PATH": os.defpath, **variables}
    done = subprocess.run(command, cwd=source, env=environ, check=True, capture_output=True, text=True)
    (wheel,) = target.glob("*.whl")
    return wheel, done.stdout + done.stderr


def _build(source: Path, target: Path) -> Path:
    """A wheel of Python alone: compiling takes a minute, and adds to it only what a test of its own looks at."""
    return _built(source, target, HATCH_BUILD_NO_HOOKS="true")[0]


def top_level_names(wheel: Path) -> set[str]:
    """First path components of everything in a wheel, without its dist-info."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name.partition("/")[0] for name in archive.namelist()}
    return {name for name in names if not name.endswith(".dist-info")}


def _read(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        (found,) = [entry for entry in archive.namelist() if entry.endswith(name)]
        return archive.read(found).decode()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build(REPO, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_exactly_our_packages(wheel: Path) -> None:
    assert top_level_names(wheel) == PACKAGES


def test_a_stray_package_in_the_wheel_is_noticed(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for package in PACKAGES:
        shutil.copytree(REPO / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPO / name, copy)
    (copy / "stray").mkdir()
    (copy / "stray/__init__.py").write_text("")
    config = copy / "pyproject.toml"
    config.write_text(
        config.read_text().replace('packages = ["assistant"', 'packages = ["stray", "assistant"')
    )

    assert top_level_names(_build(copy, tmp_path / "dist")) == PACKAGES | {"stray"}


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    checkout = {
        str(path.relative_to(REPO))
        for package in PACKAGES
        for path in (REPO / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }

    assert packed == checkout
    assert "assistant/py.typed" in packed


def test_the_only_command_is_landscribe(wheel: Path) -> None:
    entries = _read(wheel, ".dist-info/entry_points.txt").split("\n")

    assert [line for line in entries if line] == [
        "[console_scripts]",
        "landscribe = assistant.cli.start:main",
    ]


def test_metadata_code_and_licence_agree(wheel: Path) -> None:
    metadata = email.message_from_string(_read(wheel, ".dist-info/METADATA"))

    assert metadata["Name"] == "landscribe"
    assert metadata["Version"] == assistant.__version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert "Apache License" in _read(wheel, ".dist-info/licenses/LICENSE")


@in_installed_run
def test_the_tests_import_the_installed_wheel_and_not_the_checkout() -> None:
    found = Path(assistant.__file__).resolve()

    assert found.parent.parent.name == "site-packages"
    assert not found.is_relative_to(REPO / "assistant")


@in_installed_run
def test_the_installed_modules_are_compiled_so_that_the_command_starts_fast() -> None:
    installed = Path(assistant.__file__).parent

    for module in installed.rglob("*.py"):
        assert list((module.parent / "__pycache__").glob(f"{module.stem}.*.pyc")), module


def test_without_a_compiler_the_wheel_is_python_alone_and_the_build_says_so(tmp_path: Path) -> None:
    wheel, said = _built(REPO, tmp_path, CC="/bin/false")

    assert "the reader is not compiled" in said
    assert wheel.name.endswith("-py3-none-any.whl")
    assert top_level_names(wheel) == PACKAGES


@in_installed_run
@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_the_installed_reader_is_compiled_where_there_is_a_compiler() -> None:
    assert not scan.__file__.endswith(".py")
    compiled = {file.parent.name for file in Path(assistant.__file__).parent.rglob("*.so")}

    assert compiled == {"trace", "families"}


@in_installed_run
def test_the_installed_command_says_the_installed_version(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("landscribe")

    done = subprocess.run([command, "--version"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert assistant.__version__ in done.stdout
