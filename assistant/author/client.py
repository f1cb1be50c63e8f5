"""What all ways to ask a model have in common: a prompt goes in, a reply comes out, its cost is known.

A prompt is Redacted text from end to end, so sending a raw name is a type error. A reply is a stranger's
text: whoever uses it parses, cleans and verifies it first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from redaction.text import Redacted


@dataclass(frozen=True, slots=True)
class Prompt:
    """One conversation, up to the point where the model is to speak.

    Attributes:
        system: What is the same for every service; endpoints may keep it in a cache.
        turns: Texts of the user and of the model in turns; the first and the last are the user's.
        schema: JSON Schema that the answer must follow. Words of our own, the same for every trace.
        most_output: Tokens that the model may write, thinking included.
    """

    system: Redacted
    turns: tuple[Redacted, ...]
    schema: Mapping[str, Any]
    most_output: int = 16_000


@dataclass(frozen=True, slots=True)
class Usage:
    """What requests used, in tokens, and what they cost.

    Attributes:
        sent: Tokens that were read by the model at the full price.
        cached: Tokens that came out of the endpoint's cache.
        stored: Tokens that were put into it.
        received: Tokens that the model wrote, thinking included.
        cost: US dollars; None when it is not known: the model has no price, or the end of an answer was lost.
        requests: How many requests were made, repeated ones included.
    """

    sent: int = 0
    cached: int = 0
    stored: int = 0
    received: int = 0
    cost: float | None = 0.0
    requests: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        cost = None if self.cost is None or other.cost is None else self.cost + other.cost
        return Usage(
            self.sent + other.sent,
            self.cached + other.cached,
            self.stored + other.stored,
            self.received + other.received,
            cost,
            self.requests + other.requests,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said.

    Attributes:
        text: Its answer, as it came. A stranger's text.
        model: The model that answered, as the endpoint calls it. A stranger's text too.
        request: The endpoint's number of the request; "" when it gave none.
        usage: What it took, repeated requests included.
    """

    text: str
    model: str
    request: str = ""
    usage: Usage = Usage()


class Author(Protocol):
    """Asks one model."""

    @property
    def model(self) -> str:
        """The model that is asked for."""

    @property
    def endpoint(self) -> str:
        """Where requests go, as a person would write it: a URL, or what is done instead of sending."""

    def body(self, prompt: Prompt) -> bytes:
        """The exact bytes that ``ask`` would send for a prompt. Nothing is sent."""

    def ask(self, prompt: Prompt) -> Reply:
        """Send a prompt.

        Raises:
            NotApprovedError: nobody approved these bytes, or the guard found something private in them.
            BudgetError: the answer could cost more than is left, or took more time than there is.
            ModelError: no answer came, or none that is one.
        """
