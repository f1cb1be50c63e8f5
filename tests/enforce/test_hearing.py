"""Whose records they are, and whether all arrived. The records are the kernel's own words."""

from assistant.enforce import audit
from assistant.enforce.hearing import Hearing


WORD = "5ec7e7"
MARK = b"/memfd:landscribe-%b-%d (deleted)"


def access(serial: int, domain: str, said: bytes) -> tuple[int, bytes]:
    return (
        audit.LANDLOCK_ACCESS,
        b"audit(1795896349.581:%d): domain=%b %b" % (serial, domain.encode(), said),
    )


def mark(serial: int, domain: str, number: int, secret: str = WORD) -> tuple[int, bytes]:
    path = (MARK % (secret.encode(), number)).hex().upper().encode()
    return access(serial, domain, b'blockers=fs.change_topology path=%b dev="tmpfs" ino=1' % path)


def call(serial: int, name: bytes = b"cat") -> tuple[int, bytes]:
    return audit.SYSCALL, b'audit(1795896349.581:%d): arch=c000003e syscall=257 comm="%b"' % (serial, name)


def end(domain: str, denials: int) -> tuple[int, bytes]:
    text = b"audit(1795896349.9:99): domain=%b status=deallocated denials=%d" % (domain.encode(), denials)
    return audit.LANDLOCK_DOMAIN, text


READ = b'blockers=fs.read_file path="/etc/hostname" dev="vda" ino=612'
WRITE = b'blockers=fs.write_file path="/etc/hostname" dev="vda" ino=612'


def hear(*records: tuple[int, bytes]) -> Hearing:
    hearing = Hearing(WORD)
    for record in records:
        hearing.hear(*record)
    return hearing


def test_a_denial_is_kept_with_its_call_and_as_auditd_writes_it() -> None:
    heard = hear(mark(1, "1a", 7), call(1), access(2, "1a", READ), call(2), end("1a", 2)).of(7)

    assert heard.lines == [
        b"type=LANDLOCK_ACCESS msg=audit(1795896349.581:2): domain=1a " + READ,
        b'type=SYSCALL msg=audit(1795896349.581:2): arch=c000003e syscall=257 comm="cat"',
    ]
    assert (heard.count, heard.denied, heard.lost) == (1, 1, 0)


def test_the_same_denial_again_is_counted_and_not_kept() -> None:
    heard = hear(mark(1, "1a", 7), access(2, "1a", READ), access(3, "1a", READ), access(4, "1a", WRITE)).of(7)

    assert (len(heard.lines), heard.count) == (2, 3)


def test_both_blockers_of_one_call_are_kept_before_it() -> None:
    source = b'blockers=fs.remove_file,fs.refer path="/a" dev="vda" ino=1'
    target = b'blockers=fs.make_reg,fs.refer path="/b" dev="vda" ino=2'

    heard = hear(mark(1, "1a", 7), access(2, "1a", source), access(2, "1a", target), call(2)).of(7)

    assert [line.split()[0] for line in heard.lines] == [
        *(b"type=LANDLOCK_ACCESS", b"type=LANDLOCK_ACCESS", b"type=SYSCALL")
    ]


def test_another_sandbox_is_not_heard_even_when_it_mounts_upon_a_file_of_that_name() -> None:
    stranger = b'blockers=fs.change_topology path="/mnt" dev="vda" ino=1'
    wrong = "0" * 6
    hearing = hear(
        *(access(1, "bb", stranger), access(2, "bb", READ), call(2), end("bb", 2)),
        *(mark(3, "cc", 7, wrong), access(4, "cc", READ), mark(5, "1a", 7)),
        *(mark(6, "dd", 7), access(7, "dd", WRITE), end("dd", 2)),
    )

    assert (hearing.of(7).lines, hearing.of(7).denied) == ([], None)


def test_denials_that_did_not_arrive_are_counted_by_the_kernel() -> None:
    assert hear(mark(1, "1a", 7), access(2, "1a", READ), end("1a", 12)).of(7).lost == 10
    assert hear(mark(1, "1a", 7), access(2, "1a", READ)).of(7).lost is None


def test_a_flood_of_different_denials_is_bounded_and_said() -> None:
    hearing = hear(mark(1, "1a", 7))
    for inode in range(20_050):
        hearing.hear(*access(2, "1a", b'blockers=fs.read_file path="/x" dev="vda" ino=%d' % inode))

    heard = hearing.of(7)
    assert (len(heard.lines), heard.count, heard.more) == (20_000, 20_050, 50)


def test_what_is_forgotten_leaves_nothing_and_late_records_of_it_harm_nobody() -> None:
    hearing = hear(mark(1, "1a", 7), access(2, "1a", READ))
    hearing.forget(7)

    hearing.hear(*access(3, "1a", WRITE))
    hearing.hear(*end("1a", 3))

    assert hearing.of(7).lines == []


def test_records_that_are_not_whole_are_left_out() -> None:
    hearing = hear(mark(1, "1a", 7))
    for text in (
        b"",
        b"audit(",
        b"audit(1.2:3): domain=",
        b"audit(1.2:3): domain=zz blockers=x",
        b"\xff" * 40,
    ):
        for kind in (audit.LANDLOCK_ACCESS, audit.LANDLOCK_DOMAIN, audit.SYSCALL, 1, 9999):
            hearing.hear(kind, text)

    assert hearing.of(7).count == 0
