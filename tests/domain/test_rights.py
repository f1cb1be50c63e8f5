"""Landlock's rights against the kernel's numbers."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.rights import (
    NEWEST_ABI,
    NO_FS,
    NO_NET,
    ON_FILE,
    SINCE,
    FsRight,
    NetRight,
    Scope,
    known_at,
    names,
    parse_names,
)


# include/uapi/linux/landlock.h: name, bit, the ABI that brought it, whether a rule on a file may carry it.
FS = [
    ("execute", 0, 1, True),
    ("write_file", 1, 1, True),
    ("read_file", 2, 1, True),
    ("read_dir", 3, 1, False),
    ("remove_dir", 4, 1, False),
    ("remove_file", 5, 1, False),
    ("make_char", 6, 1, False),
    ("make_dir", 7, 1, False),
    ("make_reg", 8, 1, False),
    ("make_sock", 9, 1, False),
    ("make_fifo", 10, 1, False),
    ("make_block", 11, 1, False),
    ("make_sym", 12, 1, False),
    ("refer", 13, 2, False),
    ("truncate", 14, 3, True),
    ("ioctl_dev", 15, 5, True),
    ("resolve_unix", 16, 9, True),
]
NET = [("bind_tcp", 0, 4), ("connect_tcp", 1, 4), ("bind_udp", 2, 10), ("connect_send_udp", 3, 10)]
SCOPES = [("abstract_unix_socket", 0, 6), ("signal", 1, 6)]


@pytest.mark.parametrize(("name", "bit", "abi", "on_file"), FS)
def test_a_file_right_has_the_kernels_bit_and_abi(name: str, bit: int, abi: int, on_file: bool) -> None:  # noqa: FBT001 - a column of the table
    right = FsRight(1 << bit)
    assert names(right) == [name]
    assert SINCE[right] == abi
    assert bool(right & ON_FILE) == on_file


@pytest.mark.parametrize(("name", "bit", "abi"), NET)
def test_a_port_right_has_the_kernels_bit_and_abi(name: str, bit: int, abi: int) -> None:
    assert names(NetRight(1 << bit)) == [name]
    assert SINCE[NetRight(1 << bit)] == abi


@pytest.mark.parametrize(("name", "bit", "abi"), SCOPES)
def test_a_scope_has_the_kernels_bit_and_abi(name: str, bit: int, abi: int) -> None:
    assert names(Scope(1 << bit)) == [name]
    assert SINCE[Scope(1 << bit)] == abi


def test_rights_of_different_kinds_with_one_bit_are_not_confused() -> None:
    bits: list[object] = [FsRight.EXECUTE, NetRight.BIND_TCP, Scope.ABSTRACT_UNIX_SOCKET]
    assert len({*bits}) == 3


def test_the_tables_are_complete() -> None:
    assert (len(FS), len(NET), len(SCOPES)) == (len(FsRight), len(NetRight), len(Scope))


@pytest.mark.parametrize(
    ("abi", "mask"),
    [(0, 0), (1, 0x1FFF), (2, 0x3FFF), (3, 0x7FFF), (4, 0x7FFF), (5, 0xFFFF), (8, 0xFFFF), (9, 0x1FFFF)],
)
def test_an_abi_knows_the_kernels_mask_of_file_rights(abi: int, mask: int) -> None:
    assert known_at(FsRight, abi).value == mask


@pytest.mark.parametrize(("abi", "net", "scopes"), [(3, 0, 0), (4, 3, 0), (6, 3, 3), (10, 15, 3)])
def test_an_abi_knows_the_kernels_masks_of_ports_and_scopes(abi: int, net: int, scopes: int) -> None:
    assert (known_at(NetRight, abi).value, known_at(Scope, abi).value) == (net, scopes)


def test_the_newest_abi_knows_every_right() -> None:
    assert known_at(FsRight, NEWEST_ABI) == ~NO_FS
    assert known_at(NetRight, NEWEST_ABI) == ~NO_NET


@given(st.integers(0, 2**17 - 1).map(FsRight))
def test_names_of_rights_are_read_back(rights: FsRight) -> None:
    assert parse_names(FsRight, names(rights)) == rights


@pytest.mark.parametrize("word", ["read", "READ_FILE", "Read_file", "", "bind_tcp", "execute "])
def test_a_word_that_is_no_right_is_refused_with_the_known_ones(word: str) -> None:
    with pytest.raises(ValueError, match="known are execute, write_file"):
        parse_names(FsRight, [word])


def test_a_right_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="'execute' is named twice"):
        parse_names(FsRight, ["execute", "read_file", "execute"])


@given(st.integers(0, 2**17 - 1), st.integers(0, 2**17 - 1))
def test_rights_are_combined_as_their_bits_are_and_each_combination_is_one_object(
    one: int, other: int
) -> None:
    assert FsRight(one) | FsRight(other) is FsRight(one | other)
    assert FsRight(one) & FsRight(other) is FsRight(one & other)
    assert FsRight(one) & ~FsRight(other) is FsRight(one & ~other)
    assert [right.value for right in FsRight(one)] == [1 << bit for bit in range(17) if one >> bit & 1]


def test_rights_of_different_kinds_do_not_combine() -> None:
    with pytest.raises(TypeError):
        FsRight.EXECUTE | NetRight.BIND_TCP  # type: ignore[operator]
    with pytest.raises(TypeError):
        FsRight.EXECUTE & 1  # type: ignore[operator]


def test_rights_survive_the_way_to_another_process() -> None:
    rights = FsRight.READ_FILE | FsRight.REFER

    assert pickle.loads(pickle.dumps(rights)) is rights  # noqa: S301 - bytes of our own
    assert {rights: 1}[FsRight.REFER | FsRight.READ_FILE] == 1
