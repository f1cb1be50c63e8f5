"""What is public: whole paths that a distribution ships, and a small vocabulary beyond them.

A name is public in its place. ``thor`` below /usr/lib/ruby is Debian's file and passes; /srv/thor does not:
where the known paths end, only words pass that say what a file is for and not whose it is
(redaction.words).
"""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from redaction.catalogue import Catalogue, shipped_paths
from redaction.counterparts import counterparts, library
from redaction.placeholders import Kind
from redaction.spelling import canonical, unnumbered, with_parents
from redaction.words import is_kernel, is_public, is_small_number, shipped_words


KERNEL = ("/proc/", "/sys/", "/dev/")
_NAMED_BY_PEOPLE = ("/dev/shm", "/dev/mapper", "/dev/mqueue", "/dev/hugepages", "/dev/disk/")
_DESCRIPTORS = frozenset({"fd", "fdinfo", "pts"})
_GROUPS = "/sys/fs/cgroup"

_MOVED = re.compile(r"python3(?:\.\d{1,2})?")
_AS_IF = {
    "site-packages": "/usr/lib/python3/dist-packages",
    "dist-packages": "/usr/lib/python3/dist-packages",
    "node_modules": "/usr/share/nodejs",
}
_ROOTS = frozenset({"rootfs", "merged", "diff", "chroot", "root", "upperdir"})
"""What the root of another system is called: below it /usr means the same."""
_THROUGH = frozenset(
    [
        *("__pycache__", "glibc-hwcaps", "x86-64-v2", "x86-64-v3", "x86-64-v4", "tls", "haswell", "avx512_1"),
        *("x86_64", "i686", "sse2"),
    ]
)
"""Directories whose contents are named for what is beside them, or looked for there first."""


class Notice(NamedTuple):
    """Something that could not be asked, for the caller to say aloud."""

    source: str
    what: str


class Place(NamedTuple):
    """Where in the tree of names a walk stands.

    Attributes:
        path: The path so far, as the vocabulary spells it; "" is the root, None beyond what is known.
        known: Paths of the vocabulary that the walk stands at, or that mean the same.
        name: The last component, where what it holds hangs on it.
    """

    path: str | None
    known: tuple[str, ...]
    name: str = ""


ROOT = Place("", ("",))
NOWHERE = Place(None, ())


class Vocabulary:
    """The public names.

    Args:
        paths: Sets of whole paths that are public with all that leads to them; see ``with_parents``.
        declared: Names, or whole paths, that the operator declares public.
        catalogue: The paths that ship with this package.
    """

    def __init__(
        self, *paths: Collection[str], declared: Iterable[str] = (), catalogue: Catalogue | None = None
    ) -> None:
        given, words = list(declared), shipped_words()
        self._words = words
        self._names = frozenset(name for name in given if not name.startswith("/"))
        # What a person declares holds as it stands; of what is packaged another version is as public.
        declared_paths = with_parents(canonical(path.rstrip("/")) for path in given if path.startswith("/"))
        trees = with_parents(words.trees | words.users_below | words.owners_below)
        self._named = declared_paths | trees
        self._packaged = [frozenset(held) for held in paths]
        self._held = frozenset(map(unnumbered, (*trees, *(path for held in paths for path in held))))
        self._catalogue = catalogue or Catalogue("")
        self._telling = _ROOTS | _DESCRIPTORS | words.services | words.owned

    @classmethod
    def shipped(cls, *more: Collection[str], declared: Iterable[str] = ()) -> "Vocabulary":
        """With the paths that ship with this package, so that results do not depend on the host alone."""
        return cls(*more, declared=declared, catalogue=shipped_paths())

    def step(self, place: Place, component: str) -> tuple[Place, bool]:
        """Walk to a child; whether its name may be shown there.

        A name that may not be shown leads beyond what is known.
        """
        path = None if place.path is None else canonical(f"{place.path}/{component}")
        known = self._known(place, component, path) if place.known else self._meant(place, component)
        if not known and path is not None and not path.startswith(KERNEL):
            path = None
        name = component if component in self._telling else ""
        return Place(path, known, name), bool(known) or self._alone(place, component)

    def is_packaged(self, place: Place) -> bool:
        """Whether a walk stands at a path that was given, letter by letter, not at another version of it."""
        return any(place.path in held for held in self._packaged)

    def back(self, place: Place) -> Place:
        """Where ``..`` leads. That hangs on links, so little is known there."""
        if place.path is None:
            return NOWHERE
        if f"{place.path}/".startswith(KERNEL):
            return Place(f"/{place.path.split('/')[1]}/..", ())
        above = place.path.rpartition("/")[0]
        # Nobody moves what packages keep below /usr.
        return Place(above, (above,)) if above.startswith("/usr/") and self._holds(above) else NOWHERE

    def is_public(self, path: str) -> bool:
        """Whether every component of an absolute path may be shown."""
        place = ROOT
        for component in path.strip("/").split("/"):
            place, public = self.step(place, component)
            if not public:
                return False
        return True

    def _known(self, place: Place, component: str, path: str | None) -> tuple[str, ...]:
        if place.path in self._words.users_below:
            return (path,) if path is not None and path in self._named else ()
        tried = [canonical(f"{known}/{component}") for known in place.known if known != place.path]
        if path is not None:
            tried.append(path)
        found = [one for one in tried if self._holds(one)]
        if component in _THROUGH:
            found += place.known
        if not found:
            found = [
                other
                for one in tried
                for other in counterparts(one, folder_known=place.path not in self._words.owners_below)
                if self._holds(other)
            ]
        if place.path not in self._words.owners_below or ".so" in component:
            found += self._meant(place, component)
        return tuple(dict.fromkeys(found))

    def _meant(self, place: Place, component: str) -> tuple[str, ...]:
        """Trees that mean the same wherever they stand: a language's own library in a virtual environment."""
        if component == "usr" and place.name in _ROOTS:
            return ("/usr",)
        if component in _AS_IF:
            return (_AS_IF[component],)
        if component.startswith("python3") and _MOVED.fullmatch(component):
            return (f"/usr/lib/{component}", "/usr/lib/python3.11")
        if ".so" in component:
            return tuple(one for one in library(component) if self._holds(one))
        return ()

    def _holds(self, path: str) -> bool:
        one = unnumbered(path)
        return one in self._held or one in self._catalogue or path in self._named

    def _alone(self, place: Place, component: str) -> bool:
        if component in self._names:
            return True
        if place.path in self._words.users_below:
            return False
        if place.path in self._words.owners_below or (place.name in self._words.owned and not place.known):
            file = "." in component and component in self._words.files
            return file or component in self._words.places or component in self._words.services
        if place.path is not None and _by_kernel(place.path, component):
            return True
        return is_public(component) or (self._counts(place) and is_small_number(component))

    def _counts(self, place: Place) -> bool:
        """Whether a number is a version or counts a few: where a distribution or a service names things."""
        if place.name:
            return place.name in self._words.services or place.name in _DESCRIPTORS
        return place.path is not None and place.path.startswith("/usr/") and bool(place.known)


def _by_kernel(path: str, component: str) -> bool:
    """Whether the kernel names things so below ``path``, and people do not."""
    if not f"{path}/".startswith(KERNEL) or path.startswith(_NAMED_BY_PEOPLE):
        return False
    return is_kernel(component, counted=not path.startswith(_GROUPS))


def hint(place: Place) -> Kind:
    """What a private name directly below ``place`` most likely is."""
    if place.path in shipped_words().users_below:
        return Kind.USER
    return Kind.ORG if place.path in shipped_words().owners_below else Kind.NAME
