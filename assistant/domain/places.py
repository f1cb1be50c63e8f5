"""Well-known places of a Linux file system and what a right on them reaches. Tables with a reason per row.

Drafting refuses by them, verifying warns by them. What a table does not know is not called safe anywhere.
"""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from assistant.domain.access import is_beneath


_REMEMBERED = 50_000
"""Answers that are kept for each question; a trace asks about the same directories again and again."""


class Place(NamedTuple):
    """A path, whose parts may hold ``*``, and why it matters; everything beneath it is meant too."""

    where: str
    why: str


class Places:
    """A table of places that answers for paths and for directories above them.

    Args:
        places: The rows; of several that fit, the first counts.
    """

    def __init__(self, places: Iterable[Place]) -> None:
        self.rows = tuple(places)
        self._by_top: dict[str, list[tuple[list[str], Place]]] = {}
        for place in self.rows:
            parts = place.where.split("/")[1:]
            self._by_top.setdefault(parts[0], []).append((parts, place))
        self._deepest = max((place.where.count("/") for place in self.rows), default=0)
        self._within = lru_cache(maxsize=_REMEMBERED)(self._look)
        self.beneath = lru_cache(maxsize=_REMEMBERED)(self._beneath)

    def holding(self, path: str) -> Place | None:
        """The place that a path is, or lies in."""
        if _top(path) not in self._by_top:
            return None
        # Deeper down nothing is decided any more, so all files of a deep directory are one question.
        return self._within("/".join(path.split("/", self._deepest + 1)[: self._deepest + 1]))

    def _look(self, path: str) -> Place | None:
        parts = path.split("/")[1:]
        for pattern, place in self._by_top.get(parts[0], ()):
            if len(parts) >= len(pattern) and _fits(pattern, parts):
                return place
        return None

    def _beneath(self, directory: str) -> Place | None:
        """A place that lies, or could lie, strictly beneath a directory."""
        if directory == "/":
            return self.rows[0] if self.rows else None
        parts = directory.split("/")[1:]
        for pattern, place in self._by_top.get(parts[0], ()):
            if len(parts) < len(pattern) and _fits(pattern, parts):
                return place
        return None


def _top(path: str) -> str:
    end = path.find("/", 1)
    return path[1:end] if end > 0 else path[1:]


def _fits(pattern: list[str], parts: list[str]) -> bool:
    return all(
        wanted == part or ("*" in wanted and fnmatchcase(part, wanted))
        for wanted, part in zip(pattern, parts, strict=False)
    )


def _all(why: str, *paths: str) -> tuple[Place, ...]:
    return tuple(Place(path, why) for path in paths)


def _of_people(why: str, *names: str) -> tuple[Place, ...]:
    return tuple(Place(f"{home}/{name}", why) for name in names for home in ("/root", "/home/*"))


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

SHARED_SCRATCH = ("/run", "/run/lock", "/tmp", "/var/tmp", "/dev/shm", "/var/log")
"""Guarded directories in which services are expected to make files of their own."""

TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm")
"""Those of them where nothing is kept: what is made there has another name next time, or is gone."""

CREDENTIALS = Places(
    (
        *_all("password hashes of all users", "/etc/shadow", "/etc/shadow-", "/var/lib/extrausers/shadow"),
        *_all("group password hashes", "/etc/gshadow", "/etc/gshadow-"),
        *_all("copies of password hashes", "/etc/shadow.*", "/etc/gshadow.*", "/var/backups/*shadow.bak"),
        *_all("who may become whom", "/etc/sudoers", "/etc/sudoers.d"),
        *_all("old password hashes", "/etc/security/opasswd"),
        *_all("cached directory credentials", "/var/lib/sss/db", "/var/lib/sss/secrets"),
        *_all("the host's Kerberos key", "/etc/krb5.keytab"),
        *_all(
            "the cluster's administrator", "/etc/kubernetes/admin.conf", "/etc/kubernetes/super-admin.conf"
        ),
        *_of_people("a person's SSH keys", ".ssh"),
        *_of_people("a person's GnuPG keys", ".gnupg"),
        *_of_people("a person's cloud credentials", ".aws", ".azure", ".kube", ".docker"),
        *_of_people("a person's cloud credentials", ".config/gcloud", ".config/gh", ".config/op"),
        *_of_people(
            "a person's cloud credentials", ".config/rclone", ".s3cfg", ".terraform.d", ".vault-token"
        ),
        *_of_people(
            "a person's passwords", ".netrc", ".pgpass", ".my.cnf", ".git-credentials", ".npmrc", ".pypirc"
        ),
        *_of_people("a person's passwords", ".password-store", ".local/share/keyrings", ".mozilla"),
        *_of_people("a person's passwords", ".config/google-chrome", ".config/chromium", ".thunderbird"),
        *_of_people("a person's passwords", ".cargo/credentials*", ".gem/credentials"),
        *_of_people("a person's command history", ".*_history"),
    )
)
"""Credential stores that a service has no business with; a person may say otherwise."""

