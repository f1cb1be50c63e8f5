"""Learnt rights as a person reads them: in the document, with the kernel's own records as their evidence."""

from collections.abc import Iterator

from assistant.domain.access import Inventory, is_beneath
from assistant.domain.finding import Finding, find
from assistant.domain.rights import FsRight, NetRight, names
from assistant.domain.ruleset import PathGrant, PortGrant, Ruleset, TraceRecord
from assistant.proving.growing import Growth


_LEARNT = "Learnt in a test, where the kernel denied it."
_CITED = 6


def write_down(ruleset: Ruleset, growth: Growth, denied: Inventory) -> Ruleset:
    """The ruleset with what was learnt: a drafter's grant is extended, a person's is left alone.

    Args:
        ruleset: What there was.
        growth: What was learnt, and nothing else.
        denied: What is kept of the denials, read; evidence is from here.
    """
    grants, ports = list(ruleset.path), list(ruleset.port)
    for path, rights in growth.paths.items():
        _path(grants, path, rights, growth, denied)
    for port, net in growth.ports.items():
        _port(ports, port, net, growth, denied)
    records = [
        TraceRecord(name=s.name, sha256=s.sha256, lines=s.lines, not_understood=s.not_understood)
        for s in denied.sources
    ]
    provenance = ruleset.provenance.model_copy(update={"trace": (*ruleset.provenance.trace, *records)})
    update = {"path": tuple(grants), "port": tuple(ports), "provenance": provenance}
    return ruleset.model_copy(update=update)


def _path(grants: list[PathGrant], path: str, rights: FsRight, growth: Growth, denied: Inventory) -> None:
    lines = _lines(path, rights, denied)
    for place, grant in enumerate(grants):
        if grant.path == path and grant.by != "person":
            grants[place] = grant.model_copy(
                update={
                    "rights": grant.rights | rights,
                    "why": f"{grant.why} {_LEARNT[:-1]}: {', '.join(names(rights))}.".strip(),
                    "evidence": (*grant.evidence, *lines),
                }
            )
            return
    drafted = next((r for r in growth.reasons if isinstance(r, PathGrant) and r.path == path), None)
    grants.append(
        PathGrant(
            path=path,
            rights=rights,
            group=drafted.group if drafted else "",
            why=f"{_LEARNT} {drafted.why if drafted else ''}".strip(),
            weakness=drafted.weakness if drafted else "",
            alternatives=drafted.alternatives if drafted else (),
            by="offline",
            evidence=lines,
        )
    )


def _port(ports: list[PortGrant], port: int, rights: NetRight, growth: Growth, denied: Inventory) -> None:
    lines = tuple(
        str(access.evidence[0]) for access in denied.ports if access.port == port and access.rights & rights
    )[:_CITED]
    for place, grant in enumerate(ports):
        if grant.port == port and grant.by != "person":
            ports[place] = grant.model_copy(
                update={"rights": grant.rights | rights, "evidence": (*grant.evidence, *lines)}
            )
            return
    drafted = next((r for r in growth.reasons if isinstance(r, PortGrant) and r.port == port), None)
    why = f"{_LEARNT} {drafted.why if drafted else ''}".strip()
    ports.append(
        PortGrant(
            port=port,
            rights=rights,
            group=drafted.group if drafted else "",
            why=why,
            by="offline",
            evidence=lines,
        )
    )


def _lines(path: str, rights: FsRight, denied: Inventory) -> tuple[str, ...]:
    """For each right the first record of its want on the path or beneath it."""
    found: dict[str, None] = {}
    for right in rights:
        lines = [
            access.evidence[0]
            for access in denied.paths
            if access.rights & right and is_beneath(access.path, path)
        ]
        if lines:
            found[str(min(lines))] = None
    return tuple(found)


def learnt_findings(growth: Growth) -> Iterator[Finding]:
    """One for each object that got a right."""
    for path, rights in growth.paths.items():
        yield find("learnt-grant", path, f"{', '.join(names(rights))}: the kernel denied it in a test")
    for port, net in growth.ports.items():
        yield find("learnt-grant", f"port {port}", f"{', '.join(names(net))}: the kernel denied it in a test")
