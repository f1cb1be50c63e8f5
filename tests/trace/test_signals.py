"""Signals that a process received are found in every form of line, and a name cannot pass for one."""

import subprocess
from pathlib import Path

import pytest

from assistant.trace.signals import signals_in


SIGN = b"--- SIGHUP {si_signo=SIGHUP, si_code=SI_USER, si_pid=1, si_uid=0} ---"


@pytest.mark.parametrize(
    "line",
    [
        SIGN,
        b"100 " + SIGN,
        b"[pid   100] " + SIGN,
        b"100<nginx> " + SIGN,
        b"100 12:00:01.000001 " + SIGN,
        b"100 1700000000.123456 (+     0.000012) " + SIGN,
        b"100 [00007f0000000000] " + SIGN,
    ],
)
def test_a_signal_is_found_behind_any_columns(line: bytes) -> None:
    assert list(signals_in([b"100 close(3) = 0\n" + line + b"\n"])) == [(2, "SIGHUP")]


@pytest.mark.parametrize(
    "line",
    [
        b'100 openat(AT_FDCWD, "--- SIGHUP {si_signo=SIGHUP} ---", O_RDONLY) = 3',
        b'100 openat(AT_FDCWD</--- SIGHUP {>, "x", O_RDONLY) = 3',
        b"100 +++ killed by SIGHUP +++",
        b"100 --- stopped by SIGSTOP ---",
        b"100 --- SIGhup {} ---",
        b"--- - ---",
    ],
)
def test_what_is_no_signal_is_not_taken_for_one(line: bytes) -> None:
    assert list(signals_in([line + b"\n"])) == []


def test_lines_are_counted_over_blocks_however_they_are_cut() -> None:
    text = b"a\n" * 5 + SIGN + b"\nb\n" + SIGN.replace(b"HUP", b"USR1")

    for size in (1, 3, 7, 64, 4096):
        blocks = [text[at : at + size] for at in range(0, len(text), size)]
        assert list(signals_in(blocks)) == [(6, "SIGHUP"), (8, "SIGUSR1")]


@pytest.mark.strace
def test_a_real_strace_shows_them(tmp_path: Path) -> None:
    trace = tmp_path / "t"
    script = "trap : HUP USR1; kill -HUP $$; kill -USR1 $$"
    subprocess.run(["strace", "-f", "-o", str(trace), "sh", "-c", script], check=True, timeout=60)

    found = [name for _, name in signals_in([trace.read_bytes()])]

    assert found == ["SIGHUP", "SIGUSR1"]
