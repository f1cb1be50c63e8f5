"""The one owner of repeats: tenacity, within the time that a question may take."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from assistant.author.claude.failures import Failure
from assistant.errors import LandscribeError


LONGEST_WAIT = 60.0
"""Seconds. An endpoint that asks for more is not waited for."""

_growing = wait_random_exponential(multiplier=0.5, max=20)

Answer = TypeVar("Answer")


class FailedError(Exception):
    """One try failed. Stays in this package."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.error.what)
        self.failure = failure


def insist(once: Callable[[], Answer], left: Callable[[], float], sleep: Callable[[float], None]) -> Answer:
    """Try until it works, no other try could help, or time is up.

    Args:
        once: One try; it raises ``FailedError``.
        left: Seconds that are left.
        sleep: Waits so many seconds.

    Raises:
        LandscribeError: what the last try failed with.
    """
    retrying = Retrying(
        retry=retry_if_exception_type(FailedError),
        wait=_pause,
        stop=lambda state: _is_enough(state, left()),
        sleep=sleep,
        reraise=True,
    )
    try:
        return retrying(once)
    except FailedError as failed:
        raise _given_up(failed.failure, retrying.statistics["attempt_number"]) from None


def _pause(state: RetryCallState) -> float:
    asked = _failure(state).wait
    return _growing(state) if asked is None else asked


def _is_enough(state: RetryCallState, left: float) -> bool:
    failure = _failure(state)
    too_long = state.upcoming_sleep > LONGEST_WAIT or state.upcoming_sleep >= left
    return too_long or state.attempt_number >= failure.tries


def _failure(state: RetryCallState) -> Failure:
    error = state.outcome.exception() if state.outcome is not None else None
    assert isinstance(error, FailedError)  # noqa: S101 - nothing else is repeated
    return error.failure


def _given_up(failure: Failure, tries: int) -> LandscribeError:
    error = failure.error
    notes = [f"tried {tries} times"] if tries > 1 else []
    if failure.wait is not None and failure.wait > LONGEST_WAIT:
        notes.append(f"it asks to wait {failure.wait:.0f} seconds")
    error.why = "; ".join(filter(None, (error.why, *notes)))
    return error
