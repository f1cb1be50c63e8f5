"""What is public: whole paths that a distribution ships, and a small vocabulary beyond them.

A name is public in its place. ``thor`` below /usr/lib/ruby is Debian's file and passes; /srv/thor does not: where
the known paths end, only words pass that say what a file is for and not whose it is (redaction.words).
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

USERS_BELOW = frozenset(
    "/home /Users /export/home /var/home /usr/home /var/spool/cron /var/spool/cron/crontabs /var/mail"
    " /var/spool/mail /var/lib/systemd/linger /run/media /media /var/spool/at /etc/skel.d /run/user".split()
)
OWNERS_BELOW = frozenset(
    "/srv /opt /mnt /data /var/www /var/opt /etc/opt /usr/local/share /srv/www /srv/http /export /vol"
    " /usr/local/lib /usr/local/etc /usr/local".split()
)
KERNEL = frozenset({"/proc", "/sys", "/dev"})

_ALWAYS = """
/bin /boot /dev /etc /home /lib /lib64 /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /var /usr/bin /usr/sbin
/usr/lib /usr/lib64 /usr/lib32 /usr/libexec /usr/local /usr/local/bin /usr/local/sbin /usr/local/lib /usr/local/lib64
/usr/local/share /usr/local/etc /usr/local/src /usr/local/include /usr/local/man /usr/local/games /usr/share /usr/src
/usr/include /usr/games /var/lib /var/log /var/cache /var/spool /var/tmp /var/mail /var/opt /var/www /var/backups
/var/local /var/crash /var/lib/misc /var/lib/systemd /run/lock /run/user /run/systemd /run/media /dev/shm /dev/pts
/dev/mqueue /export /export/home /Users /data /vol /selinux /lost+found /nonexistent /.dockerenv /initrd.img /vmlinuz
/var/home /usr/home /srv/www /srv/http /var/spool/cron /var/spool/cron/crontabs /var/spool/mail /etc/opt
/etc/pki /etc/pki/tls /etc/pki/tls/certs /etc/pki/tls/certs/ca-bundle.crt /etc/pki/ca-trust /etc/sysconfig
/etc/crypto-policies /etc/selinux /etc/selinux/config /etc/ssl/cert.pem /etc/ssl/certs/ca-certificates.crt
/var/lib/dbus/machine-id /var/lib/pgsql /var/lib/pgsql/data /run/dbus/system_bus_socket /run/systemd/notify
/run/systemd/journal /run/systemd/journal/socket /run/systemd/journal/stdout /run/systemd/journal/dev-log
/run/systemd/private /run/systemd/resolve /run/systemd/resolve/stub-resolv.conf /run/systemd/resolve/resolv.conf
/run/systemd/units /run/systemd/userdb /run/systemd/system /run/systemd/sessions /run/systemd/seats
/run/systemd/users /run/systemd/machines /run/systemd/ask-password /run/systemd/inaccessible /run/log /run/udev
/run/udev/data /run/udev/control /run/nscd /run/nscd/socket /run/mysqld /run/mysqld/mysqld.sock /run/postgresql
/run/postgresql/.s.PGSQL.5432 /run/redis /run/redis/redis-server.sock /run/php /run/docker.sock /run/initctl
/run/utmp /run/secrets /run/secrets/kubernetes.io /run/secrets/kubernetes.io/serviceaccount
/var/lib/docker /var/lib/docker/overlay2 /var/lib/docker/containers /var/lib/docker/volumes /var/lib/kubelet
/var/lib/containerd /var/lib/containers /var/lib/containers/storage /var/lib/machines /var/lib/snapd /snap /snap/bin
""".split()

_TRIPLET = re.compile(
    r"/usr/lib/(?:aarch64|arm|i386|riscv64|s390x|powerpc64le|x86_64)-linux-gnu(?:eabihf)?(?=/|$)"
)
_LIBRARIES = "/usr/lib/x86_64-linux-gnu"
_MOVED = re.compile(r"python3(?:\.\d{1,2})?")
_AS_IF = {
    "site-packages": "/usr/lib/python3/dist-packages",
    "dist-packages": "/usr/lib/python3/dist-packages",
}
_AS_IF |= {"node_modules": "/usr/share/nodejs", "usr": "/usr"}


class Notice(NamedTuple):
    """Something that could not be asked, for the caller to say aloud."""

    source: str
    what: str


class Place(NamedTuple):
    """Where in the tree of names a walk stands.

    Attributes:
        path: The path so far, without links of a merged /usr; "" is the root, None where its beginning is unknown.
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
        given = list(declared)
        self._names = frozenset(name for name in given if not name.startswith("/"))
        own = with_parents(canonical(path.rstrip("/")) for path in given if path.startswith("/"))
        self._paths = frozenset(_ALWAYS).union(own, *paths)

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
        if path is not None and place.path not in USERS_BELOW:
            tried.append(path)
        found = [one for one in tried if one in self._paths]
        if place.path not in USERS_BELOW and place.path not in OWNERS_BELOW:
            found += _relocated(component)
        return tuple(dict.fromkeys(found))

    def _alone(self, place: Place, component: str) -> bool:
        if component in self._names:
            return True
        if place.path in USERS_BELOW:
            return False
        if place.path in OWNERS_BELOW:
            return component in shipped_words().places or component in shipped_words().services
        if place.path is not None and f"/{place.path[1:].partition('/')[0]}" in KERNEL and place.path:
            return is_kernel(component) or is_public(component)
        return is_public(component) or (bool(place.known) and bool(place.path) and is_small_number(component))


def hint(place: Place) -> Kind:
    """What a private name directly below ``place`` most likely is."""
    if place.path in USERS_BELOW:
        return Kind.USER
    return Kind.ORG if place.path in OWNERS_BELOW else Kind.NAME


def canonical(path: str) -> str:
    """A path of the vocabulary: /usr merged, one architecture, /var/run as /run."""
    if path.startswith(("/lib", "/bin", "/sbin")) and path.split("/", 2)[1] in (
        "lib",
        "lib64",
        "bin",
        "sbin",
    ):
        path = f"/usr{path}"
    elif path == "/var/run" or path.startswith("/var/run/"):
        path = path[4:]
    if path.startswith("/usr/lib"):
        if path.startswith("/usr/lib64/"):
            return f"{_LIBRARIES}{path[10:]}"
        return _TRIPLET.sub(_LIBRARIES, path, count=1)
    return path


def _relocated(component: str) -> Iterator[str]:
    """Trees that mean the same wherever they stand: a language's own library in a virtual environment."""
    if component in _AS_IF:
        yield _AS_IF[component]
    elif _MOVED.fullmatch(component):
        yield f"/usr/lib/{component}"
        yield "/usr/lib/python3.11"


def with_parents(paths: Iterable[str]) -> frozenset[str]:
    """The paths and everything that leads to them."""
    found: set[str] = set()
    for path in paths:
        one = path
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
