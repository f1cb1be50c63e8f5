"""What every export gives back: a text, what it opens or lacks right by right, and notes.

The losses are not written by hand: they are the difference between what the kernel would be told by the
ruleset and by the text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from assistant.domain.finding import Finding, find
from assistant.domain.rights import NO_FS, NO_NET, FsRight, NetRight, Scope, known_at, names
from assistant.domain.rules import Rules
from assistant.domain.ruleset import Reach, Ruleset
from assistant.render.grants import Grant
from assistant.render.plain import printable


EVERYWHERE = "everywhere"
"""The subject of a loss that is about no single object."""

_WHY = 200

Effect = Literal["opens", "lacks"]


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that the text does not say as the ruleset does.

    Attributes:
        effect: "opens": it allows what the ruleset denies; "lacks": it denies what the ruleset allows.
        subject: A path, "port 80", or EVERYWHERE. Raw: escape before showing.
        rights: Which rights there.
        why: The reason, without a final full stop.
    """

    effect: Effect
    subject: str
    rights: FsRight | NetRight | Scope
    why: str

    @property
    def sentence(self) -> str:
        """In words, printable."""
        listed = names(self.rights)
        verb = "is" if len(listed) == 1 else "are"
        does = {"opens": "open too", "lacks": "denied"}[self.effect]
        return f"{printable(self.subject)}: {', '.join(listed)} {verb} {does}: {self.why}"


@dataclass(frozen=True, slots=True)
class Export:
    """A ruleset in another form.

    Attributes:
        text: The whole file.
        losses: What it opens or lacks; all else it says as the ruleset does.
        notes: What to know about whoever reads it, one printable sentence each.
    """

    text: str
    losses: tuple[Loss, ...] = ()
    notes: tuple[str, ...] = ()

    def findings(self) -> Iterator[Finding]:
        """Each loss as a finding."""
        for loss in self.losses:
            yield find(f"export-{loss.effect}", loss.subject, f"{', '.join(names(loss.rights))}: {loss.why}")


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a format differs from the ruleset.

    Attributes:
        opens: Why it opens more on an object.
        free: Why it leaves a right free everywhere.
        denied: Why it denies a right everywhere that the ruleset leaves free.
        unsaid: By path, why a rule cannot be written.
    """

    opens: str = ""
    free: str = ""
    denied: str = ""
    unsaid: Mapping[str, str] | None = None


def losses(wanted: Rules, given: Rules, reasons: Reasons) -> tuple[Loss, ...]:
    """The difference between two sets of rules; what opens more comes first.

    Args:
        wanted: What the ruleset asks for.
        given: What the text says.
        reasons: Why they differ.
    """
    found = [*_everywhere(wanted, given, reasons), *_on_paths(wanted, given, reasons)]
    found += _on_ports(wanted, given, reasons)
    return tuple(sorted(found, key=lambda loss: loss.effect == "lacks"))


def _everywhere(wanted: Rules, given: Rules, reasons: Reasons) -> Iterator[Loss]:
    asked, told = _denied(wanted), _denied(given)
    pairs: tuple[tuple[FsRight | NetRight | Scope, FsRight | NetRight | Scope], ...] = (
        (asked & ~told, told & ~asked),
        (wanted.net & ~given.net, given.net & ~wanted.net),
        (wanted.scope & ~given.scope, given.scope & ~wanted.scope),
    )
    for free, denied in pairs:
        if free:
            yield Loss("opens", EVERYWHERE, free, reasons.free)
        if denied:
            yield Loss("lacks", EVERYWHERE, denied, reasons.denied)


def _denied(rules: Rules) -> FsRight:
    """What is denied without a rule: every kernel denies refer, handled or not."""
    return rules.fs | FsRight.REFER


def _on_paths(wanted: Rules, given: Rules, reasons: Reasons) -> Iterator[Loss]:
    """Rights that a rule above gives anyway are no difference."""
    said = {path: rights for path, rights in wanted.paths.items() if path in given.paths}
    asked, told = Reach(said), Reach(given.paths)
    unsaid = reasons.unsaid or {}
    for path, rights in wanted.paths.items():
        more = given.paths.get(path, NO_FS) & _denied(wanted) & given.fs & ~asked.rights(path)
        less = rights & _denied(given) & ~told.rights(path)
        if more:
            yield Loss("opens", path, more, reasons.opens)
        if less:
            yield Loss("lacks", path, less, unsaid.get(path, ""))


def _on_ports(wanted: Rules, given: Rules, reasons: Reasons) -> Iterator[Loss]:
    for port, rights in wanted.ports.items():
        more = given.ports.get(port, NO_NET) & wanted.net & given.net & ~rights
        less = rights & given.net & ~given.ports.get(port, NO_NET)
        if more:
            yield Loss("opens", f"port {port}", more, reasons.opens)
        if less:
            yield Loss("lacks", f"port {port}", less, reasons.denied)


def heading(ruleset: Ruleset) -> list[str]:
    """What the first lines of every text say: whose sandbox, made by what, of which grants. Printable."""
    service, tool = printable(ruleset.service, _WHY), printable(ruleset.provenance.tool, 80)
    return [f"Landlock sandbox of {service}, by {tool}.", f"Digest of the grants: {ruleset.digest()}"]


def remarks(grant: Grant) -> list[str]:
    """Reason and evidence of a grant, for the lines above its rule. Printable."""
    found = [f"why ({grant.by}): {printable(grant.why, _WHY)}"] if grant.why else []
    if grant.evidence:
        found.append(f"evidence: {printable(', '.join(grant.evidence), _WHY)}")
    return found


def above_target(ruleset: Ruleset) -> list[str]:
    """Rights that are left out because they are newer than the ruleset's own target, one sentence each."""
    abi = ruleset.target_abi
    late: list[tuple[str, FsRight | NetRight]] = [
        *((path, rights & ~known_at(FsRight, abi)) for path, rights in ruleset.paths().items()),
        *((f"port {port}", rights & ~known_at(NetRight, abi)) for port, rights in ruleset.ports().items()),
    ]
    return [
        f"{printable(subject)}: {', '.join(names(rights))} left out: newer than the target ABI {abi}"
        for subject, rights in late
        if rights
    ]


def only_the_launcher(ruleset: Ruleset) -> list[str]:
    """What the Python launcher does for the rules and nothing else does, as notes."""
    notes = []
    if any(path.startswith("/proc/") for path in ruleset.paths()):
        notes.append(
            "Rules on single files beneath /proc can be lost while it runs; the Python launcher keeps them."
        )
    made = [printable(grant.path) for grant in ruleset.path if grant.made]
    if made:
        notes.append(
            f"Made by the Python launcher when missing, to be made beforehand here: {', '.join(made)}"
        )
    return notes


def is_utf8(path: str) -> bool:
    """Whether a path's bytes are UTF-8."""
    return not any("\udc80" <= char <= "\udcff" for char in path)
