"""One access that a ruleset must deny, and the choice of those that are tried. Tries none of them itself.

Every probe is outside the ruleset and about something that exists, so that EACCES can only be the sandbox's
word. None would change anything but what the harness made: found files are opened and closed, found programs
are asked about and never started, pseudo file systems are left alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.domain.access import parent
from assistant.domain.host import Host
from assistant.domain.rights import NEWEST_ABI, SINCE, FsRight, NetRight, Scope
from assistant.domain.ruleset import Ruleset
from assistant.enforce.reach import InodeReach


Action = Literal[
    "read",
    "list",
    "write",
    "truncate",
    "tmpfile",
    "create",
    "mkdir",
    "symlink",
    "rename",
    "move",
    "execute",
    "run",
    "connect",
    "bind",
    "send-udp",
    "bind-udp",
    "socket",
    "signal",
    "abstract",
]

RIGHT: dict[Action, FsRight | NetRight | Scope] = {
    "read": FsRight.READ_FILE,
    "list": FsRight.READ_DIR,
    "write": FsRight.WRITE_FILE,
    "truncate": FsRight.TRUNCATE,
    "tmpfile": FsRight.WRITE_FILE,
    "create": FsRight.MAKE_REG,
    "mkdir": FsRight.MAKE_DIR,
    "symlink": FsRight.MAKE_SYM,
    "rename": FsRight.REMOVE_FILE,
    "move": FsRight.MAKE_REG,
    "execute": FsRight.EXECUTE,
    "run": FsRight.EXECUTE,
    "connect": NetRight.CONNECT_TCP,
    "bind": NetRight.BIND_TCP,
    "send-udp": NetRight.CONNECT_SEND_UDP,
    "bind-udp": NetRight.BIND_UDP,
    "socket": FsRight.RESOLVE_UNIX,
    "signal": Scope.SIGNAL,
    "abstract": Scope.ABSTRACT_UNIX_SOCKET,
}
"""The right without which the kernel must refuse the action."""

REFUSALS: dict[Action, tuple[str, ...]] = {
    "signal": ("EPERM",),
    "abstract": ("EPERM",),
    # Out of its tree: no right to make it there, or no right to move at all.
    "move": ("EACCES", "EXDEV"),
}
"""How Landlock refuses an action, where it is not EACCES."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One access that must be denied.

    Attributes:
        action: What to try.
        subject: A path without symbolic links, a port on 127.0.0.1, a pid or an abstract socket's name. Raw:
            escape before showing.
        why: Where the probe comes from.
        skip: Why it cannot be tried, if it cannot.
        to: Where a file is moved to.
    """

    action: Action
    subject: str
    why: str
    skip: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Probes of one kind, the best first, and how many of them are wanted."""

    wanted: int
    probes: Sequence[Probe]


Answers = Callable[[Sequence[Probe]], Sequence[str]]
"""Tries probes without a sandbox: "ok" for each that is open, or the errno that closes it."""


class Ground:
    """What is granted here, by resolved path, and what is outside it.

    Attributes:
        grants: Resolved paths of all grants, sorted.
        kind: What a path is.
    """

    def __init__(self, ruleset: Ruleset, host: Host) -> None:
        self._target = ruleset.target_abi
        self._reach = InodeReach(ruleset)
        self.grants = sorted({host.resolve(path) for path in ruleset.paths()})
        self.kind = host.kind

    def outside(self, probe: Probe) -> bool:
        """Whether the ruleset denies it. Ports and scopes are derived outside to begin with."""
        right = RIGHT[probe.action]
        if SINCE[right] > self._target:
            return False
        if not isinstance(right, FsRight) or probe.skip:
            return True
        return self.lacks(parent(probe.to) if probe.to else probe.subject, right)

    def lacks(self, path: str, right: FsRight) -> bool:
        """Whether a right is missing on an existing path."""
        return not self._reach.rights(path) & right


def choose(
    groups: Sequence[Group], ground: Ground, answers: Answers | None = None, *, abi: int = NEWEST_ABI
) -> list[Probe]:
    """From each group what the ruleset denies and nothing else does, as many as are wanted.

    Where something else closes a whole group (the service's user may read no secret anyway), one of it is
    chosen all the same, so that it is not silently missing.

    Args:
        groups: Candidates.
        ground: What is denied.
        answers: Tries candidates; None: all count as open.
        abi: The running kernel's; probes of rights that it does not know are marked to be skipped.
    """
    chosen: dict[tuple[Action, str], Probe] = {}
    for group in groups:
        fresh = [p for p in group.probes if (p.action, p.subject) not in chosen and ground.outside(p)]
        known = [_known(probe, abi) for probe in dict.fromkeys(fresh)]
        for probe in _open(known, group.wanted, answers):
            chosen[probe.action, probe.subject] = probe
    return list(chosen.values())


def _open(probes: list[Probe], wanted: int, answers: Answers | None) -> list[Probe]:
    skipped = [probe for probe in probes if probe.skip]
    trying = [probe for probe in probes if not probe.skip]
    if answers is not None:
        told = list(zip(trying, answers(trying), strict=True))
        reachable = [probe for probe, answer in told if answer == "ok"]
        trying = reachable or trying[:1]
    return [*skipped, *trying[:wanted]]


def _known(probe: Probe, abi: int) -> Probe:
    since = SINCE[RIGHT[probe.action]]
    if probe.skip or since <= abi:
        return probe
    return replace(probe, skip=f"the right came with Landlock ABI {since}, this kernel has {abi}")
