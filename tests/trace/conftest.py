from collections.abc import Callable

import pytest

from assistant.domain.access import Inventory
from assistant.domain.host import FakeHost
from assistant.trace.ground import ground
from assistant.trace.reader import Reader


Read = Callable[..., Inventory]


@pytest.fixture
def read() -> Read:
    """Lines of one trace to an inventory, grounded on a host that knows nothing unless one is given."""

    def lines(*text: str, host: FakeHost | None = None, cwd: str | None = None) -> Inventory:
        reader = Reader(cwd)
        reader.read("t", [line.encode("utf-8", "surrogateescape") + b"\n" for line in text])
        return ground(reader.inventory(), host or FakeHost())

    return lines
