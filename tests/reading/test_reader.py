"""A trace is read from wherever it is, in whatever form; what breaks off is kept and said."""

import gzip
import hashlib
import os
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from assistant.domain.access import Inventory
from assistant.domain.host import NoHost
from assistant.domain.ruleset import TraceRecord
from assistant.errors import TraceError, UsageError
from assistant.pipeline.reading import read_traces, unseen
from assistant.reading import parallel
from assistant.reading.naming import Trace, name_traces
from assistant.reading.reader import read_one as reading_one
from assistant.trace.inventory import Collected


LINES = [b'100 open("/srv/%d", O_RDONLY) = 3\n' % number for number in range(3000)]
TRACE = b"".join(LINES)


def _read(*paths: Path) -> Inventory:
    return read_traces(name_traces(paths), NoHost())


def _ids(inventory: Inventory) -> set[str]:
    return {finding.id for finding in unseen(inventory, command_given=False, host_known=True)}


@pytest.mark.parametrize("name", ["app.trace", "app.trace.gz", "app.zst"])
def test_a_packed_trace_has_the_name_and_the_contents_of_the_plain_one(name: str, tmp_path: Path) -> None:
    pack = {"gz": gzip.compress, "st": zstandard.ZstdCompressor().compress}.get(name[-2:], bytes)
    (tmp_path / name).write_bytes(pack(TRACE))

    (source,) = _read(tmp_path / name).sources

    assert (source.name, source.lines, source.damage) == ("app", 3000, "")
    assert source.sha256 == hashlib.sha256(TRACE).hexdigest()


def test_a_packed_trace_is_known_under_provenance_by_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "other.gz").write_bytes(gzip.compress(TRACE))
    known = TraceRecord(name="run1", sha256=hashlib.sha256(TRACE).hexdigest(), lines=3000)

    assert [trace.name for trace in name_traces([tmp_path / "other.gz"], [known])] == ["run1"]


def test_a_damaged_archive_is_read_up_to_the_damage_with_a_finding(tmp_path: Path) -> None:
    (tmp_path / "app.gz").write_bytes(gzip.compress(TRACE)[:-3000])

    inventory = _read(tmp_path / "app.gz")

    (source,) = inventory.sources
    assert 500 < source.lines < 3000
    assert source.damage == "the gzip archive is damaged: it breaks off"
    assert "damaged-trace" in _ids(inventory)


def test_an_archive_from_which_nothing_comes_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "app.gz").write_bytes(gzip.compress(TRACE)[:11])

    with pytest.raises(TraceError, match="cannot be unpacked") as caught:
        _read(tmp_path / "app.gz")

    assert "it breaks off" in caught.value.why


def test_a_folder_stands_for_the_traces_in_it(tmp_path: Path) -> None:
    (tmp_path / "web.10").write_bytes(b'fork() = 11\nopen("/a", O_RDONLY) = 3\n')
    (tmp_path / "web.11").write_bytes(b'open("/b", O_RDONLY) = 3\n')
    (tmp_path / "run.trace").write_bytes(TRACE)

    inventory = _read(tmp_path)

    assert [(source.name, source.lines) for source in inventory.sources] == [("run", 3000), ("web", 3)]
    (access,) = [a for a in inventory.paths if a.path == "/b"]
    assert (str(access.evidence[0]), access.processes[0].pid) == ("web:2", 11)


def test_stdin_is_read_once_and_named_once(tmp_path: Path) -> None:
    assert [trace.name for trace in name_traces([Path("-")])] == ["stdin"]
    with pytest.raises(UsageError, match="stdin is named twice"):
        name_traces([Path("-"), Path("/dev/stdin")])
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_trace_is_named_with_the_form_in_which_it_was_read(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(b'{"line": "hello"}\n')

    with pytest.raises(TraceError, match="holds no system call") as caught:
        _read(tmp_path / "x.jsonl")

    assert "read as JSONL events: of 1 lines" in caught.value.why


def test_the_directory_of_a_recording_is_where_its_relative_names_start(tmp_path: Path) -> None:
    raw = b'100 open("conf", O_RDONLY) = 3\n'
    (tmp_path / "app.trace").write_bytes(raw)
    fields = {"run": "app", "command": ["x"], "cwd": "/srv/app", "user": "root", "uid": 0, "gid": 0}
    recording = _recording(fields, len(raw))
    (tmp_path / "app.json").write_text(recording)

    assert [access.path for access in _read(tmp_path / "app.trace").paths] == ["/srv/app/conf"]


def _recording(fields: dict[str, object], size: int) -> str:
    from assistant.domain.recording import End, Recording

    known = set(Recording.model_fields)
    rest: dict[str, object] = {
        "kernel": "6.18",
        "machine": "x86_64",
        "abi": 7,
        "umask": "0022",
        "strace": "6.1",
    }
    rest |= {"flags": [], "started": "2026-11-23T20:00:00Z", "seconds": 1.0, "lines": 1, "size": size}
    rest |= {"whole": True, "end": End(code=0)}
    return Recording.model_validate(
        {k: v for k, v in (fields | rest).items() if k in known}
    ).model_dump_json()


@pytest.mark.strace
def test_a_trace_is_read_while_strace_still_writes_it(tmp_path: Path) -> None:
    fifo, home = tmp_path / "fifo", tmp_path / "home"
    home.mkdir()
    os.mkfifo(fifo)
    (trace,) = name_traces([fifo])
    job = "for n in 1 2 3 4 5 6 7 8 9; do mkdir d$n; rmdir d$n; done; cat /etc/hostname; exec sleep 30"
    command = ["strace", "-f", "-y", "-e", "trace=%file,%process", "-o", str(fifo), "sh", "-c", job]
    with subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, start_new_session=True) as strace:
        blocks = trace.blocks()
        seen = b""
        while b"hostname" not in seen:
            seen += next(blocks)
        assert strace.poll() is None
        os.killpg(strace.pid, signal.SIGTERM)
        inventory = read_traces([trace], NoHost())

    assert str(home) in {access.path for access in inventory.paths if access.needed}
    assert b"".join(trace.blocks()).startswith(seen)
    assert inventory.sources[0].sha256 == hashlib.sha256(b"".join(trace.blocks())).hexdigest()


