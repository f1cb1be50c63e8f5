"""What people give by mistake in place of a trace: told by its beginning, and refused with what to do."""

import re
from collections.abc import Callable
from typing import NamedTuple

from assistant.trace.forms import Mistake
from assistant.trace.forms.record import is_interpreted


_TRACE = "record one: strace -f -y -e trace=%file,%network,%process -o app.trace CMD"
_PERF = re.compile(rb"\s*(?:[0-9]+\.[0-9]{3}|\?) \(\s*(?:[0-9]+\.[0-9]{3} ms)?\s*\): ")
_PERF_POINTER = re.compile(rb"(?:filename|pathname|oldname|newname): 0x[0-9a-f]+")
_SUMMARY = re.compile(rb"\s*% time +seconds +usecs/call +calls +errors +syscall")
_LTRACE = re.compile(rb"(?:\[pid [0-9]+\] |[0-9]+ )?(?:__libc_start_main\(|[\w.+-]{1,60}->\w+\(|SYS_\w+\()")
_OPENSNOOP = re.compile(rb"(?:TIME\(s\) +)?(?:UID +)?PID +COMM +FD +ERR +")
_RECORDING = re.compile(rb'\s*\{\s*"kind": ?"recording"')
_RULESET = re.compile(rb"(?:\s*#[^\n]*\n|\s*\n)*schema = [0-9]+\s+service = ")
_CORE = 4
_TAR_MAGIC = 257


class _Sign(NamedTuple):
    """How a mistake is told, and what is said about it."""

    told: Callable[[bytes], object]
    mistake: Mistake


def _starts(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda first: first.startswith(magic)


def _is_core(first: bytes) -> bool:
    return first.startswith(b"\x7fELF") and int.from_bytes(first[16:18], "little") == _CORE


_SIGNS = (
    _Sign(_is_core, Mistake("a core dump", "it shows a process's memory, not what it did", _TRACE)),
    _Sign(_starts(b"\x7fELF"), Mistake("a program", "it was not run under strace", _TRACE)),
    _Sign(
        _starts(b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\x0a\x0d\x0d\x0a"),
        Mistake("a network capture", "packets show no files and no programs", _TRACE),
    ),
    _Sign(
        _starts(b"PERFILE2"),
        Mistake("a recording of perf", "perf keeps pointers in place of paths", _TRACE),
    ),
    _Sign(
        lambda first: _PERF.match(first) and _PERF_POINTER.search(first),
        Mistake("perf trace's text", "it shows pointers in place of paths (filename: 0x...)", _TRACE),
    ),
    _Sign(
        _PERF.match,
        Mistake("perf trace's text", "this form is not read", "use strace, or write events: docs/jsonl.md"),
    ),
    _Sign(
        _SUMMARY.match,
        Mistake("a summary of strace -c", "it counts calls and shows none of them", _TRACE + " (without -c)"),
    ),
    _Sign(
        _LTRACE.match,
        Mistake("ltrace's output", "it shows library calls, and not all that the kernel is asked", _TRACE),
    ),
    _Sign(
        _OPENSNOOP.match,
        Mistake(
            "opensnoop's table",
            "it shows opens only, cuts names and does not say how files were opened",
            "use strace, or write events: docs/jsonl.md",
        ),
    ),
    _Sign(
        is_interpreted,
        Mistake(
            "what ausearch -i prints",
            "it is made for people: names in it are neither quoted nor escaped",
            "give audit.log itself, or ausearch --raw",
        ),
    ),
    _Sign(
        _RECORDING.match,
        Mistake("the description of a recording", "the trace lies beside it", "give the .trace file"),
    ),
    _Sign(
        _RULESET.match,
        Mistake("a ruleset document", "it says what is granted, not what was done", _TRACE),
    ),
    _Sign(
        _starts(b"[{", b"[\n"),
        Mistake(
            "a JSON array",
            "events stand one a line, without brackets around them all",
            "jq -c '.[]' turns it into lines; docs/jsonl.md says what an event is",
        ),
    ),
    _Sign(
        lambda first: (
            first.startswith((b"PK\x03\x04", b"7z\xbc\xaf")) or first[_TAR_MAGIC:].startswith(b"ustar")
        ),
        Mistake("an archive of several files", "only one packed file is unpacked here", "unpack it first"),
    ),
    _Sign(
        _starts(b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ", b"BZh9"),
        Mistake("an archive within an archive", "only the outer one is unpacked here", "unpack it first"),
    ),
    _Sign(
        _starts(b"\xff\xfe", b"\xfe\xff"),
        Mistake("text in UTF-16", "strace writes bytes", "convert it back: iconv -f UTF-16 -t UTF-8"),
    ),
)


def mistake_in(first: bytes) -> Mistake | None:
    """What a file that begins with these bytes is, when it is certainly no trace."""
    return next((sign.mistake for sign in _SIGNS if sign.told(first)), None)
