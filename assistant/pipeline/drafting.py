"""From traces to a draft that was held against them: prepare, finish.

Citations are always held against the raw bytes of the traces, never against what the reader made of them.
"""

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assistant.domain.access import Inventory
from assistant.domain.finding import Finding
from assistant.domain.host import Host
from assistant.domain.report import Report
from assistant.domain.ruleset import (
    ModelRecord,
    PathGrant,
    PortGrant,
    Provenance,
    Question,
    Reach,
    Refused,
    Ruleset,
    TraceRecord,
    Unexercised,
)
from assistant.drafting.offline import Draft, Drafter, Options, in_document
from assistant.drafting.purposes import is_wrapper
from assistant.drafting.refusing import Refusal
from assistant.pipeline.links import links_between
from assistant.pipeline.reading import read_traces
from assistant.pipeline.verifying import hold_against
from assistant.reading.memory import uncollected
from assistant.reading.naming import Trace


_SHELL = re.compile(r"^(?:(?:ba|da|k|z)?sh|busybox)$")


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft that was held against the raw traces already."""

    ruleset: Ruleset
    inventory: Inventory
    report: Report


@dataclass(frozen=True, slots=True)
class Prepared:
    """Traces that were read and drafted from, before the draft is put into a document.

    Attributes:
        traces: The files and their names.
        host: The machine that they were made on, or NoHost.
        inventory: What they show.
        drafter: With which the draft was made; it knows what else could be granted.
        draft: What it would grant by itself.
        provenance: What made it, the traces filled in.
        keep: An earlier version of the document, whose grants by a person stay.
        by_person: Refusals of the earlier version that the draft would not make.
    """

    traces: Sequence[Trace]
    host: Host
    inventory: Inventory
    drafter: Drafter
    draft: Draft
    provenance: Provenance
    keep: Ruleset | None
    by_person: Sequence[Refused]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What somebody else made of a draft: its grants in another form, and what was said about them."""

    path: tuple[PathGrant, ...]
    port: tuple[PortGrant, ...]
    model: ModelRecord
    unexercised: tuple[Unexercised, ...] = ()
    question: tuple[Question, ...] = ()
    findings: tuple[Finding, ...] = ()


@uncollected()
def prepare(
    traces: Sequence[Trace],
    host: Host,
    options: Options,
    provenance: Provenance,
    *,
    cwd: str | None = None,
    keep: Ruleset | None = None,
) -> Prepared:
    """Read traces and draft from them, with no model.

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
    drafter = Drafter(inventory, host, options)
    drafted = drafter.draft()
    by_person = _refused_by_person([*drafted.refused, *drafter.bytecode], keep)
    if by_person:
        refused = tuple((entry.path, entry.rights) for entry in by_person)
        drafter = Drafter(inventory, host, replace(options, refused=refused))
        drafted = drafter.draft()
    records = tuple(
        TraceRecord(name=s.name, sha256=s.sha256, lines=s.lines, not_understood=s.not_understood)
        for s in inventory.sources
    )
    provenance = provenance.model_copy(update={"trace": records})
    return Prepared(traces, host, inventory, drafter, drafted, provenance, keep, by_person)


@uncollected()
def finish(prepared: Prepared, contribution: Contribution | None = None) -> Drafted:
    """Put a draft into a document and hold it against the raw traces.

    Args:
        prepared: The draft.
        contribution: What takes the place of its grants.

    Raises:
        TraceError: a trace cannot be read any more.
    """
    draft, keep, options = prepared.draft, prepared.keep, prepared.drafter.options
    made = contribution or draft
    said = {"model": contribution.model, "author": contribution.model.name} if contribution else {}
    paths = _with_kept(made.path, keep)
    refused = in_document(prepared.drafter.refused_beside(paths))
    ruleset = Ruleset(
        service=options.service,
        target_abi=options.target_abi,
        provenance=prepared.provenance.model_copy(update=said),
        scope=draft.scope,
        path=paths,
        port=made.port + (tuple(g for g in keep.port if g.by == "person") if keep else ()),
        refused=_with_persons(refused, prepared.by_person, keep),
        probed=draft.probed,
        unexercised=contribution.unexercised if contribution else (),
        question=contribution.question if contribution else (),
        approval=keep.approval if keep else None,
    )
    others = {entry.path for entry in (*ruleset.refused, *ruleset.probed)}
    links = links_between(prepared.inventory, ruleset.paths(), others, prepared.host)
    provenance = ruleset.provenance.model_copy(update={"link": links})
    ruleset = ruleset.model_copy(update={"provenance": provenance})
    checked = hold_against(ruleset, prepared.inventory, prepared.traces, prepared.host)
    settled = {entry.path for entry in draft.refused} - {entry.path for entry in ruleset.refused}
    found = [f for f in draft.findings if not (f.id == "refused-access" and f.subject in settled)]
    found += contribution.findings if contribution else ()
    return Drafted(ruleset, prepared.inventory, Report.of([*found, *checked.findings]))


def draft_offline(
    traces: Sequence[Trace],
    host: Host,
    options: Options,
    provenance: Provenance,
    *,
    cwd: str | None = None,
    keep: Ruleset | None = None,
) -> Drafted:
    """Draft with no model and hold the draft against the raw traces; see ``prepare`` and ``finish``."""
    return finish(prepare(traces, host, options, provenance, cwd=cwd, keep=keep))


def _refused_by_person(drafted: Iterable[Refused | Refusal], keep: Ruleset | None) -> list[Refused]:
    """Refusals of the earlier version that this draft would not make: a person moved them there."""
    known = {entry.path for entry in drafted}
    return [entry for entry in keep.refused if entry.path not in known] if keep else []


def _with_persons(
    drafted: tuple[Refused, ...], by_person: Sequence[Refused], keep: Ruleset | None
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
    """What to call a service that nobody named: the first program, no shell and no wrapper, or the trace."""
    # By the name that was executed: the program behind it may be a link's target with another name.
    runs = [a for a in inventory.paths if a.call.startswith("execve") and a.needed and not a.implied_by]
    runs.sort(key=lambda access: min(access.evidence))
    names = [posixpath.basename(access.given or access.path) for access in runs]
    named = [name for name in names if name and not (_SHELL.match(name) or is_wrapper(name))]
    printable = [name for name in named if name.isascii() and name.isprintable()]
    return (printable or [source.name for source in inventory.sources] or ["service"])[0]