@pytest.mark.strace
@pytest.mark.parametrize("flags", [(), ("-ttt",)])
def test_a_real_folder_gives_the_accesses_that_one_file_gives(flags: tuple[str, ...], tmp_path: Path) -> None:
    job = "cd /; (cd /etc; cat hostname); cat etc/passwd | head -1; mkdir {0}/d; touch {0}/d/x; mv {0}/d/x {0}/d/y"
    common = ["strace", "-y", *flags, "-e", "trace=%file,%process,fchdir,dup2,close"]
    needed = []
    for where, more in ((tmp_path / "one.trace", ["-f"]), (tmp_path / "many" / "t", ["-ff"])):
        home = tmp_path / "home"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        where.parent.mkdir(exist_ok=True)
        shell = ["-o", str(where), "sh", "-c", job.format(home)]
        subprocess.run([*common, *more, *shell], check=True, stdout=subprocess.DEVNULL)
        inventory = _read(where if more == ["-f"] else where.parent)
        assert inventory.not_understood == ()
        assert {remark.kind.value for remark in inventory.remarks} <= {"untracked"}
        needed.append({(a.path, a.needed) for a in inventory.paths if a.needed})

    assert needed[0] == needed[1]
    assert len(needed[0]) > 8


def _large(path: Path, start: int) -> Path:
    lines = [b'100 open("/srv/%d", O_RDONLY) = 3\n' % number for number in range(start, start + 4000)]
    path.write_bytes(b"".join(lines))
    return path


@pytest.mark.parametrize("threads", [1, 2])
def test_processes_give_what_one_process_gives(
    threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threading.active_count", lambda: threads)
    paths = [
        _large(tmp_path / f"{name}.trace", start) for name, start in (("b", 0), ("a", 2000), ("c", 9000))
    ]
    alone = _read(*paths)
    monkeypatch.setattr(parallel, "WORTH_A_PROCESS", 1000)
    monkeypatch.setattr("os.cpu_count", lambda: 2)

    read_here: list[str] = []

    def read_one(trace: Trace, cwd: str | None) -> Collected:
        read_here.append(trace.name)
        return reading_one(trace, cwd)

    monkeypatch.setattr(parallel, "read_one", read_one)

    together = _read(*paths)

    assert together == alone
    # What the other process read was not read once more.
    assert read_here == ["c"]
    assert [source.name for source in together.sources] == ["b", "a", "c"]


def test_an_error_in_another_process_is_the_same_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = tmp_path / "bad.trace"
    bad.write_bytes(b"hello\n" * 1000)
    paths = [_large(tmp_path / "a.trace", 0), bad]
    monkeypatch.setattr(parallel, "WORTH_A_PROCESS", 1000)
    monkeypatch.setattr("os.cpu_count", lambda: 2)

    with pytest.raises(TraceError, match="holds no system call") as caught:
        _read(*paths)

    assert "bad.trace" in caught.value.what
    assert "strace -f -y" in caught.value.hint


def test_what_is_lost_with_its_process_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [_large(tmp_path / f"{name}.trace", start) for name, start in (("a", 0), ("b", 2000))]
    alone = _read(*paths)
    monkeypatch.setattr(parallel, "WORTH_A_PROCESS", 1000)
    monkeypatch.setattr(parallel, "_plain", lambda _: os.kill(os.getpid(), 9))
    monkeypatch.setattr("os.cpu_count", lambda: 2)

    assert _read(*paths) == alone


def test_the_work_is_shared_by_size_and_what_is_no_file_is_nobody_elses() -> None:
    assert parallel._shares([10, 70, -1, 30, 30], 2) == [[1], [3, 4, 0]]


def test_small_traces_start_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("multiprocessing.get_context", pytest.fail)
    paths = [_large(tmp_path / f"{name}.trace", 0) for name in "ab"]

    assert len(_read(*paths).sources) == 2


def test_a_trace_is_one_value_whatever_gives_its_bytes(tmp_path: Path) -> None:
    path = _large(tmp_path / "a.trace", 0)
    (found,) = name_traces([path])

    assert found == Trace(path, "a")
    assert b"".join(replace(found, source=None).blocks()) == b"".join(found.blocks())
