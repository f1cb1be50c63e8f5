"""The time and the bytes that one question may take: its author sets them, its transport keeps them."""

import time
from collections.abc import Callable

from assistant.errors import AnswerError, BudgetError


class Limits:
    """What is left for the question that is being asked. For one question at a time.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds = 0.0
        self._end = 0.0
        self._most_bytes = 0

    def begin(self, seconds: float, most_bytes: int) -> None:
        """A question begins; it may take so long with all its repeats, and each answer so many bytes."""
        self._seconds = seconds
        self._end = self._clock() + seconds
        self._most_bytes = most_bytes

    def left(self) -> float:
        """Seconds that are left; negative when it took too long."""
        return self._end - self._clock()

    def check(self, taken: int) -> None:
        """Hold an answer of so many bytes, as far as it has come, against both limits.

        Raises:
            AnswerError: it is longer than the model may write.
            BudgetError: it took too long.
        """
        if taken > self._most_bytes:
            raise AnswerError(
                "the answer is longer than the model may write",
                why=f"more than {self._most_bytes:,} bytes came, and the rest was not read",
                hint="look at what answers there; landscribe draft --offline needs no model",
            )
        if self.left() <= 0:
            raise BudgetError(
                f"the answer took longer than the {self._seconds:.0f} seconds that are allowed",
                hint="try again later, or allow more time",
            )
