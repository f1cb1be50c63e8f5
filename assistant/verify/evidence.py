"""Citations of path grants, refusals and probes against the raw lines. Believes no reading but its own."""

import posixpath
from collections.abc import Iterable, Iterator

from assistant.domain.access import Evidence, PathAccess, Verdict, is_beneath, parent
from assistant.domain.finding import Finding, find
from assistant.domain.processes import PROCESS
from assistant.domain.rights import NO_FS, FsRight, names
from assistant.domain.ruleset import PathGrant, parse_citation
from assistant.verify.case import Case
from assistant.verify.citation import Call, read
from assistant.verify.meanings import Meanings
from assistant.verify.proof import Named, named
from assistant.verify.traces import Traces, citations


_LATER = ("open", "bind", "symlink", "mknod")
"""Calls that say what the next run finds: open is that of a directory, and what O_CREAT makes."""


def check(case: Case) -> Iterator[Finding]:
    """``false-citation`` for lines that do not exist, show another path, or can need no such right."""
    witness = Witness(case)
    for grant in case.ruleset.path:
        yield from _grant(witness, grant)
    for entry in (*case.ruleset.refused, *case.ruleset.probed):
        for citation in entry.evidence:
            if witness.can_read(citation):
                complaint, _ = witness.hear(citation, entry.path)
                if complaint:
                    yield find("false-citation", entry.path, complaint, evidence=(citation,))


def _grant(witness: "Witness", grant: PathGrant) -> Iterator[Finding]:
    shown, unread = NO_FS, False
    for citation in grant.evidence:
        if not witness.can_read(citation):
            unread = True
            continue
        complaint, rights = witness.hear(citation, grant.path)
        shown |= rights
        if complaint:
            yield find("false-citation", grant.path, complaint, evidence=(citation,))
    unshown = grant.rights & ~shown
    # A person or a unit may grant more than was seen, and a line that cannot be read may show the rest.
    if unshown and grant.by in ("offline", "model") and not unread:
        yield find(
            "false-citation",
            grant.path,
            f"none of the cited lines can need {', '.join(names(unshown))} here",
            evidence=grant.evidence,
        )


class Witness:
    """Says what a cited line shows about a path.

    Args:
        case: The case; its inventory is used only for names that the line itself leaves relative.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self._traces = Traces(case)
        self._meanings = Meanings(case.inventory, case.host)
        cited = frozenset(citations(case.ruleset))
        self._accesses: dict[Evidence, list[PathAccess]] = {}
        self._implied: dict[str, list[str]] = {}
        for access in case.inventory.paths:
            if access.implied_by:
                self._implied.setdefault(access.implied_by, []).append(access.path)
            for line in access.evidence:
                if line in cited:
                    self._accesses.setdefault(line, []).append(access)

    def can_read(self, citation: str) -> bool:
        """False for a line of a trace that provenance names and that was not given, or changed since."""
        trace = parse_citation(citation).trace
        return trace in self._traces.checkable or trace not in self._traces.recorded

    def line(self, citation: str) -> tuple[Call | None, str]:
        """The call that a cited line shows, or None and what is wrong with the citation."""
        line = parse_citation(citation)
        if line.trace not in self._traces.given:
            return None, f"no trace {line.trace!r} was given, and provenance names none"
        raw = self._case.lines.get(line)
        if raw is None:
            return None, f"trace {line.trace!r} has no line {line.line}"
        call = read(raw)
        return call, "" if call else "the line shows no system call"

    def hear(self, citation: str, path: str) -> tuple[str, FsRight]:
        """What is wrong with a citation ("" for nothing), and the rights that it can show a need for."""
        call, complaint = self.line(citation)
        if call is None:
            return complaint, NO_FS
        line = parse_citation(citation)
        found, listed, rights = False, False, NO_FS
        for name in named(call):
            listed = listed or parent(path) in self._meant(name, line)
            for about, needed in self._shown(call, name, line):
                if is_beneath(about, path):
                    found, rights = True, rights | needed
        if (found or listed) and (call.errno == "ENOENT" or call.name.startswith(_LATER)):
            later = self._made_later(line, path)
            found, rights = found or later != NO_FS, rights | later
        return ("" if found else f"the line's {call.name} does not name this path"), rights

    def _made_later(self, line: Evidence, path: str) -> FsRight:
        """What a line about an absent name, a listing, or a name that was made can show.

        The same run made what was absent, or a file in the listed directory: the next one finds it, and may
        have to remove it first.
        """
        rights = NO_FS
        for access in self._accesses.get(line, ()):
            if access.verdict is Verdict.POSSIBLE and is_beneath(access.path, path):
                rights |= access.rights
        return rights

    def _shown(self, call: Call, name: Named, line: Evidence) -> Iterator[tuple[str, FsRight]]:
        """Objects that a name in a call may mean, each with the rights that can be needed on it."""
        for path in self._meant(name, line):
            yield path, name.on
            yield parent(path), name.within
            if call.name in ("execve", "execveat"):
                for interpreter in self._interpreters(path):
                    yield interpreter, name.on

    def _meant(self, name: Named, line: Evidence) -> Iterable[str]:
        if not (name.name.startswith("/") or name.base):
            return self._remembered(name.name, line)
        path = posixpath.join(name.base, name.name)
        if PROCESS.match(path):
            # /proc/self/exe and /proc/self/fd/3 lead where no host can say any more.
            return self._meanings.of(path) | self._remembered("", line)
        return self._meanings.of(path)

    def _remembered(self, name: str, line: Evidence) -> set[str]:
        """What a relative name meant to the inventory: accesses that cite this very line and end in it."""
        tail = posixpath.normpath(name).lstrip(".") if set(name) <= {".", "/"} else posixpath.normpath(name)
        while tail.startswith("../"):
            tail = tail[3:]
        meant: set[str] = set()
        led = self._meanings.of_relative(name)
        for access in self._accesses.get(line, ()):
            meant |= led & {access.path, access.given}
            for path in {access.path, access.given} - {""}:
                if is_tail(path, tail):
                    meant.add(access.path)
                # Rights to make and remove are checked on the directory, so it is the directory that is kept.
                if is_tail(path, posixpath.dirname(tail)):
                    meant.add(posixpath.join(access.path, posixpath.basename(tail)))
        return meant

    def _interpreters(self, program: str) -> Iterator[str]:
        yield from self._case.host.interpreters(program)
        yield from self._implied.get(program, ())


def is_tail(path: str, tail: str) -> bool:
    """Whether an absolute path ends in these components; every path ends in none."""
    return not tail or path.endswith("/" + tail)
