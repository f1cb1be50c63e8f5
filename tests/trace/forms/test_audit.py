"""Audit records: denials by Landlock and logged system calls, recorded by scripts/record_audit.py."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assistant.domain.access import Inventory, PathAccess, PortAccess, RemarkKind, Verdict
from assistant.domain.rights import FsRight, NetRight, names
from assistant.trace.forms.audit import AuditLog
from assistant.trace.forms.layouts import LAYOUTS, X86_64
from assistant.trace.forms.symbols import words
from assistant.trace.interpreter import HANDLERS
from assistant.trace.reader import Reader


DATA = Path(__file__).parent / "data"
MADE = "/srv/landscribe-audit/made"
DENIED = [line + b"\n" for line in (DATA / "landlock.log").read_bytes().splitlines()]
CALLS = [line + b"\n" for line in (DATA / "syscalls.log").read_bytes().splitlines()]
STAMP = "audit(1795466369.021:200):"


def _read(lines: list[bytes]) -> Inventory:
    reader = Reader()
    AuditLog().read("t", lines, reader)
    return reader.inventory()


def _said(inventory: Inventory) -> dict[str, tuple[set[str], int]]:
    """Path to the rights needed on it and the first line that shows one."""
    said: dict[str, tuple[set[str], int]] = {}
    for access in inventory.paths:
        if access.needed:
            rights, line = said.get(access.path, (set(), access.evidence[0].line))
            said[access.path] = (rights | set(names(access.needed)), min(line, access.evidence[0].line))
    return said


def test_each_denial_is_a_right_that_was_needed_on_the_path_in_its_record() -> None:
    needed = {path: rights for path, (rights, _) in _said(_read(DENIED)).items()}

    assert needed == {
        "/etc/hostname": {"read_file"},
        "/srv/landscribe-audit/conf": {"read_file", "write_file"},
        MADE: {"read_dir", "make_reg", "make_dir", "remove_dir", "remove_file", "refer"},
        f"{MADE}/d": {"make_reg", "refer"},
        f"{MADE}/line\nbreak \udcff": {"read_file"},
        "/usr/bin/true": {"execute", "read_file"},
    }


def test_a_denial_cites_its_own_line_and_names_the_call_and_the_program() -> None:
    (access,) = [a for a in _read(DENIED).paths if a.path == "/usr/bin/true"]

    line = DENIED[access.evidence[0].line - 1]
    assert b"LANDLOCK_ACCESS" in line
    assert b'path="/usr/bin/true"' in line
    assert (access.call, access.outcome, access.verdict, access.final) == (
        "execve",
        "EACCES",
        Verdict.NEEDED,
        True,
    )
    assert access.actors == ("/usr/bin/python3.11",)
    assert access.processes[0].pid > 0


def test_denied_ports_scopes_ptrace_and_mounts_are_what_they_are() -> None:
    inventory = _read(DENIED)

    assert {(p.port, p.rights, p.verdict) for p in inventory.ports} == {
        (9, NetRight.CONNECT_TCP, Verdict.NEEDED),
        (999, NetRight.BIND_TCP, Verdict.NEEDED),
    }
    assert [port.count for port in inventory.ports] == [2, 2]
    assert [(s.name, s.call, s.inside) for s in inventory.abstract] == [
        ("landscribe audit", "connect", False)
    ]
    assert {remark.kind for remark in inventory.remarks} == {
        RemarkKind.SIGNAL_OUTSIDE,
        RemarkKind.MOUNT,
        RemarkKind.LOOKS_INTO,
    }
    assert inventory.not_understood == ()


FRONTS = {
    "audit.log": "type=LANDLOCK_ACCESS msg={stamp} ",
    "an older userspace": "type=UNKNOWN[1423] msg={stamp} ",
    "ausearch, of a cluster": "node=web1 type=LANDLOCK_ACCESS msg={stamp} ",
    "dmesg": "[  123.456789] audit: type=1423 {stamp} ",
    "dmesg with callers": "[  123.456789] [  T9907] audit: type=1423 {stamp} ",
    "dmesg -T": "[Mon Nov 23 20:39:29 2026] audit: type=1423 {stamp} ",
    "/dev/kmsg": "5,1034,123456789,-;audit: type=1423 {stamp} ",
    "journal": "Nov 23 20:39:29 web1 kernel: audit: type=1423 {stamp} ",
    "journal with time": "Nov 23 20:39:29 web1 kernel: [  123.456789] audit: type=1423 {stamp} ",
    "journal, ISO": "2026-11-23T20:39:29+0000 web1 kernel: audit: type=1423 {stamp} ",
    "journal's own audit": "Nov 23 20:39:29 web1 audit[9755]: LANDLOCK_ACCESS ",
    "journal's own audit, older": "Nov 23 20:39:29 web1 audit: UNKNOWN[1423] ",
    "syslog": "<5>Nov 23 20:39:29 web1 kernel: audit: type=1423 {stamp} ",
}


@pytest.mark.parametrize("front", FRONTS.values(), ids=FRONTS)
def test_a_record_is_found_behind_what_each_log_puts_before_it(front: str) -> None:
    fields = 'domain=195ba459b blockers=fs.make_reg,fs.refer path="/usr/local" dev="vda2" ino=365'
    line = (front.format(stamp=STAMP) + fields + "\n").encode()

    assert AuditLog().recognises(line)
    assert _said(_read([line])) == {"/usr/local": ({"make_reg", "refer"}, 1)}


@pytest.mark.parametrize(
    "line",
    [
        '[ 1.0] usb 1-1: Product: type=1423 audit(1.0:1): domain=1 blockers=fs.read_file path="/etc/shadow"',
        'Nov 23 20:39:29 web1 sshd[1]: user type=1423 audit(1.0:1): blockers=fs.read_file path="/etc/shadow"',
        'type=USER_CMD msg=audit(1.0:1): cmd="type=LANDLOCK_ACCESS msg=audit(1.0:2): blockers=fs.read_file"',
    ],
)
def test_a_record_that_another_line_quotes_is_none(line: str) -> None:
    assert _read([line.encode() + b"\n"]).paths == ()


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ('blockers=fs.fly path="/x"', "a denial of something that is not known here"),
        ("blockers=", "a denial of something that is not known here"),
        ("blockers=fs.read_file", "a denial without a path"),
        ("blockers=fs.read_file path=relative", "a denial without a path"),
        ('blockers=fs.read_file path="/cut', "a denial without a path"),
        ("blockers=net.bind_tcp src=99999", "a denial without a port"),
    ],
)
def test_a_denial_that_says_less_is_counted_and_named(fields: str, kind: str) -> None:
    inventory = _read([f"type=LANDLOCK_ACCESS msg={STAMP} domain=1 {fields}\n".encode()])

    (strange,) = inventory.not_understood
    assert strange.kind == kind
    assert (inventory.paths, inventory.ports) == ((), ())
    assert inventory.sources[0].not_understood == 1


def test_denials_of_newer_kernels_are_understood() -> None:
    lines = [
        f'type=LANDLOCK_ACCESS msg={STAMP} domain=1 blockers=fs.resolve_unix path="/run/x"\n'.encode(),
        f"type=LANDLOCK_ACCESS msg={STAMP} domain=1 blockers=net.bind_udp saddr=0.0.0.0\n".encode(),
        f"type=LANDLOCK_ACCESS msg={STAMP} domain=1 blockers=net.connect_send_udp daddr=10.0.0.1 dest=53\n".encode(),
    ]

    inventory = _read(lines)

    assert _said(inventory) == {"/run/x": ({"resolve_unix"}, 1)}
    assert [(port.port, port.rights, port.protocol) for port in inventory.ports] == [
        (0, NetRight.BIND_UDP, "udp"),
        (53, NetRight.CONNECT_SEND_UDP, "udp"),
    ]


def _keys(inventory: Inventory) -> set[tuple[str, str, str, str]]:
    """Needs as (path, rights, outcome, call), by the name that was used where strace followed a link."""
    return {
        (_object(access), ",".join(names(access.needed)), access.outcome, access.call)
        for access in inventory.paths
        if access.needed
    }


def _object(access: PathAccess) -> str:
    return (
        access.given
        if access.given and access.final and not access.needed & FsRight.MAKE_REG
        else access.path
    )


def _port(access: PortAccess) -> tuple[object, ...]:
    return (
        access.port,
        access.rights,
        access.protocol,
        access.verdict,
        access.outcome,
        access.call,
        access.count,
    )


def test_audit_and_strace_of_the_same_run_need_the_same() -> None:
    reader = Reader()
    reader.read("t", [(DATA / "syscalls.trace").read_bytes()])
    by_strace, by_audit = reader.inventory(), _read(CALLS)

    strace, audit = _keys(by_strace), _keys(by_audit)

    assert len(strace) > 40
    assert strace - audit == set()
    # What only audit tells: who was opened to run a program, and that O_CREAT without O_EXCL did create.
    assert audit - strace == {
        ("/bin/sh", "execute,read_file", "ok", "execve"),
        ("/lib64/ld-linux-x86-64.so.2", "execute,read_file", "ok", "execve"),
        (MADE, "make_reg", "ok", "openat2"),
    }
    assert [_port(port) for port in by_audit.ports] == [_port(port) for port in by_strace.ports]
    assert [(s.name, s.call, s.outcome) for s in by_audit.abstract] == [
        (s.name, s.call, s.outcome) for s in by_strace.abstract
    ]


def test_every_line_of_a_log_is_accounted_for_and_nothing_is_strange() -> None:
    for lines in (DENIED, CALLS):
        source = _read(lines).sources[0]
        assert source.lines == len(lines)
        assert source.understood + source.ignored == source.lines
        assert source.not_understood == 0
        assert source.understood > 15


def test_a_call_cites_its_syscall_record() -> None:
    (access,) = [a for a in _read(CALLS).paths if a.path == "/etc/hostname"]

    assert CALLS[access.evidence[0].line - 1].startswith(b"type=SYSCALL")


def _as_ausearch(lines: list[bytes]) -> list[bytes]:
    """Events as ausearch prints them: the records in reverse, without EOE, a line between events."""
    events: dict[bytes, list[bytes]] = {}
    for line in lines:
        events.setdefault(line.split(b"(", 1)[1].split(b")")[0], []).append(line)
    shown = []
    for records in events.values():
        shown += [b"----\n", b"time->Mon Nov 23 20:39:29 2026\n"]
        shown += [line for line in reversed(records) if not line.startswith(b"type=EOE")]
    return shown


@pytest.mark.parametrize("lines", [DENIED, CALLS], ids=["denials", "calls"])
def test_the_order_of_ausearch_gives_the_same_accesses(lines: list[bytes]) -> None:
    assert {key: rights for key, (rights, _) in _said(_read(_as_ausearch(lines))).items()} == {
        key: rights for key, (rights, _) in _said(_read(lines)).items()
    }


def test_records_of_other_events_in_between_change_nothing() -> None:
    events: dict[bytes, list[bytes]] = {}
    for line in CALLS:
        events.setdefault(line.split(b"(", 1)[1].split(b")")[0], []).append(line)
    mixed = []
    pairs = list(events.values())
    for one, other in zip(pairs[::2], [*pairs[1::2], []], strict=False):
        for at in range(max(len(one), len(other))):
            mixed += [*one[at : at + 1], *other[at : at + 1]]

    assert _keys(_read(mixed)) == _keys(_read(CALLS))


def test_dmesg_gives_the_same_and_its_other_lines_are_passed_over() -> None:
    numbers = {
        b"LANDLOCK_ACCESS": b"1423",
        b"LANDLOCK_DOMAIN": b"1424",
        b"SYSCALL": b"1300",
        b"PATH": b"1302",
    }
    lines = [b"[    0.000000] Linux version 6.18.0\n"] * 500
    for line in DENIED:
        kind, rest = line.removeprefix(b"type=").split(b" msg=", 1)
        if kind in numbers:
            lines.append(b"[  12.345678] audit: type=" + numbers[kind] + b" " + rest)

    inventory = _read(lines)

    assert {key for key, _ in _said(inventory).items()} == {key for key, _ in _said(_read(DENIED)).items()}
    assert inventory.not_understood == ()


def test_an_enriched_log_names_the_calls_of_any_x86_program() -> None:
    lines = [
        f"type=SYSCALL msg={STAMP} arch=40000003 syscall=5 success=yes exit=3 a0=1 a1=0 a2=0 a3=0 items=1 pid=7 "
        'exe="/bin/x"\x1dARCH=i386 SYSCALL=open\n'.encode(),
        f'type=CWD msg={STAMP} cwd="/srv"\n'.encode(),
        f'type=PATH msg={STAMP} item=0 name="conf" nametype=NORMAL mode=0100644\n'.encode(),
    ]

    assert _said(_read(lines)) == {"/srv/conf": ({"read_file"}, 1)}


def test_numbers_of_another_architecture_are_counted_and_not_guessed() -> None:
    line = f"type=SYSCALL msg={STAMP} arch=c00000b7 syscall=56 success=yes exit=3 a0=ffffff9c a1=1 a2=0 a3=0 pid=7\n"

    inventory = _read([line.encode()])

    assert [strange.kind for strange in inventory.not_understood] == ["a system call of another architecture"]


def test_a_relative_name_without_a_known_directory_is_no_access() -> None:
    lines = [
        f"type=SYSCALL msg={STAMP} arch=c000003e syscall=257 success=yes exit=3 a0=5 a1=1 a2=0 a3=0 pid=7\n".encode(),
        f'type=CWD msg={STAMP} cwd="/srv"\n'.encode(),
        f'type=PATH msg={STAMP} item=0 name="conf" nametype=NORMAL mode=0100644\n'.encode(),
    ]

    inventory = _read(lines)

    assert inventory.paths == ()
    assert [remark.kind for remark in inventory.remarks] == [RemarkKind.UNRESOLVED]


def test_a_directory_that_is_opened_without_o_directory_is_listed() -> None:
    lines = [
        f"type=SYSCALL msg={STAMP} arch=c000003e syscall=2 success=yes exit=3 a0=1 a1=0 a2=0 a3=0 pid=7\n".encode(),
        f'type=PATH msg={STAMP} item=0 name="/srv" nametype=NORMAL mode=040755\n'.encode(),
    ]

    assert _said(_read(lines)) == {"/srv": ({"read_dir"}, 1)}


def test_every_call_with_a_meaning_has_a_layout_and_a_number() -> None:
    others_numbers = {name for name in HANDLERS if name.endswith("64") and name != "getdents64"}
    others_numbers |= {"clone2", "oldfstat", "oldlstat", "oldstat", "umount", "readdir", "open_tree_attr"}
    # What these take or give stands in memory that audit does not log, or in the filter itself.
    not_logged = {"pipe", "pipe2", "socketpair", "recvmsg", "recvmmsg", "sendmmsg", "prctl", "seccomp"}
    not_logged |= {"pidfd_getfd", "pidfd_send_signal"}

    assert set(HANDLERS) - set(X86_64.values()) - others_numbers - not_logged == set()
    assert set(X86_64.values()) - set(LAYOUTS) == {"exit_group"}
    assert set(LAYOUTS) - set(HANDLERS) == set()


@pytest.mark.parametrize(
    ("role", "value", "shown"),
    [
        ("open", 0, "O_RDONLY"),
        ("open", 0o2101, "O_WRONLY|O_CREAT|O_APPEND"),
        ("open", 0x490002, "O_RDWR|O_TMPFILE|O_CLOEXEC"),
        ("open", 3, "O_ACCMODE"),
        ("open", 1 << 40, "O_RDONLY|0x10000000000"),
        ("mode", 0o010600, "S_IFIFO|0600"),
        ("mode", 0o644, "0644"),
        ("dir", 0xFFFFFF9C, "AT_FDCWD"),
        ("dir", 0xFFFFFFFFFFFFFF9C, "AT_FDCWD"),
        ("fd", 0xFFFFFFFF, "-1"),
        ("removal", 0x200, "AT_REMOVEDIR"),
        ("type", 0x80801, "SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC"),
        ("clone", 0x1200011, "flags=0x1200000"),
        ("family", 10, "AF_INET6"),
    ],
)
def test_numbers_become_the_words_of_strace(role: str, value: int, shown: str) -> None:
    assert words(role, value) == shown


@settings(max_examples=200, deadline=None)
@given(
    some.lists(
        some.tuples(some.sampled_from(DENIED + CALLS), some.integers(0, 400), some.binary(max_size=4)),
        max_size=30,
    )
)
def test_no_damage_makes_the_reader_stumble_and_every_line_is_accounted_for(
    parts: list[tuple[bytes, int, bytes]],
) -> None:
    lines = [re.sub(rb"\n", b"", line[:at] + junk + line[at:]) + b"\n" for line, at, junk in parts]

    source = _read(lines).sources[0]

    assert source.understood + source.ignored + source.not_understood == source.lines == len(lines)
