"""How time grows with size: seconds say what machine it is, and what else it does; their ratio says what the code does."""

import time
from collections.abc import Callable


def growth(prepared: Callable[[int], Callable[[], object]], size: int) -> float:
    """How many times the processor's time ten times the size takes: ten where it is linear, a hundred where quadratic.

    Args:
        prepared: From a size to the work, whose making is not counted.
        size: The smaller one.
    """
    few, many = (min(_took(prepared(each)) for _ in range(3)) for each in (size, 10 * size))
    return many / few


def _took(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before
