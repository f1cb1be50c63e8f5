"""The deterministic drafter: from an inventory to a ruleset's grants, with reasons and findings."""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from assistant.domain.access import Evidence, Inventory, Kind, PathAccess, Verdict, is_beneath
from assistant.domain.finding import Finding, Severity, find
from assistant.domain.host import Host
from assistant.domain.places import is_private_name
from assistant.domain.rights import NO_FS, ON_FILE, FsRight, known_at, names
from assistant.domain.ruleset import PathGrant, PortGrant, Probed, Reach, Refused, ScopeGrant
from assistant.drafting.bytecode import is_bytecode, not_given, refuse_bytecode
from assistant.drafting.exposure import Exposure
from assistant.drafting.generalise import Choice, Generaliser
from assistant.drafting.guarding import Forced, settle
from assistant.drafting.needs import ALL_CLASSES, Need, classes, gather, rights_in, singly
from assistant.drafting.owning import Ownership
from assistant.drafting.ports import grant_ports, grant_scopes, uncontrolled
from assistant.drafting.probing import probed
from assistant.drafting.purposes import is_wrapper, purpose
from assistant.drafting.refusing import Refusal, refuse
from assistant.drafting.tree import Node, build, downwards
from assistant.drafting.weights import BALANCED, Weights
from assistant.drafting.wording import alternatives, observed, weakness


_CITED = 6


@dataclass(frozen=True, slots=True)
class Options:
    """What a person said about the draft.

    Attributes:
        service: The service's name; the pipeline fills it in when nobody gave one.
        target_abi: The Landlock ABI to draft for.
        command: The program's resolved path, when the trace does not show it.
        refused: What a person refused in an earlier version: path and rights, for everything beneath it too.
        weights: What things cost.
    """

    service: str
    target_abi: int
    command: str = ""
    refused: tuple[tuple[str, FsRight], ...] = ()
    weights: Weights = BALANCED


@dataclass(frozen=True, slots=True)
class Draft:
    """The parts of a ruleset that a draft decides, and what a person should know about them."""

    path: tuple[PathGrant, ...]
    port: tuple[PortGrant, ...]
    scope: ScopeGrant
    refused: tuple[Refused, ...]
    probed: tuple[Probed, ...]
    findings: tuple[Finding, ...]


def draft(inventory: Inventory, host: Host, options: Options) -> Draft:
    """Draft a ruleset from a grounded inventory.

    Args:
        inventory: Grounded on ``host``.
        host: For what exists, and what lies beneath directories.
        options: What a person said.
    """
    return Drafter(inventory, host, options).draft()


