"""Where a rule has to stand so that it still holds for the next start, the next process, the next release."""

import posixpath
import re
from collections.abc import Collection, Iterable

from assistant.domain.access import PathAccess, Verdict, is_beneath
from assistant.domain.places import TRUST_STORES, is_guarded, reached_by_reading, reached_by_writing
from assistant.domain.processes import FIRST, OTHER
from assistant.domain.rights import FsRight


_READS = FsRight.READ_FILE | FsRight.READ_DIR | FsRight.IOCTL_DEV
_NUMBERED = re.compile(r"/[0-9]+(?:/.*)?$")
_AUTHORITIES = re.compile(
    rf"^({'|'.join(TRUST_STORES)})/(?:.*/)?(?:ca-certificates|ca-bundle|tls-ca-bundle|cacerts)\b[^/]*$"
)
"""All authorities in one file, made anew with each update. A single certificate is a service's own."""

_CHOSEN_BY_LINK = (
    "/usr/local/share/ca-certificates",
    "/usr/lib/locale",
    "/usr/share/ca-certificates",
    "/usr/share/locale",
    "/usr/share/zoneinfo",
)
_NEWLY_NAMED = ("/sys/fs/cgroup", "/dev/pts")
"""Where names are other ones next time: of control groups, of terminals."""

_MOVING = (*_CHOSEN_BY_LINK, *_NEWLY_NAMED, *TRUST_STORES, FIRST, OTHER)
_KERNELS = ("/dev/", "/proc/", "/sys/")
_BUCKET = re.compile(r"^[0-9a-f]{2,3}$")
"""A directory that is called after the beginning of a hash: the next object lies in another one."""

_DIGIT = re.compile(r"[0-9]")
_SHALLOWEST = 2
"""Parts that a directory must have to be the place of one service's releases."""


def lasting_place(path: str, rights: FsRight, given: str = "") -> str:
    """Where a rule has to stand.

    A rule on /proc/self binds to the first process's directory, so what others read of theirs needs /proc.
    Writing stays on the file of the first process's own: /proc as a whole must never be writable. Terminals
    come and go in /dev/pts, control groups in theirs. A time zone, a locale or a certificate is chosen by a
    link that will be switched, and so is a release of an application or the certificate of this month. What
    Python compiled is read only as long as the source beside it does not change.

    Args:
        path: The object, resolved.
        rights: What it is used for.
        given: The name that it was asked for by, when that is another.
    """
    reads = not rights & ~_READS
    if not path.startswith(_MOVING):
        return _released(path, given) if reads else path
    if is_beneath(path, FIRST):
        # Thread numbers are others next time; the directory that holds them stays the process's own.
        return _NUMBERED.sub("", path) if rights & ~(_READS | FsRight.EXECUTE) else FIRST
    places: tuple[str, ...] = _NEWLY_NAMED if path.startswith("/dev/pts/") else ()
    if reads:
        places = (*_CHOSEN_BY_LINK, *_NEWLY_NAMED, "/proc")
    authorities = _AUTHORITIES.match(path) if places else None
    return authorities[1] if authorities else next((p for p in places if path.startswith(p + "/")), path)


def hashed_stores(accesses: Iterable[PathAccess]) -> frozenset[str]:
    """Directories in whose buckets files are made: in two at least, of equal length, one with a digit."""
    seen: dict[tuple[str, int], set[str]] = {}
    for access in accesses:
        if access.verdict is Verdict.NEEDED and FsRight.MAKE_REG in access.rights:
            store, _, name = access.path.rpartition("/")
            if _BUCKET.match(name) and not (is_guarded(store) or reached_by_writing(store)):
                seen.setdefault((store, len(name)), set()).add(name)
    return frozenset(
        store
        for (store, _), names in seen.items()
        if len(names) > 1 and any(_DIGIT.search(name) for name in names)
    )


def in_store(place: str, stores: Collection[str]) -> str:
    """The store that a place is a bucket of, or the place."""
    if stores:
        store, _, name = place.rpartition("/")
        if store in stores and _BUCKET.match(name):
            return store
    return place


def _released(path: str, given: str) -> str:
    """Where the next release of what is read will be: its source, when it is compiled, or beside it."""
    code, compiled, _ = path.partition("/__pycache__/")
    if compiled and not is_guarded(code):
        return code
    return _switched(path, given) if given else path


def _switched(path: str, given: str) -> str:
    """The directory that holds what a link may lead to, when the link has no number and what it leads to has.

    As in current -> releases/17, or fullchain.pem -> fullchain3.pem: the next one stands beside it.
    """
    if path.startswith(_KERNELS):
        return path
    link, target = _without_common_end(given, path)
    numbered = _DIGIT.search(posixpath.basename(target)) and not _DIGIT.search(posixpath.basename(link))
    place = posixpath.dirname(target)
    deep = place.count("/") >= _SHALLOWEST
    return place if numbered and deep and not (is_guarded(place) or reached_by_reading(place)) else path


def _without_common_end(one: str, other: str) -> tuple[str, str]:
    """Two paths without the names that both end in, down to the last name of either."""
    while (
        posixpath.basename(one) == posixpath.basename(other)
        and "/" in one.lstrip("/")
        and "/" in other.lstrip("/")
    ):
        one, other = posixpath.dirname(one), posixpath.dirname(other)
    return one, other
