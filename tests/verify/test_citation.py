import pytest

from assistant.verify.citation import Call, read


def call(line: bytes) -> Call:
    found = read(line)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "prefix",
    [
        b"",
        b"4711  ",
        b"[pid  4711] ",
        b"4711<cat> ",
        b"12:03:04.123456 ",
        b"4711 1795438541.605123 ",
        b"4711 12:03:04 ",
        b"     0.000123 ",
        b"4711 [00007f00deadbeef] ",
    ],
)
def test_what_stands_before_the_call_does_not_matter(prefix: bytes) -> None:
    found = call(prefix + b'openat(AT_FDCWD</srv>, "a", O_RDONLY) = 3</srv/a>')
    assert (found.name, found.argument(0).place, found.argument(1).strings, found.result) == (
        "openat",
        "/srv",
        ("a",),
        "/srv/a",
    )


def test_an_error_is_read_from_behind_the_closing_bracket() -> None:
    assert call(b'open("/a", O_RDONLY) = -1 ENOENT (No such file or directory)').errno == "ENOENT"


@pytest.mark.parametrize(
    ("quoted", "name"),
    [
        (rb"/a) = 3", "/a) = 3"),
        (rb"/a\", O_RDWR) = 3</etc/shadow>", '/a", O_RDWR) = 3</etc/shadow>'),
        (rb"/a <unfinished ...>", "/a <unfinished ...>"),
        (rb"/a\nopen(\"/b\")", '/a\nopen("/b")'),
        (rb"/r\303\251al\\x", "/réal\\x"),
        (rb"\x2f\x61\xff", "/a\udcff"),
        (rb"/\1\12\7777", "/\x01\n\udcff7"),
        (rb"/<... open resumed>", "/<... open resumed>"),
        (rb"/a, O_WRONLY|O_CREAT", "/a, O_WRONLY|O_CREAT"),
    ],
)
def test_a_hostile_name_stays_a_name(quoted: bytes, name: str) -> None:
    found = call(b'7 open("' + quoted + b'", O_RDONLY) = -1 EACCES (Permission denied)')
    assert found.argument(0).strings == (name,)
    assert found.flags == {"O_RDONLY"}
    assert found.errno == "EACCES"
    assert found.result == ""


def test_escaped_angle_brackets_belong_to_the_annotated_name() -> None:
    found = call(rb'open("/srv/x", O_RDONLY) = 3</srv/a\76 = 4\74\57etc>')
    assert found.result == "/srv/a> = 4</etc"


def test_a_device_annotation_ends_behind_its_numbers() -> None:
    found = call(b"ioctl(14</dev/null<char 1:3>>, TCGETS, 0x7f) = -1 ENOTTY (Inappropriate ioctl for device)")
    assert (found.argument(0).place, found.errno) == ("/dev/null", "ENOTTY")


def test_a_deleted_file_keeps_its_name() -> None:
    assert call(b"ftruncate(16</srv/x>(deleted), 0) = 0").argument(0).place == "/srv/x"


def test_a_socket_annotation_is_no_path() -> None:
    found = call(
        b"connect(5<TCP:[10.0.0.1:80->10.0.0.2:99]>, {sa_family=AF_INET, sin_port=htons(99)}, 16) = 0"
    )
    assert found.argument(0).place == ""
    assert len(found.arguments) == 3


def test_an_abstract_name_and_a_cut_string_name_nothing() -> None:
    assert call(b'connect(3, {sa_family=AF_UNIX, sun_path=@"/run/x"}, 20) = 0').argument(1).strings == ()
    assert call(b'write(3, "/etc/shadow"..., 4096) = 4096').argument(1).strings == ()


def test_the_first_half_of_a_call_shows_its_arguments() -> None:
    found = call(b'9 openat(AT_FDCWD</srv>, "a", O_WRONLY|O_TRUNC <unfinished ...>')
    assert found.argument(1).strings == ("a",)
    assert found.flags == {"AT_FDCWD", "O_WRONLY", "O_TRUNC"}
    assert found.errno == ""


def test_the_second_half_of_a_call_shows_its_result() -> None:
    found = call(b"9 <... openat resumed>) = 3</srv/a>")
    assert (found.name, found.resumed, found.result, found.arguments) == ("openat", True, "/srv/a", ())


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"7 --- SIGCHLD {si_signo=SIGCHLD} ---",
        b"7 +++ exited with 0 +++",
        b'7 open("/cut off',
        b'7 open("/a", O_RDONLY',
        b'7<open("/a")> x',
        b'"open("/a") = 3',
        b"\xff\xfe\x00",
    ],
)
def test_a_line_without_a_whole_call_is_not_read(line: bytes) -> None:
    assert read(line) is None
