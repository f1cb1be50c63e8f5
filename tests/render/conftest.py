"""A ruleset whose every name and text tries to break out of what it is rendered into."""

import pytest

from assistant.domain.rights import FsRight, NetRight
from assistant.domain.ruleset import (
    PathGrant,
    PortGrant,
    Probed,
    Provenance,
    Refused,
    Ruleset,
    ScopeGrant,
    TraceRecord,
)


NAMES = (
    "](javascript:x)",
    "@team #1",
    "<script>alert(1)</script>",
    "a|b\\|c",
    "`` ` ```",
    "\x1b[2J\x1b]0;owned\x07",
    "\u202egpj.sh\u2066",
    "new\n[[path]]\n# line\r\n## heading\n- [x] done",
    "'''\"\"\"\\",
    "${HOME}$x",
    "</details>--><!--",
    "\u2028}]\n# '",
)


@pytest.fixture
def hostile() -> Ruleset:
    """Readable, writable and executable grants, ports, refused and probed paths under hostile names."""
    grants = tuple(
        PathGrant(
            path=f"/srv/{name}".rstrip("/"),
            rights=FsRight.READ_FILE | FsRight(1 << number),
            group=name,
            why=f"why {name}",
            weakness=f"weak {name}",
            by="model",
            evidence=(f"run{name}:7",),
            alternatives=(f"wider {name}",),
        )
        for number, name in enumerate(NAMES)
    )
    undecodable = PathGrant(path="/srv/\udce9", rights=FsRight.READ_FILE, by="person", why="not UTF-8")
    refused = tuple(Refused(path=f"/etc/{name}", why=name, evidence=(f"{name}:1",)) for name in NAMES)
    return Ruleset(
        service="".join(NAMES),
        target_abi=7,
        provenance=Provenance(
            tool="landscribe <b>",
            author="model`|",
            command="cmd | `x` <i>",
            kernel="6.18 @team",
            kernel_abi=7,
            trace=(TraceRecord(name="run|`", sha256="0" * 64, lines=9, not_understood=1),),
        ),
        scope=ScopeGrant(signal=False, signal_why="sends </summary> @team"),
        path=(*grants, undecodable),
        port=(
            PortGrant(port=443, rights=NetRight.CONNECT_TCP, by="model", why=NAMES[0], evidence=("a|b:1",)),
        ),
        refused=refused,
        probed=tuple(Probed(path=grant.path, why=grant.why) for grant in refused),
    )
