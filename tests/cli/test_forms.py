"""Every form of input through the real command: folders, archives, stdin, events, audit logs, mistakes."""

import fcntl
import gzip
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import termios
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard


DATA = Path(__file__).parents[1] / "trace/forms/data"


def _piped(data: bytes) -> int:
    """A pipe's end that gives these bytes."""
    out, into = os.pipe()
    with os.fdopen(into, "wb") as file:
        file.write(data)
    return out


def _unread(pipe: int) -> int:
    """Bytes that nobody has taken from a pipe yet."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def test_an_archive_and_stdin_are_held_against_the_ruleset_of_the_plain_trace(
    drafted: Any, landscribe: Callable[..., Any]
) -> None:
    raw = drafted.trace.read_bytes()
    (drafted.root / "a.gz").write_bytes(gzip.compress(raw))
    (drafted.root / "b.zst").write_bytes(zstandard.ZstdCompressor().compress(raw))

    packed = landscribe("verify", "app.toml", "a.gz")
    with os.fdopen(_piped((drafted.root / "b.zst").read_bytes())) as pipe:
        piped = landscribe("verify", "app.toml", f"/dev/fd/{pipe.fileno()}", pass_fds=[pipe.fileno()])

    assert packed.code == 0, packed.out
    assert piped == packed


def test_stdin_is_called_dash(service: Any, popen: Callable[..., subprocess.Popen[str]]) -> None:
    with service.trace.open("rb") as file:
        running = popen("trace", "-", stdin=file)
        out, _ = running.communicate(timeout=60)

    assert running.returncode == 0
    assert "stdin: 11 lines: " in out
    assert "/etc/ld.so.cache  read_file  openat  ok  1x  stdin:2" in out


def test_an_interrupt_while_strace_still_writes_exits_with_130(
    service: Any, popen: Callable[..., subprocess.Popen[str]]
) -> None:
    out, into = os.pipe()
    with os.fdopen(into, "wb", buffering=0) as writer, os.fdopen(out) as reader:
        # A shell that runs the tests in the background has it ignored, which a child would inherit.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        running = popen("trace", "-", stdin=reader)
        signal.signal(signal.SIGINT, before)
        writer.write(service.trace.read_bytes())
        while _unread(out):
            threading.Event().wait(0.05)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)

    assert running.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err


@pytest.mark.strace
def test_a_folder_of_threads_is_drafted_and_its_citations_are_lines_of_its_text(
    service: Any, landscribe: Callable[..., Any]
) -> None:
    folder = service.root / "threads"
    folder.mkdir()
    subprocess.run(
        [
            "strace",
            "-ff",
            "-y",
            "-e",
            "trace=%file,%process,%network",
            "-o",
            folder / "t",
            "sh",
            "-c",
            "cat /etc/hostname; cat /etc/passwd >/dev/null",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )

    drafted = landscribe("draft", "threads", "--offline", "-o", "new.toml")
    verified = landscribe("verify", "new.toml", "threads")
    shown = landscribe("trace", "threads", "--json")
    text = landscribe("trace", "threads", "--to", "text").out.splitlines()

    assert drafted.code == verified.code, drafted.err
    assert "false-citation" not in drafted.err + verified.out
    assert "missing-access" not in drafted.err + verified.out
    data = json.loads(shown.out)
    assert data["traces"][0]["lines"] == len(text)
    cited = {path["path"]: int(path["evidence"][0].removeprefix("t:")) for path in data["paths"]}
    assert '"/etc/hostname"' in text[cited["/etc/hostname"] - 1]


def test_a_folder_with_a_damaged_archive_is_a_finding(service: Any, landscribe: Callable[..., Any]) -> None:
    raw = service.trace.read_bytes()
    (service.root / "cut.gz").write_bytes(gzip.compress(raw, 0)[:-200])

    done = landscribe("trace", "cut.gz")
    written = landscribe("trace", "cut.gz", "--to", "text")

    assert done.code == 10
    assert "damaged-trace: cut: the gzip archive is damaged: it breaks off; read up to line" in done.err
    assert written.code == 3
    assert raw.startswith(written.out.encode())
    assert "the gzip archive is damaged" in written.err


def test_text_is_the_bytes_of_the_trace_and_events_give_the_same_inventory(
    service: Any, landscribe: Callable[..., Any]
) -> None:
    service.write("app.trace", [*service.lines, "100 open(\x1b[31m"])

    text = landscribe("trace", "app.trace", "--to", "text")
    events = landscribe("trace", "app.trace", "--to", "jsonl")
    (service.root / "app.jsonl").write_text(events.out)
    again = landscribe("trace", "app.jsonl", "--to", "jsonl")
    one, other = landscribe("trace", "app.trace", "--json"), landscribe("trace", "app.jsonl", "--json")

    assert (text.code, text.err) == (events.code, events.err) == (0, "")
    assert text.out == service.trace.read_text()
    assert "\x1b" not in events.out
    assert again.out == events.out
    assert _without_digest(one.out) == _without_digest(other.out)


def _without_digest(out: str) -> Any:
    data = json.loads(out)
    for trace in data["traces"]:
        del trace["sha256"]
    return data


def test_the_bytes_of_a_trace_are_not_written_to_a_terminal(
    service: Any, popen: Callable[..., subprocess.Popen[str]]
) -> None:
    leader, terminal = pty.openpty()
    running = popen("trace", "app.trace", "--to", "text", stdout=terminal)
    _, err = running.communicate(timeout=60)
    os.close(terminal)
    os.close(leader)

    assert running.returncode == 2
    assert "not for a terminal" in err
    assert service.trace.is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["trace", "app.trace", "--to", "yaml"], "no form 'yaml'"),
        (["trace", "app.trace", "app.trace", "--to", "text"], "writes one trace at a time"),
        (["trace", "audit.log", "--to", "jsonl"], "is read as audit records"),
    ],
)
def test_what_cannot_be_written_is_a_usage_error(
    arguments: list[str], said: str, service: Any, landscribe: Callable[..., Any]
) -> None:
    shutil.copy(DATA / "syscalls.log", service.root / "audit.log")

    done = landscribe(*arguments)

    assert done.code == 2
    assert said in done.plain_error


def test_denials_of_a_run_are_drift_against_its_ruleset(drafted: Any, landscribe: Callable[..., Any]) -> None:
    shutil.copy(DATA / "landlock.log", drafted.root / "denials.log")

    done = landscribe("verify", "app.toml", "denials.log")

    assert done.code == 12
    assert (
        "drift: /etc/hostname: openat needs read_file here, and the ruleset denies it [denials:1]" in done.out
    )


def test_a_mistake_is_one_error_in_words(drafted: Any, landscribe: Callable[..., Any]) -> None:
    perf = "     0.000 ( 0.026 ms): cat/27279 openat(dfd: CWD, filename: 0xfbf322a0, flags: RDONLY) = 4\n"
    (drafted.root / "perf.txt").write_text(perf)

    done = landscribe("draft", "perf.txt", "--offline", "-o", "new.toml")

    assert done.code == 3
    assert (
        "the trace 'perf.txt' is perf trace's text: it shows pointers in place of paths" in done.plain_error
    )
    assert not (drafted.root / "new.toml").exists()
