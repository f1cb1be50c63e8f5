"""The measure that tests of time rely on tells what is linear from what is not."""

from collections import deque
from collections.abc import Callable

from tests.growth import growth


def _steps(count: int) -> Callable[[], object]:
    return lambda: deque(range(count), maxlen=0)


def test_what_is_linear_grows_about_as_its_size() -> None:
    assert growth(_steps, 100_000) < 40


def test_what_is_quadratic_grows_faster() -> None:
    assert growth(lambda size: _steps(size * size), 300) > 40
