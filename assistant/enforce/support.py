"""What this kernel's Landlock can do. Asks only; restricts nothing."""

import os
from dataclasses import dataclass

from assistant.enforce import launcher


_ERRATA = 1 << 1


@dataclass(frozen=True, slots=True)
class Support:
    """The running kernel's Landlock.

    Attributes:
        abi: Its ABI, 0 when there is no Landlock.
        errata: Bit N-1 is set when erratum N is fixed; 0 where the kernel cannot say (before ABI 7).
        kernel: The kernel's release.
        reason: Why there is no Landlock; empty when there is.
    """

    abi: int
    errata: int
    kernel: str
    reason: str = ""


def probe() -> Support:
    """Ask the running kernel."""
    abi, reason = launcher.landlock_abi()
    try:
        errata = launcher.call(launcher.CREATE_RULESET, None, 0, _ERRATA)
    except OSError:
        errata = 0
    return Support(abi, errata, os.uname().release, reason)
