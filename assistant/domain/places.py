"""Well-known places of a Linux file system and what a right on them reaches. Tables with a reason per row.

Drafting refuses by them, verifying warns by them. What a table does not know is not called safe anywhere.
"""

import re
from typing import NamedTuple

from assistant.domain.access import is_beneath


class Place(NamedTuple):
    """A path, or a pattern when it starts with "^", and why it matters."""

    where: str
    why: str


_SHARED_BELOW = {
    "/": "boot dev etc home media mnt opt proc root run srv sys tmp usr var",
    "/dev/": "shm",
    "/etc/": "default init.d pam.d security ssh ssl ssl/private systemd systemd/system",
    "/run/": "lock user systemd",
    "/usr/": "bin games include lib lib32 lib64 libexec local sbin share src",
    "/usr/local/": "bin etc lib sbin share",
    "/var/": "cache lib local log mail opt run spool tmp",
}
GUARDED = frozenset({"/"} | {top + name for top, names in _SHARED_BELOW.items() for name in names.split()})
"""Directories that many programs share. No rule is put on them for the sake of having fewer rules."""

_GUARDED_OF_PERSON = re.compile(
    r"^/run/user/[0-9]+$|^/(?:root|home/[^/]+)(?:/\.(?:cache|config|local(?:/(?:bin|lib|share|state))?))?$"
)

SHARED_SCRATCH = ("/run", "/run/lock", "/tmp", "/var/tmp", "/dev/shm", "/var/log")  # noqa: S108 - names, not uses
"""Guarded directories in which services are expected to make files of their own."""

MADE_ANEW = ("/run", "/run/lock", "/tmp", "/dev/shm")  # noqa: S108 - names, not uses
"""Shared directories that are empty after a reboot: what a service made there, it makes again."""

CREDENTIALS = (
    Place("/etc/shadow", "password hashes of all users"),
    Place("/etc/shadow-", "password hashes of all users"),
    Place("/etc/gshadow", "group password hashes"),
    Place("/etc/gshadow-", "group password hashes"),
    Place("/etc/sudoers", "who may become whom"),
    Place("/etc/sudoers.d", "who may become whom"),
    Place("/etc/security/opasswd", "old password hashes"),
    Place("/var/lib/extrausers/shadow", "password hashes"),
    Place("/var/lib/sss", "cached directory credentials"),
    Place("/etc/krb5.keytab", "the host's Kerberos key"),
    Place(r"^/(root|home/[^/]+)/\.ssh(/|$)", "a person's SSH keys"),
    Place(r"^/(root|home/[^/]+)/\.gnupg(/|$)", "a person's GnuPG keys"),
    Place(r"^/(root|home/[^/]+)/\.(aws|azure|kube|docker)(/|$)", "a person's cloud credentials"),
    Place(r"^/(root|home/[^/]+)/\.config/(gcloud|gh|op)(/|$)", "a person's cloud credentials"),
    Place(
        r"^/(root|home/[^/]+)/\.(netrc|pgpass|my\.cnf|git-credentials|npmrc|pypirc)$", "a person's passwords"
    ),
    Place(r"^/(root|home/[^/]+)/\.[a-z]*_history$", "a person's command history"),
)
"""Credential stores that a service has no business with; a person may say otherwise."""

ESCAPES = (
    Place("/run/docker.sock", "root on this machine, through the container engine"),
    Place("/var/run/docker.sock", "root on this machine, through the container engine"),
    Place("/run/containerd/containerd.sock", "root on this machine, through the container engine"),
    Place("/run/crio/crio.sock", "root on this machine, through the container engine"),
    Place("/run/podman/podman.sock", "root on this machine, through the container engine"),
    Place("/run/libvirt/libvirt-sock", "the machine's hypervisor"),
    Place("/var/lib/lxd/unix.socket", "root on this machine, through the container engine"),
    Place("/run/snapd.socket", "the package manager"),
    Place("/run/systemd/private", "the service manager's own channel"),
    Place("/dev/mem", "the machine's memory"),
    Place("/dev/kmem", "the kernel's memory"),
    Place("/dev/port", "the machine's I/O ports"),
    Place("/dev/loop-control", "making block devices"),
    Place(r"^/proc/(self|thread-self|[0-9]+)/mem$", "a process's memory, past every file right"),
    Place(r"^/dev/(sd|vd|hd|xvd)[a-z]+[0-9]*$", "a raw disk"),
    Place(r"^/dev/(nvme|mmcblk|dm-|md|loop)[0-9]", "a raw disk"),
    Place(r"^/tmp/ssh-[^/]+/agent\.", "a person's SSH agent"),
)
"""Objects through which the sandbox ends."""

