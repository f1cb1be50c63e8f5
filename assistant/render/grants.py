"""Grants: at a glance, those to look at first, and all of them by purpose. Judges no finding."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assistant.domain.finding import Severity
from assistant.domain.places import GUARDED
from assistant.domain.report import Report
from assistant.domain.rights import FsRight, NetRight, names
from assistant.domain.ruleset import PathGrant, PortGrant, Reach, Ruleset
from assistant.render.manuscript import (
    Block,
    Blocks,
    Bullets,
    Claim,
    Heading,
    Item,
    Line,
    Name,
    Paragraph,
    Prose,
    Table,
    joined,
    line,
    listed,
)


Grant = PathGrant | PortGrant

NAME = 200
"""Longest name that is shown in full, in characters."""

SENTENCE = 400
"""Longest reason that is shown in full, in characters."""

_PER_ROW = 8

_CREATES = (
    FsRight.MAKE_CHAR
    | FsRight.MAKE_DIR
    | FsRight.MAKE_REG
    | FsRight.MAKE_SOCK
    | FsRight.MAKE_FIFO
    | FsRight.MAKE_BLOCK
    | FsRight.MAKE_SYM
)
_CHANGES = (
    _CREATES
    | FsRight.WRITE_FILE
    | FsRight.TRUNCATE
    | FsRight.REMOVE_FILE
    | FsRight.REMOVE_DIR
    | FsRight.REFER
)
_DEVICES = FsRight.MAKE_CHAR | FsRight.MAKE_BLOCK
_BINDS = NetRight.BIND_TCP | NetRight.BIND_UDP


def subject(grant: Grant) -> str:
    """What a grant is about, as findings name it: a path, or "port 80"."""
    return grant.path if isinstance(grant, PathGrant) else f"port {grant.port}"


def said(text: str, by: str) -> Line:
    """A reason, a claim when its author is a model. Empty stays empty."""
    return ((Claim if by == "model" else Prose)(text, SENTENCE),) if text else ()


def author(ruleset: Ruleset) -> str:
    """Who wrote the reasons that name no author of their own; when in doubt, a model."""
    made = ruleset.provenance.author
    return made if made in ("", "offline", "person") else "model"


def at_a_glance(ruleset: Ruleset) -> Table:
    """What the service may do, one row for each kind of effect."""
    files: list[tuple[str, Callable[[FsRight], object]]] = [
        ("change", lambda held: held & _CHANGES),
        ("execute", lambda held: held & FsRight.EXECUTE),
        ("command devices", lambda held: held & FsRight.IOCTL_DEV),
        ("connect to sockets", lambda held: held & FsRight.RESOLVE_UNIX),
        ("only read or list", lambda held: not held & ~(FsRight.READ_FILE | FsRight.READ_DIR)),
    ]
    rows: list[tuple[Line, Line]] = [
        (
            (word,),
            listed((path for path, held in ruleset.paths().items() if wanted(held)), _PER_ROW, NAME)
            or ("nothing",),
        )
        for word, wanted in files
    ]
    ports = ruleset.ports().items()
    binds = ", ".join(str(port) for port, held in ports if held & _BINDS)
    connects = ", ".join(str(port) for port, held in ports if held & ~_BINDS)
    scope = ruleset.scope
    rows += [
        (("listen on ports",), (binds or "none",)),
        (("connect to ports",), (connects or "none",)),
        (("signal other programs",), ("no" if scope.signal else "yes: the scope is off",)),
        (
            ("use their abstract sockets",),
            ("no" if scope.abstract_unix_socket else "yes: the scope is off",),
        ),
    ]
    return Table(("It may", "Where"), tuple(rows))


@dataclass(frozen=True, slots=True)
class Look:
    """A grant and what is special about it: why a reviewer should look at it first. Our own words."""

    grant: Grant
    reasons: tuple[str, ...]


def looks(ruleset: Ruleset, report: Report | None) -> list[Look]:
    """Every grant in the document's order; those with no reason do not stand out."""
    reach = Reach(ruleset.paths())
    marked: dict[str, list[str]] = {}
    for finding in report.findings if report else ():
        if finding.severity >= Severity.HIGH:
            marked.setdefault(finding.subject, []).append(f"finding {finding.id}")
    return [
        Look(grant, (*_special(grant, reach), *dict.fromkeys(marked.get(subject(grant), ()))))
        for grant in all_grants(ruleset)
    ]


