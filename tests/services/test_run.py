"""One service, from its recording to its proof, with the real kernel; nothing is left on the machine."""

from pathlib import Path

import pytest

from assistant.enforce import audit, switch
from services.run import run
from services.score import faults


pytestmark = [pytest.mark.kernel, pytest.mark.strace, pytest.mark.root, pytest.mark.services]


def state() -> list[tuple[str, int]]:
    """What a run of nginx writes when it is not in a room."""
    places = [
        path
        for root in ("/etc/nginx", "/var/log/nginx", "/var/www")
        for path in sorted(Path(root).rglob("*"))
    ]
    return [(str(path), path.lstat().st_mtime_ns) for path in places]


def test_a_service_works_with_its_first_draft_and_the_machine_is_as_it_was() -> None:
    files, before = state(), audit.status()

    (score,) = run(["nginx"], prove=[], at_once=1, tell=lambda _: None)

    assert faults([score]) == []
    assert score.at_once
    assert score.denied > 40
    assert score.allowed == ()
    assert state() == files
    assert switch.PLACE.exists() or audit.status() == before
