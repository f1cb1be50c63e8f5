"""What directory grants open that the service never used, counted on the host. Guesses no number."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from assistant.domain.access import Inventory, Kind
from assistant.domain.finding import Finding, Severity, find
from assistant.domain.host import Content
from assistant.domain.places import credential, is_private_name, is_same_everywhere
from assistant.domain.rights import FsRight
from assistant.verify.case import Case
from assistant.verify.invented import SUPPORTING


PRIVATE_UNUSED = 25
"""Private files that a grant may open unused: a careful person's whole ruleset stays near ten."""

LISTED_UNUSED = 1000
"""Names that a listing may show unused: names tell less than contents."""

EXAMPLES = 3
"""How many names a message shows."""

_READS = FsRight.READ_FILE
_WRITES = FsRight.WRITE_FILE | FsRight.TRUNCATE | FsRight.REMOVE_FILE
_OPENS = _READS | _WRITES | FsRight.READ_DIR | FsRight.EXECUTE


@dataclass(slots=True)
class _Used:
    """Paths that the traces show being used at all, and being executed."""

    all: set[str] = field(default_factory=set)
    executed: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, inventory: Inventory) -> "_Used":
        used = cls()
        for access in inventory.paths:
            if access.verdict in SUPPORTING:
                used.all.add(access.path)
                if access.rights & FsRight.EXECUTE:
                    used.executed.add(access.path)
        return used


def check(case: Case) -> Iterator[Finding]:
    """``broad-grant`` for each directory that opens too much, or whose contents could not be counted."""
    wide = {path: rights & _OPENS for path, rights in case.ruleset.paths().items() if rights & _OPENS}
    if not case.host.known:
        if wide:
            yield find(
                "foreign-host",
                case.ruleset.service,
                f"not looked up for {len(wide)} path grants: what they open, whether they exist, links",
                severity=Severity.INFO,
                remedy="verify on the machine that the service runs on",
            )
        return
    used = _Used.of(case.inventory)
    for path, rights in wide.items():
        if case.host.kind(path) is Kind.DIRECTORY:
            yield from _breadth(path, rights, case.host.content(path), used)


def _breadth(path: str, rights: FsRight, content: Content, used: _Used) -> Iterator[Finding]:
    if not (content.files or content.complete):
        yield find("broad-grant", path, "what lies beneath comes and goes and could not be counted")
        return
    reasons = list(_reasons(rights, content, used))
    if not content.complete:
        reasons.append("the counting stopped there, so the true number is larger")
    if reasons:
        beneath = sum(1 for file in content.files if file in used.all)
        least = "" if content.complete else "at least "
        message = f"{beneath} of {least}{len(content.files)} files beneath were used in the traces"
        yield find("broad-grant", path, "; ".join((message, *reasons)))


def _reasons(rights: FsRight, content: Content, used: _Used) -> Iterator[str]:
    private = [file for file in content.files if file not in used.all and not is_same_everywhere(file)]
    if rights & (_READS | _WRITES):
        if len(private) > PRIVATE_UNUSED:
            yield f"it opens {len(private)} private files that were not"
        secrets = [file for file in private if is_private_name(file) or credential(file)]
        if secrets:
            more = f" and {len(secrets) - EXAMPLES} more" if len(secrets) > EXAMPLES else ""
            yield f"it opens what looks like keys or passwords: {', '.join(secrets[:EXAMPLES])}{more}"
    elif rights & FsRight.READ_DIR and len(private) > LISTED_UNUSED:
        yield f"it shows the names of {len(private)} private files that were not"
    if rights & FsRight.EXECUTE:
        programs = sum(1 for program in content.executables if program not in used.executed)
        if programs:
            yield f"it lets {programs} programs run that never did"
