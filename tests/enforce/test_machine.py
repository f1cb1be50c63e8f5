"""What the kernel is said to do: true on this machine, and exact for kernels that are not here."""

from pathlib import Path

import pytest

from assistant.domain.machine import Check, State, findings
from assistant.enforce import machine
from assistant.enforce.support import Support, probe


def _named(checks: list[Check], name: str) -> Check:
    return next(check for check in checks if check.name == name)


@pytest.mark.kernel
def test_landlock_of_this_kernel_works() -> None:
    checks = list(machine.landlock(probe()))

    assert _named(checks, "landlock").state is State.WORKS
    assert f"ABI {probe().abi} " in _named(checks, "landlock").said
    assert all(check.next or check.state is State.WORKS for check in checks)


def test_a_kernel_without_landlock_lacks_it_and_says_what_next() -> None:
    checks = list(machine.landlock(Support(0, 0, "5.4", "this kernel was built without Landlock")))

    assert [(check.name, check.state) for check in checks] == [("landlock", State.LACKS)]
    assert "built without Landlock" in checks[0].said
    assert "lsm=" in checks[0].next


@pytest.mark.parametrize("abi", range(1, 12))
def test_each_abi_is_said_with_the_rights_that_it_cannot_deny(abi: int) -> None:
    checks = list(machine.landlock(Support(abi, 0b1111, "x")))

    newer = [check.said for check in checks if check.name == "newer rights"]
    assert bool(newer) is (abi < 10)
    for right, since in (
        ("truncate", 3),
        ("bind_tcp", 4),
        ("ioctl_dev", 5),
        ("signal", 6),
        ("resolve_unix", 9),
    ):
        assert (abi < since) is any(f"{right} (ABI {since})" in said for said in newer), right


@pytest.mark.parametrize(
    ("abi", "errata", "state", "said"),
    [
        (11, 0b1111, State.WORKS, "all known ones are fixed"),
        (7, 0b0111, State.WITHOUT, "whiteout"),
        (7, 0b1101, State.WITHOUT, "signal scope"),
        (3, 0b1100, State.WORKS, "all known ones are fixed"),
        (6, 0, State.WITHOUT, "does not say"),
    ],
)
def test_errata_that_are_not_fixed_are_named_where_they_matter(
    abi: int, errata: int, state: State, said: str
) -> None:
    check = _named(list(machine.landlock(Support(abi, errata, "x"))), "errata")

    assert check.state is state
    assert said in check.said


def test_the_list_of_modules_is_shown_or_its_absence_explained(tmp_path: Path) -> None:
    (tmp_path / "lsm").write_text("capability,landlock,yama\n")

    assert machine.modules(str(tmp_path / "lsm")) == Check(
        "security modules", State.WORKS, "capability,landlock,yama"
    )
    absent = machine.modules(str(tmp_path / "absent"))
    assert absent.state is State.WITHOUT
    assert "mount" in absent.next


@pytest.mark.strace
def test_strace_of_this_machine_is_tried() -> None:
    check = machine.tracing()

    assert check.state is State.WORKS
    assert "ptrace_scope" in check.said


def test_a_strace_that_is_absent_or_fails_is_a_lack_with_what_next(tmp_path: Path) -> None:
    broken = tmp_path / "strace"
    broken.write_text("#!/bin/sh\n[ \"$1\" = -V ] && echo 'strace -- version 6.1' && exit\nexit 1\n")
    broken.chmod(0o755)

    for program in ("no-such-strace", str(broken)):
        check = machine.tracing(program)
        assert check.state is State.LACKS
        assert check.next


def test_a_kernel_before_abi_7_records_no_denials() -> None:
    check = machine.audit(Support(6, 0, "6.12"))

    assert check.state is State.WITHOUT
    assert "ABI 6" in check.said


def test_what_is_missing_is_a_finding_and_only_a_lack_counts() -> None:
    checks = [
        Check("a", State.WORKS, "fine"),
        Check("b", State.WITHOUT, "absent", "install b"),
        Check("c", State.LACKS, "broken", "mend c"),
    ]

    assert [(one.id, one.subject, one.severity.name, one.remedy) for one in findings(checks)] == [
        ("machine-without", "b", "INFO", "install b"),
        ("machine-lacks", "c", "MEDIUM", "mend c"),
    ]
