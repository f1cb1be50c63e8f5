"""A shipped name is public also where a program makes, links or looks for it; nothing beside it becomes so."""

import itertools
from collections.abc import Iterator

import pytest

from redaction.catalogue import shipped_paths
from redaction.placeholders import PLACEHOLDER
from redaction.private import Private, PrivateWords
from redaction.redactor import Redactor
from redaction.vault import Vault
from redaction.vocabulary import Vocabulary
from redaction.words import shipped_words


SHIPPED = Vocabulary.shipped()
UNKNOWN = "qzork"
"""No name of a distribution holds it."""


@pytest.mark.parametrize(
    "path",
    [
        "/usr/lib/python3.13/json/__pycache__/decoder.cpython-313.opt-1.pyc",
        "/usr/lib/python3/dist-packages/yaml/__init__.cpython-311-x86_64-linux-gnu.so",
        "/opt/app/venv/lib/python3.12/json/__pycache__/decoder.cpython-312.pyc",
        "/usr/local/sbin/sed",
        "/usr/local/lib/libssl.so.3",
        "/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libssl.so.3",
        "/lib/tls/x86_64/x86_64/libssl.so.3",
        "/usr/lib/x86_64-linux-gnu/systemd/tls/libsystemd-core-252.so",
        "/etc/perl/strict.pmc",
        "/usr/local/lib/x86_64-linux-gnu/perl/5.36.0/strict.pm",
        "/usr/local/lib/site_perl/5.38/x86_64-linux-gnu-thread-multi",
        "/usr/lib/ruby/gems/3.1.0/gems/net-ftp-0.1.3/lib/json.rb",
        "/usr/lib/ruby/vendor_ruby/3.1.0/json.so",
        "/usr/lib/ssl/certs/ISRG_Root_X1.pem",
        "/etc/ssl/certs/ISRG_Root_X1.pem",
        "/etc/apache2/mods-enabled/mime.load",
        "/etc/nginx/modules-enabled/50-mod-http-echo.conf",
        "/etc/php/8.4/fpm/conf.d/20-ftp.ini",
        "/etc/systemd/system/multi-user.target.wants/nginx.service",
        "/etc/systemd/system/nginx.service.d/override.conf",
        "/run/systemd/generator.late/nginx.service",
        "/usr/share/locale/C.UTF-8/LC_MESSAGES/coreutils.mo",
        "/usr/share/locale/pt_BR/LC_MESSAGES/coreutils.mo",
        "/usr/lib/locale/bg.utf8",
        "/usr/lib/postgresql/17/bin/postgres",
        "/var/lib/postgresql/17/main/pg_logical/replorigin_checkpoint.tmp",
        "/var/lib/postgresql/17/main/global/827_vm",
        "/var/lib/mysql/mysql/columns_priv.MAD",
        "/var/lib/mysql/ib_logfile101",
        "/run/php/php8.4-fpm.sock",
        "/run/unbound.pid",
        "/var/lib/beanstalkd/binlog.1",
        "/etc/chrony/chrony.keys",
        "/etc/passwd-",
        "/etc/nginx/nginx.conf.dpkg-old",
        "/usr/lib/gcc/x86_64-linux-gnu/12/../../../x86_64-linux-gnu/crti.o",
        "/sys/dev/block/0:107/../queue",
        "/sys/devices/pci0000:00/0000:00:02.0/virtio1",
    ],
)
def test_what_is_made_of_a_shipped_name_or_looked_for_under_it_is_public(path: str) -> None:
    assert str(Redactor(SHIPPED, Vault()).path(path)) == path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/run/nginx.pid.Xq3PzL", "/run/nginx.pid.{}"),
        ("/etc/nginx/nginx.conf.qzork", "/etc/nginx/nginx.conf.{}"),
        ("/root/.ssh/authorized_keys.qzork.bak", "/root/.ssh/authorized_keys.{}.bak"),
        ("/dev/shm/PostgreSQL.2767826962", "/dev/shm/PostgreSQL.{}"),
        ("/var/lib/postgresql/15/main/base/5/16384_fsm", "/var/lib/postgresql/15/main/base/5/{}_fsm"),
        ("/opt/app/__pycache__/qzork.cpython-311.pyc", "/opt/app/__pycache__/{}.cpython-311.pyc"),
        ("/sys/fs/cgroup/user.slice/user-100312.slice", "/sys/fs/cgroup/user.slice/user-{}.slice"),
    ],
)
def test_of_a_name_that_begins_or_ends_publicly_the_rest_is_replaced(path: str, expected: str) -> None:
    shown = PLACEHOLDER.sub("{}", str(Redactor(SHIPPED, Vault(), None).path(path)))

    assert shown.replace("base/{}", "base/5") == expected


