"""What a grant is for, from where it lies and what it allows: its group and the start of its reason."""

import re
from typing import NamedTuple

from assistant.drafting.needs import EXECUTE, READ, WRITE


class Purpose(NamedTuple):
    """A group of grants, named by purpose, and why it is there."""

    group: str
    why: str


class _Row(NamedTuple):
    where: re.Pattern[str]
    purpose: Purpose


def _rows(*rows: tuple[str, str, str]) -> tuple[_Row, ...]:
    return tuple(_Row(re.compile(where), Purpose(group, why)) for where, group, why in rows)


_WRITTEN = _rows(
    (r"^/dev/(?!shm)", "devices", "A device that the service writes to."),
    (r"^/proc/self(?:/|$)", "process settings", "The service sets a property of its own process."),
    (r"^/(?:tmp|var/tmp|dev/shm)(?:/|$)", "temporary files", "Temporary files."),
    (
        r"(?:^|/)(?:logs?|journal)(?:/|$)|\.log$",
        "logs",
        "Logs: written, and made anew when they are rotated.",
    ),
    (r"(?:^|/)run(?:/|$)|\.(?:pid|sock|lock)$", "runtime files", "Pid files, sockets and locks of this run."),
    (r"(?:^|/)(?:cache|\.cache)(?:/|$)", "cache", "Files that can be made again."),
    (r"(?:^|/)spool(?:/|$)", "queues", "Work that is waiting."),
    (r"^/etc(?:/|$)|/etc/", "configuration, written", "The service rewrites its own configuration."),
    (r"", "state", "The service's own data."),
)
_READ = _rows(
    (
        r"\.so(?:\.[0-9.]+)?$|^/usr/lib(?:32|64)?/[^/]+-linux-gnu[^/]*$|^/etc/ld\.so",
        "shared libraries",
        "Shared libraries and the loader's cache.",
    ),
    (
        r"/lib(?:64)?/(?:python3|ruby|perl|jvm)|/(?:site|dist)-packages(?:/|$)|/node_modules(?:/|$)|/pyvenv\.cfg$",
        "language runtime",
        "The standard library and packages of the language it is written in.",
    ),
    (
        r"^/usr/(?:lib/locale|share/(?:zoneinfo|locale|i18n))|/gconv(?:/|$)|^/etc/(?:localtime|timezone|locale)",
        "locale and time zone",
        "Language, character sets and time zone.",
    ),
    (
        (
            r"^/etc/(?:passwd|group|nsswitch\.conf|hosts|host\.conf|hostname|resolv\.conf|gai\.conf|services|protocols"
            r"|networks|ethers|rpc)$|^/run/(?:systemd/resolve|resolvconf|nscd)(?:/|$)|^/var/lib/(?:nscd|extrausers)"
        ),
        "names of users and hosts",
        "Looking up users, groups, hosts and services (NSS).",
    ),
    (
        (
            r"^/etc/(?:ssl|pki|ca-certificates|letsencrypt)(?:/|$)|^/usr/(?:(?:local/)?share/ca-certificates|lib/ssl)(?:/|$)"
            r"|\.(?:pem|crt|key)$"
        ),
        "TLS",
        "Certificates, keys and TLS settings.",
    ),
    (
        r"^/proc$",
        "kernel information",
        (
            "Files of a process are read that is not the service's first: of one that it starts, or of a"
            " stranger's. It has another number next time, so only a rule on /proc holds, and that opens"
            " every process's files."
        ),
    ),
    (r"^/(?:proc|sys)(?:/|$)", "kernel information", "What the kernel tells about itself and the process."),
    (r"^/dev(?:/|$)", "devices", "A device that the service reads."),
    (r"(?:^|/)etc(?:/|$)|\.(?:conf|cfg|ini|toml|ya?ml)$", "configuration", "Configuration."),
    (r"^/usr/", "program data", "Files that come with an installed package."),
    (r"^/(?:var/www|srv)(?:/|$)|/(?:htdocs|public|static|www)(?:/|$)", "content", "What the service serves."),
    (r"", "data", "Data that the service reads."),
)


def purpose(path: str, wanted: int, *, loader: bool, helper: bool) -> Purpose:
    """What a grant is for.

    Args:
        path: Its path.
        wanted: The classes that it gives.
        loader: The kernel opens it to start other programs.
        helper: It is executed, and it is not the service's own program.
    """
    if wanted & EXECUTE:
        if loader:
            return Purpose("loader", "The kernel opens it to start programs; strace does not show that.")
        if helper:
            return Purpose("helper programs", "A program that the service starts.")
        return Purpose("the program", "The service's own program.")
    rows = _WRITTEN if wanted & WRITE else _READ
    if not wanted & (WRITE | READ):
        found = _first(_READ, path)
        return Purpose(found.group, "The names in this directory are listed.")
    return _first(rows, path)


def _first(rows: tuple[_Row, ...], path: str) -> Purpose:
    return next(row.purpose for row in rows if row.where.search(path))
