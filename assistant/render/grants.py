"""Grants as Markdown: at a glance, those to look at first, and all of them by purpose. Judges no finding."""

from collections.abc import Callable

from assistant.domain.finding import Severity
from assistant.domain.places import GUARDED
from assistant.domain.report import Report
from assistant.domain.rights import FsRight, NetRight, names
from assistant.domain.ruleset import PathGrant, PortGrant, Reach, Ruleset
from assistant.render.markdown import bullets, code, codes, prose, table


Grant = PathGrant | PortGrant

NAME = 200
"""Longest name that is shown in full, in characters."""

SENTENCE = 400
"""Longest reason that is shown in full, in characters."""

_PER_ROW = 8
_FIRST = 30

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


def said(text: str, by: str) -> str:
    """A reason, with its author when that is a model. Empty stays empty."""
    return prose(text, SENTENCE) + (" (model)" if by == "model" else "") if text else ""


def author(ruleset: Ruleset) -> str:
    """Who wrote the reasons that name no author of their own; when in doubt, a model."""
    made = ruleset.provenance.author
    return made if made in ("", "offline", "person") else "model"


def at_a_glance(ruleset: Ruleset) -> str:
    """What the service may do, one row for each kind of effect."""
    files: list[tuple[str, Callable[[FsRight], object]]] = [
        ("change", lambda held: held & _CHANGES),
        ("execute", lambda held: held & FsRight.EXECUTE),
        ("command devices", lambda held: held & FsRight.IOCTL_DEV),
        ("connect to sockets", lambda held: held & FsRight.RESOLVE_UNIX),
        ("only read or list", lambda held: not held & ~(FsRight.READ_FILE | FsRight.READ_DIR)),
    ]
    rows = [
        (
            word,
            codes((path for path, held in ruleset.paths().items() if wanted(held)), _PER_ROW, NAME)
            or "nothing",
        )
        for word, wanted in files
    ]
    ports = ruleset.ports().items()
    rows.append(("listen on ports", ", ".join(str(port) for port, held in ports if held & _BINDS) or "none"))
    rows.append(
        ("connect to ports", ", ".join(str(port) for port, held in ports if held & ~_BINDS) or "none")
    )
    scope = ruleset.scope
    rows.append(("signal other programs", "no" if scope.signal else "yes: the scope is off"))
    rows.append(
        ("use their abstract sockets", "no" if scope.abstract_unix_socket else "yes: the scope is off")
    )
    return table(("It may", "Where"), rows)


def first_looks(ruleset: Ruleset, report: Report | None) -> str:
    """The grants that a reviewer should look at first, each with what is special about it."""
    reach = Reach(ruleset.paths())
    marked: dict[str, list[str]] = {}
    for finding in report.findings if report else ():
        if finding.severity >= Severity.HIGH:
            marked.setdefault(finding.subject, []).append(f"finding {finding.id}")
    looks = [
        (grant, _special(grant, reach) + marked.get(subject(grant), [])) for grant in all_grants(ruleset)
    ]
    risky = [(grant, reasons) for grant, reasons in looks if reasons]
    rows = [
        (
            code(subject(grant), NAME),
            ", ".join(names(grant.rights)),
            "; ".join(reasons),
            said(grant.why, grant.by) or "no reason is given",
            codes(grant.evidence, 3, NAME) or "none",
        )
        for grant, reasons in risky[:_FIRST]
    ]
    if not rows:
        return "No grant stands out."
    more = f"\n\nand {len(risky) - _FIRST} more." if len(risky) > _FIRST else ""
    return table(("Grant", "Rights", "Look at it because", "Why it is granted", "Evidence"), rows) + more


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


def by_purpose(ruleset: Ruleset, *, brief: bool = False) -> str:
    """All grants under their groups. ``brief``: rights and reason only."""
    groups: dict[str, list[Grant]] = {}
    for grant in all_grants(ruleset):
        groups.setdefault(grant.group, []).append(grant)
    parts: list[str] = []
    for group, grants in groups.items():
        named = " (model)" if group and any(grant.by == "model" for grant in grants) else ""
        parts.append(f"### {prose(group, NAME) or 'no purpose is given'}{named}")
        parts.append(bullets(_item(grant, brief=brief) for grant in grants))
    return "\n\n".join(parts)


def _item(grant: Grant, *, brief: bool) -> str:
    name = code(subject(grant), NAME)
    why = said(grant.why, grant.by) or "no reason is given"
    line = f"{name}: {', '.join(names(grant.rights))}. Why: {why}"
    if brief:
        return line
    more = [f"By: {grant.by}. Evidence: {codes(grant.evidence, _PER_ROW, NAME) or 'none'}"]
    if isinstance(grant, PathGrant) and grant.optional:
        more.append("Optional: where it does not exist, the sandbox starts without this rule.")
    if grant.weakness:
        more.append(f"Weakness: {said(grant.weakness, grant.by)}")
    if isinstance(grant, PathGrant) and grant.made:
        more.append(f"Made by the launcher when it is missing: {code(grant.made)}")
    if isinstance(grant, PathGrant):
        more += [f"Instead: {said(other, grant.by)}" for other in grant.alternatives]
    return "\n".join([line, *(f"  - {part}" for part in more)])
