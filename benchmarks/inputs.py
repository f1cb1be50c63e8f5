"""The traces that are measured on: recorded once into one directory, described, and used again."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.recording import HERE, KINDS, WORKS, Order, missing, program, record


_COLUMNS = re.compile(rb"[0-9]+\s+")
_LARGE = 32 << 20
_WITH_TIMES = ("--seccomp-bpf", "-f", "-tt", "-e", "trace=%file,%process,%network")
_NGINX = """daemon off; worker_processes 2; pid {place}/nginx.pid; error_log {place}/error.log;
events {{ }}
http {{ access_log {place}/access.log; server {{ listen 127.0.0.1:{port}; root {place}; }} }}
"""


@dataclass(frozen=True, slots=True)
class Described:
    """What a trace is like.

    Attributes:
        kind: a, b or m.
        size: Bytes.
        lines: Lines.
        texts: Distinct lines, without the column of the process number.
        halves: Lines that hold one half of an interrupted call.
        rounds: How often the works were done for it.
        works: Which they were.
    """

    kind: str
    size: int
    lines: int
    texts: int
    halves: int
    rounds: int
    works: tuple[str, ...]


def recorded(place: Path, kind: str, size: int) -> tuple[Path, Described]:
    """The trace of a kind, recorded now unless ``place`` has one of at least ``size`` bytes."""
    file, about = place / f"{kind}-{size >> 20}.trace", place / f"{kind}-{size >> 20}.json"
    if not (file.exists() and about.exists()):
        works = tuple(work for work in WORKS if not said_missing(work))
        say(f"recording {size >> 20} MiB of kind {kind}: {', '.join(works)}")
        unfinished = file.with_suffix(".part")
        sources = 24 if size >= _LARGE else 6
        rounds = record(Order(KINDS[kind], works, size, sources), unfinished)
        about.write_text(json.dumps(asdict(_describe(unfinished, kind, rounds, works))))
        unfinished.replace(file)
    found = json.loads(about.read_text())
    return file, Described(**{**found, "works": tuple(found["works"])})


def said_missing(work: str) -> str:
    """Why a work cannot be done here, said aloud, or ""."""
    why = missing(work)
    if why:
        say(f"without the work {work}: {why}")
    return why


def _describe(file: Path, kind: str, rounds: int, works: tuple[str, ...]) -> Described:
    texts: set[bytes] = set()
    lines = halves = 0
    with file.open("rb") as whole:
        for line in whole:
            lines += 1
            text = _COLUMNS.sub(b"", line, count=1)
            halves += text.startswith(b"<...") or text.endswith(b"<unfinished ...>\n")
            texts.add(hashlib.blake2b(text, digest_size=8).digest())
    return Described(kind, file.stat().st_size, lines, len(texts), halves, rounds, works)


def with_times(place: Path) -> Path:
    """A trace of 2 MB in the form that stracetools understands: with the time on each line."""
    file = place / "times.trace"
    if not file.exists():
        part = file.with_suffix(".part")
        record(Order(_WITH_TIMES, ("compile",), 2_000_000, sources=2), part)
        with part.open("rb") as whole:
            file.write_bytes(whole.read(2_000_000) + whole.readline())
        part.unlink()
    return file


def build(place: Path, size: int) -> Path:
    """A trace of a parallel build, of so many bytes at least."""
    file = place / f"build-{size}.trace"
    if not file.exists():
        part = file.with_suffix(".part")
        record(Order(KINDS["b"], ("compile",), size, sources=24), part)
        part.replace(file)
    return file


def nginx(place: Path, port: int = 18573) -> Path:
    """A trace of nginx that starts, answers a request and stops."""
    file, server = place / "nginx.trace", program("nginx")
    if server is None:
        raise FileNotFoundError("nginx is not installed")
    if not file.exists():
        home = place / "nginx"
        home.mkdir(exist_ok=True)
        (home / "index.html").write_text("hello\n")
        (home / "nginx.conf").write_text(_NGINX.format(place=home, port=port))
        part = file.with_suffix(".part")
        command = ["strace", "-f", "-y", "-e", "trace=%file,%network,%process", "-o", str(part)]
        command += [server, "-p", str(home), "-c", str(home / "nginx.conf")]
        with _running(command, home / "nginx.pid"):
            asked = f"import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}/').read()"
            subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True)
        part.replace(file)
    return file


@contextmanager
def _running(command: list[str], ready: Path) -> Iterator[None]:
    """A traced daemon while the body runs; it is told to stop by the number in its pid file."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as traced:
        deadline = time.monotonic() + 20
        while not (ready.exists() and ready.read_text().strip()):
            if traced.poll() is not None or time.monotonic() > deadline:
                traced.kill()
                raise FileNotFoundError("nginx did not start")
            time.sleep(0.05)  # noqa: TID251 - the recorder waits for the recorded
        try:
            yield
        finally:
            os.kill(int(ready.read_text()), 15)


def side_file(name: str) -> Path:
    """A program of benchmarks/sides."""
    return HERE / "sides" / name


def say(text: str) -> None:
    """Talk goes to stderr: stdout is the table's."""
    sys.stderr.write(f"\nbench: {text}\n")