_PUBLIC_IN_STORE = re.compile(r"/\.ssh/(?:authorized_keys2?|known_hosts2?|[^/]+\.pub)$")
"""Public keys: they say who may come in or who is spoken to, and let nobody in."""

TRUST_STORES = ("/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/pki/ca-trust")
"""Directories of public authorities' certificates; people put single certificates of services there too."""

KERNEL_FACTS = ("/proc/sys", "/sys/devices/system", "/sys/fs/cgroup", "/sys/kernel/mm")
"""What the kernel tells every process about the machine and its settings. Reading it opens nobody's data."""

ESCAPES = Places(
    (
        *_all(
            "root on this machine, through the container engine", "/run/docker.sock", "/var/run/docker.sock"
        ),
        *_all(
            "root on this machine, through the container engine",
            "/run/containerd",
            "/run/crio",
            "/run/podman",
        ),
        *_all(
            "root on this machine, through the container engine",
            "/run/lxd.socket",
            "/var/lib/lxd/unix.socket",
            "/var/snap/lxd/common/lxd/unix.socket",
            "/run/incus",
            "/var/lib/incus/unix.socket",
        ),
        *_all(
            "root on this machine, through the container engine",
            "/run/docker",
            "/run/k3s/containerd",
            "/run/cri-dockerd.sock",
            "/run/dockershim.sock",
            "/run/buildkit",
        ),
        *_all("a person's containers", "/run/user/*/podman", "/run/user/*/docker.sock"),
        *_all("the machine's hypervisor", "/run/libvirt", "/dev/kvm", "/dev/vfio"),
        *_all("the package manager", "/run/snapd.socket"),
        *_all("the service manager's own channel", "/run/systemd/private", "/run/initctl", "/dev/initctl"),
        *_all("a person's service manager", "/run/user/*/systemd/private"),
        *_all("a person's session bus", "/run/user/*/bus"),
        *_all("a person's keys", "/run/user/*/keyring", "/run/user/*/gnupg", "/tmp/ssh-*"),
        *_all("the machine's memory", "/dev/mem", "/dev/kmem", "/dev/port", "/proc/kcore", "/proc/vmcore"),
        *_all("the processor's own registers", "/dev/cpu/*/msr"),
        *_all("making file systems and block devices", "/dev/fuse", "/dev/loop-control", "/dev/mapper"),
        *_all("other people's keyboards", "/dev/uinput", "/dev/input"),
        *_all("a process's memory, past every file right", "/proc/*/mem", "/proc/self/task/*/mem"),
        *_all("a raw disk", "/dev/sd*", "/dev/vd*", "/dev/hd*", "/dev/xvd*", "/dev/nvme*", "/dev/mmcblk*"),
        *_all("a raw disk", "/dev/dm-*", "/dev/md*", "/dev/loop*", "/dev/nbd*", "/dev/sg*", "/dev/disk"),
        *_all("a raw disk", "/dev/bcache*", "/dev/drbd*", "/dev/mtd*", "/dev/pmem*", "/dev/rbd*", "/dev/zd*"),
        *_all("a raw disk", "/dev/zram*", "/dev/raw"),
    )
)
"""Objects through which the sandbox ends."""

