"""The two-sided test of a sandbox in the real kernel: scenarios work in it, and what is outside is denied.

Counts as denied only what the kernel refused inside and allowed outside the sandbox; everything else that is
not allowed is inconclusive, never a pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from assistant.domain.host import Host
from assistant.domain.life import Life
from assistant.domain.policy import policy
from assistant.domain.ruleset import Ruleset
from assistant.enforce.attempts import attempt_all
from assistant.enforce.candidates import derive
from assistant.enforce.hearing import Heard
from assistant.enforce.layers import Layer, layer
from assistant.enforce.probes import Probe
from assistant.enforce.room import Room
from assistant.enforce.scratch import scratch
from assistant.enforce.starting import Terms
from assistant.enforce.supervise import Run, supervise
from assistant.enforce.support import Support, probe
from assistant.errors import SandboxError


WorkVerdict = Literal["works", "fails", "broken"]


@dataclass(frozen=True, slots=True)
class WorkResult:
    """Whether a scenario works.

    Attributes:
        verdict: "works"; "fails": only inside the sandbox; "broken": outside too, or only there.
        inside: The life in the sandbox.
        control: The same life outside it.
        heard: What the kernel denied inside; empty where nobody listened.
    """

    verdict: WorkVerdict
    inside: Run
    control: Run
    heard: Heard = field(default_factory=Heard)


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a probe showed.

    Attributes:
        probe: What was tried; it was expected to be denied.
        control: "ok", or the errno's name, without a sandbox; "" when it was not tried.
        inside: The same inside.
        verdict: "denied" by the sandbox, "allowed" in spite of it, or "inconclusive".
        reason: Why it is inconclusive.
        layer: Who said no.
    """

    probe: Probe
    control: str
    inside: str
    verdict: Literal["denied", "allowed", "inconclusive"]
    reason: str = ""
    layer: Layer = ""


def must_work(ruleset: Ruleset, life: Life, terms: Terms, room: Room | None = None) -> WorkResult:
    """Live a life inside the sandbox, and then the same outside it.

    In this order: what a run leaves behind must not serve the one in the sandbox.

    Raises:
        SandboxError: the sandbox or the room could not be set up.
    """
    inside, heard = live_inside(ruleset, life, terms, room)
    control = supervise(life, terms.free(life), room=room)
    return WorkResult(_verdict(inside, control), inside, control, heard)


def live_inside(ruleset: Ruleset, life: Life, terms: Terms, room: Room | None = None) -> tuple[Run, Heard]:
    """Live a life inside the sandbox; what the kernel denied meanwhile.

    Raises:
        SandboxError: the sandbox or the room could not be set up.
    """
    number = terms.listener.number()
    run = supervise(life, terms.confined(ruleset, life, number), room=room)
    return run, terms.listener.heard(number)


def _verdict(inside: Run, control: Run) -> WorkVerdict:
    if not serves(control):
        return "broken"
    return "works" if works(inside, control) else "fails"


def works(inside: Run, control: Run | None) -> bool:
    """Whether a life in a sandbox went as it should, held against one outside."""
    if inside.ok:
        return True
    same = control is not None and (inside.code, inside.early) == (control.code, control.early)
    return inside.answered and same and control is not None and ends_in_its_own_way(control)


def serves(control: Run) -> bool:
    """Whether a life outside went so well that one inside can be held against it."""
    return control.ok or ends_in_its_own_way(control)


def ends_in_its_own_way(run: Run) -> bool:
    """Some services answer well and have an exit code of their own when they are stopped."""
    return run.answered and run.life.stop is not None and not run.life.stop.exit


def must_fail(
    ruleset: Ruleset,
    probes: Sequence[Probe],
    *,
    best_effort: bool = False,
    ignore_missing: bool = False,
    terms: Terms | None = None,
) -> list[ProbeResult]:
    """Try each probe without and then with the sandbox.

    Args:
        ruleset: The sandbox.
        probes: What to try.
        best_effort: Go on when the kernel enforces less than the ruleset asks for.
        ignore_missing: Go on without the rules whose paths do not exist.
        terms: Instead of the two: what holds for the whole test.

    Raises:
        SandboxError: the sandbox could not be set up.
    """
    terms = terms or Terms(best_effort=best_effort, ignore_missing=ignore_missing)
    tried = [item for item in probes if not item.skip]
    control = attempt_all(tried, terms.become)
    wanted = policy(ruleset)

    def confine() -> None:
        terms.enforce(wanted)
        terms.become()

    inside = attempt_all(tried, confine)
    answers = iter(zip(control, inside, strict=True))
    return [
        ProbeResult(item, "", "", "inconclusive", item.skip) if item.skip else _judge(item, *next(answers))
        for item in probes
    ]


def _judge(item: Probe, control: str, inside: str) -> ProbeResult:
    said_no = layer(item, control, inside)
    if control != "ok":
        reason = f"without a sandbox it is {control} as well"
        return ProbeResult(item, control, inside, "inconclusive", reason, said_no)
    if inside == "ok":
        return ProbeResult(item, control, inside, "allowed")
    if said_no == "Landlock":
        return ProbeResult(item, control, inside, "denied", layer=said_no)
    reason = f"{inside} is not how Landlock refuses"
    return ProbeResult(item, control, inside, "inconclusive", reason, said_no)


def out_of_bounds(ruleset: Ruleset, host: Host, terms: Terms, *, abi: int) -> list[ProbeResult]:
    """Derive probes from the ruleset and the machine, and try them.

    Args:
        ruleset: The sandbox.
        host: The machine, as it is here.
        terms: What holds for the whole test.
        abi: The running kernel's.

    Raises:
        SandboxError: the sandbox could not be set up.
    """
    with scratch(ruleset, account=terms.account) as made:
        probes = derive(ruleset, host, made, lambda some: attempt_all(some, terms.become), abi=abi)
        return must_fail(ruleset, probes, terms=terms)


def landlock() -> Support:
    """The running kernel's Landlock.

    Raises:
        SandboxError: there is none, so nothing can be tested.
    """
    support = probe()
    if not support.abi:
        hint = "run the test on a kernel with Landlock"
        raise SandboxError("nothing can be tested here", why=support.reason, hint=hint)
    return support
