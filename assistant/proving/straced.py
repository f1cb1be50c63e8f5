"""What a sandbox denied, told from an strace of the run in it: where there are no records of the kernel."""

from dataclasses import replace

from assistant.domain.access import Inventory, PathAccess
from assistant.domain.host import Host
from assistant.domain.rights import NO_NET
from assistant.domain.ruleset import Reach, Ruleset
from assistant.pipeline.reading import read_traces
from assistant.reading.naming import in_memory


_REFUSALS = ("EACCES", "EPERM", "EXDEV")


def refused_in(trace: bytes, ruleset: Ruleset, host: Host) -> Inventory:
    """Accesses that were refused and that the ruleset does not allow; their rights are those it lacks.

    Another layer may have refused them too: strace does not say who did.

    Args:
        trace: An strace of a run in the sandbox.
        ruleset: That sandbox.
        host: The machine it ran on.

    Raises:
        TraceError: the trace says nothing.
    """
    found = read_traces([in_memory("strace", trace)], host)
    reach, ports = Reach(ruleset.paths()), ruleset.ports()
    paths = [_missing(access, reach) for access in found.paths if access.outcome in _REFUSALS]
    refused = [
        replace(access, rights=access.rights & ~ports.get(access.port, NO_NET))
        for access in found.ports
        if access.outcome in _REFUSALS
    ]
    return replace(
        found,
        paths=tuple(access for access in paths if access.rights),
        ports=tuple(access for access in refused if access.rights),
        abstract=tuple(access for access in found.abstract if access.outcome in _REFUSALS),
        remarks=(),
    )


def _missing(access: PathAccess, reach: Reach) -> PathAccess:
    return access._replace(rights=access.rights & ~reach.rights(access.path))
