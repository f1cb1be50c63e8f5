import pytest

from assistant.domain.rights import NO_FS, FsRight, names
from assistant.verify.citation import read
from assistant.verify.proof import named


def shown(line: bytes) -> list[tuple[str, str, list[str], list[str]]]:
    call = read(line)
    assert call is not None
    return [(n.base, n.name, names(n.on), names(n.within)) for n in named(call)]


@pytest.mark.parametrize(
    ("flags", "on", "within"),
    [
        (b"O_RDONLY|O_CLOEXEC", FsRight.READ_FILE | FsRight.READ_DIR, NO_FS),
        (b"O_RDONLY|O_DIRECTORY", FsRight.READ_DIR, NO_FS),
        (b"O_WRONLY|O_APPEND", FsRight.WRITE_FILE | FsRight.TRUNCATE, NO_FS),
        (b"O_RDWR", FsRight.READ_FILE | FsRight.WRITE_FILE | FsRight.TRUNCATE, NO_FS),
        (b"O_WRONLY|O_CREAT|O_TRUNC, 0644", FsRight.WRITE_FILE | FsRight.TRUNCATE, FsRight.MAKE_REG),
        (b"O_RDONLY|O_PATH", NO_FS, NO_FS),
        (b"O_ACCMODE", NO_FS, NO_FS),
    ],
)
def test_the_flags_of_an_open_say_what_it_can_need(flags: bytes, on: FsRight, within: FsRight) -> None:
    assert shown(b'open("/srv/a", ' + flags + b") = 3") == [("", "/srv/a", names(on), names(within))]


def test_the_kernels_own_name_for_the_opened_file_counts_too() -> None:
    assert [row[1] for row in shown(b'openat(AT_FDCWD</x>, "l", O_RDONLY) = 3</srv/a>')] == ["/srv/a", "l"]


@pytest.mark.parametrize(
    ("line", "name", "within"),
    [
        (b'mkdir("/a/b", 0755) = 0', "/a/b", ["make_dir"]),
        (b'mkdir("/a/b", 0755) = -1 EEXIST (File exists)', "/a/b", ["make_dir"]),
        (b'rmdir("/a/b") = -1 ENOTEMPTY (Directory not empty)', "/a/b", ["remove_dir"]),
        (b'unlink("/a/b") = -1 ENOENT (No such file or directory)', "/a/b", ["remove_file"]),
        (b'unlinkat(3</a>, "b", AT_REMOVEDIR) = 0', "b", ["remove_dir"]),
        (b'unlinkat(3</a>, "b", 0) = 0', "b", ["remove_file"]),
        (b'mknod("/a/b", S_IFIFO|0644) = 0', "/a/b", ["make_fifo"]),
        (b'mknodat(3</a>, "b", S_IFREG|0644) = 0', "b", ["make_reg"]),
        (b'symlink("/etc/shadow", "/a/b") = 0', "/a/b", ["make_sym"]),
        (b'symlinkat("/etc/shadow", 3</a>, "b") = 0', "b", ["make_sym"]),
        (b'bind(3, {sa_family=AF_UNIX, sun_path="/a/b"}, 110) = 0', "/a/b", ["make_sock"]),
        (
            b'bind(3, {sa_family=AF_UNIX, sun_path="/a/b"}, 110) = -1 EADDRINUSE (In use)',
            "/a/b",
            ["make_sock"],
        ),
    ],
)
def test_making_and_removing_asks_the_directory_that_holds_the_name(
    line: bytes, name: str, within: list[str]
) -> None:
    assert [(row[1], row[2], row[3]) for row in shown(line)] == [(name, [], within)]


def test_both_names_of_a_rename_count() -> None:
    old, new = shown(b'renameat2(3</a>, "x", 4</b>, "y", RENAME_NOREPLACE) = 0')
    assert (old[0], old[1], new[0], new[1]) == ("/a", "x", "/b", "y")
    assert "make_reg" not in old[3]
    assert "make_reg" in new[3]
    assert {"refer", "remove_file"} <= set(old[3]) & set(new[3])


def test_arguments_of_a_program_are_not_names_of_files() -> None:
    line = b'execve("/bin/cat", ["cat", "/etc/shadow"], 0x7ffd /* 12 vars */) = 0'
    assert shown(line) == [("", "/bin/cat", ["execute", "read_file"], [])]


def test_written_data_is_not_a_name() -> None:
    assert shown(b'write(3</srv/a>, "/etc/shadow", 11) = 11') == []
    assert shown(b'sendto(3, "sun_path=\\"/run/x\\"", 9, 0, NULL, 0) = 9') == []


@pytest.mark.parametrize("errno", ["ENOENT", "ENOTDIR", "EACCES", "EPERM", "ELOOP", "EISDIR", "EROFS"])
def test_a_call_that_failed_before_the_check_shows_no_need(errno: str) -> None:
    rows = shown(b'openat(AT_FDCWD</>, "/srv/a", O_RDWR) = -1 ' + errno.encode() + b" (No)")
    assert [(row[1], row[2], row[3]) for row in rows] == [("/srv/a", [], [])]


@pytest.mark.parametrize("errno", ["ENXIO", "ENOEXEC", "EAGAIN"])
def test_a_call_that_failed_behind_the_check_shows_the_need(errno: str) -> None:
    assert shown(b'open("/srv/a", O_WRONLY) = -1 ' + errno.encode() + b" (No)")[0][2] == [
        "write_file",
        "truncate",
    ]


def test_a_call_that_never_returned_in_the_line_can_show_the_need() -> None:
    assert shown(b'execve("/bin/x", ["x"], 0x7f <unfinished ...>')[0][2] == ["execute", "read_file"]
    assert shown(b'open("/a", O_RDONLY) = ?')[0][2] == ["read_file", "read_dir"]


def test_a_device_command_needs_its_right_whatever_the_driver_answers() -> None:
    line = b"ioctl(0</dev/pts/3<char 136:3>>, TCGETS, 0x7f) = -1 ENOTTY (No)"
    assert shown(line) == [("", "/dev/pts/3", ["ioctl_dev"], [])]
