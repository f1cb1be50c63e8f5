"""What the traces need and the ruleset would deny, with the kernel's own logic of rules that add up."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from assistant.domain.access import Kind, PathAccess, Verdict
from assistant.domain.cover import Cover
from assistant.domain.finding import Finding, find
from assistant.domain.rights import NO_FS, FsRight, NetRight, known_at, names
from assistant.domain.ruleset import Ruleset
from assistant.verify.case import Case
from assistant.verify.traces import Traces
from assistant.verify.tree import Ancestors


_Right = TypeVar("_Right", FsRight, NetRight)


@dataclass(slots=True)
class Gap(Generic[_Right]):
    """What one path or port lacks. ``own``: the ruleset's own traces show the need."""

    call: str
    evidence: tuple[str, ...]
    rights: _Right
    own: bool
    note: str = ""

    def widen(self, other: "Gap[_Right]") -> None:
        """Take in another gap of the same subject; its first evidence counts when it is the own trace's."""
        if other.own and not self.own:
            self.call, self.evidence = other.call, other.evidence
        self.rights |= other.rights
        self.own = self.own or other.own
        self.note = self.note or other.note

    def finding(self, subject: str) -> Finding:
        """``missing-access`` when the service did it in the ruleset's own traces, ``drift`` otherwise."""
        rights = ", ".join(names(self.rights))
        return find(
            "missing-access" if self.own else "drift",
            subject,
            f"{self.call} needs {rights} here, and the ruleset denies it{self.note}",
            evidence=self.evidence,
        )


class Refusals:
    """The rights that the document refuses on purpose, at a path and beneath it."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._rights: dict[str, FsRight] = {}
        for entry in ruleset.refused:
            self._rights[entry.path] = self._rights.get(entry.path, NO_FS) | entry.rights
        self._above = Ancestors(self._rights)

    def at(self, path: str) -> FsRight:
        """All rights refused here."""
        total = NO_FS
        for refused in self._above.of(path):
            total |= self._rights[refused]
        return total


def check(case: Case) -> Iterator[Finding]:
    """``missing-access`` or ``drift`` for each path with an access that would be denied."""
    rules = Cover(case.ruleset.path, known_at(FsRight, case.ruleset.target_abi))
    refusals, traces, lasting = Refusals(case.ruleset), Traces(case), _made_once(case)
    gaps: dict[str, Gap[FsRight]] = {}
    for access in case.inventory.paths:
        if access.rights is NO_FS or access.verdict is not Verdict.NEEDED:
            continue  # as most of a large trace: nothing that could be denied
        denied = rules.denied(access._replace(volatile=False) if access.path in lasting else access)
        if denied:
            denied &= ~refusals.at(access.path)
        if denied:
            _add(gaps, access, _gap(access, denied, rules, traces))
    for path, gap in gaps.items():
        yield gap.finding(path)


def _made_once(case: Case) -> set[str]:
    """Directories that the run made and left, and that the next start does not make.

    The document refuses to make them, so they have to be there first: a rule on them holds.
    """
    ruleset, host = case.ruleset, case.host
    by_launcher = {grant.path for grant in ruleset.path if grant.made}
    elsewhere = {entry.path for entry in ruleset.refused if FsRight.MAKE_DIR in entry.rights}
    made, removed = set(), set()
    for access in case.inventory.paths:
        if access.given and access.verdict is Verdict.NEEDED:
            name = posixpath.join(access.path, posixpath.basename(access.given))
            if access.call.startswith("mkdir") and access.path in elsewhere:
                made.add(name)
            if FsRight.REMOVE_DIR in access.rights:
                removed.add(name)
    there = (p for p in made - removed if not host.known or host.kind(p) is Kind.DIRECTORY)
    return {*there, *((made - removed) & by_launcher)}


def _gap(access: PathAccess, denied: FsRight, rules: Cover, traces: Traces) -> Gap[FsRight]:
    note = ""
    if access.volatile and rules.at(access.path) & denied:
        note = "; a rule on the object itself does not hold, because the run created, replaced or removed it"
    elif access.implied_by:
        note = f"; the kernel opens it when {access.implied_by} is executed"
    return Gap(
        access.call,
        tuple(str(line) for line in access.evidence[:1]),
        denied,
        traces.is_own(access.evidence),
        note,
    )


def _add(gaps: dict[str, Gap[FsRight]], access: PathAccess, gap: Gap[FsRight]) -> None:
    if access.path in gaps:
        gaps[access.path].widen(gap)
    else:
        gaps[access.path] = gap
