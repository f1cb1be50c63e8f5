"""What every export gives back: a text, and what it could not express."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Export:
    """A ruleset in another form.

    Attributes:
        text: The whole file.
        losses: One sentence for each thing of the ruleset that ``text`` does not hold or enforce. Printable.
    """

    text: str
    losses: tuple[str, ...] = ()
