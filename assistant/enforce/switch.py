"""Audit is on while somebody listens, and as it was when the last one is gone.

Several may listen at once. A file says what was there before; who holds a lock on it still listens. It also
outlives whoever is killed, so that the next one puts things right.
"""

import fcntl
import json
import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from assistant.enforce import audit


PLACE = Path("/run/landscribe-audit")
"""Only root can make it, and it is gone after a boot, as audit's state is."""

ON = 1
ROOM = 1 << 16
"""Records that may wait: the kernel drops what finds no room, and a burst of denials never waits for it."""


class Switch:
    """Turns audit on, if it is off, for as long as this object lives.

    Args:
        place: The file that keeps what was there before; else ``PLACE``.

    Raises:
        OSError: audit may not be changed here, or the file cannot be made.
    """

    def __init__(self, place: Path | None = None) -> None:
        self._place = place or PLACE
        self._file = self._locked()

    def _locked(self) -> int:
        while True:
            file = os.open(self._place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                alone = _try_alone(file)
                if not alone:
                    fcntl.flock(file, fcntl.LOCK_SH)
                if os.fstat(file).st_nlink:
                    if alone:
                        self._turn_on(file)
                    return file
            except BaseException:
                os.close(file)
                raise
            os.close(file)  # The last one has just put things back and removed the file.

    def _turn_on(self, file: int) -> None:
        before = _kept(file)
        if before is None:
            before = audit.status()
            os.ftruncate(file, 0)
            os.pwrite(file, json.dumps(asdict(before)).encode(), 0)
        try:
            # Whoever has it on already has set it up as he wants it.
            if not before.enabled:
                audit.change(enabled=ON, backlog_limit=max(ROOM, before.backlog_limit))
        except OSError:
            self._place.unlink(missing_ok=True)
            raise
        fcntl.flock(file, fcntl.LOCK_SH)

    def off(self) -> str:
        """Put things back, unless another one listens still. What had to be left, if anything."""
        try:
            # Giving up the shared lock and taking the other are one step: of two who leave, one is the last.
            return self._put_back() if _try_alone(self._file) else ""
        finally:
            os.close(self._file)

    def _put_back(self) -> str:
        before, now, said = _kept(self._file), audit.status(), ""
        if before is not None and not before.enabled:
            if now.auditd and not before.auditd:
                said = "auditd was started meanwhile: the kernel's audit was left on"
            elif now.enabled > ON:
                said = "the kernel's audit was locked meanwhile, and stays on until the next boot"
            else:
                mine = now.backlog_limit == max(ROOM, before.backlog_limit)
                audit.change(enabled=0, backlog_limit=before.backlog_limit if mine else None)
        self._place.unlink(missing_ok=True)
        return said


def _try_alone(file: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _kept(file: int) -> audit.Status | None:
    """What the file says was there before; None when it says nothing, or nothing whole."""
    with suppress(ValueError, TypeError):
        return audit.Status(**json.loads(os.pread(file, 4096, 0)))
    return None
