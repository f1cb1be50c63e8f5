"""The walkthrough runs as it stands, prints what it says it prints, and leaves nothing behind."""

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import assistant


WALKTHROUGH = Path(__file__).parent.parent / "docs" / "walkthrough.md"
PORTS = {"nginx": 80, "redis": 6390, "A Python program": 8087}
LEFT_BY = {"nginx": "/run/nginx-walkthrough", "redis": "/var/lib/redis/walkthrough.rdb"}
SECONDS = 50
"""For the longest section; all three take about twenty on a small machine."""

_RUN = "import sys; sys.argv[0] = 'landscribe'; from assistant.cli.start import main; main()"


def sections(text: str) -> dict[str, str]:
    """Title to text of each part under a heading of the second level."""
    parts = re.split(r"^## (.*)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def blocks(language: str, text: str) -> list[str]:
    """The contents of all fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def shown(line: str, output: str) -> bool:
    """Whether one line of the output is like a line of the document, whose "..." stand for anything."""
    like = re.escape(" ".join(line.split())).replace(r"\.\.\.", ".*")
    return any(re.fullmatch(like, " ".join(printed.split())) for printed in output.splitlines())


def _document() -> dict[str, str]:
    return sections(WALKTHROUGH.read_text("utf-8"))


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        sock.settimeout(5)
        return sock.connect_ex(("127.0.0.1", port)) == 0


def _running_in(directory: Path) -> list[str]:
    """Command lines of the processes whose working directory lies there."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(directory):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return found


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """A directory for PATH that holds landscribe: the installed script, or the one of this checkout."""
    directory = tmp_path / "bin"
    directory.mkdir()
    root, script = Path(assistant.__file__).parents[1], Path(sys.executable).with_name("landscribe")
    if root.name == "site-packages" and script.exists():
        (directory / "landscribe").symlink_to(script)
    else:
        python = f"PYTHONPATH={shlex.quote(str(root))} exec {sys.executable} -P -c {shlex.quote(_RUN)}"
        (directory / "landscribe").write_text(f'#!/bin/sh\n{python} "$@"\n')
        (directory / "landscribe").chmod(0o755)
    return directory


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Path]:
    """An empty directory; what a broken section left in the system goes away afterwards."""
    directory = tmp_path / "work"
    directory.mkdir()
    yield directory
    Path(LEFT_BY["redis"]).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        Path(LEFT_BY["nginx"]).rmdir()


def _bash(script: str, work: Path, commands: Path) -> tuple[int, str]:
    """Exit code and output. Into a file: what is left running would hold a pipe open."""
    log = work.parent / "output"
    path = f"{commands}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    with log.open("wb") as output:
        bash = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=work,
            env={"PATH": path, "HOME": "/root", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = bash.wait(SECONDS)
        except subprocess.TimeoutExpired:
            pytest.fail(f"not over after {SECONDS} s: {log.read_text('utf-8', 'replace')}")
        finally:
            running = _running_in(work)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(bash.pid, signal.SIGKILL)
            bash.wait()
    assert running == []
    return code, log.read_text("utf-8", "replace")


@pytest.mark.root
@pytest.mark.strace
@pytest.mark.kernel
@pytest.mark.services
@pytest.mark.parametrize("title", PORTS)
def test_a_section_runs_as_it_stands_and_prints_what_it_shows(title: str, work: Path, commands: Path) -> None:
    if _listens(PORTS[title]):
        pytest.skip(f"something listens on port {PORTS[title]}")
    section = _document()[title]

    code, output = _bash("".join(blocks("sh", section)), work, commands)

    assert code == 0, output
    documented = [line for block in blocks("text", section) for line in block.splitlines()]
    assert [line for line in documented if not shown(line, output)] == [], output
    assert not _listens(PORTS[title])
    assert not Path(LEFT_BY.get(title, "/nothing")).exists()


@pytest.mark.parametrize("title", PORTS)
def test_a_section_stops_before_it_starts_anything_when_its_port_is_taken(
    title: str, work: Path, commands: Path
) -> None:
    # A stand-in for the two clients, because nobody may be disturbed on the real port: it always gets through.
    for client in ("curl", "redis-cli", "strace"):
        (commands / client).write_text(f"#!/bin/sh\necho {client} was run\n")
        (commands / client).chmod(0o755)

    code, output = _bash(blocks("sh", _document()[title])[0], work, commands)

    assert code == 1
    assert "stop here" in output
    assert "strace was run" not in output
    assert list(work.iterdir()) == []


def test_every_section_goes_the_whole_way() -> None:
    runnable = {title: "".join(blocks("sh", text)) for title, text in _document().items()}
    steps = ["strace -f -y -e trace=%file,%network,%process -o ", "landscribe draft ", "landscribe verify "]
    steps += ["landscribe test ", "landscribe notes ", "--to python -o ", "launcher.py -- "]

    assert {title for title, script in runnable.items() if script} == set(PORTS)
    for title in PORTS:
        assert [step for step in steps if step not in runnable[title]] == [], title
        assert "two-sided test passed" in _document()[title]


def test_nothing_waits_without_an_end() -> None:
    script = "".join(blocks("sh", WALKTHROUGH.read_text("utf-8")))

    waiting = [line for line in script.splitlines() if re.search(r"\b(sleep|until|while)\b", line)]

    assert waiting
    assert [line for line in waiting if not line.startswith("timeout 10 sh -c 'until ")] == []


@pytest.mark.parametrize(
    ("line", "output", "expected"),
    [
        ("command: works", "x\ncommand: works\ny", True),
        ("denied read /etc/shadow: EACCES", "denied       read      /etc/shadow: EACCES", True),
        ("a: ... grants, ... read", "  a: 18 grants, 0 refused; read\n", True),
        ("a: ... grants", "a: 18 path\ngrants", False),
        ("command: works", "command: works not", False),
    ],
)
def test_dots_stand_for_the_rest_of_one_line(line: str, output: str, *, expected: bool) -> None:
    assert shown(line, output) is expected
