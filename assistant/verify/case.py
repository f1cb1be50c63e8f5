"""What is on trial: a ruleset, what the raw traces say, and the host. Decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.domain.access import Evidence, Inventory
from assistant.domain.host import Host
from assistant.domain.ruleset import Ruleset


@dataclass(frozen=True, slots=True)
class Case:
    """A ruleset and everything it can be held against.

    Attributes:
        ruleset: The document.
        inventory: Read from the raw traces again, not taken from the draft; grounded on the host, so links
            are resolved and interpreters stand as accesses with ``implied_by``.
        lines: The raw bytes of every cited line that exists in the given traces, without the line's end.
        host: Links, kinds and contents of the machine that the traces are from.
    """

    ruleset: Ruleset
    inventory: Inventory
    lines: Mapping[Evidence, bytes]
    host: Host
