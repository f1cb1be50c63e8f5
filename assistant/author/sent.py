"""What was ever sent: the bytes themselves, and a line for each event, written before the bytes leave.

The list is JSON, a line each, for all projects of a user; the bytes lie beside the ruleset that they were
sent for, or beside the list. Both are for their owner alone.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from assistant.errors import LandscribeError


LIST = "sent.jsonl"


class Leaving(Protocol):
    """One request as it leaves, as far as it is written down."""

    @property
    def url(self) -> str:
        """Where to."""

    @property
    def body(self) -> bytes:
        """The very bytes."""

    @property
    def digest(self) -> str:
        """What people and logs call the body."""


@dataclass(frozen=True, slots=True)
class Approved:
    """Who let it go, and for what.

    Attributes:
        who: The user.
        how: "at the terminal", or the option that named the digest.
        model: Whom it is for.
        service: The service that it is about.
    """

    who: str
    how: str
    model: str
    service: str = ""


class SentLog:
    """Keeps what is sent. An observer of the transport: when it cannot write, nothing is sent.

    Attributes:
        approved: Who let the bytes go; to be set before any do.

    Args:
        folder: Where the list is.
        beside: Where the bytes are kept.
        now: The time, with its zone.
    """

    approved: Approved

    def __init__(
        self, folder: str, beside: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._folder = folder
        self._beside = beside
        self._now = now

    def sending(self, leaving: Leaving) -> None:
        """Keep the bytes, then say that they are about to leave.

        Raises:
            LandscribeError: they could not be kept, so they must not leave.
        """
        when = self._now()
        name = f"{when:%Y%m%dT%H%M%S}-{leaving.digest.rpartition(':')[2][:12]}.json"
        kept = os.path.join(self._beside, name)
        one = self.approved
        try:
            os.makedirs(self._beside, mode=0o700, exist_ok=True)
            _written(kept, leaving.body)
            self._add(
                {
                    "event": "sending",
                    "time": when.isoformat(timespec="seconds"),
                    "sha256": leaving.digest,
                    "bytes": len(leaving.body),
                    "to": leaving.url,
                    "model": one.model,
                    "service": one.service,
                    "approved_by": one.who,
                    "approved": one.how,
                    "kept": os.path.abspath(kept),
                }
            )
        except OSError as error:
            raise LandscribeError(
                "nothing was sent: what would be sent cannot be kept",
                why=f"{self._beside!a}: {error.strerror or error}",
                hint="make room, or write the ruleset to a directory that can be written",
            ) from error

    def answered(self, leaving: Leaving, status: int | None) -> None:
        """The endpoint answered, or nothing came."""
        when = self._now().isoformat(timespec="seconds")
        self._add({"event": "answered", "time": when, "sha256": leaving.digest, "status": status})

    def _add(self, event: dict[str, Any]) -> None:
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        line = json.dumps(event, ensure_ascii=True) + "\n"
        # One write of one line: two runs at once do not mix theirs.
        descriptor = os.open(
            os.path.join(self._folder, LIST), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
        )
        try:
            os.write(descriptor, line.encode("ascii"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _written(path: str, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@dataclass(slots=True)
class Sent:
    """One request that left, and how it was answered; ``status`` is None when no answer came."""

    event: dict[str, Any]
    status: int | None = None


def sent(folder: str) -> list[Sent]:
    """Everything that was sent, the oldest first. A line that is none, as a crash leaves, is passed over."""
    found: list[Sent] = []
    waiting: dict[str, Sent] = {}
    for event in _events(os.path.join(folder, LIST)):
        digest = str(event.get("sha256"))
        if event.get("event") == "sending":
            found.append(Sent(event))
            waiting[digest] = found[-1]
        elif digest in waiting:
            waiting.pop(digest).status = event.get("status")
    return found


def _events(path: str) -> Iterator[dict[str, Any]]:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            for line in file:
                try:
                    event = json.loads(line)
                except ValueError:
                    continue
                if isinstance(event, dict):
                    yield event
    except FileNotFoundError:
        return
