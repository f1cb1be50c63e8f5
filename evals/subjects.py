"""What is compared: ways from the same grounded inventory to a ruleset."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from assistant.domain.access import Inventory
from assistant.domain.host import Host
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import PathGrant, Provenance, Ruleset
from assistant.drafting.offline import Options
from assistant.drafting.ports import grant_ports, grant_scopes
from assistant.drafting.weights import TIGHTNESS
from assistant.pipeline.drafting import draft_offline
from assistant.reading.naming import Trace
from evals import baselines


@dataclass(frozen=True, slots=True)
class Material:
    """All that a subject may look at.

    Attributes:
        service: The case's name.
        traces: The raw traces.
        inventory: The same, read and grounded.
        host: The machine, or none when the trace is another's.
        command: The program, when the trace does not show its start.
        abi: The Landlock ABI to draft for.
    """

    service: str
    traces: Sequence[Trace]
    inventory: Inventory
    host: Host
    command: str
    abi: int


@dataclass(frozen=True, slots=True)
class Subject:
    """A way to draft.

    Attributes:
        name: How tables call it.
        draft: Does it.
        strict: Its rulesets are started without --ignore-missing: a path that is gone stops the service. The
            baselines get the kinder launcher.
    """

    name: str
    draft: Callable[[Material], Ruleset]
    strict: bool


def _offline(tightness: str, material: Material) -> Ruleset:
    options = Options(
        service=material.service,
        target_abi=material.abi,
        command=material.command,
        weights=TIGHTNESS[tightness],
    )
    return draft_offline(material.traces, material.host, options, Provenance(tool="evals")).ruleset


def _baseline(generalise: baselines.Generalise, material: Material) -> Ruleset:
    return as_ruleset(material, generalise(baselines.observed(material.inventory, material.host)))


def as_ruleset(material: Material, paths: Mapping[str, FsRight]) -> Ruleset:
    """Bare rules as a document. Ports and scopes are the drafter's, so that only paths differ."""
    ports, _ = grant_ports(material.inventory, material.abi)
    return Ruleset(
        service=material.service,
        target_abi=material.abi,
        provenance=Provenance(tool="evals", author="baseline"),
        scope=grant_scopes(material.inventory),
        path=tuple(
            PathGrant(path=path, rights=rights, by="person", group="", why="")
            for path, rights in sorted(paths.items())
            if rights
        ),
        port=tuple(ports),
    )


SUBJECTS = {
    subject.name: subject
    for subject in (
        Subject("offline", partial(_offline, "balanced"), strict=True),
        Subject("offline-tight", partial(_offline, "tight"), strict=True),
        Subject("offline-robust", partial(_offline, "robust"), strict=True),
        *(
            Subject(name, partial(_baseline, generalise), strict=False)
            for name, generalise in baselines.BASELINES.items()
        ),
    )
}
"""By name, in the order of the tables."""
