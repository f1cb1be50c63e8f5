"""One trace that lies in a file for each thread, as one stream."""

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.errors import DamagedTraceError
from assistant.intake.blocks import gathered
from assistant.intake.clock import by_time, clock_of
from assistant.intake.folder import Thread
from assistant.intake.forks import in_fork_order


@dataclass(frozen=True, slots=True)
class Threads:
    """What ``strace -ff`` wrote, as the stream that ``strace -f`` would have written, or one like it.

    By time where every file tells it to fractions of a second, else in the order of forks.
    """

    threads: tuple[Thread, ...]

    def blocks(self) -> Iterator[bytes]:
        """See Source."""
        damage: list[DamagedTraceError] = []
        form = clock_of(self.threads)
        yield from gathered(
            in_fork_order(self.threads, damage) if form is None else by_time(self.threads, form, damage)
        )
        if damage:
            raise damage[0]
