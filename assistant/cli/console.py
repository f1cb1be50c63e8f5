"""The only writer to a terminal. Results go to stdout, talk to stderr; names arrive escaped."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from assistant.errors import LandscribeError, UsageError


def result(text: str) -> None:
    """Write what the command was asked for."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def result_json(data: Any) -> None:
    """Write the result as one JSON object; ASCII only, so that no name can steer a terminal."""
    result(json.dumps(data, indent=2, ensure_ascii=True))


def say(text: str) -> None:
    """Talk to the person; never part of the result."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def complain(error: LandscribeError) -> None:
    """Say what went wrong, why, and what to do next."""
    say(f"landscribe: {error.what}" + (f": {error.why}" if error.why else ""))
    if error.hint:
        say(f"  next: {error.hint}")


def write_file(path: Path, text: str) -> None:
    """Write a file whole or not at all; an existing file keeps its mode.

    Raises:
        UsageError: the directory is missing or cannot be written.
    """
    target = path.resolve() if path.is_symlink() else path
    mode = target.stat().st_mode & 0o777 if target.exists() else None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise UsageError(
            f"{str(path)!a} cannot be written",
            why=error.strerror or str(error),
            hint="name a file in a directory that exists",
        ) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644 if mode is None else mode)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_file(path: Path, what: str) -> str:
    """Read a text file.

    Raises:
        UsageError: it is missing, unreadable or not UTF-8; exit code 3.
    """
    from assistant.errors import InputError

    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
        raise InputError(f"{what} {str(path)!a} cannot be read", why=why, hint="check the path") from error
