"""A trace from a pipe is read while it is written, and can be read again."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant.errors import TraceError
from assistant.intake.pipe import Pipe
from assistant.intake.source import find_traces, open_trace


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


@contextmanager
def _writing(path: Path, *parts: bytes) -> Iterator[None]:
    def write() -> None:
        with path.open("wb", buffering=0) as file:
            for part in parts:
                file.write(part)

    writer = threading.Thread(target=write)
    writer.start()
    yield
    writer.join()


def test_a_second_pass_reads_what_the_first_one_kept(fifo: Path) -> None:
    pipe = Pipe(fifo)

    with _writing(fifo, b"one\n" * 100_000, b"two\n"):
        first = b"".join(pipe.blocks())

    assert first == b"one\n" * 100_000 + b"two\n"
    assert b"".join(pipe.blocks()) == first


def test_a_pass_that_stopped_early_is_finished_by_the_next(fifo: Path) -> None:
    pipe = Pipe(fifo)

    with _writing(fifo, b"one\n" * 300_000):
        begun = next(iter(pipe.blocks()))
        assert b"".join(pipe.blocks()) == b"one\n" * 300_000

    assert begun.startswith(b"one\n")


def test_bytes_come_as_they_are_written(fifo: Path) -> None:
    with fifo.open("r+b", buffering=0) as both:
        blocks = Pipe(fifo).blocks()
        both.write(b"one\n")
        assert next(blocks) == b"one\n"
        both.write(b"two\n")
        assert next(blocks) == b"two\n"


def test_what_is_kept_has_no_name_and_goes_with_its_reader(
    fifo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    pipe = Pipe(fifo)

    with _writing(fifo, b"one\n"):
        assert list(pipe.blocks()) == [b"one\n"]

    assert [path.name for path in tmp_path.iterdir()] == ["fifo"]


def test_a_full_disk_is_an_error_with_what_to_do(fifo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = Pipe(fifo)

    with _writing(fifo, b"one\n"):
        blocks = pipe.blocks()
        monkeypatch.setattr("os.write", _full)
        with pytest.raises(TraceError, match="cannot be kept") as caught:
            next(blocks)
        monkeypatch.undo()

    assert "TMPDIR" in caught.value.hint


def _full(*_: object) -> int:
    raise OSError(28, "No space left on device")


def test_a_terminal_or_another_device_is_refused() -> None:
    leader, terminal = os.openpty()
    try:
        with pytest.raises(TraceError, match="is a device"):
            list(Pipe(Path(f"/dev/fd/{terminal}")).blocks())
    finally:
        os.close(leader)
        os.close(terminal)
    with pytest.raises(TraceError, match="is a device"):
        list(open_trace(Path("/dev/zero")))
    assert list(open_trace(Path(os.devnull))) == []


def test_a_file_behind_a_descriptor_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "app.trace"
    path.write_bytes(b"one\n" * 200_000)
    with path.open("rb") as file:
        file.seek(5)
        (found,) = find_traces(Path(f"/dev/fd/{file.fileno()}"))

        assert b"".join(found.source.blocks()) == b"one\n" * 200_000
        assert b"".join(found.source.blocks()) == b"one\n" * 200_000
