"""The machine's own names are private, and a source that says nothing is named."""

import os
from pathlib import Path

import pytest

from redaction.placeholders import Kind
from redaction.private import Private, PrivateWords, read_words, spellings
from redaction.seeds import gather


FILES = {
    "etc/hostname": "web7.eu.initech.co.uk\n",
    "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 web7.eu.initech.co.uk web7\n10.1.2.3 db1 db1.lan # x\n::1 ip6-localhost\n",
    "etc/resolv.conf": "# x\nsearch corp.hooli.com lan\nnameserver 10.0.0.53\nnameserver 127.0.0.53\n",
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000:Alice B. Smith,,,:/home/alice:/bin/sh\n"
    "www-data:x:33:33::/var/www:\nacme-svc:x:998:998::/opt/acme:\nredis:x:110:110::/:\nsystemd-x:x:99:99::/:\nbad\n",
    "etc/group": "root:x:0:\nfinance-eu:x:1200:alice\nredis:x:110:\nsudo:x:27:\n",
    "proc/net/fib_trie": "  |-- 192.0.2.9\n     /32 host LOCAL\n  |-- 192.0.2.0\n     /24 link UNICAST\n"
    "  |-- 127.0.0.1\n     /32 host LOCAL\n",
    "proc/net/if_inet6": "fe8000000000000000fc00fffe000001 02 40 20 80 eth0\n00000000000000000000000000000001 01 80 10 80 lo\n",
    "etc/systemd/system/ledgerd.service": "",
    "etc/systemd/system/umbrella-sync@.timer": "",
    "etc/systemd/system/nginx.service": "",
    "etc/mailname": "mail.initech.co.uk\n",
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "sys/class/net/eth0/address": "52:54:00:12:34:56\n",
    "sys/class/net/lo/address": "00:00:00:00:00:00\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "sys/class/net/bonding_masters").write_text("")
    return tmp_path


def test_names_users_addresses_and_units_of_a_machine_are_seeds(root: Path) -> None:
    found = gather(str(root))

    assert set(found.words) == {
        *(Private(name, Kind.HOST) for name in ("web7.eu.initech.co.uk", "web7", "eu.initech.co.uk")),
        *(Private(name, Kind.HOST) for name in ("initech.co.uk", "initech", "db1", "db1.lan")),
        *(
            Private(name, Kind.HOST)
            for name in ("corp.hooli.com", "hooli.com", "hooli", "mail.initech.co.uk")
        ),
        *(Private(name, Kind.USER) for name in ("alice", "Alice B. Smith", "acme-svc", "finance-eu")),
        *(Private(name, Kind.IP_PRIVATE) for name in ("10.1.2.3", "10.0.0.53", "192.0.2.9")),
        Private("fe80::fc:ff:fe00:1", Kind.IP_LINKLOCAL),
        *(Private(name, Kind.NAME) for name in ("ledgerd", "umbrella-sync")),
        Private("0123456789abcdef0123456789abcdef", Kind.UUID),
        Private("52:54:00:12:34:56", Kind.MAC),
    }
    assert found.notices == ()


def test_every_source_that_is_missing_is_said(tmp_path: Path) -> None:
    found = gather(str(tmp_path))

    assert found.words == ()
    assert {notice.source for notice in found.notices} == {
        *("hostname", "/etc/hosts", "/etc/resolv.conf", "/etc/passwd", "/etc/group", "/proc/net/fib_trie"),
        *("/proc/net/if_inet6", "/etc/systemd/system", "/etc/mailname", "/etc/machine-id", "interfaces"),
    }


def test_a_damaged_source_is_said_and_does_not_stop_the_others(root: Path) -> None:
    (root / "proc/net/if_inet6").write_text("zz\n")
    (root / "etc/hostname").write_bytes(b"caf\xe9\n")

    found = gather(str(root))

    assert [notice.source for notice in found.notices] == ["/proc/net/if_inet6"]
    assert Private("caf\udce9", Kind.HOST) in found.words


def test_this_machine_names_itself() -> None:
    words = {private.word for private in gather().words}
    name = os.uname().nodename.lower()

    assert name in words or name in {"localhost", "debian", "ubuntu"}
    assert not words & {"root", "localhost", "127.0.0.1", "::1", "nobody", "www-data"}


def test_an_account_that_lives_in_a_packages_directory_is_no_seed_nor_is_its_group(root: Path) -> None:
    accounts = (
        "icecast2:x:120:120::/usr/share/icecast2:/usr/sbin/nologin\n"
        "ourcast:x:121:121::/opt/ourcast:/usr/sbin/nologin\n"
        "carla:x:1001:1001::/usr/share/icecast2:/bin/sh\n"
    )
    (root / "etc/passwd").write_text(accounts)
    (root / "etc/group").write_text("icecast:x:120:\nourcast:x:121:\ncarla:x:1001:\n")

    words = {private.word for private in gather(str(root)).words}

    assert not {"icecast", "icecast2"} & words
    assert {"ourcast", "carla"} <= words


def test_an_account_that_a_package_of_the_distribution_makes_is_no_seed(root: Path) -> None:
    info = root / "var/lib/dpkg/info"
    info.mkdir(parents=True)
    said = "Package: {name}\nStatus: install ok installed\nVersion: 1\nMaintainer: {who}\n\n"
    (root / "var/lib/dpkg/status").write_text(
        said.format(name="snowd", who="Snow Team <snow@lists.debian.org>")
        + said.format(name="ledger", who="Ops <ops@initech.co.uk>")
    )
    (info / "snowd.postinst").write_text("#!/bin/sh\nRUN_AS=snowfall\nadduser --system $RUN_AS\n")
    (info / "snowd.list").write_text("/usr/lib/sysusers.d/snow.conf\n/usr/lib/sysusers.d/absent.conf\n")
    (root / "usr/lib/sysusers.d").mkdir(parents=True)
    (root / "usr/lib/sysusers.d/snow.conf").write_text("u snowlog - -\n")
    (root / "usr/lib/sysusers.d/ledger.conf").write_text("u ledgerbook - -\n")
    (info / "ledger.postinst").write_text("adduser --system ledgerman\n")
    made, own = ("snowfall", "snowlog"), ("ledgerman", "ledgerbook", "snow", "fall")
    lines = [f"{name}:x:{120 + at}:{120 + at}::/opt/x:\n" for at, name in enumerate((*made, *own))]
    # A person may have the name of what a package makes.
    (root / "etc/passwd").write_text("".join(lines) + "RUN_AS:x:1002:1002::/home/x:\n")
    (root / "etc/group").write_text("snowfall:x:120:\nledgerman:x:122:\n")

    words = {private.word for private in gather(str(root)).words}

    assert not set(made) & words
    assert {*own, "RUN_AS"} <= words


def test_neither_seeds_nor_words_show_themselves(root: Path) -> None:
    seeds = gather(str(root))

    assert "alice" not in repr(seeds)
    assert "alice" not in repr(PrivateWords(seeds.words))


def test_an_operators_file_has_words_kinds_and_comments() -> None:
    text = "acme\n# nothing\n\n  Globex Corp  # a customer\nHOST db.acme\nUSERS x\nORG\n"

    assert read_words(text) == [
        Private("acme"),
        Private("Globex Corp"),
        Private("db.acme", Kind.HOST),
        Private("USERS x"),
        Private("ORG"),
    ]


def test_addresses_and_numbers_have_one_spelling() -> None:
    assert spellings("10.1.2.3") == {"10.1.2.3"}
    assert "acmecorp" in spellings("Acme Corp") or "AcmeCorp" in spellings("Acme Corp")


def test_the_longest_private_word_gives_the_kind() -> None:
    words = PrivateWords([Private("acme"), Private("db.acme", Kind.HOST), Private("x" * 300, Kind.TOKEN)])

    assert words.kind_in("my-DB.Acme-2") is Kind.HOST
    assert words.kind_in("acme") is Kind.ORG
    assert words.kind_in("other") is None


def test_many_words_are_found_as_few_are() -> None:
    words = PrivateWords(Private(f"customer-{number}") for number in range(5000))

    assert words.kind_in("xcustomer-4711y") is Kind.ORG
    assert words.kind_in("customer-x") is None
