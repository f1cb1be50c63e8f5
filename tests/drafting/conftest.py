from collections.abc import Callable

import pytest

from assistant.domain.host import Host
from assistant.domain.rights import FsRight
from assistant.drafting.offline import Draft, Options, draft
from assistant.trace.ground import ground
from assistant.trace.reader import Reader


Drafting = Callable[..., Draft]


@pytest.fixture
def drafted() -> Drafting:
    """Trace lines and a host to a draft."""

    def run(
        *lines: str,
        host: Host,
        service: str = "app",
        target_abi: int = 7,
        command: str = "",
        ftruncate_traced: bool = True,
        refused: tuple[tuple[str, FsRight], ...] = (),
    ) -> Draft:
        reader = Reader()
        if ftruncate_traced:
            # One call that failed is enough to show it.
            lines = (*lines, "7 ftruncate(99, 0) = -1 EBADF (Bad file descriptor)")
        reader.read("t", [line.encode("utf-8", "surrogateescape") + b"\n" for line in lines])
        return draft(ground(reader.inventory(), host), host, Options(service, target_abi, command, refused))

    return run
