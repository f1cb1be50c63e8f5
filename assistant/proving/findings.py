"""What a test's results mean, as findings."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from assistant.domain.access import Evidence
from assistant.domain.denial import Denial
from assistant.domain.finding import Finding, Severity, find
from assistant.domain.rights import NO_FS, FsRight
from assistant.domain.ruleset import Reach, Ruleset
from assistant.enforce.hearing import Heard
from assistant.enforce.sandbox import losses
from assistant.enforce.supervise import Run
from assistant.enforce.support import Support
from assistant.enforce.trial import ProbeResult, WorkResult


_CITED = 3
_DEAD = "though it is granted: the object was replaced after the start, and the rule went with the old one"
_NOTHING = "nothing, unless the service needs it after all"
_WIDER = "start the service again after the object is replaced, or grant the directory that holds it"
_ONLY_LOOKS = FsRight.READ_FILE | FsRight.READ_DIR | FsRight.IOCTL_DEV


def of_kernel(ruleset: Ruleset, support: Support) -> list[Finding]:
    """What this kernel does not enforce."""
    return [find("kernel-below-target", ruleset.service, sentence) for sentence in losses(ruleset, support)]


def of_work(subject: str, work: WorkResult) -> list[Finding]:
    """Whether a scenario works."""
    if work.verdict == "works":
        return []
    inside, control = ended(work.inside), ended(work.control)
    if work.verdict == "fails":
        return [find("command-failed", subject, f"inside the sandbox it {inside}; outside it works")]
    return [find("command-broken", subject, f"outside the sandbox it {control}; inside it {inside}")]


def ended(run: Run) -> str:
    """How a run ended, as the end of a sentence. Holds the command's own words: escape before showing."""
    step = run.failed_step
    if run.error:
        return f"was not started ({': '.join(word for word in run.error if word)})"
    if step is not None:
        return f"failed at {step.name!r}: {step.why}{_last_words(step.said or run.stderr)}"
    return _how(run) + _last_words(run.stderr)


def _how(run: Run) -> str:
    if run.timed_out and run.life.stop:
        return f"did not end within {run.life.stop.timeout:g} s after it was stopped"
    if run.timed_out:
        return f"did not end within {run.life.timeout:g} s"
    if run.ok:
        return "works"
    early = " before it was stopped" if run.early else ""
    if run.code is not None and run.code < 0:
        return f"was ended by signal {-run.code}{early}"
    return f"exited with {run.code}{early}"


def _last_words(said: bytes) -> str:
    last = said.decode("utf-8", "surrogateescape").strip().rpartition("\n")[2][:200]
    return f" (its last words: {last})" if last else ""


def of_denials(
    scenario: str, ruleset: Ruleset, denied: Iterable[Denial], *, works: bool, cite: str, before: int
) -> Iterator[Finding]:
    """One finding for each object that was denied: what is missing, on what, and what would cure it.

    Args:
        scenario: In which they were seen.
        ruleset: That denied them.
        denied: By object.
        works: The scenario works all the same.
        cite: What evidence calls the kept records; "" when nothing is kept that could be cited.
        before: Lines of kept records before those of this run.
    """
    decided = Reach({entry.path: entry.rights for entry in ruleset.refused})
    for denial in denied:
        as_decided = bool(denial.path) and not denial.rights & ~decided.rights(denial.path)
        missing = f"{denial.missing} missing" if denial.missing else "the sandbox forbids it"
        dead = bool(ruleset.paths().get(denial.path, NO_FS) & denial.rights)
        said = ", as the ruleset has decided" if as_decided else f", {_DEAD}" if dead else ""
        yield find(
            "denied-access",
            denial.subject,
            f"{denial.asked} in {scenario!r}: {missing}{said}",
            evidence=_lines(denial.evidence, cite, before),
            severity=_severity(denial, works=works, decided=as_decided),
            remedy=_NOTHING if as_decided else _WIDER if dead else denial.cure,
        )


def _severity(denial: Denial, *, works: bool, decided: bool) -> Severity:
    """What was denied and not missed is nothing to worry about, unless something may be lost in silence."""
    missed = not denial.path or bool(denial.rights & ~_ONLY_LOOKS)
    if decided or (works and not missed):
        return Severity.INFO
    return Severity.LOW if works else Severity.HIGH


def _lines(evidence: Iterable[Evidence], cite: str, before: int) -> tuple[str, ...]:
    return tuple(f"{cite}:{line.line + before}" for line in evidence)[:_CITED] if cite else ()


def unheard(heard: Heard) -> str:
    """Why a person should not take what was heard for all that was denied; "" when it is all."""
    if heard.lost is None:
        return "the kernel did not say how many there were"
    if heard.lost or heard.more:
        return f"{heard.lost} of {heard.denied} did not arrive, {heard.more} different ones found no room"
    return ""


def of_probes(service: str, results: Sequence[ProbeResult]) -> list[Finding]:
    """What the probes mean: one finding for each that was allowed, one for all that were inconclusive."""
    findings = [
        find("not-denied", item.probe.subject, f"{item.probe.action} succeeded although {item.probe.why}")
        for item in results
        if item.verdict == "allowed"
    ]
    unclear = Counter(item.reason for item in results if item.verdict == "inconclusive")
    if unclear:
        reasons = "; ".join(f"{count}: {reason}" for reason, count in sorted(unclear.items()))
        findings.append(
            find("probe-inconclusive", service, f"{unclear.total()} of {len(results)} probes ({reasons})")
        )
    if all(item.verdict == "inconclusive" for item in results):
        findings.append(find("nothing-proven", service, f"none of {len(results)} probes was conclusive"))
    return findings
