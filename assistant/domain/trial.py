"""What a two-sided test in the kernel showed, as far as a reviewer needs it. Runs nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrialSummary:
    """One run of the command inside the sandbox, and the probes outside the grants.

    Attributes:
        worked: Whether the command did what it does outside the sandbox; None when that could not be told.
        command: The command that was run. Raw: escape before showing.
        denied: Out-of-bounds probes that the kernel denied, as they should be.
        allowed: Out-of-bounds probes that succeeded: each one is a hole.
        inconclusive: Probes that another layer or a missing object answered.
        kernel: The kernel's release.
        abi: The running kernel's Landlock ABI; 0 when it has none.
        skipped: Why probes or checks were left out, one reason each.
    """

    worked: bool | None
    command: str
    denied: int
    allowed: int
    inconclusive: int
    kernel: str
    abi: int
    skipped: tuple[str, ...] = ()
