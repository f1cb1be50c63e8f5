"""Several lives at once: their results, and nothing left of them when somebody stops early."""

import os
import time
from pathlib import Path

from assistant.domain.life import Life
from assistant.enforce.pool import Pool, Task
from assistant.enforce.starting import Terms
from assistant.enforce.supervise import begin


def task(*scripts: str) -> Task[list[int | None]]:
    codes: list[int | None] = []
    for script in scripts:
        life = Life("a life", ("sh", "-c", script), timeout=30)
        run = yield begin(life, Terms().free(life), grace=0.2)
        codes.append(run.code)
    return codes


def test_each_task_goes_on_with_what_its_own_life_showed() -> None:
    done = dict(Pool[list[int | None]](2).run([task("exit 1", "exit 2"), task("exit 3"), task()]))

    assert done == {0: [1, 2], 1: [3], 2: []}


def test_tasks_are_at_work_at_the_same_time_and_never_more_than_that(tmp_path: Path) -> None:
    script = f"mkdir {tmp_path}/$$; sleep 0.5; ls {tmp_path} | wc -l > {tmp_path}.$$; rmdir {tmp_path}/$$"

    list(Pool[list[int | None]](3).run(task(script) for _ in range(6)))

    seen = [int(path.read_text("ascii")) for path in tmp_path.parent.glob(f"{tmp_path.name}.*")]
    assert len(seen) == 6
    assert 2 <= max(seen) <= 3


def test_whoever_stops_early_leaves_nothing_running(tmp_path: Path) -> None:
    def running() -> int:
        count = 0
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    count += os.fsencode(tmp_path) in (entry / "cmdline").read_bytes()
                except OSError:
                    continue
        return count

    sleepers = [task(f": {tmp_path}; sleep 300; :") for _ in range(2)]
    results = Pool[list[int | None]](3).run([task("true"), *sleepers])
    assert next(results) == (0, [0])
    results.close()

    until = time.monotonic() + 30
    while running() and time.monotonic() < until:
        time.sleep(0.05)  # noqa: TID251 - with a deadline
    assert running() == 0


def test_no_tasks_are_no_results() -> None:
    assert list(Pool[list[int | None]](2).run([])) == []
