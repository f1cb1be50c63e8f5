"""The only place where the order of steps is written: read, ground, draft, verify. Everything else is a step.

Citations are always held against the raw bytes of the traces, never against what the reader made of them.
"""

import hashlib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.domain.access import Evidence, Inventory, TraceSource
from assistant.domain.host import Host
from assistant.domain.report import Report
from assistant.domain.rights import FsRight
from assistant.domain.ruleset import (
    PathGrant,
    PortGrant,
    Provenance,
    Reach,
    Refused,
    Ruleset,
    TraceRecord,
    parse_citation,
)
from assistant.drafting.offline import Options, draft
from assistant.errors import TraceError
from assistant.trace.blindspots import blind_spots
from assistant.trace.ground import ground
from assistant.trace.reader import Reader
from assistant.verify.case import Case
from assistant.verify.registry import verify


_SUFFIXES = re.compile(r"\.(?:trace|strace|log|txt|out)$")
_SHELL = re.compile(r"^(?:env|strace|timeout|setpriv|sudo|(?:ba|da|k|z)?sh|busybox)$")


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace file and the name by which evidence cites it."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft that was held against the raw traces already."""

    ruleset: Ruleset
    inventory: Inventory
    report: Report


def name_traces(paths: Sequence[Path], known: Iterable[TraceRecord] = ()) -> list[Trace]:
    """Give each trace a name: the one under provenance if its contents are known, else from its file name.

    Raises:
        TraceError: a file is missing or cannot be read.
    """
    by_digest = {record.sha256: record.name for record in known}
    taken = set(by_digest.values())
    traces: list[Trace] = []
    for path in paths:
        name = by_digest.get(_digest(path)) if by_digest else None
        if name is None:
            stem = _SUFFIXES.sub("", path.name) or path.name
            # A citation is NAME:LINE, so the name has no colon, no space and nothing that needs quoting.
            base = re.sub(r"[^A-Za-z0-9._-]", "_", stem) or "trace"
            name = base
            number = 2
            while name in taken:
                name, number = f"{base}-{number}", number + 1
        taken.add(name)
        traces.append(Trace(path, name))
    return traces


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    for line in _lines(path):
        digest.update(line)
    return digest.hexdigest()


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise TraceError(
            f"the trace {str(path)!a} cannot be read",
            why=error.strerror or str(error),
            hint="give the file that strace -o wrote",
        ) from error


def read_traces(traces: Sequence[Trace], host: Host, *, cwd: str | None = None) -> Inventory:
    """Read traces of one service into one grounded inventory.

    Args:
        traces: The files and their names.
        host: The machine that they were made on, or NoHost.
        cwd: The directory in which the service was started, when a person says so.

    Raises:
        TraceError: a file cannot be read, is empty, or holds no strace output.
    """
    reader = Reader(cwd)
    for trace in traces:
        _check(trace, reader.read(trace.name, _lines(trace.path)))
    return ground(reader.inventory(), host)


def _check(trace: Trace, source: TraceSource) -> None:
    shown = ascii(str(trace.path))
    again = "trace again: strace -f -y -e trace=%file,%network,%process -o app.trace CMD"
    if source.lines == 0:
        raise TraceError(f"the trace {shown} is empty", hint=again)
    if source.understood == 0:
        raise TraceError(
            f"the trace {shown} holds no system call that says what a service accesses",
            why=f"of {source.lines} lines, {source.ignored} are other strace output "
            f"and {source.not_understood} are none of strace's",
            hint=again,
        )


def draft_offline(
    traces: Sequence[Trace],
    host: Host,
    options: Options,
    provenance: Provenance,
    *,
    cwd: str | None = None,
    keep: Ruleset | None = None,
) -> Drafted:
    """Draft with no model, then hold the draft against the raw traces.

    Args:
        traces: The files and their names.
        host: The machine that they were made on, or NoHost.
        options: What a person said about the draft.
        provenance: What made it, where and when; the traces are filled in here.
        cwd: The directory in which the service was started, when a person says so.
        keep: An earlier version of the document, whose grants by a person stay.

    Raises:
        TraceError: as for ``read_traces``.
    """
    inventory = read_traces(traces, host, cwd=cwd)
    options = replace(options, service=options.service or service_of(inventory))
    drafted = draft(inventory, host, options)
    by_person = _refused_by_person(drafted.refused, keep)
    if by_person:
        refused = tuple((entry.path, entry.rights) for entry in by_person)
        drafted = draft(inventory, host, replace(options, refused=refused))
    records = tuple(
        TraceRecord(name=s.name, sha256=s.sha256, lines=s.lines, not_understood=s.not_understood)
        for s in inventory.sources
    )
    ruleset = Ruleset(
        service=options.service,
        target_abi=options.target_abi,
        provenance=provenance.model_copy(update={"trace": records}),
        scope=drafted.scope,
        path=_with_kept(drafted.path, keep),
        port=drafted.port + (tuple(g for g in keep.port if g.by == "person") if keep else ()),
        refused=_with_persons(drafted.refused, by_person, keep),
        probed=drafted.probed,
        approval=keep.approval if keep else None,
    )
    checked = hold_against(ruleset, inventory, traces, host)
    settled = {entry.path for entry in drafted.refused} - {entry.path for entry in ruleset.refused}
    found = [f for f in drafted.findings if not (f.id == "refused-access" and f.subject in settled)]
    return Drafted(ruleset, inventory, Report.of([*found, *checked.findings]))


