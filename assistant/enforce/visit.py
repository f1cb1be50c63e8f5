"""Does something in a room and brings its result out."""

import os
import pickle
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, TypeVar

from assistant.enforce import launcher
from assistant.enforce.room import Room, inhabit
from assistant.errors import LandscribeError, SandboxError


_T = TypeVar("_T")


def do_in(room: Room | None, work: Callable[[], _T]) -> _T:
    """Do something in a room, and bring its result out; here, when there shall be none.

    Raises:
        SandboxError: there can be no room, the work said so, or it was killed.
    """
    if room is None:
        return work()
    reader, writer = os.pipe()
    worker = os.fork()
    if worker == 0:
        os.close(reader)
        inhabit(room, lambda refused: _bring_out(work, writer, refused))
    os.close(writer)
    try:
        with os.fdopen(reader, "rb") as pipe:
            raw = pipe.read()
    finally:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    if not raw:
        raise SandboxError("what was done in a room was killed", hint="run the test again")
    result: _T | LandscribeError = pickle.loads(raw)  # noqa: S301 - our own child wrote it
    if isinstance(result, LandscribeError):
        raise result
    return result


def _bring_out(work: Callable[[], _T], writer: int, refused: launcher.LaunchError | None) -> NoReturn:
    try:
        result: _T | LandscribeError
        try:
            result = work() if refused is None else _told(refused)
        except LandscribeError as error:
            result = error
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(pickle.dumps(result))
    finally:
        os._exit(0)


def _told(refused: launcher.LaunchError) -> SandboxError:
    return SandboxError(refused.what, why=refused.why, hint=refused.hint)
