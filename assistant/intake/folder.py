"""Which traces a folder holds: the files of ``strace -ff -o DIR/t`` are one, any other is one by itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import TraceError
from assistant.intake.blocks import file_blocks, unreadable
from assistant.intake.packed import unpacked


_PACKED = r"(?:\.(?:gz|zst|xz|bz2))?"
_THREAD = re.compile(rf"^(?P<prefix>.+)\.(?P<pid>[1-9][0-9]{{0,9}}){_PACKED}$", re.DOTALL)
_WHOLE = re.compile(rf"\.(?:trace|strace|log|jsonl){_PACKED}$")
# What strace writes first into a thread's file: a call, a signal or an exit, perhaps behind columns of time.
_THREAD_LINE = re.compile(rb"[\s0-9:.()+\[\]a-f?]*(?:[a-z_]\w*\(|\+\+\+ |--- |<\.\.\. |strace: )")


@dataclass(frozen=True, slots=True)
class Thread:
    """The file of one thread."""

    pid: int
    path: Path


@dataclass(frozen=True, slots=True)
class Member:
    """One trace of a folder.

    Attributes:
        name: A file's name, or the common beginning of the threads' files.
        threads: The threads, by number; empty for a trace that is one file.
    """

    name: str
    threads: tuple[Thread, ...] = ()


def members(folder: Path) -> list[Member]:
    """The traces of a folder, by name.

    Raises:
        TraceError: it holds none, or cannot be read.
    """
    threads: dict[str, list[Thread]] = {}
    whole: list[Member] = []
    for path in _files(folder):
        match = _THREAD.match(path.name)
        if match is not None and (match["prefix"] in threads or _is_thread(path)):
            threads.setdefault(match["prefix"], []).append(Thread(int(match["pid"]), path))
        elif _WHOLE.search(path.name) or (match is not None and _WHOLE.search(match["prefix"])):
            whole.append(Member(path.name))
    grouped = [
        Member(prefix, tuple(sorted(found, key=lambda thread: (thread.pid, thread.path.name))))
        for prefix, found in threads.items()
    ]
    if not grouped and not whole:
        raise TraceError(
            f"the folder {str(folder)!a} holds no trace",
            why="a trace in a folder is called NAME.trace, NAME.strace, NAME.log, NAME.jsonl or, "
            "from strace -ff, NAME.PID",
            hint="record one: strace -f -y -e trace=%file,%network,%process -o app.trace CMD",
        )
    return sorted([*grouped, *whole], key=lambda member: member.name)


def _files(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise unreadable(folder, error) from error


def _is_thread(path: Path) -> bool:
    """A rotated log is called NAME.1 as well. An empty file is a thread that made no call."""
    try:
        first = next(unpacked(file_blocks(path)), b"")
    except TraceError:
        return True
    return not first or _THREAD_LINE.match(first) is not None
