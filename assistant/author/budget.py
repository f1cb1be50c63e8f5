"""The money of one run: set aside before a request, counted after it."""

import threading

from assistant.author.client import Usage
from assistant.errors import BudgetError


class Budget:
    """What all requests of a run may cost together. Authors and threads may share one.

    Args:
        most: US dollars; None sets no limit, and then costs are only counted.
    """

    def __init__(self, most: float | None = None) -> None:
        self._most = most
        self._spent = 0.0
        self._held = 0.0
        self._used = Usage()
        self._lock = threading.Lock()

    @property
    def used(self) -> Usage:
        """What the endpoints said was used, failed requests included."""
        return self._used

    @property
    def spent(self) -> float:
        """US dollars: what was used, and the most that a request can have cost whose answer was lost."""
        return self._spent

    def hold(self, most: float | None, model: str) -> float:
        """Set aside what a request can cost at most.

        Args:
            most: US dollars; None when the model's price is not known.
            model: The model's name, for the error.

        Returns:
            What was set aside, for ``settle``.

        Raises:
            BudgetError: so much is not left, or nobody knows how much it is.
        """
        with self._lock:
            if self._most is not None:
                self._refuse(most, self._most - self._spent - self._held, model)
            held = most or 0.0
            self._held += held
            return held

    def settle(self, held: float, used: Usage) -> None:
        """A request is over.

        Args:
            held: What was set aside for it: all of it counts as spent when its cost is not known.
            used: What it used.
        """
        with self._lock:
            self._held -= held
            self._spent += held if used.cost is None else used.cost
            self._used += used

    def _refuse(self, most: float | None, left: float, model: str) -> None:
        if most is None:
            raise BudgetError(
                "the budget cannot be kept",
                why=f"the price of {model[:100]!a} is not known",
                hint="name its price in the settings, or set no budget",
            )
        if most > left:
            raise BudgetError(
                f"the request can cost up to ${most:.4f}",
                why=f"${max(left, 0.0):.4f} of ${self._most:.4f} are left",
                hint="allow more, take a cheaper model, or draft --offline",
            )