def _refused_by_person(drafted: tuple[Refused, ...], keep: Ruleset | None) -> list[Refused]:
    """Refusals of the earlier version that this draft would not make: a person moved them there."""
    known = {entry.path for entry in drafted}
    return [entry for entry in keep.refused if entry.path not in known] if keep else []


def _with_persons(
    drafted: tuple[Refused, ...], by_person: list[Refused], keep: Ruleset | None
) -> tuple[Refused, ...]:
    kept = [entry for entry in drafted if not _granted_by_person(entry, keep)]
    return tuple(sorted([*kept, *by_person], key=lambda entry: entry.path))


def _granted_by_person(entry: Refused, keep: Ruleset | None) -> bool:
    """A person who read the refusal and grants it all the same has the last word."""
    if keep is None:
        return False
    reach = Reach({grant.path: grant.rights for grant in keep.path if grant.by == "person"})
    return not entry.rights & ~reach.rights(entry.path)


def _with_kept(paths: tuple[PathGrant, ...], keep: Ruleset | None) -> tuple[PathGrant, ...]:
    if keep is None:
        return paths
    known = {(grant.path, grant.rights) for grant in paths}
    kept = [grant for grant in keep.path if grant.by == "person" and (grant.path, grant.rights) not in known]
    return tuple(sorted([*paths, *kept], key=lambda grant: grant.path))


def service_of(inventory: Inventory) -> str:
    """What to call a service that nobody named: the first program that is no shell, or the trace."""
    # By the name that was executed: the program behind it may be a link's target with another name.
    runs = [a for a in inventory.paths if a.call.startswith("execve") and a.needed and not a.implied_by]
    runs.sort(key=lambda access: min(access.evidence))
    names = [posixpath.basename(access.given or access.path) for access in runs]
    named = [name for name in names if name and not _SHELL.match(name)]
    printable = [name for name in named if name.isascii() and name.isprintable()]
    return (printable or [source.name for source in inventory.sources] or ["service"])[0]


def hold_against(ruleset: Ruleset, inventory: Inventory, traces: Sequence[Trace], host: Host) -> Report:
    """Verify a ruleset: accesses by the inventory, citations by the traces' raw bytes.

    What the traces cannot show is part of the answer: without it, a trace that shows nothing would pass.

    Raises:
        TraceError: a trace cannot be read.
    """
    checked = verify(Case(ruleset, inventory, cited_lines(ruleset, traces), host))
    named = any(g.by == "person" and FsRight.EXECUTE in g.rights for g in ruleset.path)
    unseen = blind_spots(inventory, command_given=named, host_known=host.known)
    return Report.of([*checked.findings, *unseen])


def cited_lines(ruleset: Ruleset, traces: Sequence[Trace]) -> Mapping[Evidence, bytes]:
    """The raw bytes of every cited line that is there, without its end."""
    wanted: dict[str, set[int]] = {}
    parts: list[PathGrant | PortGrant | Refused] = [*ruleset.path, *ruleset.port, *ruleset.refused]
    for part in (*parts, *ruleset.probed):
        for citation in part.evidence:
            name, line = parse_citation(citation)
            wanted.setdefault(name, set()).add(line)
    found: dict[Evidence, bytes] = {}
    for trace in traces:
        numbers = wanted.get(trace.name)
        if numbers:
            found.update(_pick(trace, numbers))
    return found


def _pick(trace: Trace, numbers: set[int]) -> Iterator[tuple[Evidence, bytes]]:
    last = max(numbers)
    for number, line in enumerate(_lines(trace.path), start=1):
        if number in numbers:
            yield Evidence(trace.name, number), line.rstrip(b"\r\n")
        if number >= last:
            return
