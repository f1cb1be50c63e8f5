"""What models cost. Settings may add to the table; a price that is not in it is not known, never guessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from assistant.author.client import Usage


MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens.

    Attributes:
        sent: Read by the model.
        received: Written by it, thinking included.
        stored: Put into the endpoint's cache for five minutes.
        cached: Read out of it.
        dearer: The prices of a whole request that has more than so many tokens to read.
    """

    sent: float
    received: float
    stored: float
    cached: float
    dearer: "tuple[int, Price] | None" = None

    def cost(self, usage: Usage) -> float:
        """US dollars for what one request used."""
        read = usage.sent + usage.stored + usage.cached
        if self.dearer is not None and read > self.dearer[0]:
            return self.dearer[1].cost(usage)
        return (
            usage.sent * self.sent
            + usage.received * self.received
            + usage.stored * self.stored
            + usage.cached * self.cached
        ) / MILLION

    def most(self, size: int, most_output: int) -> float:
        """US dollars that a request cannot go beyond.

        Args:
            size: Bytes of its body. No token is shorter than a byte, so it has no more of them.
            most_output: Tokens that the model may write.
        """
        return self.cost(Usage(stored=size, received=most_output))


# Of the vendor's own API at the standard tier; other platforms have prices of their own. Looked up on
# 2026-11-28 in stored copies of platform.claude.com/docs/en/models. What changed on 2026-10-07 (all of Haiku
# 5.5, and that Sonnet 5.5 reads its cache for half) is from release notes of two programs that follow it.
PRICES: Mapping[str, Price] = MappingProxyType(
    {
        "claude-opus-5-5": Price(4.00, 20.00, 5.00, 0.20),
        "claude-sonnet-5-5": Price(2.00, 10.00, 2.50, 0.10),
        "claude-haiku-5-5": Price(0.10, 0.50, 0.125, 0.01, (100_000, Price(0.50, 2.50, 0.625, 0.05))),
        "claude-opus-5": Price(5.00, 25.00, 6.25, 0.50),
        "claude-sonnet-5": Price(2.00, 10.00, 2.50, 0.20),
        "claude-haiku-4-5": Price(1.00, 5.00, 1.25, 0.10),
    }
)
"""By the name that a request asks for."""

FREE = Price(0.0, 0.0, 0.0, 0.0)
"""Of a model on this machine."""