READ_BY_MORE_PRIVILEGED = Places(
    (
        *_all("cron runs it as root", "/etc/cron.d", "/etc/crontab", "/etc/anacrontab", "/etc/cron.hourly"),
        *_all("cron runs it as root", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly"),
        *_all("cron runs it as root", "/etc/cron.yearly", "/etc/incron.d"),
        *_all("it is run as the user it belongs to", "/var/spool/cron", "/var/spool/at", "/var/spool/incron"),
        *_all(
            "the service manager obeys it", "/etc/systemd", "/run/systemd/system", "/run/systemd/generator*"
        ),
        *_all("the service manager obeys it", "/run/systemd/transient", "/var/lib/systemd"),
        *_of_people("a person's service manager obeys it", ".config/systemd", ".config/autostart"),
        *_of_people(
            "a person's shell runs it", ".bashrc", ".bash_*", ".profile", ".zshrc", ".zprofile", ".xprofile"
        ),
        *_of_people(
            "a person's shell runs it", ".zshenv", ".zlogin", ".cshrc", ".tcshrc", ".login", ".config/fish"
        ),
        *_of_people("a person's session runs it", ".xinitrc", ".xsession", ".xsessionrc", ".pam_environment"),
        *_of_people("a person's session runs it", ".config/environment.d"),
        *_of_people("mail for a person runs it", ".forward", ".procmailrc"),
        *_of_people("it decides who may log in", ".rhosts", ".k5login"),
        *_of_people("a person's programs obey it", ".gitconfig", ".vimrc", ".config/git"),
        *_of_people("a person runs programs from it", ".local/bin", "bin"),
        *_of_people("it decides who may log in", ".ssh"),
        *_all(
            "every login shell runs it",
            "/etc/profile",
            "/etc/profile.d",
            "/etc/bash.bashrc",
            "/etc/environment",
        ),
        *_all("every login runs it as root", "/etc/update-motd.d"),
        *_all(
            "every shell runs it", "/etc/bash_completion.d", "/etc/zsh", "/etc/csh.cshrc", "/etc/csh.login"
        ),
        *_all("every program of its language runs it", "/etc/python3*", "/etc/perl"),
        *_all("every new home starts with it", "/etc/skel"),
        *_all("every program loads it", "/etc/ld.so.preload"),
        *_all("every program's libraries are found through it", "/etc/ld.so.conf", "/etc/ld.so.conf.d"),
        *_all("every program's libraries are found through it", "/etc/ld.so.cache", "/etc/alternatives"),
        *_all(
            "it decides what a login may do", "/etc/sudoers", "/etc/sudoers.d", "/etc/pam.d", "/etc/security"
        ),
        *_all(
            "it decides who is who", "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/subuid"
        ),
        *_all("it decides who may become whom", "/etc/subgid", "/etc/doas.conf", "/etc/sudo.conf"),
        *_all("it decides who may log in", "/etc/ssh", "/etc/krb5.conf", "/etc/krb5.keytab"),
        *_all("every program loads the modules it names", "/etc/nsswitch.conf", "/etc/ssl/openssl.cnf"),
        *_all("it decides which machine a name means", "/etc/hosts", "/etc/resolv.conf", "/etc/host.conf"),
        *_all(
            "it decides whom everybody trusts",
            "/etc/ssl/certs",
            "/etc/ca-certificates",
            "/etc/ca-certificates.conf",
        ),
        *_all(
            "what it says is mounted or run at start",
            "/etc/fstab",
            "/etc/inittab",
            "/etc/init.d",
            "/etc/rc*.d",
        ),
        *_all(
            "what it says is run at start",
            "/etc/rc.local",
            "/etc/tmpfiles.d",
            "/run/tmpfiles.d",
            "/etc/sysusers.d",
        ),
        *_all(
            "what it says is run as root", "/etc/inetd.conf", "/etc/xinetd.conf", "/etc/xinetd.d", "/etc/acpi"
        ),
        *_all("what it says is run as root", "/etc/sv", "/etc/service", "/etc/runit", "/etc/supervisor"),
        *_all("what it says is run as root", "/etc/libvirt/hooks", "/etc/kubernetes/manifests"),
        *_all("what it says is mounted or run at start", "/etc/crypttab"),
        *_all("it decides who may mount what over the network", "/etc/exports", "/etc/exports.d"),
        *_all("udev runs it as root", "/etc/udev", "/run/udev"),
        *_all(
            "the kernel's module loader obeys it", "/etc/modprobe.d", "/etc/modules-load.d", "/run/modprobe.d"
        ),
        *_all(
            "kernel settings come from it",
            "/etc/sysctl.d",
            "/etc/sysctl.conf",
            "/etc/binfmt.d",
            "/etc/kernel",
        ),
        *_all(
            "the machine starts from it", "/boot", "/etc/grub.d", "/etc/default/grub", "/etc/initramfs-tools"
        ),
        *_all("logrotate runs it as root", "/etc/logrotate.d", "/etc/logrotate.conf"),
        *_all("the network is set up by it", "/etc/network", "/etc/NetworkManager", "/etc/netplan"),
        *_all("the network is set up by it", "/etc/dhcp/dhclient-*", "/etc/ppp/ip-*", "/etc/ppp/ipv6-*"),
        *_all(
            "it decides who may ask root for what",
            "/etc/dbus-1",
            "/etc/polkit-1",
            "/run/polkit-1",
            "/var/lib/polkit-1",
            "/etc/apparmor.d",
            "/etc/selinux",
        ),
        *_all(
            "the package manager obeys it",
            "/etc/apt",
            "/etc/dpkg",
            "/var/lib/dpkg",
            "/etc/yum.repos.d",
            "/var/lib/rpm",
        ),
        *_all("desktops run it", "/etc/xdg", "/etc/X11"),
        *_all(
            "programs and libraries that others run", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt/*/bin"
        ),
        *_all(
            "programs and libraries that others run",
            "/lib32",
            "/libx32",
            "/opt/*/sbin",
            "/nix/store",
            "/snap",
        ),
        *_all("kernel settings and commands", "/proc/sys", "/proc/sysrq-trigger", "/sys"),
    )
)
"""Where a write reaches somebody with more rights than the service."""

_SAME_EVERYWHERE = Places(
    (
        Place("/bin", "packaged programs, where /usr is not merged"),
        Place("/sbin", "packaged programs, where /usr is not merged"),
        Place("/lib", "packaged libraries, where /usr is not merged"),
        Place("/lib64", "packaged libraries, where /usr is not merged"),
        Place("/etc/ssl/certs", "certificates of public authorities"),
        Place("/etc/pki/ca-trust", "certificates of public authorities"),
        Place("/etc/ca-certificates", "certificates of public authorities"),
        Place("/etc/alternatives", "links to packaged files"),
    )
)
"""Trees outside /usr whose contents are the same on every machine."""

_DATA_IN_LOCAL = re.compile(
    r"^/usr/local/(?:var|(?!(?:bin|sbin|lib|etc|share|games|include|src)/)[^/]+/(?:var|data|logs?|run|tmp))(?:/|$)"
)
"""Beneath /usr/local: data of a service that was installed by hand, not programs."""

PRIVATE_NAME = re.compile(
    r"(?:^|/)(?:"
    r"[^/]*\.(?:key|private|p12|pfx|jks|keystore|keytab|kdbx|gpg|asc|ppk)"
    r"|[^/]*(?:privkey|private[-_.]?key|secret|passw(?:or)?d|credential)[^/]*"
    r"|id_(?:rsa|dsa|ecdsa|ed25519)|ssh_host_[a-z0-9]+_key"
    r"|\.(?:env|netrc|pgpass|htpasswd)|g?shadow-?|opasswd|sudoers"
    r")$",
    re.IGNORECASE,
)
"""Names that usually hold keys or passwords."""

_NOT_PRIVATE = re.compile(
    r"^/(?:etc/(?:passwd-?$|pam\.d/)|proc/|sys/)|/README(?:[-._][^/]*)?$"
    r"|\.(?:so[.\d]*|py[co]?|[cm]?[jt]sx?|vue|java|class|go|rs|[ch](?:c|pp)?|html?|s?css|md|rst|svg|png)$"
)
"""Code, pages and pictures about passwords: an application has them, and loads them when asked for."""
_PUBLISHED = re.compile(r"/lib(?:64)?/(?:python[23](?:\.[0-9]+)?|ruby|perl5?)/|/node_modules/")
"""Where packages of a language are installed, as everybody gets them: keys there are those of tests."""
_RUNTIME = re.compile(rf"^/usr/local/(?:lib|share)/|/lib(?:64)?/jvm/|{_PUBLISHED.pattern}")


def is_guarded(path: str) -> bool:
    """Whether a directory is one that many programs, or all of a person's, share."""
    return path in GUARDED or bool(_GUARDED_OF_PERSON.match(path))


def credential(path: str) -> Place | None:
    """The credential store that a path is, or lies in."""
    return None if _PUBLIC_IN_STORE.search(path) else CREDENTIALS.holding(path)


def escape(path: str) -> Place | None:
    """The way out of the sandbox that a path is."""
    return ESCAPES.holding(path)


def read_by_more_privileged(path: str) -> Place | None:
    """Who with more rights reads, loads or runs what is written at a path."""
    return None if _DATA_IN_LOCAL.match(path) else READ_BY_MORE_PRIVILEGED.holding(path)


def reached_by_reading(directory: str) -> Place | None:
    """What a right to read everything beneath a directory would open that is always refused."""
    return CREDENTIALS.holding(directory) or CREDENTIALS.beneath(directory) or ESCAPES.beneath(directory)


def reached_by_writing(directory: str) -> Place | None:
    """What a right to write everything beneath a directory would open that is always refused."""
    return reached_by_reading(directory) or READ_BY_MORE_PRIVILEGED.beneath(directory)


def tells_of_kernel(directory: str) -> bool:
    """Whether what lies in a directory is what the kernel tells every process."""
    return any(is_beneath(directory, facts) for facts in KERNEL_FACTS)


def is_private_name(path: str) -> bool:
    """Whether the name says that the file holds a key or a password."""
    if path.startswith("/usr/") and not path.startswith("/usr/local/"):
        return False
    # The pattern is about the last component: the search starts at the slash before it.
    found = PRIVATE_NAME.search(path, max(path.rfind("/"), 0))
    return found is not None and not (_NOT_PRIVATE.search(path) or _PUBLISHED.search(path))


def is_public(path: str) -> bool:
    """Whether a file's contents are the same on every machine: shipped by packages or language runtimes."""
    return (path.startswith("/usr/") and not path.startswith("/usr/local/")) or bool(_RUNTIME.search(path))


def is_same_everywhere(path: str) -> bool:
    """Whether reading a file tells nothing of this machine: public, or one of a few trees beside /usr."""
    return is_public(path) or _SAME_EVERYWHERE.holding(path) is not None
