"""What calls need, on the object that the kernel asks. Lines are as strace 6.1 prints them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.access import Inventory, Kind, Protocol, RemarkKind, Verdict
from assistant.domain.host import FakeHost
from assistant.domain.rights import FsRight, NetRight, names
from assistant.trace.reader import Reader


Read = Callable[..., Inventory]
R = FsRight
SHORTENING_IS_TRACED = "7 ftruncate(9, 0) = -1 EBADF (Bad file descriptor)"


def needed(inventory: Inventory) -> dict[str, str]:
    """Rights that the run needed, by path, as sorted words."""
    found: dict[str, FsRight] = {}
    for access in inventory.paths:
        if access.needed:
            found[access.path] = found.get(access.path, R(0)) | access.needed
    return {path: " ".join(sorted(names(rights))) for path, rights in found.items()}


def possible(inventory: Inventory) -> dict[str, str]:
    return {
        a.path: " ".join(sorted(names(a.rights)))
        for a in inventory.paths
        if a.verdict is Verdict.POSSIBLE and a.rights
    }


FILES = FakeHost(
    kinds={"/d/f": Kind.FILE, "/d/sub/g": Kind.FILE, "/dev/null": Kind.DEVICE, "/e/h": Kind.FILE}
)


@pytest.mark.parametrize(
    ("line", "rights"),
    [
        ('openat(AT_FDCWD, "/d/f", O_RDONLY) = 3', {"/d/f": "read_file"}),
        ('open("/d/f", O_WRONLY|O_APPEND) = 3', {"/d/f": "write_file"}),
        ('openat(AT_FDCWD, "/d/f", O_RDWR) = 3', {"/d/f": "read_file write_file"}),
        ('openat(AT_FDCWD, "/d/f", O_RDONLY|O_TRUNC) = 3', {"/d/f": "read_file truncate"}),
        ('openat(AT_FDCWD, "/d/f", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3', {"/d/f": "truncate write_file"}),
        ('creat("/d/f", 0666) = 3', {"/d/f": "truncate write_file"}),
        ('openat(AT_FDCWD, "/dev/null", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3', {"/dev/null": "write_file"}),
        (
            'openat(AT_FDCWD, "/d/n", O_WRONLY|O_CREAT|O_EXCL, 0600) = 3',
            {"/d": "make_reg", "/d/n": "write_file"},
        ),
        ('openat(AT_FDCWD, "/d", O_RDONLY|O_DIRECTORY) = 3', {"/d": "read_dir"}),
        ('openat(AT_FDCWD, "/d", O_RDONLY) = 3', {"/d": "read_dir"}),
        ('openat(AT_FDCWD, "/d/f", O_RDONLY|O_PATH) = 3', {}),
        ('openat(AT_FDCWD, "/d/f", O_ACCMODE) = 3', {}),
        ('openat(AT_FDCWD, "/d", O_RDWR|O_TMPFILE, 0600) = 3', {"/d": "read_file write_file"}),
        ('openat2(AT_FDCWD, "/d/f", {flags=O_RDWR, resolve=0}, 24) = 3', {"/d/f": "read_file write_file"}),
        ('truncate("/d/f", 5) = 0', {"/d/f": "truncate"}),
        ('execve("/d/f", ["f"], 0x7ffc /* 3 vars */) = 0', {"/d/f": "execute read_file"}),
        ('mkdir("/d/n", 0777) = 0', {"/d": "make_dir"}),
        ('mkdirat(AT_FDCWD, "/d/n", 0777) = 0', {"/d": "make_dir"}),
        ('rmdir("/d/sub") = 0', {"/d": "remove_dir"}),
        ('rmdir("/d/sub") = -1 ENOTEMPTY (Directory not empty)', {"/d": "remove_dir"}),
        ('unlink("/d/f") = 0', {"/d": "remove_file"}),
        ('unlinkat(AT_FDCWD, "/d/sub", AT_REMOVEDIR) = 0', {"/d": "remove_dir"}),
        ('symlink("f", "/d/n") = 0', {"/d": "make_sym"}),
        ('mknod("/d/n", S_IFIFO|0666) = 0', {"/d": "make_fifo"}),
        ('mknodat(AT_FDCWD, "/d/n", S_IFCHR|0666, makedev(0x1, 0x3)) = 0', {"/d": "make_char"}),
        ('mknod("/d/n", S_IFBLK|0666, makedev(0x7, 0)) = 0', {"/d": "make_block"}),
        ('mknod("/d/n", S_IFSOCK|0666) = 0', {"/d": "make_sock"}),
        ('mknod("/d/n", 0666) = 0', {"/d": "make_reg"}),
        ('link("/d/f", "/d/n") = 0', {"/d": "make_reg"}),
        ('link("/d/f", "/e/n") = 0', {"/d": "refer", "/e": "make_reg refer"}),
        ('rename("/d/f", "/d/n") = 0', {"/d": "make_reg remove_file"}),
        ('rename("/d/f", "/e/n") = 0', {"/d": "refer remove_file", "/e": "make_reg refer"}),
        ('rename("/d/sub", "/d/n") = 0', {"/d": "make_dir remove_dir"}),
        (
            'renameat2(AT_FDCWD, "/d/f", AT_FDCWD, "/e/h", RENAME_EXCHANGE) = 0',
            {"/d": "make_reg refer remove_file", "/e": "make_reg refer remove_file"},
        ),
        ('bind(3, {sa_family=AF_UNIX, sun_path="/d/s"}, 8) = 0', {"/d": "make_sock"}),
        ('connect(3, {sa_family=AF_UNIX, sun_path="/d/f"}, 8) = 0', {"/d/f": "resolve_unix"}),
        ('openat(AT_FDCWD, "/d/f", O_WRONLY|O_NONBLOCK) = -1 ENXIO (No such device)', {"/d/f": "write_file"}),
        ('openat(AT_FDCWD, "/d/x", O_RDONLY) = -1 ENOENT (No such file or directory)', {}),
        ('openat(AT_FDCWD, "/d/f", O_RDONLY) = -1 EACCES (Permission denied)', {}),
        ('mkdir("/d/sub", 0777) = -1 EEXIST (File exists)', {}),
        ('stat("/d/f", {st_mode=S_IFREG|0644, st_size=1, ...}) = 0', {}),
        ('access("/d/f", R_OK) = 0', {}),
    ],
)
def test_a_call_needs_its_rights_on_the_right_object(read: Read, line: str, rights: dict[str, str]) -> None:
    assert rights == needed(read("7 " + line, host=FILES))


@pytest.mark.parametrize(
    ("line", "rights"),
    [
        ('openat(AT_FDCWD, "/d/f", O_WRONLY|O_CREAT, 0666) = 3', {"/d": "make_reg", "/d/f": "truncate"}),
        ('openat(AT_FDCWD, "/dev/null", O_WRONLY|O_CREAT, 0666) = 3', {}),
        ('mkdir("/d/sub", 0777) = -1 EEXIST (File exists)', {"/d": "make_dir"}),
        ('unlink("/d/x") = -1 ENOENT (No such file or directory)', {"/d": "remove_file"}),
        ('bind(3, {sa_family=AF_UNIX, sun_path="/d/f"}, 8) = -1 EADDRINUSE (In use)', {"/d": "make_sock"}),
        ('openat(AT_FDCWD, "/d/n", O_WRONLY|O_CREAT|O_EXCL|O_TRUNC, 0600) = 3', {"/d/n": "truncate"}),
    ],
)
def test_the_other_reading_of_a_call_is_kept(read: Read, line: str, rights: dict[str, str]) -> None:
    assert rights == possible(read("7 " + line, host=FILES))


@pytest.mark.parametrize(
    ("flags", "rights"),
    [
        ("O_RDWR|O_CREAT|O_EXCL", {"/d": "remove_file", "/d/n": "truncate"}),
        ("O_RDONLY|O_CREAT|O_EXCL", {}),
        ("O_WRONLY|O_CREAT|O_APPEND", {}),
    ],
)
def test_what_is_made_only_where_it_was_sought_in_vain_is_emptied_or_removed_once_it_is_there(
    read: Read, flags: str, rights: dict[str, str]
) -> None:
    inventory = read(
        '7 openat(AT_FDCWD, "/d/n", O_RDONLY|O_NOFOLLOW|O_PATH) = -1 ENOENT (No such file or directory)',
        f'7 openat(AT_FDCWD, "/d/n", {flags}, 0600) = 3',
        SHORTENING_IS_TRACED,
        host=FILES,
    )

    assert possible(inventory) == rights


def test_a_file_that_is_only_made_is_not_shortened(read: Read) -> None:
    inventory = read(
        '7 openat(AT_FDCWD, "/d/n", O_RDWR|O_CREAT|O_EXCL, 0600) = 3', SHORTENING_IS_TRACED, host=FILES
    )

    assert possible(inventory) == {}


def test_a_name_that_was_absent_before_was_created(read: Read) -> None:
    inventory = read(
        '7 stat("/d/n", 0x7ffc) = -1 ENOENT (No such file or directory)',
        '7 openat(AT_FDCWD, "/d/n", O_WRONLY|O_CREAT, 0666) = 3',
        host=FILES,
    )

    assert needed(inventory) == {"/d": "make_reg", "/d/n": "write_file"}
    assert all(access.volatile for access in inventory.paths if access.path == "/d/n")


def test_a_state_file_that_is_missing_at_first_will_be_read_at_the_next_start(read: Read) -> None:
    inventory = read(
        '7 openat(AT_FDCWD, "/d/dump", O_RDONLY) = -1 ENOENT (No such file or directory)',
        '7 openat(AT_FDCWD, "/d/temp-1", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 3',
        '7 rename("/d/temp-1", "/d/dump") = 0',
        host=FILES,
    )

    assert possible(inventory)["/d/dump"] == "read_file"


def test_a_directory_is_one_because_the_trace_said_so_though_it_is_gone(read: Read) -> None:
    inventory = read(
        '7 mkdir("/d/tmp1", 0700) = 0', '7 openat(AT_FDCWD, "/d/tmp1", O_RDONLY) = 3', host=FILES
    )

    assert needed(inventory) == {"/d": "make_dir", "/d/tmp1": "read_dir"}


def test_a_file_that_was_first_tried_as_a_directory_stays_a_file(read: Read) -> None:
    inventory = read(
        '7 openat(AT_FDCWD, "/d/f", O_RDONLY|O_DIRECTORY) = -1 ENOTDIR (Not a directory)',
        '7 openat(AT_FDCWD, "/d/f", O_RDONLY) = 3',
        host=FILES,
    )

    assert needed(inventory) == {"/d/f": "read_file"}


def test_the_kernels_own_word_for_a_path_outranks_the_name(read: Read) -> None:
    inventory = read('7 openat(AT_FDCWD</>, "/link/f", O_RDONLY) = 3</real/f>', host=FILES)

    (access,) = [a for a in inventory.paths if a.needed]
    assert (access.path, access.given) == ("/real/f", "/link/f")


def test_links_are_resolved_on_the_host_where_the_trace_does_not(read: Read) -> None:
    host = FakeHost(kinds={"/usr/lib/x.so": Kind.FILE}, links={"/lib": "/usr/lib"})

    assert needed(read('7 open("/lib/x.so", O_RDONLY) = 3', host=host)) == {"/usr/lib/x.so": "read_file"}


def test_dot_dot_is_taken_after_links(read: Read) -> None:
    host = FakeHost(kinds={"/real/f": Kind.FILE, "/real/deep/x": Kind.FILE}, links={"/a/link": "/real/deep"})

    assert needed(read('7 open("/a/link/../f", O_RDONLY) = 3', host=host)) == {"/real/f": "read_file"}


def test_relative_names_follow_chdir_in_the_process_that_did_it(read: Read) -> None:
    inventory = read(
        '7 chdir("/d") = 0',
        "7 vfork( <unfinished ...>",
        '8 open("f", O_RDONLY) = 3',
        '8 chdir("sub") = 0',
        '8 open("g", O_RDONLY) = 3',
        "7 <... vfork resumed>) = 8",
        '7 open("f", O_RDONLY) = 3',
        host=FILES,
    )

    assert needed(inventory) == {"/d/f": "read_file", "/d/sub/g": "read_file"}


def test_threads_share_a_working_directory_and_descriptors(read: Read) -> None:
    inventory = read(
        "7 clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_THREAD, stack=0x1}, 88) = 8",
        '8 chdir("/d") = 0',
        '8 open("sub", O_RDONLY|O_DIRECTORY) = 5',
        '7 open("f", O_RDONLY) = 6',
        '7 openat(5, "g", O_RDONLY) = 7',
        host=FILES,
    )

    assert needed(inventory) == {"/d/f": "read_file", "/d/sub": "read_dir", "/d/sub/g": "read_file"}


def test_a_relative_name_without_a_known_directory_is_said_not_guessed(read: Read) -> None:
    inventory = read('7 openat(AT_FDCWD, "conf/x", O_RDONLY) = 3', host=FILES)

    assert not needed(inventory)
    assert [remark.kind for remark in inventory.remarks] == [RemarkKind.UNRESOLVED]


def test_the_directory_a_person_named_resolves_relative_names(read: Read) -> None:
    inventory = read('7 openat(AT_FDCWD, "f", O_RDONLY) = 3', host=FILES, cwd="/d")

    assert needed(inventory) == {"/d/f": "read_file"}


def test_interpreters_that_strace_never_shows_are_added_from_the_host(read: Read) -> None:
    host = FakeHost(
        kinds={"/bin/x": Kind.FILE, "/lib/ld.so": Kind.FILE}, loaders={"/bin/x": ("/bin/sh", "/lib/ld.so")}
    )
    inventory = read('7 execve("/bin/x", ["x"], 0x1 /* 1 var */) = 0', host=host)

    rights = "execute read_file"
    assert needed(inventory) == {"/bin/x": rights, "/bin/sh": rights, "/lib/ld.so": rights}
    assert {a.implied_by for a in inventory.paths if a.path != "/bin/x"} == {"/bin/x"}


@pytest.mark.parametrize(
    ("socket", "protocol"),
    [
        ("socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3", Protocol.TCP),
        ("socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = 3", Protocol.TCP),
        ("socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) = 3", Protocol.UDP),
        ("socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP) = 3", Protocol.MPTCP),
    ],
)
def test_a_port_belongs_to_the_transport_of_its_socket(read: Read, socket: str, protocol: Protocol) -> None:
    inventory = read(
        f"7 {socket}",
        '7 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("10.0.0.1")}, 16) = 0',
    )

    (port,) = [port for port in inventory.ports if port.port]
    assert (port.port, port.protocol) == (443, protocol)


def test_an_annotated_socket_is_known_in_another_process_by_its_inode(read: Read) -> None:
    inventory = read(
        "7 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3<socket:[99]>",
        "9 bind(8<socket:[99]>, {sa_family=AF_INET6, sin6_port=htons(80), sin6_scope_id=0}, 28) = 0",
    )

    (port,) = [port for port in inventory.ports if port.port]
    assert (port.port, port.protocol, port.rights) == (80, Protocol.TCP, NetRight.BIND_TCP)


@pytest.mark.parametrize("errno", ["EINPROGRESS", "ECONNREFUSED", "ETIMEDOUT", "EHOSTUNREACH"])
def test_a_connect_that_failed_behind_the_check_needs_its_port(read: Read, errno: str) -> None:
    inventory = read(
        "7 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3",
        f"7 connect(3, {{sa_family=AF_INET, sin_port=htons(5432)}}, 16) = -1 {errno} (x)",
    )

    assert [port.verdict for port in inventory.ports] == [Verdict.NEEDED]


def test_an_abstract_server_in_the_trace_is_inside(read: Read) -> None:
    inventory = read(
        '7 bind(3, {sa_family=AF_UNIX, sun_path=@"own"}, 6) = 0',
        '8 connect(4, {sa_family=AF_UNIX, sun_path=@"own"}, 6) = 0',
        '8 connect(4, {sa_family=AF_UNIX, sun_path=@"other"}, 8) = 0',
    )

    assert {s.name: s.inside for s in inventory.abstract if s.call == "connect"} == {
        "own": True,
        "other": False,
    }


def test_signals_to_strangers_are_told_from_signals_to_children(read: Read) -> None:
    inventory = read(
        "7 fork() = 8", "7 kill(8, SIGTERM) = 0", "7 kill(4000, SIGHUP) = 0", "7 kill(4001, 0) = -1 ESRCH (x)"
    )

    (remark,) = [r for r in inventory.remarks if r.kind is RemarkKind.SIGNAL_OUTSIDE]
    assert "4000" in remark.example


def test_interrupted_calls_are_joined_and_cited_by_their_first_half(read: Read) -> None:
    inventory = read(
        '7 openat(AT_FDCWD, "/d/f", O_RDONLY <unfinished ...>',
        "8 +++ exited with 0 +++",
        "7 <... openat resumed>) = 3</d/f>",
        host=FILES,
    )

    (access,) = [a for a in inventory.paths if a.needed]
    assert [str(line) for line in access.evidence] == ["t:1"]


def test_a_call_that_never_returned_may_have_needed_its_rights(read: Read) -> None:
    inventory = read('7 openat(AT_FDCWD, "/d/f", O_RDONLY <unfinished ...>', host=FILES)

    assert possible(inventory) == {"/d/f": "read_file"}


def test_every_line_is_accounted_for() -> None:
    reader = Reader()
    lines = [
        b'7 execve("/bin/true", ["true"], 0x1 /* 1 var */) = 0\n',
        b"7 brk(NULL) = 0x1\n",
        b"what is this\n",
        b"7 <... openat resumed>) = 3\n",
        b"7 +++ exited with 0 +++\n",
        b'7 openat(AT_FDCWD, "/etc/ho',
    ]
    source = reader.read("t", lines)

    assert (source.understood, source.ignored, source.not_understood, source.complete) == (1, 2, 3, False)
    assert {strange.kind for strange in reader.inventory().not_understood} == {
        "no system call",
        "second half of a call without its first",
        "cut last line",
    }


def test_equal_accesses_are_counted_with_their_first_lines_kept(read: Read) -> None:
    inventory = read(*['7 open("/d/f", O_RDONLY) = 3'] * 50, host=FILES)

    (access,) = [a for a in inventory.paths if a.needed]
    assert (access.count, [line.line for line in access.evidence]) == (50, [1, 2, 3, 4])


@given(st.lists(st.binary(max_size=120), max_size=12))
def test_no_bytes_make_the_reader_raise_and_no_line_is_lost(lines: list[bytes]) -> None:
    source = Reader().read("t", [line + b"\n" for line in lines])

    written = sum(line.count(b"\n") + 1 for line in lines)
    assert written == source.lines == source.understood + source.ignored + source.not_understood


@pytest.mark.parametrize(
    ("lines", "rights"),
    [
        (
            ('unlink("/d/sub") = -1 EISDIR (Is a directory)', 'rmdir("/d/sub") = 0'),
            {"/d": "remove_dir remove_file"},
        ),
        (('rmdir(".") = -1 EINVAL (Invalid argument)',), {}),
        (('openat(AT_FDCWD, "/d/f", O_WRONLY <unfinished ...>) = ?',), {}),
        (
            (
                'openat(AT_FDCWD, "/d", O_RDWR|O_TMPFILE, 0600) = 3',
                'linkat(AT_FDCWD, "/proc/self/fd/3", AT_FDCWD, "/e/n", AT_SYMLINK_FOLLOW) = 0',
            ),
            {"/d": "read_file refer write_file", "/e": "make_reg refer"},
        ),
        (('rename("/link/f", "/d/n") = 0',), {"/d": "make_reg remove_file"}),
        (("ftruncate64(3</d/f>, 5) = 0",), {"/d/f": "truncate"}),
        (('acct("/d/f") = 0',), {"/d/f": "write_file"}),
        (('bind(3, {sa_family=AF_LOCAL, sun_path="/d/s"}, 8) = 0',), {"/d": "make_sock"}),
        (('bind(3, {sa_family=AF_FILE, path="/d/s"}, 8) = 0',), {"/d": "make_sock"}),
        (('execveat(3</memfd:x>(deleted), "", ["x"], NULL, AT_EMPTY_PATH) = 0',), {}),
        (
            ('unlink("/d/p") = -1 ENOENT (No such file)', 'open("/d/p", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 3'),
            {"/d": "make_reg", "/d/p": "write_file"},
        ),
    ],
)
def test_sequences_of_calls_need_what_the_kernel_asks(
    read: Read, lines: tuple[str, ...], rights: dict[str, str]
) -> None:
    host = FakeHost(kinds=FILES.kinds, links={"/link": "/d"})

    assert needed(read(*(f"7 {line}" for line in lines), host=host)) == rights


def test_a_link_does_not_pass_its_kind_on_to_its_target(read: Read) -> None:
    host = FakeHost(kinds={"/d/log.1": Kind.FILE}, links={"/d/current": "log.1"})
    inventory = read(
        '7 symlink("log.1", "/d/current") = 0', '7 open("/d/log.1", O_WRONLY|O_TRUNC) = 3', host=host
    )

    assert needed(inventory)["/d/log.1"] == "truncate write_file"


def test_children_of_forks_that_overlap_start_where_their_own_parent_was(read: Read) -> None:
    inventory = read(
        '7 chdir("/d") = 0',
        "7 fork() = 8",
        '8 chdir("/e") = 0',
        "7 vfork( <unfinished ...>",
        "8 vfork( <unfinished ...>",
        '10 unlink("h") = 0',
        '9 unlink("f") = 0',
        "7 <... vfork resumed>) = 9",
        "8 <... vfork resumed>) = 10",
        host=FILES,
        cwd="/",
    )

    assert needed(inventory) == {"/d": "remove_file", "/e": "remove_file"}


def test_a_child_starts_where_its_directory_was_moved_to_while_it_was_forked(read: Read) -> None:
    inventory = read(
        '7 chdir("/d/sub") = 0',
        '8 chdir("/d/sub") = 0',
        '9 chdir("/d") = 0',
        "7 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>",
        "8 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>",
        '9 lstat("/d/sub", {st_mode=S_IFDIR|0755, st_size=9, ...}) = 0',
        '9 rename("/d/sub", "/d/new") = 0',
        "7 <... clone resumed>) = 10",
        '10 open("g", O_RDONLY) = 3',
    )

    assert needed(inventory)["/d/new/g"] == "read_file"


def test_descriptors_that_were_received_were_opened_by_whoever_sent_them(read: Read) -> None:
    def shortened(sent: str, received: str, path: str) -> list[tuple[str, Verdict]]:
        message = (
            "{{msg_control=[{{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[{}]}}]}}"
        )
        inventory = read(
            '7 execve("/bin/x", ["x"], 0x1 /* 1 var */) = 0',
            '7 openat(AT_FDCWD</>, "/d/f", O_RDWR) = 5</d/f>',
            f"7 sendmsg(3<socket:[7]>, {message.format(sent)}, 0) = 1",
            f"7 recvmsg(4<socket:[8]>, {message.format(received)}, 0) = 1",
            f"7 ftruncate(6<{path}>, 0) = 0",
        )
        return [(a.path, a.verdict) for a in inventory.paths if a.call == "ftruncate"]

    assert shortened("5</d/f>", "6</d/f>", "/d/f") == [("/d/f", Verdict.NEEDED)]
    assert shortened("5</d/f>", "6</e/h>", "/e/h") == []
    assert shortened("...", "...", "/e/h") == [("/e/h", Verdict.POSSIBLE)]


def test_a_child_of_another_pid_namespace_is_known_when_it_can_be_but_one(read: Read) -> None:
    inventory = read(
        '7 chdir("/d") = 0',
        "7 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD <unfinished ...>",
        '4711 unlink("f") = 0',
        "7 <... clone resumed>) = 2",
        host=FILES,
        cwd="/",
    )

    assert needed(inventory) == {"/d": "remove_file"}


def test_two_children_of_another_pid_namespace_cannot_be_told_apart(read: Read) -> None:
    inventory = read(
        '7 chdir("/d") = 0',
        "7 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 2",
        "7 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 3",
        '4711 unlink("f") = 0',
        host=FILES,
        cwd="/",
    )

    assert needed(inventory) == {}
    assert RemarkKind.UNRESOLVED in {remark.kind for remark in inventory.remarks}


def test_unshared_threads_no_longer_share_a_working_directory(read: Read) -> None:
    inventory = read(
        '7 chdir("/d") = 0',
        "7 clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_THREAD, stack=0x1}, 88) = 8",
        "8 unshare(CLONE_FS) = 0",
        '8 chdir("/e") = 0',
        '7 open("f", O_RDONLY) = 3',
        host=FILES,
    )

    assert needed(inventory) == {"/d/f": "read_file"}


@pytest.mark.parametrize("result", ["0", "-1 (errno 18446744073709551527)"])
def test_a_thread_that_executes_goes_on_as_its_process(read: Read, result: str) -> None:
    inventory = read(
        '7 chdir("/d") = 0',
        "7 clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_THREAD, stack=0x1}, 88) = 8",
        '8 execve("/bin/x", ["x"], 0x1 /* 1 var */ <unfinished ...>',
        "7 +++ superseded by execve in pid 8 +++",
        f"7 <... execve resumed>) = {result}",
        '7 open("f", O_RDONLY) = 3',
        host=FILES,
    )

    assert [run.path for run in inventory.executions] == ["/bin/x"]
    assert needed(inventory)["/bin/x"] == "execute read_file"
    assert needed(inventory)["/d/f"] == "read_file"


@pytest.mark.parametrize(
    ("lines", "rights"),
    [
        (("rename",), {"/d": "make_dir refer remove_dir", "/e": "make_dir refer"}),
        (("symlink", "rename"), {"/d": "make_sym refer remove_file", "/e": "make_sym refer"}),
    ],
)
def test_what_is_moved_across_directories_decides_the_rights(
    read: Read, lines: tuple[str, ...], rights: dict[str, str]
) -> None:
    calls = {"symlink": '7 symlink("x", "/d/sub") = 0', "rename": '7 rename("/d/sub", "/e/sub") = 0'}

    assert needed(read(*(calls[line] for line in lines), host=FILES)) == rights


def test_files_may_leave_a_directory_only_with_the_rights_that_wait_for_them(read: Read) -> None:
    inventory = read(
        '7 rename("/d/f", "/e/f") = 0',
        '7 open("/e/f", O_RDONLY) = 3',
        host=FILES,
    )

    assert needed(inventory)["/d"] == "read_file refer remove_file"
