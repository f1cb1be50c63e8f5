"""Where one learns from: the kernel's records of denials, or an strace of the scenarios without a sandbox."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from assistant.domain.access import Inventory
from assistant.domain.host import Host, NoHost
from assistant.domain.rights import NO_NET
from assistant.domain.ruleset import Reach, Ruleset
from assistant.enforce.looking import look_inside
from assistant.pipeline.reading import read_traces
from assistant.proving.battery import Battery, Outcome
from assistant.proving.records import NOTHING, Records, denied_in, events_in
from assistant.reading.naming import Trace, in_memory


class Lessons(Protocol):
    """What was denied so far, and what of it is kept as evidence."""

    falls_back: bool
    """Whether programs may have asked for more because something was denied."""

    def after(self, outcome: Outcome) -> None:
        """Take in how the scenarios went this time."""

    def denied(self, host: Host) -> Inventory:
        """All that was denied so far, as accesses whose rights were missing. Called where the host is."""

    def kept(self, ruleset: Ruleset) -> list[Trace]:
        """What is to be kept beside the ruleset that was learnt."""


class Heard:
    """The kernel's own records, of all rounds.

    Args:
        name: What evidence calls them.
    """

    falls_back = True

    def __init__(self, name: str) -> None:
        self._name = name
        self._events: list[list[bytes]] = []
        self._known: set[bytes] = set()

    def after(self, outcome: Outcome) -> None:
        """Add the events that say something new."""
        for event in events_in(outcome.lines):
            said = b"".join(_MOMENT.sub(b"", line) for line in event if b"=LANDLOCK_ACCESS " in line[:30])
            if said not in self._known:
                self._known.add(said)
                self._events.append(event)

    def denied(self, host: Host) -> Inventory:
        """See Lessons."""
        return denied_in(_joined(self._events), host, self._name)

    def kept(self, ruleset: Ruleset) -> list[Trace]:
        """The events that the ruleset allows now: what it still denies is no evidence for it."""
        reach, ports = Reach(ruleset.paths()), ruleset.ports()
        kept = []
        for event in self._events:
            denied = denied_in(event, NoHost())
            allowed = not any(access.rights & ~reach.rights(access.path) for access in denied.paths)
            bound = not any(port.rights & ~ports.get(port.port, NO_NET) for port in denied.ports)
            if allowed and bound and not denied.abstract and not denied.remarks:
                kept.append(event)
        records = Records(self._name)
        records.add(_joined(kept))
        return [records.trace()] if kept else []


_MOMENT = re.compile(rb"audit\([0-9.:]+\): domain=[0-9a-f]+ ")


def _joined(events: Sequence[Sequence[bytes]]) -> list[bytes]:
    return [line for event in events for line in event]


class Seen:
    """An strace of each scenario without a sandbox: what the ruleset would have denied of it.

    Args:
        ruleset: That denies it.
        battery: Has the scenarios.
        name: What evidence calls the traces; several are numbered.
    """

    falls_back = False

    def __init__(self, ruleset: Ruleset, battery: Battery, name: str) -> None:
        self._ruleset = ruleset
        lives = battery.lives
        names = [name if len(lives) == 1 else f"{name}-{number}" for number in range(1, len(lives) + 1)]
        self._traces = [
            in_memory(name, look_inside(None, life, battery.terms, battery.setting.room))
            for name, life in zip(names, lives, strict=True)
        ]

    def after(self, outcome: Outcome) -> None:
        """The traces know it already."""

    def denied(self, host: Host) -> Inventory:
        """See Lessons."""
        found = read_traces(self._traces, host)
        reach, ports = Reach(self._ruleset.paths()), self._ruleset.ports()
        paths = [a._replace(rights=a.rights & ~reach.rights(a.path)) for a in found.paths]
        nets = [replace(p, rights=p.rights & ~ports.get(p.port, NO_NET)) for p in found.ports]
        return replace(
            found,
            paths=tuple(access for access in paths if access.rights),
            ports=tuple(port for port in nets if port.rights),
            remarks=(),
        )

    def kept(self, ruleset: Ruleset) -> list[Trace]:
        """All of them."""
        del ruleset
        return self._traces if self.denied(NoHost()) != NOTHING else []