def first_looks(ruleset: Ruleset, report: Report | None, most: int) -> Blocks:
    """The grants that a reviewer should look at first, each with what is special about it."""
    risky = [look for look in looks(ruleset, report) if look.reasons]
    if not risky:
        return (Paragraph(("No grant stands out.",)),)
    rows = tuple(
        (
            (Name(subject(look.grant), NAME),),
            (", ".join(names(look.grant.rights)),),
            ("; ".join(look.reasons),),
            said(look.grant.why, look.grant.by) or ("no reason is given",),
            listed(look.grant.evidence, 3, NAME) or ("none",),
        )
        for look in risky[:most]
    )
    shown = Table(("Grant", "Rights", "Look at it because", "Why it is granted", "Evidence"), rows)
    left = len(risky) - most
    return (shown, Paragraph((f"and {left} more.",))) if left > 0 else (shown,)


def all_grants(ruleset: Ruleset) -> tuple[Grant, ...]:
    """Paths and then ports, each in the document's order."""
    return (*ruleset.path, *ruleset.port)


def _special(grant: Grant, reach: Reach) -> list[str]:
    found = ["no trace line shows the need"] if not grant.evidence else []
    if isinstance(grant, PortGrant):
        return [*found, "any port that the kernel picks"] if grant.port == 0 else found
    held = reach.rights(grant.path)
    own = grant.rights
    if held & FsRight.EXECUTE and held & (FsRight.WRITE_FILE | FsRight.MAKE_REG):
        found.append("what is written here can be executed")
    if own & _DEVICES:
        found.append("can make device files")
    if own & FsRight.IOCTL_DEV:
        found.append("can command devices")
    if grant.path in GUARDED and own & ~FsRight.READ_DIR:
        found.append("a directory that many programs share")
    return found


def by_purpose(ruleset: Ruleset, *, brief: bool = False) -> Blocks:
    """All grants under their groups. ``brief``: rights and reason only."""
    groups: dict[str, list[Grant]] = {}
    for grant in all_grants(ruleset):
        groups.setdefault(grant.group, []).append(grant)
    parts: list[Block] = []
    for group, grants in groups.items():
        parts.append(Heading(purpose(group, grants)))
        parts.append(Bullets(tuple(_item(grant, brief=brief) for grant in grants)))
    return tuple(parts)


def purpose(group: str, grants: Iterable[Grant]) -> Line:
    """A group's name: a claim when a model named it, or may have."""
    if not group:
        return ("no purpose is given",)
    return ((Claim if any(grant.by == "model" for grant in grants) else Prose)(group, NAME),)


def _item(grant: Grant, *, brief: bool) -> Item:
    why = said(grant.why, grant.by) or "no reason is given"
    first = line("{}: {}. Why: {}", Name(subject(grant), NAME), ", ".join(names(grant.rights)), why)
    if brief:
        return Item(first)
    cited = line("By: {}. Evidence: {}", grant.by, listed(grant.evidence, _PER_ROW, NAME) or "none")
    return Item(first, (cited, *remarks(grant)))


def remarks(grant: Grant) -> list[Line]:
    """What else is said of a grant: doubts, weakness, alternatives, and how the launcher treats it."""
    found: list[Line] = []
    if isinstance(grant, PathGrant) and grant.optional:
        found.append(("Optional: where it does not exist, the sandbox starts without this rule.",))
    if grant.necessity:
        # Only a model's view has this field, whoever proposed the grant.
        found.append(line("Thought to be {}.", Claim(grant.necessity)))
    if grant.doubts:
        found.append(line("Doubts: {}", joined(((Claim(one, SENTENCE),) for one in grant.doubts), "; ")))
    if grant.weakness:
        found.append(line("Weakness: {}", said(grant.weakness, grant.by)))
    if isinstance(grant, PathGrant) and grant.made:
        found.append(line("Made by the launcher when it is missing: {}", Name(grant.made)))
    if isinstance(grant, PathGrant):
        found += [line("Instead: {}", said(other, grant.by)) for other in grant.alternatives]
    return found
