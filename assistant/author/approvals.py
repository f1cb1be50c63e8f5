"""What a person approved: requests, byte for byte, and what code may say next in their conversations."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from assistant.errors import NotApprovedError
from redaction.text import Redacted


def digest(body: bytes) -> str:
    """A body's name for people and logs: ``sha256:`` and 64 digits."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


@dataclass(slots=True)
class _Conversation:
    """A body, taken apart, and the texts that code declared for its repair turns.

    What is compared is text: in values 1, 1.0 and true would be the same.
    """

    rest: str
    messages: list[str]
    turns: set[str] = field(default_factory=set)


class Approvals:
    """Bodies that may be sent in this run, to the one endpoint of their author.

    Beside the approved bodies themselves only their repairs may be sent. A repair is an approved body with
    more messages behind its own, in turns: a text that the model said in this run, or the beginning of one;
    and a text that code composed and declared for this body beforehand. It is written as the approved body
    is, so nothing hides in blanks or in names that stand twice.
    """

    def __init__(self) -> None:
        self._approved: dict[str, _Conversation | None] = {}
        self._heard: set[str] = set()

    def approve(self, *bodies: bytes) -> None:
        """A person has seen one body; with it, bodies that code derives from it: halves of the same lines."""
        for body in bodies:
            self._approved.setdefault(digest(body), _conversation(body))

    def repair(self, body: bytes, turn: Redacted) -> None:
        """Declare what code may answer the model in the conversation that an approved body began.

        Raises:
            NotApprovedError: the body is not approved, or has no conversation.
        """
        begun = self._approved.get(digest(body))
        if begun is None:
            raise _refusal(body, "a repair belongs to a request that was approved")
        begun.turns.add(str(turn))

    def heard(self, text: str) -> None:
        """The endpoint said this in this run, so it may be sent back there."""
        self._heard.add(text)

    def check(self, body: bytes) -> None:
        """Let an approved body or a repair of one pass.

        Raises:
            NotApprovedError: it is neither.
        """
        if digest(body) in self._approved:
            return
        asked = _conversation(body)
        begun = [one for one in self._approved.values() if one is not None]
        if asked is None or not any(self._continues(asked, one) for one in begun):
            raise _refusal(body, "nobody approved these bytes")

    def _continues(self, asked: _Conversation, begun: _Conversation) -> bool:
        first = len(begun.messages)
        more = asked.messages[first:]
        return (
            asked.rest == begun.rest
            and asked.messages[:first] == begun.messages
            and len(more) >= 2  # noqa: PLR2004 - an answer and a turn
            and len(more) % 2 == 0
            and all(map(self._is_echo, more[::2]))
            and all(_turn(message, "user") in begun.turns for message in more[1::2])
        )

    def _is_echo(self, message: str) -> bool:
        said = _turn(message, "assistant")
        return said is not None and any(text.startswith(said) for text in self._heard)


def _turn(message: str, role: str) -> str | None:
    """The text of a message that is of a role and has nothing but a text; None of any other."""
    text = json.loads(message).get("content")
    whole = isinstance(text, str) and message == _written({"role": role, "content": text})
    return text if whole else None


def _conversation(body: bytes) -> _Conversation | None:
    """A body that is JSON with messages, written as the SDK writes it; None for any other."""
    try:
        document = json.loads(body)
        if _written(document).encode() != body:
            return None
        messages = [_written(dict(message)) for message in document["messages"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return _Conversation(_written(document | {"messages": None}), messages)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _refusal(body: bytes, why: str) -> NotApprovedError:
    return NotApprovedError(
        "the request was not sent",
        why=f"{why}: {digest(body)}",
        hint="look at the request and approve it: landscribe draft --show-request",
    )