READ_BY_MORE_PRIVILEGED = (
    Place("/etc/cron.d", "cron runs it as root"),
    Place("/etc/crontab", "cron runs it as root"),
    Place("/etc/anacrontab", "anacron runs it as root"),
    Place(r"^/etc/cron\.(hourly|daily|weekly|monthly)(/|$)", "cron runs it as root"),
    Place("/var/spool/cron", "cron runs it as the user it belongs to"),
    Place("/etc/systemd", "the service manager obeys it"),
    Place("/run/systemd/system", "the service manager obeys it"),
    Place(r"^/run/systemd/generator", "the service manager obeys it"),
    Place(r"^/(root|home/[^/]+)/\.config/systemd(/|$)", "a person's service manager obeys it"),
    Place(r"^/(root|home/[^/]+)/\.(bashrc|profile|bash_profile|zshrc|zprofile)$", "a person's shell runs it"),
    Place(r"^/(root|home/[^/]+)/\.ssh(/|$)", "it decides who may log in"),
    Place("/etc/profile", "every login shell runs it"),
    Place("/etc/profile.d", "every login shell runs it"),
    Place("/etc/bash.bashrc", "every shell runs it"),
    Place("/etc/ld.so.preload", "every program loads it"),
    Place("/etc/ld.so.conf", "every program's libraries are found through it"),
    Place("/etc/ld.so.conf.d", "every program's libraries are found through it"),
    Place("/etc/ld.so.cache", "every program's libraries are found through it"),
    Place("/etc/sudoers", "sudo obeys it"),
    Place("/etc/sudoers.d", "sudo obeys it"),
    Place("/etc/pam.d", "every login obeys it"),
    Place("/etc/passwd", "it decides who is who"),
    Place("/etc/group", "it decides who is who"),
    Place("/etc/shadow", "it decides who may log in"),
    Place("/etc/nsswitch.conf", "every program loads the modules it names"),
    Place("/etc/hosts", "it decides which machine a name means"),
    Place("/etc/resolv.conf", "it decides which machine a name means"),
    Place("/etc/udev", "udev runs it as root"),
    Place("/etc/modprobe.d", "the kernel's module loader obeys it"),
    Place("/etc/modules-load.d", "the kernel's module loader obeys it"),
    Place("/etc/sysctl.d", "kernel settings come from it"),
    Place("/etc/logrotate.d", "logrotate runs it as root"),
    Place("/etc/init.d", "it is run as root at start"),
    Place("/etc/rc.local", "it is run as root at start"),
    Place("/etc/apt", "the package manager obeys it"),
    Place("/etc/dpkg", "the package manager obeys it"),
    Place("/var/lib/dpkg", "the package manager obeys it"),
    Place("/usr", "programs and libraries that others run"),
    Place("/boot", "the machine starts from it"),
    Place("/proc/sys", "kernel settings"),
    Place("/proc/sysrq-trigger", "kernel commands"),
    Place("/sys", "kernel and device settings"),
)
"""Where a write reaches somebody with more rights than the service."""

_DATA_IN_LOCAL = re.compile(r"/(?:var|data|state|logs?|cache|run|tmp)(?:/|$)")
"""Beneath /usr/local: data of a service that was installed by hand, not programs."""

PRIVATE_NAME = re.compile(
    r"(?:^|/)(?:"
    r"[^/]*\.(?:key|p12|pfx|jks|keystore|keytab|kdbx|gpg|asc|ppk)"
    r"|[^/]*(?:privkey|private[-_.]?key|secret|passw(?:or)?d|credential)[^/]*"
    r"|id_(?:rsa|dsa|ecdsa|ed25519)|ssh_host_[a-z0-9]+_key"
    r"|\.(?:env|netrc|pgpass|htpasswd)|g?shadow-?|opasswd|sudoers"
    r")$",
    re.IGNORECASE,
)
"""Names that usually hold keys or passwords."""

_NOT_PRIVATE = re.compile(r"^/(?:etc/(?:passwd-?$|pam\.d/)|proc/|sys/)|\.(?:so[.\d]*|py[co]?|html?|md)$")


def is_guarded(path: str) -> bool:
    """Whether a directory is one that many programs, or all of a person's, share."""
    return path in GUARDED or bool(_GUARDED_OF_PERSON.match(path))


def credential(path: str) -> Place | None:
    """The credential store that a path is, or lies in."""
    return _first(path, CREDENTIALS)


def escape(path: str) -> Place | None:
    """The way out of the sandbox that a path is."""
    return _first(path, ESCAPES)


def read_by_more_privileged(path: str) -> Place | None:
    """Who with more rights reads, loads or runs what is written at a path."""
    if path.startswith("/usr/local/") and _DATA_IN_LOCAL.search(path):
        return None
    return _first(path, READ_BY_MORE_PRIVILEGED)


def is_private_name(path: str) -> bool:
    """Whether the name says that the file holds a key or a password."""
    if path.startswith("/usr/") and not path.startswith("/usr/local/"):
        return False
    return bool(PRIVATE_NAME.search(path)) and not _NOT_PRIVATE.search(path)


def is_public(path: str) -> bool:
    """Whether a file's contents are the same on every machine: shipped by packages or language runtimes."""
    return (path.startswith("/usr/") and not path.startswith("/usr/local/")) or bool(_RUNTIME.search(path))


_RUNTIME = re.compile(
    r"^/usr/local/(?:lib|share)/|/lib(?:64)?/(?:python3(?:\.[0-9]+)?|ruby|perl5?|jvm|node_modules)/|/node_modules/"
)


def _first(path: str, places: tuple[Place, ...]) -> Place | None:
    for place in places:
        if place.where.startswith("^"):
            if re.search(place.where, path):
                return place
        elif is_beneath(path, place.where):
            return place
    return None
