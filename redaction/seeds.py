"""What this machine says of itself: its names, users, addresses and own units. All of it is private.

Nothing is looked up on a network, and every source that cannot be read is a notice, for the caller to say
aloud. What every machine of a distribution has (localhost, root, www-data) is no seed.
"""

import ipaddress
import os
import re
import socket
import string
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from typing import NamedTuple

from redaction.catalogue import shipped_paths
from redaction.packages import made_by_packages
from redaction.placeholders import Kind
from redaction.private import Private
from redaction.shapes import address_kind
from redaction.spelling import unnumbered
from redaction.vocabulary import Notice
from redaction.words import is_public, shipped_words


FIRST_PERSON = 1000
"""The first uid of people; accounts below it are seeds when no distribution has them."""

_UNIT = re.compile(r"(.+?)(?:@.*)?\.(?:service|socket|timer|mount|path|target|slice|automount|swap)")
_IPV4_OF_HOST = re.compile(r"\|-- (\S+)\n\s+/32 host")
_ENOUGH = 3
_OF_PACKAGES = ("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/share", "/etc", "/etc/init.d", "/var/lib")


class Seeds(NamedTuple):
    """The private words of a machine, and the sources that said nothing."""

    words: tuple[Private, ...]
    notices: tuple[Notice, ...]

    def __repr__(self) -> str:
        return f"Seeds({len(self.words)} words, {self.notices!r})"


def gather(root: str = "/") -> Seeds:
    """Ask this machine.

    Args:
        root: Where /etc and /proc are; the names the kernel has are asked only for "/".
    """
    words: dict[Private, None] = {}
    notices: list[Notice] = []
    # Two sources ask, and packages have thousands of scripts.
    made = cache(partial(_made_by_packages, root))
    sources: tuple[tuple[str, Callable[[str], Iterator[Private]]], ...] = (
        ("hostname", _hostname),
        ("/etc/hosts", _hosts),
        ("/etc/resolv.conf", _search_domains),
        ("/etc/passwd", partial(_users, made=made)),
        ("/etc/group", partial(_groups, made=made)),
        ("/proc/net/fib_trie", _ipv4),
        ("/proc/net/if_inet6", _ipv6),
        ("/etc/systemd/system", _units),
        ("/etc/mailname", _mailname),
        ("/etc/machine-id", _machine_id),
        ("interfaces", _macs),
    )
    for name, ask in sources:
        try:
            words.update(dict.fromkeys(ask(root)))
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", "") or "not understood"
            notices.append(Notice(name, f"cannot be read: {why}"))
    return Seeds(tuple(words), tuple(notices))


