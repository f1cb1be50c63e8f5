"""A folder of ``strace -ff`` is one stream: by time where every file tells it, else in the order of forks."""

import gzip
import os
import random
import re
import resource
import subprocess
from pathlib import Path

import pytest

from assistant.errors import DamagedTraceError, TraceError
from assistant.intake.source import Source, find_traces


JOB = "mkdir d; cd d; (cat /etc/hostname; (cd /; ls >/dev/null)) | cat >/dev/null; touch a; mv a b; rm b"


def _write(folder: Path, **threads: str) -> Source:
    """Files t.PID from PID=text."""
    for pid, text in threads.items():
        (folder / f"t.{pid.removeprefix('p')}").write_text(text)
    (found,) = find_traces(folder)
    return found.source


def _lines(source: Source) -> list[str]:
    return b"".join(source.blocks()).decode().splitlines()


def _record(folder: Path, *flags: str) -> Source:
    home = folder.parent / f"home{len(flags)}"
    home.mkdir()
    subprocess.run(
        [
            "strace",
            "-ff",
            "-y",
            *flags,
            "-e",
            "trace=%file,%process,fchdir,close",
            "-o",
            folder / "t",
            "sh",
            "-c",
            JOB,
        ],
        cwd=home,
        check=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    (found,) = find_traces(folder)
    return found.source


@pytest.mark.strace
@pytest.mark.parametrize("flags", [(), ("-ttt",), ("-tt",), ("-t",), ("-r",)])
def test_a_real_folder_gives_every_line_once_and_each_threads_lines_in_their_order(
    flags: tuple[str, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "traces"
    folder.mkdir()
    source = _record(folder, *flags)

    by_thread: dict[str, list[str]] = {}
    for line in _lines(source):
        pid, text = line.split(" ", 1)
        by_thread.setdefault(pid, []).append(text)

    files = {path.name.removeprefix("t."): path.read_text().splitlines() for path in folder.iterdir()}
    assert by_thread == files
    assert len(files) > 4


@pytest.mark.strace
@pytest.mark.parametrize("flags", [(), ("-ttt",), ("-tt",)])
def test_in_a_real_folder_no_thread_comes_before_the_call_that_made_it(
    flags: tuple[str, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "traces"
    folder.mkdir()
    seen: set[str] = set()
    made: set[str] = set()
    late = []
    for line in _lines(_record(folder, *flags)):
        pid = line.split(" ", 1)[0]
        if pid not in seen and seen and pid not in made:
            late.append(line)
        seen.add(pid)
        fork = re.search(r"\b(?:v?fork|clone3?)\(.* = ([0-9]+)$", line)
        if fork:
            made.add(fork[1])

    assert late == []
    assert len(made) > 3


@pytest.mark.strace
def test_a_real_folder_is_sorted_by_its_times(tmp_path: Path) -> None:
    folder = tmp_path / "traces"
    folder.mkdir()

    times = [line.split(" ")[1] for line in _lines(_record(folder, "-ttt"))]

    assert times == sorted(times)


def test_without_times_a_child_stands_behind_the_call_that_made_it(tmp_path: Path) -> None:
    source = _write(
        tmp_path,
        p5='a("p")\nclone(child_stack=NULL, flags=SIGCHLD) = 9\nb()\nvfork()                  = 2\nc()\n',
        p9="d()\nclone3({flags=0}, 88) = 7\ne()\n",
        p7="f()\n",
        p2="g()\n",
        p30="h()\n",
    )

    order = re.sub(
        r"\(.*", "", " ".join(re.findall(r"\b([a-z]\w*\()", "".join(_lines(source)))).replace("(", "")
    )

    assert [line.split(" ")[0] for line in _lines(source)] == [
        "5",
        "5",
        "9",
        "9",
        "7",
        "9",
        "5",
        "5",
        "2",
        "5",
        "30",
    ]
    assert order == "a clone d clone3 f e b vfork g c h"


def test_a_name_that_looks_like_a_fork_makes_nothing(tmp_path: Path) -> None:
    source = _write(
        tmp_path, p5='open("/x vfork() = 9\\n", 0) = 3\nopen("clone() = 9", 0) = 9\na()\n', p9="b()\n"
    )

    assert [line.split(" ")[0] for line in _lines(source)] == ["5", "5", "5", "9"]


def test_forks_that_go_round_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    source = _write(tmp_path, p5="fork() = 6\na()\n", p6="fork() = 5\nb()\n", p7="fork() = 7\nc()\n")

    assert sorted(_lines(source)) == [
        "5 a()",
        "5 fork() = 6",
        "6 b()",
        "6 fork() = 5",
        "7 c()",
        "7 fork() = 7",
    ]


def test_a_deep_line_of_forks_needs_no_recursion(tmp_path: Path) -> None:
    count = 1200
    for pid in range(1, count + 1):
        text = f"fork() = {pid + 1}\nend()\n" if pid < count else "end()\n"
        (tmp_path / f"t.{pid}").write_text(text)
    (found,) = find_traces(tmp_path)

    lines = _lines(found.source)

    assert lines[-1] == "1 end()"
    assert lines[count - 1] == f"{count} end()"


def test_the_number_that_strace_gives_in_a_pid_namespace_is_the_files(tmp_path: Path) -> None:
    source = _write(
        tmp_path, p5="clone(child_stack=NULL) = 2 /* 90 in strace's PID NS */\na()\n", p2="b()\n", p90="c()\n"
    )

    assert [line.split(" ")[0] for line in _lines(source)] == ["2", "5", "90", "5"]


def test_by_time_the_lower_number_is_first_and_a_line_without_time_stays_where_it_is(tmp_path: Path) -> None:
    source = _write(
        tmp_path,
        p2="1795438541.100000 a()\nstray\n1795438541.300000 b()\n",
        p1="1795438541.100000 c()\n1795438541.200000 d()\n1795438541.150000 e()\n",
    )

    assert _lines(source) == [
        "1 1795438541.100000 c()",
        "2 1795438541.100000 a()",
        "2 stray",
        "1 1795438541.200000 d()",
        "1 1795438541.150000 e()",
        "2 1795438541.300000 b()",
    ]


def test_midnight_passes_in_a_file_and_between_a_call_and_the_thread_it_made(tmp_path: Path) -> None:
    source = _write(
        tmp_path,
        p1="23:59:58.000000 a()\n23:59:59.000000 fork() = 3\n23:59:59.500000 fork() = 2\n00:00:03.000000 b()\n",
        p2="00:00:02.000000 c()\n00:00:04.000000 d()\n",
        p3="23:59:59.900000 e()\n00:00:01.000000 f()\n",
    )

    calls = [line.split(" ")[2] for line in _lines(source)]

    assert calls == ["a()", "fork()", "fork()", "e()", "f()", "c()", "b()", "d()"]


def test_whole_seconds_are_no_clock(tmp_path: Path) -> None:
    source = _write(tmp_path, p1="12:00:00 fork() = 2\n12:00:05 a()\n", p2="12:00:01 b()\n12:00:09 c()\n")

    assert [line.split(" ")[2] for line in _lines(source)] == ["fork()", "b()", "c()", "a()"]


def test_a_last_line_without_an_end_is_not_glued_to_the_next(tmp_path: Path) -> None:
    source = _write(tmp_path, p1='a()\nopen("/cu', p2="b()\n")

    assert _lines(source) == ["1 a()", '1 open("/cu', "2 b()"]


def test_merging_random_threads_is_sorting_by_time_and_number(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - the same threads each time
    rows = []
    for pid in range(1, 40):
        times = sorted(chance.randrange(10**6) for _ in range(chance.randrange(1, 400)))
        rows += [(time, pid) for time in times]
        (tmp_path / f"t.{pid}").write_text("".join(f"1795438541.{time:06} c({pid})\n" for time in times))
    (found,) = find_traces(tmp_path)

    got = [(int(line.split(" ")[1][11:]), int(line.split(" ")[0])) for line in _lines(found.source)]

    assert got == sorted(rows)


def test_thousands_of_files_need_few_descriptors_and_little_memory(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    for pid in range(1, 1001):
        (tmp_path / f"t.{pid}").write_text(f"1795438541.{pid:06} a()\n1795438542.{pid:06} b()\n")
    (found,) = find_traces(tmp_path)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, before[1]))
    try:
        lines = _lines(found.source)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert len(lines) == 2000
    assert lines[999].endswith("a()")
    assert lines[1000].endswith("b()")


def test_packed_threads_are_merged_and_a_damaged_one_is_said_behind_the_others(tmp_path: Path) -> None:
    lines = b"".join(b"call%d()\n" % number for number in range(9000))
    (tmp_path / "t.1").write_bytes(b"a()\n")
    (tmp_path / "t.2.gz").write_bytes(gzip.compress(lines)[:-2000])
    (tmp_path / "t.3.gz").write_bytes(gzip.compress(b"z()\n"))
    (found,) = find_traces(tmp_path)

    out: list[bytes] = []
    with pytest.raises(DamagedTraceError, match="gzip"):
        out.extend(found.source.blocks())

    assert b"".join(out).startswith(b"1 a()\n2 call0()\n2 call1()\n")
    assert b"".join(out).endswith(b"\n3 z()\n")


def test_prefixes_and_plain_traces_are_traces_of_their_own_by_name(tmp_path: Path) -> None:
    for name in ("web.10", "web.11", "db.3", "run.trace", "old.strace.gz", "events.jsonl"):
        (tmp_path / name).write_text("a()\n")
    (tmp_path / "audit.log").write_text("type=SYSCALL msg=audit(1.0:1): arch=c000003e\n")
    (tmp_path / "audit.log.1").write_text("type=SYSCALL msg=audit(1.0:1): arch=c000003e\n")
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "README").write_text("hello")
    (tmp_path / "sub.1").mkdir()

    found = [path.path.name for path in find_traces(tmp_path)]

    assert found == ["audit.log", "audit.log.1", "db", "events.jsonl", "old.strace.gz", "run.trace", "web"]


def test_a_folder_without_a_trace_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="holds no trace"):
        find_traces(tmp_path)


def test_a_file_that_is_replaced_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "t.1").write_bytes(b"a()\n" * 200_000)
    (found,) = find_traces(tmp_path)
    blocks = found.source.blocks()
    next(blocks)
    (tmp_path / "new").write_bytes(b"b()\n" * 200_000)
    os.replace(tmp_path / "new", tmp_path / "t.1")

    with pytest.raises(TraceError, match="was replaced"):
        list(blocks)
