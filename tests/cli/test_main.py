"""What all commands share: help, usage, the exit codes, a quick start, and an end that leaves nothing broken."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import assistant
from tests.cli.conftest import COMMAND, ENVIRONMENT


COMMANDS = (
    *("record", "draft", "verify", "test", "run", "export", "notes"),
    *("diff", "explain", "approve", "context", "paths", "trace", "doctor"),
    *("primer", "log", "prompts"),
)
HEAVY = ("pydantic", "rich", "asyncio", "tomllib", "ctypes", "assistant.pipeline", "assistant.enforce")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_is_a_result(command: str, landscribe: Callable[..., Any]) -> None:
    done = landscribe(command, "--help")

    assert (done.code, done.err) == (0, "")
    assert done.out.lstrip().startswith(f"Usage: landscribe {command} ")


def test_the_list_of_commands_in_these_tests_is_the_real_one(landscribe: Callable[..., Any]) -> None:
    _, _, listed = landscribe("--help").out.partition("Commands:\n")

    assert tuple(line.split()[0] for line in listed.partition("\n\n")[0].splitlines()) == COMMANDS


def test_the_version_is_a_result(landscribe: Callable[..., Any]) -> None:
    done = landscribe("--version")

    assert (done.code, done.out, done.err) == (0, f"landscribe {assistant.__version__}\n", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["draft"],
        ["draft", "", "--offline"],
        ["verify", "app.toml", ""],
        ["notes", "app.toml", ""],
        ["draft", "app.trace", "--nonsense"],
        ["draft", "app.trace", "--offline", "--target-abi", "99"],
        ["draft", "app.trace", "--offline", "--target-abi", "0"],
        ["draft", "app.trace", "--offline", "--target-abi", "many"],
        ["draft", "app.trace", "--offline", "--tightness", "loose"],
        ["draft", "app.trace", "--offline", "--command", "no-such-program"],
        ["verify", "app.toml"],
        ["run", "app.toml"],
        ["test", "app.toml"],
        ["test", "app.toml", "--timeout", "soon", "--", "true"],
        ["export", "app.toml"],
        ["export", "app.toml", "--to", "nonsense"],
        ["notes"],
        ["diff"],
        ["diff", "app.toml"],
        ["explain", "app.toml"],
        ["approve"],
        ["paths"],
        ["paths", "a.toml", "b.toml"],
        ["context"],
        ["context", "no/unit/name"],
        ["context", "nginx", "--user", "www-data"],
        ["context", "--command", "true", "--capability", "CAP_NONSENSE"],
        ["trace"],
    ],
    ids=" ".join,
)
def test_a_command_line_without_meaning_is_exit_code_2(
    arguments: list[str], drafted: Any, landscribe: Callable[..., Any]
) -> None:
    before = drafted.snapshot()

    done = landscribe(*arguments)

    assert done.code == 2
    assert "\n  next: " in done.plain_error
    assert drafted.snapshot() == before


def test_landscribe_alone_shows_its_help_and_is_exit_code_2(landscribe: Callable[..., Any]) -> None:
    done = landscribe()

    assert done.code == 2
    assert "Usage: landscribe" in done.out + done.err


def _loaded(*arguments: str, cwd: Path) -> set[str]:
    """Which modules one command has loaded when it ends."""
    program = (
        "import sys; sys.argv[0] = 'landscribe'\n"
        "from assistant.cli.main import run_command\n"
        "code = run_command()\n"
        "sys.stderr.write('\\n' + ' '.join(sys.modules))\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(Path(assistant.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]], ids=" ".join)
def test_saying_what_it_can_do_loads_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    loaded = _loaded(*arguments, cwd=tmp_path)

    assert "typer" in loaded
    assert sorted(set(HEAVY) & loaded) == []


def test_a_command_that_works_does_load_what_help_must_not(service: Any) -> None:
    assert {"pydantic", "assistant.pipeline"} <= _loaded("trace", str(service.trace), cwd=service.root)


def test_reading_waits_for_nothing_that_drafts(service: Any) -> None:
    loaded = _loaded("trace", "--json", str(service.trace), cwd=service.root)

    assert "assistant.pipeline.reading" in loaded
    assert not {"assistant.drafting", "assistant.pipeline.drafting", "assistant.domain.ruleset"} & loaded


def test_verifying_waits_for_nothing_that_drafts(drafted: Any) -> None:
    loaded = _loaded("verify", str(drafted.ruleset), str(drafted.trace), cwd=drafted.root)

    assert "assistant.pipeline.verifying" in loaded
    assert not {"assistant.drafting", "assistant.pipeline.drafting"} & loaded


@pytest.mark.parametrize(
    "arguments",
    [
        ["draft", "fifo", "--offline", "-o", "app.toml"],
        ["verify", "app.toml", "fifo"],
        ["trace", "fifo"],
        ["notes", "app.toml", "fifo", "-o", "notes.md"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_an_interrupted_command_is_130_and_has_written_nothing(
    arguments: list[str], drafted: Any, popen: Callable[..., subprocess.Popen[str]]
) -> None:
    os.mkfifo(drafted.root / "fifo")
    before = drafted.snapshot()
    running = popen(*arguments)

    with (drafted.root / "fifo").open("w", encoding="utf-8") as fifo:  # Opens when landscribe reads it.
        fifo.write(drafted.lines[0] + "\n")
        fifo.flush()
        out, err = _interrupted(running)

    assert running.returncode == 130
    assert (out, err.splitlines()) == ("", ["landscribe: interrupted; nothing was half written"])
    assert drafted.snapshot() == before


def _interrupted(running: subprocess.Popen[str]) -> tuple[str, str]:
    """Ctrl-C, once more each second: Python may drop one that arrives while it tidies an object up."""
    for _ in range(20):
        running.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return running.communicate(timeout=1)
    running.kill()
    return running.communicate()


@pytest.mark.kernel
def test_an_interrupted_test_is_130_and_ends_the_command(
    drafted: Any, popen: Callable[..., subprocess.Popen[str]]
) -> None:
    drafted.add('\n[[path]]\npath = "/usr"\nrights = ["execute", "read_file", "read_dir"]\nby = "person"\n')
    os.mkfifo(drafted.root / "fifo")
    drafted.add(
        f'\n[[path]]\npath = "{drafted.root}/fifo"\nrights = ["read_file", "write_file"]\nby = "person"\n'
    )
    running = popen("test", "app.toml", "--", "sh", "-c", "echo $$ >fifo; exec sleep 300")
    with (drafted.root / "fifo").open(encoding="utf-8") as fifo:
        command = Path("/proc") / fifo.readline().strip()
    assert command.exists()

    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)

    assert running.returncode == 130
    assert _gone(command)


def _gone(process: Path) -> bool:
    """Whether a process ends within a minute."""
    deadline = time.monotonic() + 60
    while process.exists() and time.monotonic() < deadline:
        os.sched_yield()
    return not process.exists()


def test_a_reader_that_has_seen_enough_is_no_traceback(
    service: Any, popen: Callable[..., subprocess.Popen[str]]
) -> None:
    running = popen("trace", service.trace)
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()

    code = running.wait(60)

    assert code == 1
    assert "Traceback" not in running.stderr.read()
    running.stderr.close()


def test_a_result_that_cannot_be_written_is_no_success(
    service: Any, popen: Callable[..., subprocess.Popen[str]]
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        running = popen("trace", service.trace, stdout=full)
        _, err = running.communicate(timeout=60)

    assert running.returncode == 1
    assert "Traceback" not in err
    assert "No space left on device" in err


def test_a_result_without_a_stdout_is_no_success(service: Any, closed: Callable[..., Any]) -> None:
    done = closed(">&-", "trace", service.trace)

    assert done.returncode == 1
    assert "the result cannot be written to stdout: Bad file descriptor" in done.stderr


def test_no_file_takes_what_a_closed_stderr_would(drafted: Any, closed: Callable[..., Any]) -> None:
    done = closed("2>&-", "draft", "app.trace", "--offline", "--force", "-o", "app.toml")

    assert done.returncode in {0, 10}
    assert (done.stdout, done.stderr) == ("", "")
    assert "landscribe:" not in (drafted.root / "app.toml").read_text(encoding="utf-8")


@pytest.fixture
def closed(service: Any) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs landscribe with a stream closed by the shell."""

    def run(closing: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        script = f'exec "$@" {closing}'
        return subprocess.run(
            ["sh", "-c", script, "sh", *COMMAND, *map(str, arguments)],
            cwd=service.root,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_an_interrupt_while_it_starts_is_130_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    environment = {**ENVIRONMENT, "PYTHONPATH": f"{tmp_path}:{ENVIRONMENT.get('PYTHONPATH', '')}"}

    done = subprocess.run(
        [*COMMAND, "--help"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "landscribe: interrupted; nothing was half written\n"
