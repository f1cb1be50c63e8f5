"""The few words in which people speak of rights: each stands for a class of the kernel's rights."""

from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from assistant.domain.rights import FsRight, NetRight, Scope


_R = FsRight


class AccessClass(StrEnum):
    """A class of rights, the gravest first: what new rights do to a machine, in this order."""

    EXECUTE = "execute"
    WRITE = "write"
    CONNECT = "connect"
    BIND = "bind"
    SIGNAL = "signal"
    DEVICE = "device"
    READ = "read"
    LIST = "list"


_FS = {
    AccessClass.EXECUTE: _R.EXECUTE,
    AccessClass.WRITE: (
        (_R.WRITE_FILE | _R.TRUNCATE | _R.REFER | _R.REMOVE_DIR | _R.REMOVE_FILE)
        | (_R.MAKE_CHAR | _R.MAKE_BLOCK | _R.MAKE_DIR | _R.MAKE_REG)
        | (_R.MAKE_SOCK | _R.MAKE_FIFO | _R.MAKE_SYM)
    ),
    AccessClass.CONNECT: _R.RESOLVE_UNIX,
    AccessClass.DEVICE: _R.IOCTL_DEV,
    AccessClass.READ: _R.READ_FILE,
    AccessClass.LIST: _R.READ_DIR,
}
_NET = {
    AccessClass.CONNECT: NetRight.CONNECT_TCP | NetRight.CONNECT_SEND_UDP,
    AccessClass.BIND: NetRight.BIND_TCP | NetRight.BIND_UDP,
}
_SCOPE = {AccessClass.CONNECT: Scope.ABSTRACT_UNIX_SOCKET, AccessClass.SIGNAL: Scope.SIGNAL}
_TABLES: dict[type, dict[AccessClass, Any]] = {FsRight: _FS, NetRight: _NET, Scope: _SCOPE}


@cache
def classes(rights: FsRight | NetRight | Scope) -> tuple[AccessClass, ...]:
    """The classes that some rights belong to, the gravest first. Of a scope: what is open without it."""
    table = _TABLES[type(rights)]
    return tuple(one for one in AccessClass if one in table and table[one] & rights)


_Rights = TypeVar("_Rights", FsRight, NetRight, Scope)


def of_class(rights: _Rights, one: AccessClass) -> _Rights:
    """Those of some rights that belong to a class."""
    table: dict[AccessClass, _Rights] = _TABLES[type(rights)]
    return rights & table[one] if one in table else type(rights)(0)
