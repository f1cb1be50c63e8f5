"""An inventory as JSON: the same as Python's own writer makes of it, whatever names hold."""

import json

from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.access import Evidence, Inventory, Kind, PathAccess, Verdict
from assistant.domain.rights import FsRight, names
from assistant.render.inventory import inventory_data
from assistant.render.plain import printable


_NAMES = st.text(st.characters(exclude_characters="\0")) | st.sampled_from(
    ['/a"b', "/a\\b", "/a\nb", "/\x1b[2J", "/\udcff", "/\u202e", '/","rights": ["execute"], "x": "']
)


@given(
    paths=st.lists(_NAMES, min_size=1, max_size=4),
    given_name=_NAMES,
    actors=st.lists(_NAMES, max_size=3),
    trace=_NAMES,
    rights=st.sampled_from([FsRight.READ_FILE, FsRight.READ_FILE | FsRight.EXECUTE, FsRight.MAKE_REG]),
    kind=st.sampled_from(Kind),
    verdict=st.sampled_from(Verdict),
    volatile=st.booleans(),
)
def test_an_access_is_written_as_pythons_own_writer_does(
    *,
    paths: list[str],
    given_name: str,
    actors: list[str],
    trace: str,
    rights: FsRight,
    kind: Kind,
    verdict: Verdict,
    volatile: bool,
) -> None:
    accesses = tuple(
        PathAccess(
            path,
            rights,
            kind,
            verdict,
            "ok",
            "openat",
            given_name,
            volatile,
            count=3,
            evidence=(Evidence(trace, 1), Evidence(trace, 22)),
            actors=tuple(actors),
        )
        for path in paths
    )

    written = list(inventory_data(Inventory((), accesses))["paths"])

    assert written == [
        json.dumps(
            {
                "path": printable(path),
                "rights": names(rights),
                "kind": kind.value,
                "verdict": verdict.value,
                "outcome": "ok",
                "call": "openat",
                "given": printable(given_name),
                "volatile": volatile,
                "count": 3,
                "actors": [printable(actor) for actor in actors],
                "evidence": [f"{trace}:1", f"{trace}:22"],
            }
        )
        for path in paths
    ]