def _read(root: str, path: str) -> str:
    with open(os.path.join(root, path), encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def _lines(root: str, path: str) -> Iterator[list[str]]:
    for line in _read(root, path).splitlines():
        fields = line.partition("#")[0].split()
        if fields:
            yield fields


def _host(name: str) -> Iterator[Private]:
    """A host's name, its first label and its domain."""
    name = name.strip().rstrip(".").lower()
    if name in shipped_words().hosts or not name or address_kind(name) is not None:
        return
    first, _, domain = name.partition(".")
    yield from (Private(one, Kind.HOST) for one in dict.fromkeys((name, first)) if not _of_trade(one))
    yield from (Private(one, Kind.HOST) for one in _domains(domain) if one not in shipped_words().hosts)


def _of_trade(name: str) -> bool:
    """Whether a name says what something is for, as ``mail``: as a seed it would hide every second path."""
    return name in shipped_words().hosts or is_public(name)


def _domains(domain: str) -> Iterator[str]:
    """A domain and those above it: ``eu.acme.co.uk`` gives itself, acme.co.uk and acme."""
    labels = domain.split(".")
    for at in range(len(labels) - 1):
        rest = labels[at:]
        yield ".".join(rest)
        if len(rest) == 2 or (len(rest) == _ENOUGH and len(rest[1]) <= _ENOUGH):  # noqa: PLR2004
            yield from (rest[0] for _ in "1" if not _of_trade(rest[0]) and len(rest[0]) >= _ENOUGH)
            return


def _hostname(root: str) -> Iterator[Private]:
    if root == "/":
        uname = os.uname()
        yield from _host(uname.nodename)
        yield from _host(socket.gethostname())
        domain = _read(root, "proc/sys/kernel/domainname").strip()
        yield from _host(domain if domain != "(none)" else "")
    yield from _host(_read(root, "etc/hostname"))


def _hosts(root: str) -> Iterator[Private]:
    for address, *names in _lines(root, "etc/hosts"):
        yield from _address(address)
        for name in names:
            yield from _host(name)


def _search_domains(root: str) -> Iterator[Private]:
    for word, *values in _lines(root, "etc/resolv.conf"):
        for value in values:
            if word in ("search", "domain"):
                yield from (Private(one, Kind.HOST) for one in _domains(value.lower().rstrip(".")))
            elif word == "nameserver":
                yield from _address(value)


class Account(NamedTuple):
    """A line of passwd or group: name, number, and where an account has them full name and home."""

    name: str
    number: str
    full_name: str = ""
    home: str = ""


def _accounts(root: str, file: str) -> Iterator[Account]:
    for line in _read(root, file).splitlines():
        fields = [*line.split(":"), "", "", "", ""]
        if fields[0] and fields[2]:
            yield Account(fields[0], fields[2], fields[4], fields[5])


_Made = Callable[[], frozenset[str]]


def _users(root: str, made: _Made) -> Iterator[Private]:
    for account in _own(root, "etc/passwd", made):
        yield Private(account.name, Kind.USER)
        full_name = account.full_name.split(",")[0].strip()
        if " " in full_name and _of_person(account):
            yield Private(full_name, Kind.USER)


def _groups(root: str, made: _Made) -> Iterator[Private]:
    own = {account.name for account in _own(root, "etc/passwd", made)}
    packaged = {account.name for account in _accounts(root, "etc/passwd")} - own
    # The group of icecast2 is icecast.
    public = packaged | {name.rstrip(string.digits) for name in packaged}
    for group in _own(root, "etc/group", made):
        if group.name not in public:
            yield Private(group.name, Kind.USER)


def _own(root: str, file: str, made: _Made) -> list[Account]:
    """The accounts or groups of this machine: not the distribution's, and none that its packages make."""
    found = [account for account in _accounts(root, file) if _seems_own(account)]
    return [one for one in found if _of_person(one) or one.name not in made()]


def _made_by_packages(root: str) -> frozenset[str]:
    """Which accounts and groups packages make, of those that nothing that ships with this package knows."""
    names: set[str] = set()
    for file in ("etc/passwd", "etc/group"):
        with suppress(OSError):  # whoever reads it for its names says so
            found = filter(_seems_own, _accounts(root, file))
            names.update(account.name for account in found if not _of_person(account))
    return made_by_packages(names, root)


def _seems_own(account: Account) -> bool:
    """Whether nothing that ships with this package knows an account as a distribution's."""
    name, words = account.name, shipped_words()
    if name in words.accounts or is_public(name) or name.startswith(("systemd-", "_", "nixbld")):
        return False
    if _of_person(account):
        return True
    names = {name}
    if account.home.startswith(("/usr/", "/var/lib/", "/run/")):
        # A package's account lives in a directory of the package.
        names.add(os.path.basename(account.home))
    known = any(unnumbered(f"{folder}/{one}") in shipped_paths() for folder in _OF_PACKAGES for one in names)
    return not known and name not in words.services


def _of_person(account: Account) -> bool:
    return account.number.isdigit() and int(account.number) >= FIRST_PERSON


def _address(address: str) -> Iterator[Private]:
    kind = address_kind(address)
    bare = address.partition("%")[0]
    if kind not in (None, Kind.IP_LOOPBACK, Kind.IP_SPECIAL) and bare not in shipped_words().addresses:
        yield Private(bare, kind or Kind.IP_PRIVATE)


def _ipv4(root: str) -> Iterator[Private]:
    for address in _IPV4_OF_HOST.findall(_read(root, "proc/net/fib_trie")):
        yield from _address(address)


def _ipv6(root: str) -> Iterator[Private]:
    for digits, *_ in _lines(root, "proc/net/if_inet6"):
        yield from _address(str(ipaddress.IPv6Address(int(digits, 16))))


def _units(root: str) -> Iterator[Private]:
    """Units that stand in /etc and are no distribution's; links to the distribution's are enabled units."""
    for folder, _, names in os.walk(os.path.join(root, "etc/systemd/system"), onerror=_raise):
        for name in names:
            matched = _UNIT.fullmatch(name)
            path = os.path.join(folder, name)
            shipped = unnumbered(f"/usr/lib/systemd/system/{name}") in shipped_paths() or os.path.islink(path)
            if matched and not shipped and not is_public(matched[1]):
                yield Private(matched[1], Kind.NAME)


def _raise(error: OSError) -> None:
    raise error


def _mailname(root: str) -> Iterator[Private]:
    yield from _host(_read(root, "etc/mailname"))


def _machine_id(root: str) -> Iterator[Private]:
    found = _read(root, "etc/machine-id").strip()
    if found and found != "uninitialized":
        yield Private(found, Kind.UUID)


def _macs(root: str) -> Iterator[Private]:
    folder = os.path.join(root, "sys/class/net")
    for name in os.listdir(folder):
        try:
            address = _read(folder, f"{name}/address").strip()
        except (FileNotFoundError, NotADirectoryError):
            continue  # bonding_masters is a file, and a link may go away meanwhile
        if address.strip("0:"):
            yield Private(address, Kind.MAC)
