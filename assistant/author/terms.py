"""On which terms a model is asked: how long to wait, how much to pay."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assistant.author.budget import Budget
from assistant.author.prices import PRICES, Price


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait.

    Attributes:
        total: Seconds for one question, with all its repeats.
        silence: Seconds in which nothing comes.
        connect: Seconds until somebody answers at all.
        sleep: Waits between two tries; None for the real thing.
        clock: Seconds that only grow.
    """

    total: float = 900.0
    silence: float = 120.0
    connect: float = 15.0
    sleep: Callable[[float], None] | None = None
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a model is asked.

    Attributes:
        budget: The money of the run, which all its authors share.
        prices: What models cost.
        patience: How long to wait.
    """

    budget: Budget = field(default_factory=Budget)
    prices: Mapping[str, Price] = field(default_factory=lambda: PRICES)
    patience: Patience = field(default_factory=Patience)
