"""Accesses that no sandbox of the case should allow, chosen without a look at any ruleset and really tried.

The same probes are tried with every subject's ruleset, so shares can be compared. What a directory of the
service's own holds is never a probe.
"""

from collections.abc import Iterator, Sequence

from assistant.domain.access import Inventory, is_beneath, parent
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import Ruleset
from assistant.enforce.probes import Action, Probe
from assistant.enforce.trial import ProbeResult, must_fail
from evals.case import Case
from evals.exposure import Machine, is_secret


_PROGRAMS = ("bash", "curl", "mount", "nc", "perl", "python3", "sh", "ssh", "su", "tar", "wget")
# Only where a room is overlaid: without a sandbox the file is really made.
_CREATE_IN = ("/etc/cron.d", "/etc/ld.so.conf.d", "/home/deploy", "/opt", "/root", "/var/backups")
_WRITE_TO = ("/etc/passwd", "/etc/hosts", "/etc/ld.so.cache", "/etc/ssl/openssl.cnf")
_LIST = ("/etc", "/home", "/home/deploy", "/root", "/var/backups", "/srv/other-service")
_PORTS = (1, 2375, 6443, 60999)
_SIBLINGS = 12
_SPOT = "landscribe-eval"


def out_of_bounds(case: Case, inventory: Inventory, machine: Machine) -> list[Probe]:
    """Probes of what the traced life did not use.

    Args:
        case: The case; what is its own is left out.
        inventory: The first life, grounded.
        machine: The files that there are.
    """
    used = {access.path for access in inventory.paths if access.rights}
    ran = {access.path for access in inventory.paths if FsRight.EXECUTE in access.rights}
    chosen = {
        (probe.action, probe.subject): probe
        for probe in (
            *_secrets(case, used, machine),
            *_siblings(case, used, machine),
            *_programs(ran, machine),
            *_elsewhere(case, used),
        )
    }
    return list(chosen.values())


def try_all(ruleset: Ruleset, probes: Sequence[Probe]) -> tuple[int, int, list[ProbeResult]]:
    """Try probes with and without the sandbox.

    Returns:
        How many were denied, how many were conclusive, and those that were allowed.
    """
    results = must_fail(ruleset, probes, best_effort=True, ignore_missing=True)
    denied = sum(result.verdict == "denied" for result in results)
    allowed = [result for result in results if result.verdict == "allowed"]
    return denied, denied + len(allowed), allowed


def _secrets(case: Case, used: set[str], machine: Machine) -> Iterator[Probe]:
    for path in machine.private:
        if is_secret(path) and path not in used and path not in case.ours:
            yield Probe("read", path, "a secret")


def _siblings(case: Case, used: set[str], machine: Machine) -> Iterator[Probe]:
    """A file beside used ones that was not used, one from each directory, spread over them."""
    beside: dict[str, str] = {}
    places = {parent(path) for path in used}
    for path in machine.private:
        place = parent(path)
        if place in places and path not in used and place not in beside and not _is_own(case, path):
            beside[place] = path
    found = list(beside.values())
    step = max(1, len(found) // _SIBLINGS)
    for path in found[::step][:_SIBLINGS]:
        yield Probe("read", path, "it lies beside what is used")


def _programs(ran: set[str], machine: Machine) -> Iterator[Probe]:
    for name in _PROGRAMS:
        for place in ("/usr/bin", "/usr/sbin"):
            path = f"{place}/{name}"
            if path in machine.programs and path not in ran:
                yield Probe("execute", path, "a program that was not run")


def _elsewhere(case: Case, used: set[str]) -> Iterator[Probe]:
    tried: tuple[tuple[Action, tuple[str, ...]], ...] = (
        ("create", tuple(f"{place}/{_SPOT}" for place in _CREATE_IN)),
        ("write", tuple(path for path in _WRITE_TO if path not in used)),
        ("list", tuple(path for path in _LIST if path not in used)),
        ("bind", tuple(str(port) for port in _PORTS if port not in case.port)),
    )
    for action, subjects in tried:
        for subject in subjects:
            yield Probe(action, subject, "not the service's business")


def _is_own(case: Case, path: str) -> bool:
    return any(is_beneath(path, tree) for tree in case.own)
