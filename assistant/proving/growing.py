"""What would have allowed what was denied: chosen by the drafter, as if the traces had shown it.

Nothing that is dangerous, or that many programs share, is chosen here: that is for a person to decide.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from assistant.domain.access import Inventory, Kind, PathAccess, Verdict, is_beneath
from assistant.domain.finding import Finding, find
from assistant.domain.host import Host
from assistant.domain.rights import NO_FS, NO_NET, FsRight, NetRight, names
from assistant.domain.ruleset import PathGrant, PortGrant, Reach, Ruleset
from assistant.drafting.offline import Draft, Options, draft
from assistant.drafting.weights import BALANCED
from assistant.verify.case import Case
from assistant.verify.dangerous import check


_LEARNING = replace(BALANCED, fragile_library=BALANCED.fragile_program)
"""A single library that was denied is granted as such: whoever wanted its directory has a rule on it."""
_FOR_A_PERSON = ("dangerous-grant", "guarded-grant", "write-and-execute")


@dataclass(frozen=True, slots=True)
class Growth:
    """What denials ask for.

    Attributes:
        paths: New rights by path.
        ports: New rights by port.
        held_back: What only a person may grant, one finding each.
        reasons: The drafter's own grants on these paths and ports.
    """

    paths: dict[str, FsRight] = field(default_factory=dict)
    ports: dict[int, NetRight] = field(default_factory=dict)
    held_back: tuple[Finding, ...] = ()
    reasons: tuple[PathGrant | PortGrant, ...] = ()


def grow(ruleset: Ruleset, denied: Inventory, host: Host) -> Growth:
    """Which rights would have allowed what was denied.

    Args:
        ruleset: That denied it.
        denied: Accesses whose rights are those that were missing.
        host: The machine they are from.
    """
    refused = tuple((entry.path, entry.rights) for entry in ruleset.refused)
    options = Options(
        service=ruleset.service, target_abi=ruleset.target_abi, refused=refused, weights=_LEARNING
    )
    seen = [_replaced(access, ruleset) for access in denied.paths]
    asked = replace(denied, paths=(*seen, *_ruled_directories(ruleset, host)))
    drafted = draft(asked, host, options)
    wanted = dict(_new_rights(ruleset, drafted, denied))
    alarms = _new_alarms(ruleset, wanted, host)
    shared = {finding.subject for finding in alarms}
    return Growth(
        {path: rights for path, rights in wanted.items() if path not in shared},
        _new_ports(ruleset, drafted),
        (*_alarming(wanted, alarms), *_refused(ruleset, drafted, denied), *_beyond_rules(denied)),
        (*drafted.path, *drafted.port),
    )


def _replaced(access: PathAccess, ruleset: Ruleset) -> PathAccess:
    """What is denied though it is granted was replaced: only a rule above it lasts."""
    granted = ruleset.paths().get(access.path, NO_FS) & access.rights
    return access._replace(volatile=True, kind=Kind.FILE) if granted else access


def _ruled_directories(ruleset: Ruleset, host: Host) -> Iterator[PathAccess]:
    """Directories that have a rule already: one right more on them costs no rule."""
    for path, rights in ruleset.paths().items():
        if host.kind(path) is Kind.DIRECTORY:
            yield PathAccess(path, rights, Kind.DIRECTORY, Verdict.NEEDED, "ok", "grant", final=True)


def _new_rights(ruleset: Ruleset, drafted: Draft, denied: Inventory) -> Iterator[tuple[str, FsRight]]:
    reach = Reach(ruleset.paths())
    for grant in drafted.path:
        rights = NO_FS
        for access in denied.paths:
            if is_beneath(access.path, grant.path):
                rights |= access.rights & grant.rights
        rights &= ~reach.rights(grant.path)
        if rights:
            yield grant.path, rights


def _new_ports(ruleset: Ruleset, drafted: Draft) -> dict[int, NetRight]:
    granted = ruleset.ports()
    wanted = {grant.port: grant.rights & ~granted.get(grant.port, NO_NET) for grant in drafted.port}
    return {port: rights for port, rights in wanted.items() if rights}


def _new_alarms(ruleset: Ruleset, wanted: dict[str, FsRight], host: Host) -> list[Finding]:
    known = {(finding.id, finding.subject, finding.message) for finding in _alarms(ruleset, host)}
    grown = _alarms(bare(ruleset, Growth(wanted)), host)
    return [finding for finding in grown if (finding.id, finding.subject, finding.message) not in known]


def _alarms(ruleset: Ruleset, host: Host) -> list[Finding]:
    case = Case(ruleset, Inventory(()), {}, host)
    return [finding for finding in check(case) if finding.id in _FOR_A_PERSON]


def _alarming(wanted: dict[str, FsRight], alarms: Iterable[Finding]) -> Iterator[Finding]:
    for finding in alarms:
        rights = ", ".join(names(wanted.get(finding.subject, NO_FS))) or "what it asks for"
        yield find("not-learnt", finding.subject, f"{rights}: {finding.message}")


def _refused(ruleset: Ruleset, drafted: Draft, denied: Inventory) -> Iterator[Finding]:
    """What the drafter does not grant, and what the ruleset refuses by a person's word."""
    asked = {access.path: access.rights for access in denied.paths}
    reasons = {entry.path: entry.why for entry in (*ruleset.refused, *drafted.refused)}
    for path, rights in asked.items():
        if path in reasons:
            yield find("not-learnt", path, f"{', '.join(names(rights))}: {reasons[path]}")


def _beyond_rules(denied: Inventory) -> Iterator[Finding]:
    for socket in denied.abstract:
        yield find("not-learnt", f"@{socket.name}", "a socket outside: no rule can make an exception")
    for remark in denied.remarks:
        yield find("not-learnt", str(remark.kind), f"{remark.example}: no rule can make an exception")


def bare(ruleset: Ruleset, growth: Growth) -> Ruleset:
    """The ruleset with more rights and no word about them: to be tried, not to be read."""
    paths = [PathGrant(path=path, rights=rights, by="person") for path, rights in growth.paths.items()]
    ports = [PortGrant(port=port, rights=rights, by="person") for port, rights in growth.ports.items()]
    return ruleset.model_copy(update={"path": (*ruleset.path, *paths), "port": (*ruleset.port, *ports)})
