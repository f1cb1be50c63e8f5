"""The only writer to a terminal. Results go to stdout, talk to stderr; names arrive escaped."""

import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import takewhile
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any

from assistant.errors import LandscribeError, UsageError


_LONGEST = 64 * 1024 * 1024
"""Bytes of a document that are read; no ruleset that a person reviews comes near."""


def open_closed_streams() -> None:
    """Open what the caller closed: else the next file that is opened would take a result or a message.

    Stdout is opened for reading, so that writing a result fails and is said.
    """
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # the lowest number that is free is this one
    # Python has none for a stream that was closed.
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)


def result(text: str) -> None:
    """Write what the command was asked for."""
    try:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritten(error) from error


def result_bytes(blocks: Iterable[bytes], *, active: bool) -> None:
    """Write a result as it is.

    Args:
        blocks: Its bytes.
        active: They may hold what steers a terminal: written to anything but one.

    Raises:
        UsageError: stdout is a terminal.
    """
    if active and sys.stdout.isatty():
        raise UsageError(
            "the bytes of a trace are not for a terminal: names in it could steer it",
            hint="write them to a file or a pipe: landscribe trace TRACE --to text > app.trace",
        )
    for block in blocks:
        _write(block)


def _write(block: bytes) -> None:
    try:
        sys.stdout.buffer.write(block)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritten(error) from error


def _unwritten(error: OSError) -> LandscribeError:
    # The interpreter would try once more when it ends, and exit with a code of its own.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return LandscribeError("the result cannot be written to stdout", why=error.strerror or str(error))


def result_json(data: dict[str, Any]) -> None:
    """Write the result as one JSON object; ASCII only, so that no name can steer a terminal.

    A value that is an iterator gives JSON, which becomes an array: each item a line, written as it comes.
    """
    result_bytes(_together(_json(data)), active=False)


def _together(pieces: Iterable[str]) -> Iterator[bytes]:
    waiting: list[str] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length > _BLOCK:
            yield "".join(waiting).encode("ascii")
            waiting, length = [], 0
    yield "".join(waiting).encode("ascii")


_ARRAYS = (list, tuple)
_BLOCK = 1 << 16


def _json(data: dict[str, Any]) -> Iterator[str]:
    between = "{\n"
    for key, value in data.items():
        yield f"{between}  {encode_basestring_ascii(key)}: "
        if isinstance(value, Iterator):
            yield from _array(value)
        else:
            yield _indented(value, "\n  ")
        between = ",\n"
    yield "\n}\n" if data else "{}\n"


def _array(items: Iterator[str]) -> Iterator[str]:
    between = "[\n    "
    for item in items:
        yield between + item
        between = ",\n    "
    yield "[]" if between[0] == "[" else "\n  ]"


def _indented(value: Any, margin: str) -> str:
    """As json.dumps(value, indent=2), which is slow: only without an indent it is C that writes."""
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    inner = margin + "  "
    if isinstance(value, _ARRAYS) and value:
        items = [_indented(item, inner) for item in value]
        return f"[{inner}{f',{inner}'.join(items)}{margin}]"
    if isinstance(value, dict) and value:
        items = [f"{encode_basestring_ascii(key)}: {_indented(item, inner)}" for key, item in value.items()]
        return f"{{{inner}{f',{inner}'.join(items)}{margin}}}"
    return str(value) if value.__class__ is int else json.dumps(value)


def say(text: str) -> None:
    """Talk to the person; never part of the result."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def can_ask() -> bool:
    """Whether a person is there who reads what is said and can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str) -> str:
    """A line that the person types, without blanks around it; "" when they only press Enter, or leave.

    The caller makes sure that "" means no.
    """
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.buffer.readline().decode("utf-8", "replace").strip()


def ask_lines(question: str) -> str:
    """Ask for a text of several lines; a single dot, or the end of the input, ends it."""
    say(question)
    lines = iter(sys.stdin.readline, "")
    return "".join(takewhile(lambda line: line.rstrip("\r\n") != ".", lines))


def complain(error: LandscribeError) -> None:
    """Say what went wrong, why, and what to do next."""
    say(f"landscribe: {error.what}" + (f": {error.why}" if error.why else ""))
    if error.hint:
        say(f"  next: {error.hint}")


def write_file(path: Path, content: str | bytes, *, executable: bool = False) -> None:
    """Write a file whole or not at all; an existing file keeps its mode, a device or a pipe is written to.

    Raises:
        UsageError: the directory is missing or cannot be written, or the path is a directory.
        LandscribeError: there is no room; what was there before is unchanged.
    """
    raw = content.encode("utf-8") if isinstance(content, str) else content
    target = path.resolve() if path.is_symlink() else path
    try:
        if path.is_dir():
            raise UsageError(f"{str(path)!a} is a directory", hint="name a file in it")
        if path.exists() and not path.is_file():
            path.write_bytes(raw)
            return
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:200]}.")
    except OSError as error:
        raise UsageError(
            f"{str(path)!a} cannot be written",
            why=error.strerror or str(error),
            hint="name a file in a directory that exists",
        ) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode | (mode & 0o444) >> 2 if executable else mode)
        Path(temporary).replace(target)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            why = error.strerror or str(error)
            hint = "make room, or name another file; what was there before is unchanged"
            raise LandscribeError(f"{str(path)!a} could not be written", why=why, hint=hint) from error
        raise


def append_line(path: Path, line: str) -> None:
    """Add a line to a file, whole or not at all.

    Raises:
        LandscribeError: it cannot be added to; it holds what it held before.
    """
    left = memoryview(line.encode("utf-8"))
    try:
        with path.open("ab", buffering=0) as file:
            before = file.seek(0, os.SEEK_END)
            try:
                while left:
                    left = left[file.write(left) :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(before)
                raise
    except OSError as error:
        raise LandscribeError(
            f"{str(path)!a} cannot be added to",
            why=error.strerror or str(error),
            hint="make room, or the file writable; nothing was changed",
        ) from error


def read_file(path: Path, what: str) -> str:
    """Read a text file.

    Raises:
        UsageError: it is missing, unreadable or not UTF-8; exit code 3.
    """
    from assistant.errors import InputError

    try:
        with path.open("rb") as file:
            raw = file.read(_LONGEST + 1)
        if len(raw) > _LONGEST:
            raise InputError(
                f"{what} {str(path)!a} cannot be read", why="it is longer than 64 MiB", hint="check the path"
            )
        return raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
        raise InputError(f"{what} {str(path)!a} cannot be read", why=why, hint="check the path") from error
