"""Writes redaction/data/paths.txt.gz: whole paths that are public because the distribution ships them.

And redaction/data/packages.txt.gz: digests of name and maintainer of the packages whose maintainer's
address does not tell that they are the distribution's. No address is in it.

Reads what apt keeps, never the file system of this machine, so that no name of a developer's machine gets
in::

    apt-get update -o Dir::State::lists=LISTS ... (with the Contents indices switched on)
    /usr/lib/apt/apt-helper cat-file LISTS/*_Contents-amd64.lz4 > contents-amd64        (and Contents-all,
    Packages) scripts/generate_vocabulary.py --packages packages --source "Debian 12 main" contents-amd64
    contents-all

All of Debian is seven million paths; the file holds what services touch: all of /etc, units, programs and the
shared libraries of every package, and everything that the most depended-on packages and the packages of
services' sections hold, without documentation, translations, headers and pictures, until the budget is used
up.
"""

import argparse
import datetime as dt
import gzip
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from redaction.packages import Package, digest, has_distribution_address, showable
from redaction.vocabulary import canonical, with_parents


BUDGET = 1_250_000
"""Bytes of the packed file."""

EVERYWHERE = re.compile(
    r"^(etc/(?!skel/|openzwave|horde|bootsplash|firejail|Apogee|brltty)|(usr/)?s?bin/[^/]+$|(usr/)?lib/systemd/system/[^/]+$|(usr/)?lib/x86_64-linux-gnu/[^/]+\.so[.\d]*$"
    r"|var/(lib|log|cache|spool|www|mail)/[^/]+(/[^/]+)?$|usr/libexec/[^/]+$)"
)
"""Taken from every package."""

NEVER = re.compile(
    r"^usr/(share/(doc|man|info|help|icons|pixmaps|games|gtk-doc|ri|lintian|doc-base|bug|locale/(?!en|C)\w+|themes"
    r"|wallpapers|backgrounds|fonts/X11|metainfo|applications|texlive|texmf|gocode|cargo|javascript/.*/.*/"
    r"|X11/locale|help-langpack|kde4|openclipart|sounds|vim|emacs|xml|sgml)|include|src|games|lib/debug"
    r"|lib/gcc|lib/haskell-packages|lib/gcc-cross|lib/ocaml|[^/]*-linux-[^/]*|lib/R|lib/ghc|lib/libreoffice|lib/pd"
    r"|share/maven-repo|lib/calibre|share/obs|share/inkscape|share/gnuradio|lib/iraf|lib/pike8.0)/|^lib/modules/|^usr/lib/modules/"
    r"|^usr/lib/python3/dist-packages/[^/]+/[^/]+/.|^etc/(openzwave|horde|bootsplash|firejail|Apogee|brltty)/"
    r"|/(tests?|testing|test_data|examples?|docs?|i18n|locale/[a-z][^/]*|idle_test|lib2to3)/"
    r"|\.(h|hpp|html|png|svg|gif|jpg|mo|po|a|la|pod|md|rst|d\.ts|map|pyi|gz|xpm|cmake)$"
)
"""Never looked at by a service, or only by its translations."""

SERVICES = frozenset(
    [
        "httpd",
        "database",
        "net",
        "mail",
        "admin",
        "web",
        "news",
        "comm",
        "vcs",
        "perl",
        "python",
        "php",
        "ruby",
        "javascript",
        "java",
        "interpreters",
        "libs",
        "utils",
    ]
)
WANTED = frozenset(
    [
        "nginx",
        "nginx-common",
        "apache2",
        "apache2-bin",
        "apache2-data",
        "postgresql-15",
        "postgresql-common",
        "postgresql-client-common",
        "mariadb-server",
        "mariadb-common",
        "redis-server",
        "redis-tools",
        "openssh-server",
        "openssh-client",
        "haproxy",
        "postfix",
        "dovecot-core",
        "bind9",
        "unbound",
        "dnsmasq",
        "squid",
        "memcached",
        "rabbitmq-server",
        "cron",
        "rsyslog",
        "logrotate",
        "systemd",
        "systemd-sysv",
        "udev",
        "dbus",
        "chrony",
        "ntpsec",
        "samba",
        "nfs-common",
        "php8.2-fpm",
        "php8.2-cli",
        "php8.2-common",
        "nodejs",
        "node-corepack",
        "openjdk-17-jre-headless",
        "ruby3.1",
        "libruby3.1",
        "perl-base",
        "perl-modules-5.36",
        "libpython3.11-stdlib",
        "libpython3.11-minimal",
        "python3-minimal",
        "gunicorn",
        "uwsgi-core",
        "docker.io",
        "containerd",
        "runc",
        "podman",
        "prometheus",
        "grafana",
        "exim4-base",
        "exim4-config",
        "fail2ban",
        "mosquitto",
        "slapd",
        "bacula-common",
        "tor",
        "snmpd",
        "lighttpd",
        "varnish",
        "tomcat10",
        "puppet",
        "ansible-core",
        "certbot",
        "ca-certificates",
        "tzdata",
        "locales",
        "libc-bin",
        "libc6",
        "base-files",
        "netbase",
        "login",
        "passwd",
        "pam",
        "krb5-user",
        "sssd-common",
        "zabbix-agent",
        "telegraf",
        "collectd-core",
        "monit",
        "supervisor",
        "stunnel4",
        "vsftpd",
        "proftpd-core",
        "openvpn",
        "wireguard-tools",
        "strongswan-charon",
    ]
)


