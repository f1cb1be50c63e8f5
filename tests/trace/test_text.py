import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.trace.text import (
    AT_FDCWD,
    MalformedError,
    descriptor,
    split_arguments,
    string,
    struct_fields,
    unescape,
)


def arguments(text: bytes) -> list[bytes]:
    return split_arguments(text, 0)[0]


def test_arguments_are_split_at_top_level_commas_only() -> None:
    text = b'3, {sa_family=AF_INET, sin_port=htons(80)}, [1, 2], "a, b") = 0'

    assert arguments(text) == [b"3", b"{sa_family=AF_INET, sin_port=htons(80)}", b"[1, 2]", b'"a, b"']


@pytest.mark.parametrize(
    "name",
    [
        rb'"x) = 3"',
        rb'"a\"b"',
        rb'"<unfinished ...>"',
        rb'"\" = -1 ENOENT"',
        rb'"{sa_family="',
        rb'"back\\"',
        rb'"/* no comment"',
        rb'"[("',
    ],
)
def test_what_stands_in_a_quoted_name_never_ends_it(name: bytes) -> None:
    assert [b"AT_FDCWD", name, b"O_RDONLY"] == arguments(b"AT_FDCWD, " + name + b", O_RDONLY) = 3")


@pytest.mark.parametrize(
    "note",
    [
        b"3</a b,c)(>",
        b"4</dev/null<char 1:3>>",
        b"5<TCP:[127.0.0.1:80->127.0.0.1:9]>",
        b"6<UDPv6:[[::1]:34560->[::1]:53]>",
        b'7<UNIX-STREAM:[1->2,"/run/a]b>c"]>',
        b"8<anon_inode:[eventfd]>",
        b"9</d/x>(deleted)",
        rb"AT_FDCWD</tmp/\74x\76>",
    ],
)
def test_an_annotation_belongs_to_its_descriptor(note: bytes) -> None:
    assert [note, b"1"] == arguments(note + b", 1) = 0")


def test_arguments_that_do_not_end_are_malformed() -> None:
    with pytest.raises(MalformedError):
        split_arguments(b'3, "never ends', 0)


def test_a_descriptor_keeps_path_device_and_deletion_apart() -> None:
    device = descriptor(b"14</dev/null<char 1:3>>")
    deleted = descriptor(b"16</d/x>(deleted)")
    real_name = descriptor(b"17</d/x (deleted)>")

    assert device is not None
    assert (device.path, device.device) == ("/dev/null", True)
    assert deleted is not None
    assert (deleted.path, deleted.deleted) == ("/d/x", True)
    assert real_name is not None
    assert (real_name.path, real_name.deleted) == ("/d/x (deleted)", False)


def test_the_working_directory_is_a_descriptor_of_its_own() -> None:
    found = descriptor(b"AT_FDCWD</srv>")

    assert found is not None
    assert (found.number, found.path) == (AT_FDCWD, "/srv")


def test_a_socket_annotation_is_no_path() -> None:
    found = descriptor(b"5<socket:[123]>")

    assert found is not None
    assert found.path is None


def test_a_string_that_strace_cut_is_never_used() -> None:
    assert string(b'"/very/long"...') is None
    assert string(b"NULL") is None
    assert string(b"0x7ffc") is None


@given(st.binary(max_size=40))
def test_every_byte_survives_octal_and_hex_escapes(raw: bytes) -> None:
    octal = b"".join(b"\\%03o" % byte for byte in raw)
    hexadecimal = b"".join(b"\\x%02x" % byte for byte in raw)

    assert raw == unescape(octal).encode("utf-8", "surrogateescape")
    assert raw == unescape(hexadecimal).encode("utf-8", "surrogateescape")


def test_fields_inside_a_quoted_socket_name_are_no_fields() -> None:
    fields = struct_fields(b'{sa_family=AF_UNIX, sun_path="x, sin_port=htons(80)"}')

    assert {"sa_family", "sun_path"} == set(fields)
