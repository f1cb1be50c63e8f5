"""The two-sided test of a sandbox in the real kernel: the command works in it, and what is outside is denied.

Counts as denied only what the kernel refused inside and allowed outside the sandbox; everything else that is
not allowed is inconclusive, never a pass.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn

from assistant.domain.finding import Finding, find
from assistant.domain.host import Host
from assistant.domain.policy import policy
from assistant.domain.ruleset import Ruleset
from assistant.enforce import launcher
from assistant.enforce.attempts import attempt_all
from assistant.enforce.probes import Probe, derive
from assistant.enforce.sandbox import losses
from assistant.enforce.scratch import scratch
from assistant.enforce.supervise import Run, Start, supervise
from assistant.enforce.support import Support, probe
from assistant.errors import SandboxError


@dataclass(frozen=True, slots=True)
class WorkResult:
    """Whether the command works.

    Attributes:
        verdict: "works"; "fails": only inside the sandbox; "broken": outside as well.
        inside: The run in the sandbox.
        control: The run outside it; made only when the one inside did not end well.
    """

    verdict: Literal["works", "fails", "broken"]
    inside: Run
    control: Run | None = None


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a probe showed.

    Attributes:
        probe: What was tried.
        control: "ok", or the errno's name, without a sandbox; "" when it was not tried.
        inside: The same inside.
        verdict: "denied" by the sandbox, "allowed" in spite of it, or "inconclusive".
        reason: Why it is inconclusive.
    """

    probe: Probe
    control: str
    inside: str
    verdict: Literal["denied", "allowed", "inconclusive"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """Both sides, and what they mean."""

    work: WorkResult
    probes: tuple[ProbeResult, ...]
    findings: tuple[Finding, ...]


def must_work(
    ruleset: Ruleset,
    command: list[str],
    *,
    timeout: float,
    check: list[str] | None = None,
    best_effort: bool = False,
    ignore_missing: bool = False,
) -> WorkResult:
    """Run the command in the sandbox; if it does not end well there, once more outside.

    Args:
        ruleset: The sandbox.
        command: Must end by itself with status 0, or pass the check.
        timeout: Seconds it may take.
        check: Tried outside the sandbox while the command runs; when it exits with 0 the command is stopped.
        best_effort: Go on when the kernel enforces less than the ruleset asks for.
        ignore_missing: Go on without the rules whose paths do not exist.

    Raises:
        SandboxError: the sandbox could not be set up.
    """
    wanted = policy(ruleset)

    def confined(keep: tuple[int, ...]) -> NoReturn:
        sandbox = launcher.enforce(wanted, best_effort=best_effort, ignore_missing=ignore_missing)
        launcher.execute(command, (*keep, *sandbox.keep))

    def free(keep: tuple[int, ...]) -> NoReturn:
        launcher.execute(command, keep)

    inside = _run(confined, timeout, check)
    if inside.ok:
        return WorkResult("works", inside)
    control = _run(free, timeout, check)
    if check and inside.checked and control.checked and inside.code == control.code:
        # Some services end with a status of their own when they are stopped, in a sandbox or not.
        return WorkResult("works", inside, control)
    return WorkResult("fails" if control.ok or control.checked else "broken", inside, control)


def _run(start: Start, timeout: float, check: list[str] | None) -> Run:
    run = supervise(start, timeout=timeout, check=check)
    if run.error_code == launcher.NO_SANDBOX:
        what, why, hint = run.error
        raise SandboxError(what, why=why, hint=hint)
    return run


def must_fail(
    ruleset: Ruleset,
    probes: Sequence[Probe],
    *,
    best_effort: bool = False,
    ignore_missing: bool = False,
) -> list[ProbeResult]:
    """Try each probe without and then with the sandbox.

    Raises:
        SandboxError: the sandbox could not be set up.
    """
    tried = [item for item in probes if not item.skip]
    control = attempt_all(tried, None)
    inside = attempt_all(tried, policy(ruleset), best_effort=best_effort, ignore_missing=ignore_missing)
    answers = iter(zip(control, inside, strict=True))
    return [
        ProbeResult(item, "", "", "inconclusive", item.skip) if item.skip else _judge(item, *next(answers))
        for item in probes
    ]


def _judge(item: Probe, control: str, inside: str) -> ProbeResult:
    refusal = "EPERM" if item.action in ("signal", "abstract") else "EACCES"
    if control != "ok":
        return ProbeResult(
            item, control, inside, "inconclusive", f"without a sandbox it is {control} as well"
        )
    if inside == "ok":
        return ProbeResult(item, control, inside, "allowed")
    if inside == refusal:
        return ProbeResult(item, control, inside, "denied")
    return ProbeResult(item, control, inside, "inconclusive", f"{inside} is not how Landlock refuses")


def trial(
    ruleset: Ruleset,
    command: list[str],
    host: Host,
    *,
    timeout: float,
    check: list[str] | None = None,
    ignore_missing: bool = False,
) -> TrialResult:
    """The whole test. What the kernel cannot enforce is a finding and does not stop it.

    Args:
        ruleset: The sandbox.
        command: Must work in it.
        host: The machine this runs on.
        timeout: Seconds the command may take.
        check: Tried outside the sandbox while the command runs; when it exits with 0 the command is stopped.
        ignore_missing: Go on without the rules whose paths do not exist.

    Raises:
        SandboxError: there is no Landlock, or the sandbox could not be set up.
    """
    support = probe()
    if not support.abi:
        raise SandboxError(
            "nothing can be tested here", why=support.reason, hint="run the test on a kernel with Landlock"
        )
    work = must_work(
        ruleset, command, timeout=timeout, check=check, best_effort=True, ignore_missing=ignore_missing
    )
    with scratch(ruleset) as ground:
        probes = derive(ruleset, host, ground, abi=support.abi)
        results = must_fail(ruleset, probes, best_effort=True, ignore_missing=ignore_missing)
    findings = (*_of_kernel(ruleset, support), *_of_work(work, command), *of_probes(ruleset.service, results))
    return TrialResult(work, tuple(results), findings)


def _of_kernel(ruleset: Ruleset, support: Support) -> list[Finding]:
    return [find("kernel-below-target", ruleset.service, sentence) for sentence in losses(ruleset, support)]


def _of_work(work: WorkResult, command: list[str]) -> list[Finding]:
    if work.verdict == "works" or work.control is None:
        return []
    if work.verdict == "broken":
        message = f"outside the sandbox it {ended(work.control)}; inside it {ended(work.inside)}"
        return [find("command-broken", command[0], message)]
    return [
        find("command-failed", command[0], f"inside the sandbox it {ended(work.inside)}; outside it works")
    ]


def ended(run: Run) -> str:
    """How a run ended, as the end of a sentence. Holds the command's own words: escape before showing."""
    last = run.stderr.decode("utf-8", "surrogateescape").strip().rpartition("\n")[2][:200]
    quoted = f" (its last words: {last})" if last else ""
    if run.error:
        return f"was not started ({': '.join(run.error)})"
    if run.checked is False and not run.timed_out:
        return f"ended with {run.code} before the check passed{quoted}"
    if run.timed_out and run.checked is False:
        return f"did not pass the check within {run.seconds:.0f} s{quoted}"
    if run.timed_out:
        return f"did not end within {run.seconds:.0f} s{quoted}"
    if run.code is not None and run.code < 0:
        return f"was ended by signal {-run.code}{quoted}"
    return f"exited with {run.code}{quoted}"


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
