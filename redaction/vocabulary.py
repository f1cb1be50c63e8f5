"""What is public: whole paths that a distribution ships, and a small vocabulary beyond them.

A name is public in its place. ``thor`` below /usr/lib/ruby is Debian's file and passes; /srv/thor does not:
where the known paths end, only words pass that say what a file is for and not whose it is
(redaction.words).
"""

import gzip
import os
import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import NamedTuple

from redaction.errors import VocabularyError
from redaction.placeholders import Kind
from redaction.words import DATA, is_kernel, is_public, is_small_number, shipped_words


PATHS_FILE = os.path.join(DATA, "paths.txt.gz")

KERNEL = frozenset({"/proc", "/sys", "/dev"})
_NAMED_BY_PEOPLE = ("/dev/shm", "/dev/mapper", "/dev/mqueue", "/dev/hugepages", "/dev/disk/")
_DESCRIPTORS = frozenset({"fd", "fdinfo", "pts"})
_GROUPS = "/sys/fs/cgroup"


_TRIPLET = re.compile(
    r"/usr/lib/(?:aarch64|arm|i386|riscv64|s390x|powerpc64le|x86_64)-linux-gnu(?:eabihf)?(?=/|$)"
)
_LIBRARIES = "/usr/lib/x86_64-linux-gnu"
_MERGED = frozenset({"lib", "lib64", "bin", "sbin"})
_MOVED = re.compile(r"python3(?:\.\d{1,2})?")
_AS_IF = {
    "site-packages": "/usr/lib/python3/dist-packages",
    "dist-packages": "/usr/lib/python3/dist-packages",
}
_AS_IF |= {"node_modules": "/usr/share/nodejs"}
_ROOTS = frozenset({"rootfs", "merged", "diff", "chroot", "root", "upperdir"})
"""What the root of another system is called: below it /usr means the same."""


class Notice(NamedTuple):
    """Something that could not be asked, for the caller to say aloud."""

    source: str
    what: str


class Place(NamedTuple):
    """Where in the tree of names a walk stands.

    Attributes:
        path: The path so far, without links of a merged /usr; "" is the root, None where its beginning is
            unknown.
        known: Paths of the vocabulary that the walk stands at; empty beyond what is known.
    """

    path: str | None
    known: tuple[str, ...]


ROOT = Place("", ("",))
NOWHERE = Place(None, ())


class Vocabulary:
    """The public names.

    Args:
        paths: Sets of whole paths that are public with all that leads to them; see ``with_parents``.
        declared: Names, or whole paths, that the operator declares public.
    """

    def __init__(self, *paths: Collection[str], declared: Iterable[str] = ()) -> None:
        given, words = list(declared), shipped_words()
        self._words = words
        self._names = frozenset(name for name in given if not name.startswith("/"))
        own = with_parents(canonical(path.rstrip("/")) for path in given if path.startswith("/"))
        self._paths = (*paths, own | words.trees | words.users_below | words.owners_below)

    @classmethod
    def shipped(cls, *more: Collection[str], declared: Iterable[str] = ()) -> "Vocabulary":
        """With the paths that ship with this package, so that results do not depend on the host alone."""
        return cls(shipped_paths(), *more, declared=declared)

    def step(self, place: Place, component: str) -> tuple[Place, bool]:
        """Walk to a child; whether its name may be shown there.

        A name that may not be shown leads beyond what is known.
        """
        path = None if place.path is None else canonical(f"{place.path}/{component}")
        known = self._known(place, component, path)
        if known:
            return Place(path, known), True
        return Place(path, ()), self._alone(place, component)

    def is_public(self, path: str) -> bool:
        """Whether every component of an absolute path may be shown."""
        place = ROOT
        for component in path.strip("/").split("/"):
            place, public = self.step(place, component)
            if not public:
                return False
        return True

    def _known(self, place: Place, component: str, path: str | None) -> tuple[str, ...]:
        tried = [canonical(f"{known}/{component}") for known in place.known]
        if path is not None and place.path not in self._words.users_below:
            tried.append(path)
        found = [one for one in tried for held in self._paths if one in held]
        if place.path not in self._words.users_below and place.path not in self._words.owners_below:
            found += _relocated(place, component)
        return tuple(dict.fromkeys(found))

    def _alone(self, place: Place, component: str) -> bool:
        if component in self._names:
            return True
        if place.path in self._words.users_below:
            return False
        if place.path in self._words.owners_below:
            return component in self._words.places or component in self._words.services
        if place.path is not None and _by_kernel(place.path, component):
            return True
        return is_public(component) or (_counts(place) and is_small_number(component))


