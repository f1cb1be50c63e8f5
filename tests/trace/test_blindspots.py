from collections.abc import Callable

import pytest

from assistant.domain.access import Inventory
from assistant.domain.finding import Severity
from assistant.trace.blindspots import blind_spots


Read = Callable[..., Inventory]
OPEN = '7 openat(AT_FDCWD, "/etc/hosts", O_RDONLY) = 3'
EXEC = '7 execve("/bin/x", ["x"], 0x1 /* 1 var */) = 0'


def spots(inventory: Inventory) -> set[str]:
    return {finding.id for finding in blind_spots(inventory, command_given=False, host_known=True)}


def test_a_trace_of_openat_and_connect_alone_names_all_that_it_cannot_show(read: Read) -> None:
    inventory = read(OPEN, "7 connect(4, {sa_family=AF_INET, sin_port=htons(5432)}, 16) = 0")

    assert spots(inventory) == {
        "blind-exec",
        "blind-chdir",
        "blind-paths",
        "blind-bind",
        "blind-socket-type",
        "blind-signals",
    }


def test_a_full_trace_has_no_blind_spot(read: Read) -> None:
    inventory = read(EXEC, OPEN, "7 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3", '7 access("/x", R_OK) = 0')

    assert spots(inventory) == set()


def test_a_service_without_any_network_call_is_no_cause_for_alarm(read: Read) -> None:
    inventory = read(EXEC, OPEN, '7 access("/x", R_OK) = 0')
    (found,) = blind_spots(inventory, command_given=False, host_known=True)

    assert (found.id, found.severity) == ("blind-bind", Severity.INFO)


def test_a_trace_that_was_attached_later_says_so(read: Read) -> None:
    assert "late-start" in spots(read(OPEN, "7 exit_group(0) = ?"))


def test_a_helpers_start_is_not_the_services(read: Read) -> None:
    inventory = read(OPEN, "7 clone(child_stack=NULL, flags=SIGCHLD) = 8", EXEC.replace("7", "8", 1))

    assert "late-start" in spots(inventory)


def test_a_name_that_is_only_looked_at_may_stay_unknown(read: Read) -> None:
    inventory = read(EXEC, '7 readlink("n/x", "y", 99) = 1', '7 stat(".", {st_mode=S_IFDIR|0755, ...}) = 0')

    assert "unresolved-path" not in spots(inventory)


@pytest.mark.parametrize(
    ("line", "spot"),
    [
        ("7 io_uring_setup(8, {flags=0}) = 4", "io-uring"),
        ('7 mount("tmpfs", "/mnt", "tmpfs", 0, NULL) = 0', "mount-needed"),
        ('7 chroot("/srv/jail") = 0', "inside-namespace"),
        ("7 unshare(CLONE_NEWNS) = 0", "inside-namespace"),
        ('7 openat(AT_FDCWD, "rel", O_RDONLY) = 3', "unresolved-path"),
        ("7 kill(4000, SIGHUP) = 0", "scope-open"),
        ("gibberish", "not-understood"),
    ],
)
def test_what_no_right_expresses_is_a_finding(read: Read, line: str, spot: str) -> None:
    assert spot in spots(read(EXEC, OPEN, line))


def test_another_machines_trace_says_what_was_not_looked_up(read: Read) -> None:
    found = blind_spots(read(EXEC), command_given=False, host_known=False)

    assert "foreign-host" in {finding.id for finding in found}
