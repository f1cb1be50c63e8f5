"""What has come of an answer so far: text, usage and why it ended, out of the events of a stream."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from anthropic.types import (
    Message,
    RawContentBlockDeltaEvent,
    RawMessageDeltaEvent,
    RawMessageStartEvent,
    TextDelta,
)

from assistant.author.client import Usage
from assistant.errors import AnswerError, DeclinedError, ModelError, TruncatedError, UnreachableError


_LONGEST_TOKEN = 32
"""Characters. Some are longer, but no text is made of those alone."""
_ROOM = 4096


@dataclass(slots=True)
class Heard:
    """Fills while a stream is read. The SDK builds events without checking them, so each part is looked at.

    Attributes:
        most: Tokens that the model may write.
        model: Who answers; "" until a message has begun.
        request: The endpoint's number of the request.
        stop: Why the answer ended; "" until it has.
        category: Why the model declines; "" when it does not say.
        usage: Tokens as the endpoint counts them; their cost is not filled in.
    """

    most: int
    model: str = ""
    request: str = ""
    stop: str = ""
    category: str = ""
    usage: Usage = field(default_factory=Usage)
    _texts: list[str] = field(default_factory=list)
    _size: int = 0

    @property
    def text(self) -> str:
        """The answer, without thoughts."""
        return "".join(self._texts)

    def take(self, events: Iterable[object]) -> None:
        """Read a stream to its end."""
        for event in events:
            match event:
                case RawMessageStartEvent(message=Message(model=str(model), usage=usage)):
                    self.model = model
                    self._count(usage)
                case RawContentBlockDeltaEvent(delta=TextDelta(text=str(text))):
                    self._say(text)
                case RawMessageDeltaEvent(delta=delta, usage=usage):
                    self._count(usage)
                    self.stop = _string(getattr(delta, "stop_reason", None))
                    details = getattr(delta, "stop_details", None)
                    self.category = _string(getattr(details, "category", None))
                case _:
                    pass  # pings, thoughts, and what later versions add

    def _say(self, text: str) -> None:
        self._texts.append(text)
        self._size += len(text)
        if self._size > _ROOM + _LONGEST_TOKEN * self.most:
            raise AnswerError(
                "the answer is longer than the model may write",
                why=f"{self._size:,} characters came for {self.most:,} tokens",
                hint="look at what answers there; landscribe draft --offline needs no model",
            )

    def fault(self) -> ModelError | None:
        """Why this is no answer; None when it is one."""
        if self.stop == "end_turn" and self.text.strip():
            return None
        return self._ended() if self.stop else self._broken()

    def _ended(self) -> ModelError:
        match self.stop:
            case "end_turn":
                return AnswerError("the model ended its answer without a word", hint="try again")
            case "max_tokens" | "model_context_window_exceeded":
                return TruncatedError(
                    "the answer breaks off",
                    why=f"the model may write no more than it did: {self.stop}",
                    hint="ask about fewer accesses at a time",
                )
            case "refusal":
                return DeclinedError(
                    "the model declines to answer",
                    why=f"its category is {self.category[:60]!a}" if self.category else "",
                    hint="take another model, or draft --offline",
                )
            case other:
                return AnswerError("the answer ended in a way that is not known here", why=f"{other[:60]!a}")

    def _broken(self) -> ModelError:
        if self.model:
            return UnreachableError("the answer breaks off: the connection ended before it")
        return UnreachableError(
            "what answers there is no Messages API",
            why="it said that all is well, and sent no message",
            hint="look at the address of the endpoint, and at what stands between",
        )

    def _count(self, counted: Any) -> None:
        """Later counts replace earlier ones, as far as they are given."""
        before = self.usage
        self.usage = Usage(
            sent=_tokens(counted, "input_tokens", before.sent),
            cached=_tokens(counted, "cache_read_input_tokens", before.cached),
            stored=_tokens(counted, "cache_creation_input_tokens", before.stored),
            received=_tokens(counted, "output_tokens", before.received),
        )


def _tokens(counted: Any, name: str, before: int) -> int:
    found = getattr(counted, name, None)
    return found if isinstance(found, int) and found >= 0 else before


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
