"""Several lives under way at once: each task begins one after another, and the pool waits for all of them."""

import select
from collections.abc import Generator, Iterable, Iterator
from typing import Generic, TypeVar

from assistant.enforce.supervise import Run, Underway, finish, give_up


_T = TypeVar("_T")

Task = Generator[Underway, Run, _T]
"""Yields each life that it has begun, is sent how that went, and returns its result."""


class Pool(Generic[_T]):
    """Runs tasks, at most so many at once.

    Args:
        at_once: How many.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._poll = select.poll()
        self._running: dict[int, tuple[int, Task[_T], Underway]] = {}

    def run(self, tasks: Iterable[Task[_T]]) -> Generator[tuple[int, _T], None, None]:
        """The place of each task among all and its result, as they end.

        A task is asked for only when there is room for it. Whoever stops early leaves nothing running.

        Raises:
            SandboxError: a sandbox or a room could not be set up.
        """
        waiting = enumerate(tasks)
        try:
            while True:
                while len(self._running) < self._at_once and (following := next(waiting, None)):
                    yield from self._go_on(*following, None)
                if not self._running:
                    return
                for reader, _ in self._poll.poll():
                    yield from self._ended(reader)
        finally:
            give_up([underway for _, _, underway in self._running.values()])
            self._running.clear()

    def _ended(self, reader: int) -> Iterator[tuple[int, _T]]:
        place, task, underway = self._running.pop(reader)
        self._poll.unregister(reader)
        yield from self._go_on(place, task, finish(underway))

    def _go_on(self, place: int, task: Task[_T], run: Run | None) -> Iterator[tuple[int, _T]]:
        try:
            underway = next(task) if run is None else task.send(run)
        except StopIteration as end:
            yield place, end.value
        else:
            self._running[underway.reader] = (place, task, underway)
            self._poll.register(underway.reader, select.POLLIN)