def test_a_private_word_that_reaches_over_the_dot_leaves_nothing_of_the_name() -> None:
    words = PrivateWords([Private("pid.Xq")])

    shown = str(Redactor(SHIPPED, Vault(), words).path("/run/nginx.pid.Xq3PzL"))

    assert PLACEHOLDER.sub("{}", shown) == "/run/{}"


def attached(name: str, word: str) -> Iterator[str]:
    """A public name with a word at every place where a rule could overlook it."""
    stem, dot, suffix = name.partition(".")
    yield from (word, f".{word}", f"{name}{word}", f"{word}{name}")
    for mark in ".-_~@":
        yield from (f"{name}{mark}{word}", f"{word}{mark}{name}", f"{stem}{mark}{word}{dot}{suffix}")
    yield from (f"{word}.service", f"{word}.wants", f"{word}.d", f"lib{word}.so.1", f"{stem}.so.{word}")
    yield from (f"{name}.cpython-311-{word}.so", f"{name}.cpython-311-{word}-linux-gnu.so", f"20-{word}.conf")
    yield from (
        f"{word}-linux-gnu",
        f"{word}-linux-gnu-thread-multi",
        f"de.{word}",
        f"{stem}-{word}.egg-info",
    )
    yield from (f"{name}.dpkg-{word}", f"{name}.ucf-{word}", f"{name}.rpm{word}", f"{word}.target.wants")


PLACES = [*itertools.islice(shipped_paths(), 0, None, 6000), *sorted(shipped_words().trees)[::5]]
SPECIAL = [
    *("/etc/systemd/system/x", "/run/systemd/system/x", "/usr/share/perl5/x", "/usr/lib/ruby/vendor_ruby/x"),
    *("/usr/lib/ruby/gems/3.1.0/extensions/x86_64-linux/3.1.0/x", "/usr/lib/ruby/gems/3.1.0/gems/x"),
    *("/usr/share/locale/x", "/usr/lib/locale/x", "/usr/share/man/x", "/usr/lib/php/x", "/usr/include/x"),
    *("/etc/php/8.2/fpm/conf.d/x", "/etc/ssl/certs/x", "/etc/apache2/mods-enabled/x", "/usr/local/bin/x"),
    *(
        "/run/nginx",
        "/var/log/nginx",
        "/etc/default/nginx",
        "/etc/nginx/nginx.conf",
        "/var/lib/mysql/mysql/db",
    ),
    *("/usr/lib/python3/dist-packages/yaml", "/usr/lib/python3.11/json.py", "/usr/share/nodejs/x"),
    *("/sys/class/net/x", "/proc/sys/net/ipv4/conf/x", "/dev/shm/x", "/dev/disk/by-label/x", "/proc/self/x"),
]


@pytest.mark.parametrize("word", [UNKNOWN, UNKNOWN.upper(), "4915735998", "10.20.30.40", "77-88-99"])
def test_an_unknown_word_is_never_shown_whatever_public_name_it_is_attached_to(word: str) -> None:
    one = Redactor(SHIPPED, Vault())
    shown: list[str] = []
    for path in (*PLACES, *SPECIAL):
        folder, _, name = path.rpartition("/")
        tried = [f"{place}/{form}" for form in attached(name, word) for place in (folder, path)]
        shown += [each for each in tried if word in PLACEHOLDER.sub("<>", str(one.path(each)))]

    assert shown == []
