"""rpm's database as SQLite, read without rpm: each package is one header blob, whose layout rpm documents.

Older databases (Berkeley DB, ndb) are not read, which is said.
"""

import os
import sqlite3
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple


DATABASES = ("var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/rpmdb.sqlite")
OTHERS = ("var/lib/rpm/Packages", "var/lib/rpm/Packages.db", "usr/lib/sysimage/rpm/Packages.db")
DISTRIBUTIONS = frozenset(
    {
        *("Fedora Project", "Red Hat, Inc.", "CentOS", "Rocky Enterprise Software Foundation", "Rocky"),
        *("AlmaLinux", "Oracle America", "SUSE LLC <https://www.suse.com/>", "openSUSE", "Amazon Linux"),
        *("Amazon.com", "Mageia.Org", "Microsoft Corporation", "VMware, Inc.", "Fedora EPEL"),
    }
)

_NAME, _VENDOR, _BASENAMES, _DIRNAMES, _DIRINDEXES = 1000, 1011, 1117, 1118, 1116
_ENTRY = struct.Struct(">iIiI")
_INT32, _STRINGS = 4, (6, 8, 9)


class Package(NamedTuple):
    """What a header says."""

    name: str
    vendor: str
    paths: tuple[str, ...]


class Installed(NamedTuple):
    """The packages, and what could not be read."""

    packages: tuple[Package, ...]
    unread: tuple[str, ...]


def installed(root: str) -> Installed | None:
    """The packages of the database beneath ``root``; None when there is none."""
    for name in DATABASES:
        path = os.path.join(root, name)
        if os.path.exists(path):
            return _read(path)
    if any(os.path.exists(os.path.join(root, name)) for name in OTHERS):
        return Installed(
            (), ("the database is of a kind that is not read: only the shipped vocabulary is public",)
        )
    return None


def _read(path: str) -> Installed:
    packages: list[Package] = []
    damaged = 0
    try:
        # Read only and immutable: a database in use is not touched.
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        try:
            for (blob,) in connection.execute("SELECT blob FROM Packages"):
                try:
                    packages.append(parse(blob))
                except (struct.error, ValueError, IndexError, KeyError):
                    damaged += 1
        finally:
            connection.close()
    except sqlite3.Error:
        return Installed(tuple(packages), ("the database cannot be read",))
    return Installed(tuple(packages), (f"{damaged} packages cannot be read",) if damaged else ())


def parse(blob: bytes) -> Package:
    """One header: count and size, index entries of four numbers, then the data they point into.

    Raises:
        ValueError, IndexError, KeyError, struct.error: The blob is damaged.
    """
    count, size = struct.unpack_from(">II", blob)
    start = 8 + count * _ENTRY.size
    data = blob[start : start + size]
    tags: dict[int, list[Any]] = {}
    for number in range(count):
        tag, kind, offset, items = _ENTRY.unpack_from(blob, 8 + number * _ENTRY.size)
        if tag in (_NAME, _VENDOR, _BASENAMES, _DIRNAMES, _DIRINDEXES):
            tags[tag] = _values(data, kind, offset, items)
    folders, indexes = tags.get(_DIRNAMES, []), tags.get(_DIRINDEXES, [])
    paths = [f"{folders[int(at)]}{base}" for base, at in zip(tags.get(_BASENAMES, []), indexes, strict=True)]
    vendor = tags.get(_VENDOR, [""])
    return Package(str(tags[_NAME][0]), str(vendor[0]), tuple(paths))


def _values(data: bytes, kind: int, offset: int, items: int) -> list[Any]:
    if kind == _INT32:
        return list(struct.unpack_from(f">{items}i", data, offset))
    if kind in _STRINGS:
        return list(_strings(data, offset, items))
    raise ValueError("a type that these tags never have")


def _strings(data: bytes, offset: int, items: int) -> Iterator[str]:
    for _ in range(items):
        end = data.index(b"\0", offset)
        yield data[offset:end].decode("utf-8", "surrogateescape")
        offset = end + 1