class Drafter:
    """One inventory on its way to a draft: what is needed where, and which rules give it at the least cost.

    Args:
        inventory: Grounded on ``host``.
        host: For what exists, and what lies beneath directories.
        options: What a person said.
    """

    def __init__(self, inventory: Inventory, host: Host, options: Options) -> None:
        self.inventory = inventory
        self.host = host
        self.options = options
        used = [access for access in inventory.paths if not is_bytecode(access)]
        needs = gather(replace(inventory, paths=tuple(used)), options.target_abi)
        if options.command:
            for path, rights in _started(options.command, host):
                need = needs.setdefault(path, Need(path, kind=Kind.FILE))
                need.hard |= rights
        needs = _without(needs, options.refused)
        self.made = _made_in_run(inventory.paths)
        self.needs, self.refusals = refuse(needs)
        self.bytecode = refuse_bytecode(inventory.paths)
        self.used = _used(needs)
        own = Ownership((options.service, *self._main()), needs.values())
        self.exposure = Exposure(options.weights, host.content, own, own.runs, needs.keys())
        self.root = build(self.needs, self._exists)
        self.guarding = settle(self.root)
        self.generaliser = Generaliser(options.weights, self.exposure, self.used)
        self.choices = self.generaliser.solve(self.root)
        self._above = Reach({path: forced.rights for path, forced in self.guarding.forced.items()})

    def refused_beside(self, grants: Iterable[PathGrant]) -> list[Refusal]:
        """What is not granted although the trace shows it, when ``grants`` are what is granted."""
        guarding = self.guarding
        return [
            *self.refusals,
            *map(_unheld, guarding.unheld),
            *map(self._made_again, guarding.made),
            *not_given(self.bytecode, Reach({grant.path: grant.rights for grant in grants})),
        ]

    def draft(self) -> Draft:
        """The parts of a ruleset, and what a person should know about them."""
        grants = [self.forced_grant(forced) for forced in self.guarding.forced.values()]
        grants += [grant for choice in self.choices if (grant := self.grant(choice))]
        paths = tuple(sorted(grants, key=lambda grant: grant.path))
        ports, port_findings = grant_ports(self.inventory, self.options.target_abi)
        refused = self.refused_beside(paths)
        findings = [*port_findings, *self._findings(paths), *_refusal_findings(refused)]
        reach = Reach({grant.path: grant.rights for grant in paths})
        return Draft(
            path=paths,
            port=tuple(ports),
            scope=grant_scopes(self.inventory),
            refused=in_document(refused),
            probed=probed(self.inventory, reach, self.host),
            findings=tuple(findings),
        )

    def _exists(self, path: str) -> bool:
        return not self.host.known or path.startswith("/proc/self") or self.host.kind(path) is not None

    def grant(self, choice: Choice) -> PathGrant | None:
        """The rule of a choice, with its reason; None when the directories above give all of it."""
        node = choice.node
        needs = _needs_below(node)
        rights = NO_FS
        for need in needs:
            rights |= need.all
        rights &= rights_in(choice.classes)
        if not node.is_directory:
            rights &= ON_FILE
        rights &= ~self._above.inside(posixpath.dirname(node.path))
        if not rights:
            return None
        return self._path_grant(node.path, rights, needs, directory=node.is_directory)

    def forced_grant(self, forced: Forced) -> PathGrant:
        """The rule on a shared directory that has to carry some needs."""
        return self._path_grant(forced.path, forced.rights, forced.needs, directory=True)

    def _path_grant(self, path: str, rights: FsRight, needs: list[Need], *, directory: bool) -> PathGrant:
        wanted = classes(rights)
        here = [need for need in needs if need.all & rights]
        kind = Kind.DIRECTORY if directory else here[0].kind
        lines = _first_lines(here, rights)
        said = purpose(
            path, wanted, loader=any(need.implied_by for need in here), helper=path not in self._main()
        )
        return PathGrant(
            path=path,
            rights=rights,
            made=self.host.owned(path)
            if path in self.made and self.host.kind(path) is Kind.DIRECTORY
            else "",
            group=said.group,
            why=said.why + self._inferred(here) + observed(wanted, rights, here, directory=directory),
            weakness=weakness(path, kind, wanted),
            alternatives=alternatives(path, wanted, here, self.exposure, self.used),
            by="offline" if all(any(right in need.first for need in here) for right in rights) else "person",
            evidence=tuple(map(str, lines)),
        )

    def _inferred(self, needs: Iterable[Need]) -> str:
        if self.host.known or not any(need.implied_by for need in needs):
            return ""
        return " Inferred from the C library that the programs open: check it where the service runs."

    def _main(self) -> tuple[str, ...]:
        if self.options.command:
            return (self.options.command,)
        runs = self.inventory.executions
        first = min(runs, key=lambda run: (is_wrapper(run.path), run.evidence[0].line), default=None)
        return (first.path,) if first else ()

    def _made_again(self, need: Need) -> Refusal:
        """Making directories in a shared one, when what was made is there and granted itself."""
        launcher = self.host.known and is_beneath(need.path, "/run")
        again = (
            "the launcher makes it"
            if launcher
            else "let the service manager make it (StateDirectory=, tmpfiles.d)"
        )
        why = f"what the service made there is granted itself; should it be gone at the next start, {again}"
        return Refusal(
            need.path, need.hard, hard=True, why=why, evidence=tuple(sorted(set(need.first.values())))
        )

    def _findings(self, grants: Iterable[PathGrant]) -> Iterable[Finding]:
        yield from uncontrolled(self.inventory, self.options.target_abi)
        for run in self.inventory.executions:
            if self.host.raises(run.path):
                lines = tuple(str(line) for line in run.evidence)
                yield find("setuid-exec", run.path, "it starts with more privileges", evidence=lines)
        yield from _inferred_loaders(self.needs.values()) if not self.host.known else ()
        yield from _sockets(self.inventory.paths, self.options.target_abi)
        for forced in self.guarding.forced.values():
            given = ", ".join(names(forced.rights))
            lines = tuple(str(line) for line in sorted(set(forced.first.values()))[:_CITED])
            yield find("guarded-grant", forced.path, f"{given} on a shared directory", evidence=lines)
        reach = Reach({grant.path: grant.rights for grant in grants})
        for node in downwards(self.root):
            need = node.need
            if need is not None and need.soft and (missing := need.soft & ~reach.rights(node.path)):
                yield _possible(need, missing)
        for grant in grants:
            if is_private_name(grant.path) and grant.rights & FsRight.READ_FILE:
                yield find(
                    "private-key", grant.path, "granted because the service reads it", evidence=grant.evidence
                )