def _by_kernel(path: str, component: str) -> bool:
    """Whether the kernel names things so below ``path``, and people do not."""
    if f"/{path[1:].partition('/')[0]}" not in KERNEL or path.startswith(_NAMED_BY_PEOPLE):
        return False
    return is_kernel(component, counted=not path.startswith(_GROUPS))


def _counts(place: Place) -> bool:
    """Whether a number here is a version or counts a few: where a distribution or a service names things."""
    parent = "" if place.path is None else place.path.rpartition("/")[2]
    known = place.path is not None and place.path.startswith("/usr/") and bool(place.known)
    return known or parent in shipped_words().services or parent in _DESCRIPTORS


def hint(place: Place) -> Kind:
    """What a private name directly below ``place`` most likely is."""
    if place.path in shipped_words().users_below:
        return Kind.USER
    return Kind.ORG if place.path in shipped_words().owners_below else Kind.NAME


def canonical(path: str) -> str:
    """A path of the vocabulary: /usr merged, one architecture, /var/run as /run."""
    if path.startswith(("/lib", "/bin", "/sbin")) and path.split("/", 2)[1] in _MERGED:
        path = f"/usr{path}"
    elif path == "/var/run" or path.startswith("/var/run/"):
        path = path[4:]
    if path.startswith("/usr/lib"):
        if path.startswith("/usr/lib64/"):
            return f"{_LIBRARIES}{path[10:]}"
        return _TRIPLET.sub(_LIBRARIES, path, count=1)
    return path


def _relocated(place: Place, component: str) -> Iterator[str]:
    """Trees that mean the same wherever they stand: a language's own library in a virtual environment."""
    if component == "usr" and place.path is not None and place.path.rpartition("/")[2] in _ROOTS:
        yield "/usr"
    elif component in _AS_IF:
        yield _AS_IF[component]
    elif _MOVED.fullmatch(component):
        yield f"/usr/lib/{component}"
        yield "/usr/lib/python3.11"


def with_parents(paths: Iterable[str]) -> frozenset[str]:
    """The paths and everything that leads to them."""
    found: set[str] = set()
    for path in paths:
        one = path.rstrip("/")
        while one and one not in found:
            found.add(one)
            one = one[: one.rfind("/")]
    return frozenset(found)


@cache
def shipped_paths() -> frozenset[str]:
    """The paths of data/paths.txt.gz: front-coded, each line how much it shares with the one before.

    Raises:
        VocabularyError: The file is damaged.
    """
    try:
        with gzip.open(PATHS_FILE, "rt", encoding="ascii") as file:
            return frozenset(_decoded(file))
    except (OSError, EOFError, ValueError) as error:
        raise VocabularyError(
            "the shipped vocabulary is damaged", why=str(error), hint="install again"
        ) from None


def provenance() -> str:
    """What the shipped paths were made from, and when."""
    with gzip.open(PATHS_FILE, "rt", encoding="ascii") as file:
        return file.readline().removeprefix("# ").rstrip("\n")


def _decoded(lines: Iterable[str]) -> Iterator[str]:
    before = ""
    for line in lines:
        if not line.startswith("#"):
            shared, _, rest = line.rstrip("\n").partition("\t")
            before = before[: int(shared)] + rest
            yield before