def stanzas(text: Iterable[str]) -> Iterator[dict[str, str]]:
    """The packages of a Packages file, as fields."""
    fields: dict[str, str] = {}
    for line in text:
        if not line.strip():
            yield fields
            fields = {}
        elif line[0] not in " \t":
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    if fields:
        yield fields


def ranks(packages: Path) -> dict[str, float]:
    """Package to how much it matters: how many need it, more for services and what is always installed."""
    needed: Counter[str] = Counter()
    weight: dict[str, float] = {}
    with packages.open(encoding="utf-8") as text:
        for fields in stanzas(text):
            name = fields.get("Package", "")
            wants = ",".join(fields.get(field, "") for field in ("Depends", "Pre-Depends", "Recommends"))
            needed.update({part.split("(")[0].split(":")[0].strip() for part in re.split(r"[,|]", wants)})
            always = fields.get("Priority") in {"required", "important", "standard"}
            weight[name] = 10_000.0 if always or name in WANTED else float(fields.get("Section") in SERVICES)
            if name not in WANTED and fields.get("Section") in {
                "doc",
                "games",
                "localization",
                "debug",
                "libdevel",
                "kernel",
            }:
                weight[name] = -10_000.0
    return {name: bonus + needed[name] for name, bonus in weight.items()}


def strangers(packages: Path) -> list[str]:
    """Digests of the packages of the distribution whose maintainer's address is elsewhere."""
    with packages.open(encoding="utf-8") as text:
        named = [Package(f.get("Package", ""), "", f.get("Maintainer", "")) for f in stanzas(text)]
    return sorted({digest(one) for one in named if not has_distribution_address(one)})


def read(contents: Iterable[Path]) -> dict[str, list[str]]:
    """Package to its paths."""
    held: defaultdict[str, list[str]] = defaultdict(list)
    for file in contents:
        with file.open(encoding="utf-8", errors="surrogateescape") as text:
            for line in text:
                path, _, owners = line.rstrip("\n").rpartition(" ")
                path = path.strip()
                if not showable(f"/{path}"):
                    continue
                kept = not NEVER.search(path)
                if EVERYWHERE.match(path):
                    held[""].append(path)
                for owner in owners.split(",") if kept else ():
                    held[owner.rpartition("/")[2]].append(path)
    return held


def packed(paths: Iterable[str], head: str) -> bytes:
    """A header, then sorted paths with all that leads to them, each as how much it shares with the last."""
    lines, before = [head], ""
    for path in sorted(with_parents(paths)):
        shared = 0
        for one, other in zip(path, before, strict=False):
            if one != other:
                break
            shared += 1
        lines.append(f"{shared}\t{path[shared:]}")
        before = path
    return gzip.compress("\n".join(lines).encode("ascii"), 9, mtime=0)


def chosen(held: dict[str, list[str]], order: list[str], head: str) -> bytes:
    """As many packages, in their order, as the budget lets in: by bisection over their number."""
    low, high, best = 0, len(order), b""
    while low < high:
        middle = (low + high + 1) // 2
        paths = {canonical(f"/{path}") for name in ["", *order[:middle]] for path in held.get(name, ())}
        data = packed(paths, head)
        if len(data) <= BUDGET:
            low, best = middle, data
        else:
            high = middle - 1
    print(f"{low} packages, {len(best):,} bytes", file=sys.stderr)
    return best


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contents", nargs="+", type=Path)
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--source", required=True, help="what was read, for the header")
    parser.add_argument("-o", "--output", type=Path, default=Path("redaction/data/paths.txt.gz"))
    given = parser.parse_args()
    today = dt.datetime.now(dt.UTC).date().isoformat()
    head = f"# public paths; {given.source}; generated {today} by scripts/generate_vocabulary.py"
    rank = ranks(given.packages)
    order = sorted((name for name, value in rank.items() if value > 0), key=lambda name: (-rank[name], name))
    given.output.write_bytes(chosen(read(given.contents), order, head))
    lines = "\n".join([head.replace("paths", "packages", 1), *strangers(given.packages)])
    given.output.with_name("packages.txt.gz").write_bytes(gzip.compress(lines.encode("ascii"), 9, mtime=0))


if __name__ == "__main__":
    main()
