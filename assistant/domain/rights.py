"""Landlock's rights as the kernel names and numbers them, each with the ABI that brought it.

Source: include/uapi/linux/landlock.h up to ABI 11. Refuses nothing and decides nothing: only the algebra.
"""

from collections.abc import Iterable, Iterator
from enum import Flag
from functools import cache
from typing import Annotated, Any, Self, TypeVar

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema


NEWEST_ABI = 11
"""The newest Landlock ABI whose rights are described here."""


class FsRight(Flag):
    """Rights on files and directories; the value is the kernel's bit.

    A trace combines them millions of times, so the operators are those of Flag as one look-up each: every
    combination is one object (Flag sees to that), and identity may be the hash.
    """

    def __or__(self, other: Self) -> Self:
        if other.__class__ is not self.__class__:
            return NotImplemented
        value = self._value_ | other._value_
        known: Self | None = self.__class__._value2member_map_.get(value)  # type: ignore[assignment]
        return self.__class__(value) if known is None else known

    def __and__(self, other: Self) -> Self:
        if other.__class__ is not self.__class__:
            return NotImplemented
        value = self._value_ & other._value_
        known: Self | None = self.__class__._value2member_map_.get(value)  # type: ignore[assignment]
        return self.__class__(value) if known is None else known

    def __iter__(self) -> Iterator["FsRight"]:
        return iter(_singly(self))

    __hash__ = object.__hash__

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15
    RESOLVE_UNIX = 1 << 16


@cache
def _singly(rights: FsRight) -> tuple[FsRight, ...]:
    return tuple(Flag.__iter__(rights))


class NetRight(Flag):
    """Rights on ports; the value is the kernel's bit. Landlock knows ports, never addresses."""

    BIND_TCP = 1 << 0
    CONNECT_TCP = 1 << 1
    BIND_UDP = 1 << 2
    CONNECT_SEND_UDP = 1 << 3


class Scope(Flag):
    """Scopes cut a domain off from what is outside it; no rule can make an exception."""

    ABSTRACT_UNIX_SOCKET = 1 << 0
    SIGNAL = 1 << 1


NO_FS = FsRight(0)
NO_NET = NetRight(0)

ON_FILE = (
    FsRight.EXECUTE
    | FsRight.WRITE_FILE
    | FsRight.READ_FILE
    | FsRight.TRUNCATE
    | FsRight.IOCTL_DEV
    | FsRight.RESOLVE_UNIX
)
"""Rights that a rule on a non-directory may carry; add_rule answers EINVAL to any other there."""

SINCE: dict[FsRight | NetRight | Scope, int] = {
    **{right: 1 for right in FsRight if right.value < FsRight.REFER.value},
    FsRight.REFER: 2,
    FsRight.TRUNCATE: 3,
    FsRight.IOCTL_DEV: 5,
    FsRight.RESOLVE_UNIX: 9,
    NetRight.BIND_TCP: 4,
    NetRight.CONNECT_TCP: 4,
    NetRight.BIND_UDP: 10,
    NetRight.CONNECT_SEND_UDP: 10,
    Scope.ABSTRACT_UNIX_SOCKET: 6,
    Scope.SIGNAL: 6,
}
"""The ABI that brought each right."""

_Flag = TypeVar("_Flag", FsRight, NetRight, Scope)


def known_at(kind: type[_Flag], abi: int) -> _Flag:
    """All rights of one kind that a kernel with this Landlock ABI knows."""
    known = kind(0)
    for right in kind:
        if SINCE[right] <= abi:
            known |= right
    return known


def names(rights: FsRight | NetRight | Scope) -> list[str]:
    """The kernel's names, lower case, in the order of their bits."""
    return [str(right.name).lower() for right in rights]


def parse_names(kind: type[_Flag], words: Iterable[str]) -> _Flag:
    """Rights from their lower-case kernel names.

    Raises:
        ValueError: an unknown or repeated name.
    """
    rights = kind(0)
    for word in words:
        right = kind.__members__.get(word.upper()) if word == word.lower() else None
        if right is None:
            known = ", ".join(names(~kind(0)))
            raise ValueError(f"unknown right {word!r}; known are {known}")
        if right & rights:
            raise ValueError(f"the right {word!r} is named twice")
        rights |= right
    return rights


def _reader(kind: type[_Flag]) -> BeforeValidator:
    def read(value: Any) -> _Flag:
        if isinstance(value, kind):
            return value
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise ValueError("rights are a list of names")
        return parse_names(kind, value)

    return BeforeValidator(read)


def _schema(kind: type[_Flag]) -> WithJsonSchema:
    return WithJsonSchema(
        {
            "type": "array",
            "items": {"enum": names(~kind(0))},
            "uniqueItems": True,
            "minItems": 1,
        }
    )


FsRights = Annotated[FsRight, _reader(FsRight), PlainSerializer(names), _schema(FsRight)]
"""FsRight as a document field: a list of names outside, flags inside."""

NetRights = Annotated[NetRight, _reader(NetRight), PlainSerializer(names), _schema(NetRight)]
"""NetRight as a document field: a list of names outside, flags inside."""