def _made_in_run(accesses: Iterable[PathAccess]) -> set[str]:
    """Directories beneath /run that the service makes itself, there already or not: no boot leaves them."""
    return {
        posixpath.join(access.path, posixpath.basename(access.given))
        for access in accesses
        if access.call.startswith("mkdir") and access.given and is_beneath(access.path, "/run")
    }


def _used(needs: Mapping[str, Need]) -> dict[int, set[str]]:
    """Paths that the trace used, by class."""
    used: dict[int, set[str]] = {name: set() for name in ALL_CLASSES}
    for path, need in needs.items():
        for name in singly(classes(need.hard | need.soft)):
            used[name].add(path)
    return used


def _without(needs: dict[str, Need], refused: Iterable[tuple[str, FsRight]]) -> dict[str, Need]:
    """Needs less what a person refused."""
    places: dict[str, FsRight] = {}
    for place, rights in refused:
        places[place] = places.get(place, NO_FS) | rights
    if not places:
        return needs
    reach = Reach(places)
    return {path: need.without(reach.rights(path)) for path, need in needs.items()}


def _started(command: str, host: Host) -> list[tuple[str, FsRight]]:
    rights = FsRight.EXECUTE | FsRight.READ_FILE
    return [(path, rights) for path in (command, *host.interpreters(command))]


def _needs_below(node: Node) -> list[Need]:
    return [n.need for n in downwards(node) if n.need is not None and (n.hard or n.soft)]


def _first_lines(needs: Iterable[Need], rights: FsRight) -> list[Evidence]:
    """For each right the first line that shows it; one that only implies it counts when there is no other."""
    best: dict[FsRight, tuple[bool, Evidence]] = {}
    for need in needs:
        implied = bool(need.implied_by)
        for right in need.all & rights:
            line = need.first.get(right)
            if line is None:
                continue
            shown, known = (implied, line), best.get(right)
            if known is None or shown < known:
                best[right] = shown
    return sorted({line for _, line in best.values()})


def _unheld(need: Need) -> Refusal:
    lines = tuple(sorted({line for right, line in need.first.items() if right & need.hard}))
    why = (
        "it is gone, or made anew each time, and what is left above it is shared by many programs; give it a "
        "directory of the service's own"
    )
    return Refusal(need.path, need.hard, hard=True, why=why, evidence=lines)


def in_document(refusals: Iterable[Refusal]) -> tuple[Refused, ...]:
    """Refusals of what the traced run used, as the document has them."""
    return tuple(
        Refused(
            path=refusal.path,
            rights=refusal.rights,
            why=refusal.why,
            evidence=tuple(str(line) for line in refusal.evidence[:_CITED]),
        )
        for refusal in sorted(refusals, key=lambda refusal: refusal.path)
        if refusal.hard
    )


def _refusal_findings(refusals: Iterable[Refusal]) -> Iterable[Finding]:
    for refusal in refusals:
        if refusal.hard:
            lines = tuple(str(line) for line in refusal.evidence[:_CITED])
            wanted = ", ".join(names(refusal.rights))
            yield find("refused-access", refusal.path, f"{wanted}: {refusal.why}", evidence=lines)


def _possible(need: Need, missing: FsRight) -> Finding:
    lines = tuple(str(line) for line in sorted(set(need.first.values()))[:_CITED])
    return find(
        "created-or-existing",
        need.path,
        f"{', '.join(names(missing))} would be needed if the object were absent (or present) next time",
        evidence=lines,
    )


def _inferred_loaders(needs: Iterable[Need]) -> Iterable[Finding]:
    for need in needs:
        if need.implied_by:
            program = next(iter(need.implied_by))
            yield find(
                "foreign-host",
                need.path,
                f"inferred, not seen: it lies beside the C library that {program} opens",
                evidence=tuple(str(line) for line in sorted(set(need.first.values()))[:_CITED]),
                severity=Severity.LOW,
                remedy="check that it is the interpreter that readelf -l names for the program",
            )


def _sockets(accesses: Iterable[PathAccess], target_abi: int) -> Iterable[Finding]:
    if known_at(FsRight, target_abi) & FsRight.RESOLVE_UNIX:
        return
    reached = {
        access.path: access.evidence
        for access in accesses
        if access.rights & FsRight.RESOLVE_UNIX and access.verdict is Verdict.NEEDED and not access.volatile
    }
    for path, evidence in sorted(reached.items()):
        lines = tuple(str(line) for line in evidence)
        yield find("unix-uncontrolled", path, "the service connects to this socket", evidence=lines)
