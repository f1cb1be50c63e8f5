"""The whole test of a ruleset: scenarios inside and outside, what was denied, and what must be denied."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from assistant.domain.denial import Denial, denials
from assistant.domain.finding import Finding, find
from assistant.domain.host import Host
from assistant.domain.life import Life, lives
from assistant.domain.ruleset import Ruleset
from assistant.domain.scenario import Scenarios
from assistant.enforce.account import find_account
from assistant.enforce.launcher import LOG_ABI
from assistant.enforce.listening import listening
from assistant.enforce.living import beforehand
from assistant.enforce.looking import look_inside
from assistant.enforce.room import Room
from assistant.enforce.starting import Terms
from assistant.enforce.support import Support
from assistant.enforce.trial import ProbeResult, WorkResult, landlock, must_work, out_of_bounds
from assistant.enforce.visit import do_in
from assistant.errors import RecordError, TraceError
from assistant.proving.findings import of_denials, of_kernel, of_probes, of_work, unheard
from assistant.proving.records import Records, denied_in
from assistant.proving.straced import refused_in


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a test is made with.

    Attributes:
        document: The scenarios.
        host: The machine. In a room it is asked there for the first time.
        ignore_missing: Go on without the rules whose paths do not exist.
        room: Where scenarios and probes are; None: here.
        audit: The kernel's audit may be switched on for the time of the test.
        tell: Takes sentences for a person, while it goes on.
    """

    document: Scenarios
    host: Host
    ignore_missing: bool = False
    room: Room | None = None
    audit: bool = True
    tell: Callable[[str], None] = field(default=lambda _: None)

    def visit(self, work: Callable[[], _T]) -> _T:
        """Do something where a scenario would find itself at its start, and bring the result out.

        Raises:
            SandboxError: there can be no room, or the work was killed.
        """
        if self.room is None:
            return work()
        first = lives(self.document)[0]

        def prepared() -> _T:
            beforehand(first)
            return work()

        return do_in(self.room, prepared)

    @contextmanager
    def terms(self) -> Iterator[Terms]:
        """What holds for every life of the test, as long as it lasts.

        Raises:
            SandboxError: there is no Landlock.
        UsageError: there is no such user, or it takes root to be him.
        """
        account = find_account(self.document.user)
        abi = landlock().abi
        reason = f"Landlock ABI {abi} writes no records" if abi < LOG_ABI else ""
        with listening(reason if self.audit else "audit was not to be used", self.tell) as listener:
            yield Terms(account, best_effort=True, ignore_missing=self.ignore_missing, listener=listener)


@dataclass(frozen=True, slots=True)
class Tested:
    """One scenario.

    Attributes:
        name: The scenario's.
        work: Whether it works.
        denied: What was denied in it, by object.
        source: Who said so: "audit", "strace", or "" when nobody could.
    """

    name: str
    work: WorkResult
    denied: tuple[Denial, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """Both sides, and what they mean.

    Attributes:
        support: The kernel that it was tried in.
        scenarios: In the document's order.
        probes: What must be denied.
        records: The kernel's own words on all that was denied.
        findings: What it means.
    """

    support: Support
    scenarios: tuple[Tested, ...]
    probes: tuple[ProbeResult, ...]
    records: Records
    findings: tuple[Finding, ...]

    @property
    def works(self) -> bool:
        """Every scenario works."""
        return all(tested.work.verdict == "works" for tested in self.scenarios)


def trial(ruleset: Ruleset, setting: Setting, *, keep: str = "") -> TrialResult:
    """Test a ruleset from both sides. What the kernel cannot enforce is a finding and does not stop it.

    Args:
        ruleset: The sandbox.
        setting: What it is tested with.
        keep: What findings call the records of denials; empty: they are not kept, and not cited.

    Raises:
        SandboxError: there is no Landlock, or the sandbox could not be set up.
        UsageError: the scenarios' user cannot be had.
    """
    support = landlock()
    records = Records(keep)
    tested, findings = [], of_kernel(ruleset, support)
    with setting.terms() as terms:
        for life in lives(setting.document):
            one, found = _scenario(ruleset, life, setting, terms, records)
            tested.append(one)
            findings += found
        probes = setting.visit(lambda: out_of_bounds(ruleset, setting.host, terms, abi=support.abi))
    findings += of_probes(ruleset.service, probes)
    return TrialResult(support, tuple(tested), tuple(probes), records, tuple(findings))


def _scenario(
    ruleset: Ruleset, life: Life, setting: Setting, terms: Terms, records: Records
) -> tuple[Tested, list[Finding]]:
    if len(setting.document.scenario) > 1:
        setting.tell(f"{life.name}: inside the sandbox, and outside")
    work = must_work(ruleset, life, terms, setting.room)
    works = work.verdict == "works"
    before = records.add(work.heard.lines)
    denied, source, unseen = _denied(ruleset, life, setting, terms, work)
    cite = records.name if source == "audit" else ""
    subject = life.name if len(setting.document.scenario) > 1 else life.command[0]
    findings = [
        *of_work(subject, work),
        *of_denials(life.name, ruleset, denied, works=works, cite=cite, before=before),
        *([find("denials-unseen", life.name, unseen)] if unseen else []),
    ]
    return Tested(life.name, work, tuple(denied), source), findings


def _denied(
    ruleset: Ruleset, life: Life, setting: Setting, terms: Terms, work: WorkResult
) -> tuple[list[Denial], str, str]:
    """What was denied, who says so, and what was not seen. Strace is asked only after a failure."""
    host, room, lines = setting.host, setting.room, work.heard.lines
    if not terms.listener.reason and (lines or work.heard.denied is not None):
        seen = setting.visit(lambda: denied_in(lines, host)) if lines else denied_in([], host)
        return denials(seen), "audit", unheard(work.heard)
    if work.verdict == "works":
        return [], "", ""
    try:
        trace = look_inside(ruleset, life, terms, room)
        return denials(setting.visit(lambda: refused_in(trace, ruleset, host))), "strace", ""
    except (RecordError, TraceError) as error:
        why = f"{terms.listener.reason}; strace: {error.what}{': ' * bool(error.why)}{error.why}"
        return [], "", why
